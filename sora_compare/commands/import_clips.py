"""`import FOLDER|MANIFEST`: existing clips as takes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.archive.reading import find, require_models
from sora_compare.domain.takes import ArmLabel
from sora_compare.services import open_services

if TYPE_CHECKING:
    import argparse

DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `import`."""
    parser.add_argument(
        "path",
        type=Path,
        metavar="FOLDER|MANIFEST",
        help="a folder of files named like “a cat.A.mp4”, or a CSV or JSONL file with file, prompt, model or arm, tags",
    )
    for arm in ArmLabel:
        parser.add_argument(
            f"--model-{arm.lower()}",
            default="",
            metavar="MODEL",
            help=f"of clips of arm {arm} that name none",
        )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything offered came in or was there already, else 1.

    Raises:
        ModelNotNamed: a clip names no model and its arm has no flag; nothing was brought in.
    """
    models = {ArmLabel.A: arguments.model_a, ArmLabel.B: arguments.model_b}
    offered = find(arguments.path, models)
    require_models(offered)
    opened = open_services(with_runner=False)
    try:
        report = opened.archive.import_clips(offered, models)
    finally:
        opened.close()
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(report)) + "\n")
    else:
        there = f", {report.already} there already" if report.already else ""
        sys.stdout.write(f"{report.kept} clips came in as {len(report.comparisons)} comparisons{there}.\n")
        for one in report.left_out:
            sys.stderr.write(f"{one.where} is left out: {one.sentence}\n")
    return FAILED if report.left_out else DONE
