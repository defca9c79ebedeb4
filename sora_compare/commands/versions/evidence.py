"""`versions checklist`, `versions guide` and `versions drift`."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sora_compare.commands.versions.context import DONE, FAILED, UNDECIDED, governed, say
from sora_compare.errors import UsageError
from sora_compare.releases.checklist import checklist
from sora_compare.releases.guide import Advice, advice, decide, guide
from sora_compare.releases.guide_inputs import guide_inputs

if TYPE_CHECKING:
    import argparse

    from sora_compare.domain.comparisons import SuiteRun
    from sora_compare.releases.drift.watch import DriftReport, DriftWatch
    from sora_compare.settings import Settings

LOOK_S = 0.3
SAY_EVERY_S = 5.0


def show_checklist(arguments: argparse.Namespace, settings: Settings) -> int:
    """0 when nothing is missing, else 3."""
    with governed(arguments, settings) as opened:
        releases = opened.releases
        found = checklist(releases, opened.monitor, arguments.environment, arguments.candidate)
        lines = [f"{found.environment}: from {found.base} to {found.candidate} ({found.origin} takes)"]
        for number, step in enumerate(found.steps, 1):
            lines.append(f"{number}. {step.title}")
            lines += [
                f"   [{'x' if one.is_done else ' '}] {one.title}: {one.found} {one.missing}" for one in step.items
            ]
        items = [{**asdict(one), "is_done": one.is_done} for one in found.items]
        titles = [{"title": step.title, "items": [one.key for one in step.items]} for step in found.steps]
        head = {name: getattr(found, name) for name in ("environment", "base", "candidate", "is_done")}
        say(arguments, {**head, "origin": str(found.origin), "steps": titles, "items": items}, lines)
        return DONE if found.is_done else UNDECIDED


def show_guide(arguments: argparse.Namespace, settings: Settings) -> int:
    """The seven situations, and where the answers given lead."""
    with governed(arguments, settings) as opened:
        own = guide_inputs(opened.releases, opened.monitor, settings.endpoints[settings.default_endpoint])
        found = advice(own)
        decision = decide(_answers(arguments.answer), own.versions)
    lines = [line for one in found for line in _advice_lines(one)]
    if decision.open_question:
        lines.append(f"Next question ({decision.open_question.id}): {decision.open_question.question}")
    else:
        lines += [f"The process leads to {decision.role}: {decision.model}.", *(f"  {one}" for one in decision.plan)]
    details = {"situations": [asdict(one) for one in found], "decision": asdict(decision)}
    say(arguments, details, lines)
    return DONE


def _advice_lines(one: Advice) -> list[str]:
    what = one.model or "any snapshot, locked"
    lines = [f"{one.situation.situation}: {what} ({one.situation.reason})", f"  your data: {one.word}. {one.own}"]
    return [*lines, f"  warning: {one.warning}"] if one.warning else lines


def _answers(lines: list[str]) -> dict[str, bool]:
    known = [one.id for one in guide().questions]
    answers = {}
    for one in lines:
        name, _, word = one.partition("=")
        if name not in known or word not in {"yes", "no"}:
            raise UsageError(f"--answer is “{one}”: write QUESTION=yes or QUESTION=no, of {', '.join(known)}.")
        answers[name] = word == "yes"
    return answers


def drift(arguments: argparse.Namespace, settings: Settings) -> int:
    """0 when the model behaves as at its baseline, 1 when something moved, 3 when nothing can be told.

    Without --run nothing is sent: it tells what a run would send, and what the last one found.
    """
    from sora_compare.services import open_services  # noqa: PLC0415  # the only verb that carries takes

    endpoint = arguments.endpoint or settings.default_endpoint
    opened = open_services(settings, with_runner=arguments.sends)
    try:
        watch = opened.drift
        if not arguments.sends:
            return _preview(arguments, watch, endpoint)
        run = watch.start(arguments.alias, endpoint)
        _wait(watch, run)
        found = watch.conclude(run, is_new_baseline=arguments.new_baseline)
    finally:
        opened.close()
    details: dict[str, Any] = {**asdict(found), "is_baseline": found.is_baseline, "alarms": list(found.alarms)}
    say(arguments, details, _drift_lines(found))
    return FAILED if found.alarms else UNDECIDED if found.is_undecided else DONE


def _preview(arguments: argparse.Namespace, watch: DriftWatch, endpoint: str) -> int:
    takes = watch.preview(arguments.alias, endpoint).takes
    prices = [take.estimated_dollars for take in takes if take.estimated_dollars is not None]
    dollars = sum(prices) if len(prices) == len(takes) else None
    cost = "at a price that is not known" if dollars is None else f"for about ${dollars:.2f} by the list prices"
    last = watch.last_report(arguments.alias, endpoint)
    alarms = last["alarms"] if last else None
    found = "Nothing was found out yet" if last is None else f"The last run raised {alarms or 'no alarm'}"
    sentence = (
        f"{found}. A run sends {len(takes)} requests to {endpoint} {cost}: nothing was sent; add --run to send them."
    )
    say(arguments, {"takes": len(takes), "estimated_dollars": dollars, "last": last, "is_sent": False}, [sentence])
    return UNDECIDED


def _wait(watch: DriftWatch, run: SuiteRun) -> None:
    sys.stderr.write(f"Run {run.id}: the fixed suite goes to {run.arms[0].model} and {run.arms[1].model}.\n")
    printed_at = time.monotonic()
    while (left := watch.takes_left(run)) > 0:
        if time.monotonic() - printed_at > SAY_EVERY_S:
            printed_at = time.monotonic()
            sys.stderr.write(f"{left} takes are under way\n")
        time.sleep(LOOK_S)


def _drift_lines(found: DriftReport) -> list[str]:
    if found.is_undecided and not found.findings:
        return ["No take of it completed, so nothing can be told."]
    if found.is_baseline:
        return [f"{found.alias} on {found.endpoint}: {found.takes} takes. This run is the baseline from now on."]
    marks = {True: "MOVED", False: "same", None: "?"}
    return [f"{marks[one.has_moved]:6} {one.measure}: {one.sentence}" for one in found.findings]
