"""`run`: the app in a browser, from wherever it is started."""

from __future__ import annotations

import argparse
import os
import sys

from sora_compare.settings import APP_FOLDER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Streamlit's own flags follow as they are."""
    parser.add_argument("--port", type=int, default=8501, help="the port on this machine (default 8501)")
    flags = "flags of `streamlit run`, such as --server.baseUrlPath=compare"
    parser.add_argument("streamlit", nargs=argparse.REMAINDER, metavar="-- FLAGS", help=flags)


def run(arguments: argparse.Namespace) -> int:
    """Become Streamlit, so that signals and the exit code are its own."""
    flags = [one for one in arguments.streamlit if one != "--"]
    command = ["-m", "streamlit", "run", str(APP_FOLDER / "app.py"), f"--server.port={arguments.port}", *flags]
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606  # our own interpreter and script
