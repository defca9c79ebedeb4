"""`versions canary start|step|check|stop`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.commands.versions.context import (
    DONE,
    FAILED,
    UNDECIDED,
    author_of,
    decided_on,
    governed,
    print_change,
    say,
)
from sora_compare.domain.canaries import HOUR_S
from sora_compare.domain.guard_rails import GuardRails
from sora_compare.errors import UsageError
from sora_compare.releases.checklist_summary import Decision
from sora_compare.releases.policy.overview import canary_to_dict
from sora_compare.releases.refusals import NoCanary

if TYPE_CHECKING:
    import argparse

    from sora_compare.domain.canaries import Canary
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.settings import Settings


def start(arguments: argparse.Namespace, settings: Settings) -> int:
    """Begin with 10 %."""
    if min(arguments.failure_rise, arguments.slowdown, arguments.score_drop, arguments.least) < 0:
        raise UsageError("The limits of guard rails must be 0 or more.")
    limits = arguments.failure_rise, arguments.slowdown, arguments.score_drop
    rails = GuardRails(*limits, arguments.least, is_model_checked=arguments.check_model)
    with governed(arguments, settings) as opened:
        name, candidate = arguments.environment, arguments.candidate
        after = opened.releases.start_canary(
            name,
            candidate,
            window_s=arguments.window_h * HOUR_S,
            rails=rails,
            is_automatic=not arguments.only_tell,
            force=arguments.force,
            author=author_of(arguments),
            evidence=decided_on(arguments, opened, name, candidate, Decision.START),
        )
        return print_change(arguments, opened, after, name)


def step(arguments: argparse.Namespace, settings: Settings) -> int:
    """Widen it; 3 while the window or the verdict is missing, 1 when a guard rail is broken."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        canary_status = opened.monitor.canary_status(name)
        evidence = decided_on(arguments, opened, name, _canary(opened, name).candidate, Decision.STEP)
        author = author_of(arguments)
        after = opened.releases.step_canary(
            name, canary_status, force=arguments.force, author=author, evidence=evidence
        )
        return print_change(arguments, opened, after, name)


def check(arguments: argparse.Namespace, settings: Settings) -> int:
    """0 when it may be widened, 1 when a rail is broken (and ended it, if so configured), 3 when it is too early."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        canary = _canary(opened, name)
        canary_status = opened.monitor.check(name)
        is_ended = bool(canary_status.broken) and canary.is_automatic
        lines = [f"{canary.share} % of keys in {name} use {canary.candidate}."]
        lines += [f"  {one.rail}: {one.sentence} {one.power}".rstrip() for one in canary_status.readings]
        lines += [f"  missing: {sentence}" for sentence in canary_status.missing]
        lines += [f"  broken: {sentence}" for sentence in canary_status.broken]
        lines += ["Rolled back: every key uses the lock again."] if is_ended else []
        say(
            arguments, {"environment": name, "is_rolled_back": is_ended, **canary_to_dict(canary, canary_status)}, lines
        )
        return FAILED if canary_status.broken else DONE if canary_status.may_step else UNDECIDED


def _canary(opened: Governance, name: str) -> Canary:
    canary = opened.releases.environment(name).canary
    if canary is None:
        raise NoCanary(name)
    return canary


def stop(arguments: argparse.Namespace, settings: Settings) -> int:
    """End it."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        after = opened.releases.stop_canary(name, author=author_of(arguments))
        return print_change(arguments, opened, after, name)
