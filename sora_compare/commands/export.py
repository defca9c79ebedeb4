"""`export`: reviews and takes as a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError
from sora_compare.reports.tables import SCORE_COLUMNS, as_csv, score_rows, take_rows
from sora_compare.services import open_services

if TYPE_CHECKING:
    import argparse

    from sora_compare.reports.tables import Row
    from sora_compare.services import Services

FORMATS = ("csv", "json")
TABLES = ("scores", "takes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `export`."""
    parser.add_argument("--to", metavar="FILE", help="where to write; its ending chooses csv or json")
    parser.add_argument("--format", choices=FORMATS, help="when the file's ending does not say it (default csv)")
    parser.add_argument("--what", choices=TABLES, default="scores", help="one row a score, or one row a take; CSV only")
    parser.add_argument("--json", action="store_true", help="print the whole export as one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything was written."""
    wanted = "json" if arguments.json else _format(arguments)
    opened = open_services(with_runner=False)
    try:
        text = _as_json(opened) if wanted == "json" else _as_csv(opened, arguments.what)
    finally:
        opened.close()
    if arguments.to:
        _write(Path(arguments.to), text)
        sys.stderr.write(f"Written to {arguments.to}.\n")
    else:
        sys.stdout.write(text)
    return 0


def _format(arguments: argparse.Namespace) -> str:
    ending = Path(arguments.to).suffix.lstrip(".").lower() if arguments.to else ""
    wanted = arguments.format or ending or "csv"
    if wanted not in FORMATS:
        raise UsageError(f"“.{ending}” is not a format to export to: name the file .csv or .json, or give --format.")
    return str(wanted)


def _as_json(opened: Services) -> str:
    told = {"scores": list(score_rows(opened.store)), "takes": list(take_rows(opened.store, opened.files))}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _as_csv(opened: Services, what: str) -> str:
    if what == "scores":
        return as_csv(score_rows(opened.store), SCORE_COLUMNS)
    rows: list[Row] = list(take_rows(opened.store, opened.files))
    return as_csv(rows, rows[0] if rows else ("comparison",))


def _write(path: Path, text: str) -> None:
    """The whole file or none."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, "utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written ({error.strerror}): choose another place with --to.") from error
