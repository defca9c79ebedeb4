"""`compare PROMPT`: both arms at once, then wait for the clips."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from sora_compare.commands.flags import COMMAND_LINE, add_arm_arguments, chosen_arms
from sora_compare.commands.postprocessing import wait_for_postprocessing
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.snapshots import contradiction_sentence
from sora_compare.domain.takes import ArmLabel, Take, TakeState, latest_attempts
from sora_compare.errors import UsageError
from sora_compare.evidence.tables import take_to_dict
from sora_compare.services import Services, open_services

if TYPE_CHECKING:
    import argparse

LOOK_S = 0.03
UNREACHED_LIMIT_S = 30.0
DONE, FAILED = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `compare`."""
    parser.add_argument("prompt", help="what the clip should show")
    parser.add_argument("--seconds", type=int, default=8, help="length of the clip (default 8)")
    parser.add_argument("--size", default="1280x720", help="WIDTHxHEIGHT (default 1280x720)")
    parser.add_argument("--seed", type=int, help="for reproducibility, where the endpoint has seeds")
    parser.add_argument("--style", help="style preset, where the endpoint has them")
    parser.add_argument("--repeats", type=int, default=1, help="pairs to make (default 1)")
    parser.add_argument("--fresh", action="store_true", help="make new clips even where the same request has an answer")
    parser.add_argument("--patient", action="store_true", help="keep trying where an endpoint cannot be reached")
    add_arm_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when every take of both arms completed, else 1."""
    if arguments.repeats < 1:
        raise UsageError("--repeats must be 1 or more.")
    opened = open_services()
    try:
        found = _compare(opened, arguments)
    finally:
        opened.close()
    if arguments.json:
        sys.stdout.write(json.dumps(found, allow_nan=False) + "\n")
    else:
        sys.stdout.write(_for_people(found))
    return DONE if all(take["status"] == TakeState.COMPLETED for take in found["takes"]) else FAILED


def _compare(opened: Services, arguments: argparse.Namespace) -> dict[str, Any]:
    arms = chosen_arms(arguments, opened.settings.default_endpoint)
    settings = ClipSettings(seconds=arguments.seconds, size=arguments.size, seed=arguments.seed, style=arguments.style)
    plan = opened.planner.plan(
        arguments.prompt,
        settings,
        arms,
        repeats=arguments.repeats,
        is_fresh=arguments.fresh,
        asked_by=COMMAND_LINE,
    )
    opened.prepare(plan)
    started = time.monotonic()
    comparison = opened.send(plan)
    takes = _ended(opened, comparison.id, limit_s=None if arguments.patient else UNREACHED_LIMIT_S)
    wall_s = time.monotonic() - started
    wait_for_postprocessing(opened, [take.id for take in takes])
    return {
        "comparison": comparison.id,
        "wall_s": round(wall_s, 4),
        "takes": [take_to_dict(take, opened.files) for take in takes],
    }


def _ended(opened: Services, comparison_id: str, *, limit_s: float | None) -> list[Take]:
    """The takes, in order of repeat and arm, once all have their outcome; says how they stand.

    Takes whose endpoint could not be reached for `limit_s` seconds are cancelled, so that nothing is sent later.
    """
    messages: dict[str, str] = {}
    unreached: dict[str, float] = {}
    while True:
        takes = [take for _, take in sorted(latest_attempts(opened.store.takes.of(comparison_id)).items())]
        _print_changes(takes, messages)
        if all(take.is_ended for take in takes):
            return takes
        for take in takes:
            since = _unreached_since(take, unreached)
            if limit_s is not None and time.monotonic() - since > limit_s:
                opened.actions.pause(take.id)
        time.sleep(LOOK_S)


def _unreached_since(take: Take, unreached: dict[str, float]) -> float:
    """When the take was first seen waiting for its endpoint, tries in between left aside; now when it does not."""
    if take.is_unreached:
        unreached.setdefault(take.id, time.monotonic())
    elif take.state is not TakeState.SUBMITTING:
        unreached.pop(take.id, None)
    return unreached.get(take.id, time.monotonic())


def _print_changes(takes: list[Take], text: dict[str, str]) -> None:
    """A line on standard error for each take that stands otherwise than it was said."""
    for take in takes:
        line = f"{take.arm}{take.repeat + 1 if len(takes) > len(ArmLabel) else ''}: {_state_words(take)}"
        if text.get(take.id) != line:
            text[take.id] = line
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def _state_words(take: Take) -> str:
    percent = f" {take.progress} %" if take.progress is not None and not take.is_ended else ""
    notice = f". {take.notice}" if take.notice else ""
    return f"{take.state.replace('_', ' ')}{percent}{notice}"


def _for_people(data: dict[str, Any]) -> str:
    lines = [f"Comparison {data['comparison']}, {data['wall_s']:.1f} s"]
    for take in data["takes"]:
        mark = ", simulated" if take["simulated"] else ""
        clip = take["clip"]["path"] if take["clip"] else take["error"]
        lines.append(f"  {take['arm']}  {take['model']}: {take['status']}{mark}\n     {clip}")
        if take["other_model"]:
            lines.append(f"     ! {contradiction_sentence(take['model'], take['other_model'])}")
        if take["deviations"]:
            lines.append(f"     ! Not as asked for: {', '.join(take['deviations'])}.")
    return "\n".join(lines) + "\n"
