"""`report`: evidence and verdict as one HTML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.clips.files import ClipFiles
from sora_compare.commands.flags import add_evidence_arguments, add_rules_arguments, found
from sora_compare.commands.output import write_whole
from sora_compare.reports.report_html import as_html
from sora_compare.settings import load
from sora_compare.store.home import Home

if TYPE_CHECKING:
    import argparse

DONE = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `report`."""
    parser.add_argument("--to", required=True, metavar="FILE", help="where to write, such as report.html")
    add_evidence_arguments(parser)
    add_rules_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 when the file was written."""
    findings = found(arguments)
    files = None if arguments.ratings else ClipFiles(Home(load().home).clips)
    write_whole(Path(arguments.to), as_html(findings, files).encode())
    sys.stderr.write(f"Written to {arguments.to}.\n")
    return DONE
