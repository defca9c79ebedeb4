"""The command line: `sora-compare COMMAND`, or `python -m sora_compare COMMAND`.

With --json one JSON document goes to standard output and nothing else; people's messages go to standard error.
Exit codes: 0 done or passed, 1 failed, 2 usage or configuration, 3 undecided.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.errors import SoraCompareError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "run": ("sora_compare.commands.run", "start the app on http://localhost:8501"),
    "simulate": ("sora_compare.commands.simulate", "run the built-in simulator of the Videos API"),
    "compare": ("sora_compare.commands.compare", "send one prompt to both arms and wait for the clips"),
    "suite": ("sora_compare.commands.suite", "run a file of prompts, or tell how far a run is"),
    "import": ("sora_compare.commands.import_clips", "bring existing clips in as takes, marked as imported"),
    "worker": ("sora_compare.commands.worker", "carry open takes without the app, until it is stopped"),
    "results": ("sora_compare.commands.results", "scores, timings and outcomes per arm"),
    "gate": ("sora_compare.commands.gate", "pass, fail or undecided for one criterion, as an exit code"),
    "report": ("sora_compare.commands.report", "write the evidence and verdict as one HTML file"),
    "export": ("sora_compare.commands.export", "write reviews and takes to a CSV or JSON file"),
    "versions": (
        "sora_compare.commands.versions.command",
        "which snapshot each environment uses: lock, canary, rollback, log",
    ),
    "sessions": ("sora_compare.commands.sessions", "review sessions: pause, close, change, withdraw, remove, delete"),
    "doctor": (
        "sora_compare.commands.storage.doctor",
        "what is configured, reachable, writable; what to do where it is not",
    ),
    "backup": ("sora_compare.commands.storage.backup", "write all records and clips into a folder, while the app runs"),
    "restore": ("sora_compare.commands.storage.restore", "put a backup into an empty data folder"),
    "migrate": ("sora_compare.commands.storage.migrate", "copy all records into another, empty database"),
}
"""Each command's module has `add_arguments(parser)` and `run(arguments) -> int`."""
FAILED, INTERRUPTED = 1, 130


def parser_for(names: Sequence[str]) -> argparse.ArgumentParser:
    """The whole parser; only the modules of the named commands are loaded."""
    about = "Compare two snapshots of a video model."
    parser = argparse.ArgumentParser(prog=_program(), description=about)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, title) in COMMANDS.items():
        one = commands.add_parser(name, help=title, description=title[0].upper() + title[1:] + ".")
        if name in names:
            loaded = import_module(module)
            loaded.add_arguments(one)
            one.set_defaults(run=loaded.run)
    return parser


def _program() -> str:
    """As it was called: the installed script has a name of its own."""
    name = Path(sys.argv[0]).name
    return name if name.startswith("sora-compare") else "python -m sora_compare"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors become one sentence on standard error."""
    words = list(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    arguments = parser_for([word for word in words if word in COMMANDS][:1]).parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except SoraCompareError as error:
        say(str(error))
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`… | head`); closing standard output again at exit would only complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        say("Stopped. What was sent goes on at the endpoints; start again to go on watching.")
        return INTERRUPTED
    return code


def say(sentence: str) -> None:
    """A message for people, on standard error."""
    sys.stderr.write(f"{sentence}\n")
