"""`results`: scores, agreement, preference, timings and outcomes, with a verdict per criterion."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from sora_compare.commands.flags import add_evidence_arguments, add_rules_arguments, found
from sora_compare.reports.report_json import as_json
from sora_compare.reports.report_text import as_text

if TYPE_CHECKING:
    import argparse

DONE = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `results`."""
    add_evidence_arguments(parser)
    add_rules_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 whatever the verdicts are: `gate` decides."""
    findings = found(arguments)
    if arguments.json:
        sys.stdout.write(json.dumps(as_json(findings), allow_nan=False) + "\n")
    else:
        sys.stdout.write(as_text(findings))
    return DONE
