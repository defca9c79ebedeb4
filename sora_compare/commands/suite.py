"""`suite run` and `suite status`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sora_compare.commands.flags import COMMAND_LINE, add_arm_arguments, chosen_arms
from sora_compare.commands.postprocessing import wait_for_postprocessing
from sora_compare.domain.takes import TakeState
from sora_compare.errors import UsageError
from sora_compare.evidence.tables import take_to_dict
from sora_compare.services import Services, open_services
from sora_compare.suites.reading import BUILT_IN, built_in_suite, suite_file

if TYPE_CHECKING:
    import argparse

    from sora_compare.domain.comparisons import SuiteRun
    from sora_compare.suites.running import Suites

LOOK_S = 0.5
SAY_EVERY_S = 5.0
DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `suite run` and `suite status`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="run|status")
    running = verbs.add_parser("run", help="send every prompt of a suite to both arms")
    running.add_argument("file", nargs="?", help=f"CSV, JSONL or YAML; “{BUILT_IN}” is the built-in suite")
    running.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped")
    running.add_argument("--seed", type=int, default=0, help="shuffles the order (default 0)")
    running.add_argument("--seconds", type=int, default=8, help="for prompts that do not say (default 8)")
    running.add_argument("--size", default="1280x720", help="for prompts that do not say (default 1280x720)")
    running.add_argument("--repeats", type=int, default=1, help="pairs per prompt (default 1)")
    running.add_argument("--fresh", action="store_true", help="make new clips even where there is an answer")
    add_arm_arguments(running)
    status = verbs.add_parser("status", help="how far a run is")
    status.add_argument("run_id", nargs="?", help="id of the run (default: the newest)")
    for one in (running, status):
        one.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when every row was usable and every take completed (status: always 0), else 1."""
    opened = open_services(with_runner=arguments.verb == "run")
    try:
        if arguments.verb == "status":
            return _print_status(opened, opened.suites.find(arguments.run_id), as_json=arguments.json)
        the_run = _started(opened, arguments)
        _wait(opened.suites, the_run)
        wait_for_postprocessing(opened, [take.id for take in opened.suites.takes_of(the_run)])
        _print_status(opened, the_run, as_json=arguments.json)
        return DONE if _is_whole(opened.suites, the_run) else FAILED
    finally:
        opened.close()


def _started(opened: Services, arguments: argparse.Namespace) -> SuiteRun:
    if arguments.resume:
        return opened.suites.resume(opened.suites.find(arguments.resume))
    if not arguments.file:
        raise UsageError(f"Name a suite file, “{BUILT_IN}” for the built-in suite, or --resume RUN.")
    suite = built_in_suite() if arguments.file == BUILT_IN else suite_file(Path(arguments.file))
    if arguments.repeats < 1:
        raise UsageError("--repeats must be 1 or more.")
    preview = opened.suites.preview(
        suite,
        chosen_arms(arguments, opened.settings.default_endpoint),
        seconds=arguments.seconds,
        size=arguments.size,
        seed=arguments.seed,
        repeats=arguments.repeats,
        is_fresh=arguments.fresh,
        asked_by=COMMAND_LINE,
    )
    the_run = opened.suites.start(preview)
    sys.stderr.write(f"Run {the_run.id}. If this stops: suite run --resume {the_run.id}\n")
    for row in (*suite.broken, *the_run.refused):
        sys.stderr.write(f"Line {row.line} is left out: {row.sentence}\n")
    return the_run


def _wait(suites: Suites, the_run: SuiteRun) -> None:
    printed_at = 0.0
    while True:
        now = suites.progress(the_run)
        if now.ended == now.takes:
            return
        if time.monotonic() - printed_at > SAY_EVERY_S:
            printed_at = time.monotonic()
            left = "" if now.left_s is None else f", about {now.left_s:.0f} s left"
            waiting = next((f". {one.notice}" for one in suites.takes_of(the_run) if one.is_unreached), "")
            sys.stderr.write(f"{now.ended} of {now.takes} takes{left}{waiting}\n")
        time.sleep(LOOK_S)


def _is_whole(suites: Suites, the_run: SuiteRun) -> bool:
    now = suites.progress(the_run)
    return not (the_run.suite.broken or the_run.refused) and now.by_state.get(TakeState.COMPLETED, 0) == now.takes


def _print_status(opened: Services, the_run: SuiteRun, *, as_json: bool) -> int:
    now = opened.suites.progress(the_run)
    if as_json:
        sys.stdout.write(json.dumps(_summary(opened, the_run), allow_nan=False) + "\n")
        return DONE
    left = "" if not now.left_s else f", about {now.left_s:.0f} s left"
    states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in now.by_state.items())
    sys.stdout.write(f"{the_run.id}  {the_run.suite.name}: {now.ended} of {now.takes} takes{left}\n  {states}\n")
    return DONE


def _summary(opened: Services, the_run: SuiteRun) -> dict[str, Any]:
    now = opened.suites.progress(the_run)
    return {
        "run": the_run.id,
        "suite": the_run.suite.name,
        "seed": the_run.seed,
        "prompts": len(the_run.suite.prompts),
        "left_out": [asdict(row) for row in (*the_run.suite.broken, *the_run.refused)],
        **asdict(now),
        "takes_list": [take_to_dict(take, opened.files) for take in opened.suites.takes_of(the_run)],
    }
