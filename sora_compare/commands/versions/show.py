"""`versions show` and `versions resolve`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sora_compare.commands.versions.context import DONE, governed, say
from sora_compare.domain.snapshots import Phase
from sora_compare.errors import UsageError
from sora_compare.releases.policy.overview import lifecycle_to_dict, overview, overview_to_dict
from sora_compare.releases.refusals import UnknownSnapshot
from sora_compare.releases.routing import Router

if TYPE_CHECKING:
    import argparse

    from sora_compare.releases.policy.opening import Governance
    from sora_compare.releases.policy.overview import EnvironmentState
    from sora_compare.settings import Settings


def show(arguments: argparse.Namespace, settings: Settings) -> int:
    """Every environment."""
    with governed(arguments, settings) as opened:
        found = overview(opened.releases, opened.monitor)
        lines = [f"Policy revision {found.revision}; this process is “{settings.deploy_environment}”."]
        lines += [line for one in found.environments for line in _lines(one)]
        say(arguments, {**overview_to_dict(found), "deploy_environment": settings.deploy_environment}, lines)
    return DONE


def _lines(one: EnvironmentState) -> list[str]:
    there = one.environment
    how = "locked to" if one.is_locked else "follows"
    means = "" if there.model == one.lifecycle.snapshot else f", today {one.lifecycle.snapshot}"
    asks = "; changes want a reason" if there.wants_reason else ""
    lines = [f"{there.name:12} {how} {there.model}{means}{asks}"]
    if there.canary:
        lines.append(f"{'':12} canary: {there.canary.share} % of keys use {there.canary.candidate}")
    return [*lines, *(f"{'':12} warning: {sentence}" for sentence in one.warnings)]


def resolve(arguments: argparse.Namespace, settings: Settings) -> int:
    """What an environment (for a key) or a model id means."""
    with governed(arguments, settings) as opened:
        name = arguments.name or settings.deploy_environment
        model = _model(opened, name, arguments.key)
        day = _day(arguments.on)
        registry = opened.releases.registry
        life = registry.lifecycle(model, day) if day else opened.releases.lifecycle(model)
        if life.phase is Phase.UNKNOWN and name == model:
            raise UnknownSnapshot(name, [*opened.releases.policy.environments, *registry.snapshots, *registry.aliases])
        warning = [f"Warning: {life.sentence}"] if life.is_flagged else []
        say(
            arguments, {"name": name, "use": model, **lifecycle_to_dict(life)}, [f"{model} ({life.snapshot})", *warning]
        )
    return DONE


def _model(opened: Governance, name: str, key: str | None) -> str:
    if name in opened.releases.policy.environments:
        return Router(opened.releases.policies).model_for(name, key)
    return name


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"--on is “{text}”: give a day such as 2026-01-13.") from error
