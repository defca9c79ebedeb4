"""`backup TO`: all records and clips, while the app may run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare import settings as settings_module
from sora_compare.maintenance.backup import back_up
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    import argparse

DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `backup`."""
    parser.add_argument("to", type=Path, metavar="TO", help="a new or empty folder, best on another disk")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything is in the backup, 1 when a clip in it is damaged already."""
    settings = settings_module.load()
    store = open_store(settings.home, settings.database_url.reveal())
    try:
        manifest = back_up(store, settings.home, arguments.to)
    finally:
        store.close()
    if arguments.json:
        sys.stdout.write(json.dumps({"to": str(arguments.to.absolute()), **asdict(manifest)}) + "\n")
    else:
        count = f"{manifest.rows['comparisons']} comparisons, {manifest.rows['reviews']} reviews"
        sys.stdout.write(
            f"Backed up to {arguments.to}: {count}, {manifest.files} files of {manifest.file_bytes:,} bytes.\n"
        )
    for name in manifest.damaged:
        sys.stderr.write(f"{name} is damaged in the data folder already: its content does not fit its name.\n")
    return FAILED if manifest.damaged else DONE
