"""`restore FROM`: a backup into an empty data folder."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare import settings as settings_module
from sora_compare.maintenance.restore import restore

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `restore`."""
    parser.add_argument("backup", type=Path, metavar="FROM", help="the folder of a backup")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything is in place and was compared with the backup."""
    settings = settings_module.load()
    restored = restore(arguments.backup, settings.home, settings.database_url.reveal())
    rows = restored.manifest.rows
    if arguments.json:
        sys.stdout.write(json.dumps({"home": str(settings.home), **asdict(restored)}) + "\n")
        return 0
    place = "the configured database and " if settings.database_url else ""
    sys.stdout.write(
        f"Restored into {place}{settings.home}: {rows['comparisons']} comparisons, {rows['reviews']} reviews, "
        f"{restored.manifest.files} files, each compared with its sum.\n"
    )
    if restored.unsent:
        sys.stdout.write(
            f"{restored.unsent} takes were waiting to be sent when the backup was made. The app looks for them at "
            "their servers and sends none by itself, so that nothing is paid for twice.\n"
        )
    return 0
