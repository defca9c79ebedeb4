"""`export`: reviews and takes as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.commands.output import print_left_out, write_whole
from sora_compare.domain.reviews import Criterion
from sora_compare.errors import UsageError
from sora_compare.evidence.index.review_index import EvidenceIndex
from sora_compare.reports.exporting import exported
from sora_compare.reports.matrix import as_matrix
from sora_compare.services import open_services

if TYPE_CHECKING:
    import argparse

    from sora_compare.services import Services

FORMATS = ("csv", "json", "parquet")
TABLES = ("scores", "takes", "matrix")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `export`."""
    parser.add_argument("--to", metavar="FILE", help="where to write; its ending chooses csv, json or parquet")
    parser.add_argument("--format", choices=FORMATS, help="when the file's ending does not say it (default csv)")
    parser.add_argument(
        "--what",
        choices=TABLES,
        default="scores",
        help="one row a score, one row a take (CSV and Parquet), or the rating matrix that sureal reads (JSON)",
    )
    parser.add_argument(
        "--criterion",
        choices=[str(one) for one in Criterion],
        default="physics",
        help="of the matrix (default physics)",
    )
    parser.add_argument("--json", action="store_true", help="print the whole export as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything was written."""
    wanted = "json" if arguments.json else _format(arguments)
    if wanted == "parquet" and not arguments.to:
        raise UsageError("Parquet is no text for a terminal: name a file with --to.")
    opened = open_services(with_runner=False)
    try:
        data = _exported(opened, wanted, arguments)
        print_left_out(opened.store)
    finally:
        opened.close()
    if arguments.to:
        write_whole(Path(arguments.to), data)
        sys.stderr.write(f"Written to {arguments.to}.\n")
    else:
        sys.stdout.write(data.decode())
    return 0


def _format(arguments: argparse.Namespace) -> str:
    ending = Path(arguments.to).suffix.lstrip(".").lower() if arguments.to else ""
    wanted = arguments.format or ending or ("json" if arguments.what == "matrix" else "csv")
    if wanted not in FORMATS:
        raise UsageError(
            f"“.{ending}” is not a format to export to: name the file .csv, .json or .parquet, or give --format."
        )
    if arguments.what == "matrix" and wanted != "json":
        raise UsageError("sureal reads the matrix as JSON: name the file .json.")
    return str(wanted)


def _exported(opened: Services, wanted: str, arguments: argparse.Namespace) -> bytes:
    if arguments.what == "matrix":
        return as_matrix(EvidenceIndex(opened.store).ratings(), arguments.criterion).encode()
    return exported(opened.store, opened.files, arguments.what, wanted)
