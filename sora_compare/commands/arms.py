"""The flags that choose the two arms, shared by the commands that send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    import argparse
COMMAND_LINE = "command line"
"""Who sends, for the audit log."""


def add_arm_arguments(parser: argparse.ArgumentParser) -> None:
    """--model-a, --model-b, --endpoint-a, --endpoint-b."""
    for letter, model in (("a", DEFAULT_A), ("b", DEFAULT_B)):
        label = letter.upper()
        parser.add_argument(f"--model-{letter}", default=model, help=f"model of arm {label} (default {model})")
        parser.add_argument(f"--endpoint-{letter}", help=f"endpoint of arm {label} (default: the configured one)")


def chosen_arms(arguments: argparse.Namespace, default_endpoint: str) -> tuple[Arm, Arm]:
    """Arm A and arm B as the flags say."""
    return (
        Arm(ArmLabel.A, arguments.endpoint_a or default_endpoint, arguments.model_a),
        Arm(ArmLabel.B, arguments.endpoint_b or default_endpoint, arguments.model_b),
    )
