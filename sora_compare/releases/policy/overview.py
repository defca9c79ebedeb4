"""Everything a page or command shows of the policy, in plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sora_compare.domain.canaries import HOUR_S

if TYPE_CHECKING:
    from sora_compare.domain.canaries import Canary, CanaryStatus
    from sora_compare.domain.policies import Change, Environment
    from sora_compare.domain.snapshots import Lifecycle
    from sora_compare.domain.takes import Origin
    from sora_compare.releases.canary.monitor import CanaryMonitor
    from sora_compare.releases.policy.changes import Releases


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """One environment as it stands now.

    Attributes:
        is_locked: whether it uses a dated snapshot rather than an alias.
        lifecycle: of what it uses; show its sentence as a warning where `is_flagged`.
        canary_status: when a canary runs.
        candidate_lifecycle: of the canary's candidate.
        origin: of the evidence behind the status.
        last: the newest change of this environment, as far as the policy's history goes.
    """

    environment: Environment
    is_locked: bool
    lifecycle: Lifecycle
    canary_status: CanaryStatus | None = None
    candidate_lifecycle: Lifecycle | None = None
    origin: Origin | None = None
    last: Change | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody who looks at it should know: retirement, a broken rail, an overdue decision."""
        found = [one.sentence for one in (self.lifecycle, self.candidate_lifecycle) if one and one.is_flagged]
        if self.canary_status:
            found += self.canary_status.broken
            if self.canary_status.is_overdue:
                found.append("The canary is watched for more than 48 h: widen it, or stop it.")
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole policy as it stands now; `history` newest first."""

    revision: int
    versions: dict[str, str]
    environments: tuple[EnvironmentState, ...]
    history: tuple[Change, ...]
    retirements: tuple[Lifecycle, ...]


def overview(releases: Releases, monitor: CanaryMonitor) -> Overview:
    """Look at everything once."""
    policy = releases.policy
    last = {one.environment: one for one in policy.history}
    states = tuple(_state(releases, monitor, one, last.get(one.name)) for one in policy.environments.values())
    retirements = tuple(releases.lifecycle(name) for _, name, _ in releases.registry.calendar())
    return Overview(policy.revision, dict(policy.versions), states, tuple(reversed(policy.history)), retirements)


def _state(releases: Releases, monitor: CanaryMonitor, one: Environment, last: Change | None) -> EnvironmentState:
    life, is_locked = releases.lifecycle(one.model), one.model not in releases.registry.aliases
    if one.canary is None:
        return EnvironmentState(one, is_locked, life, last=last)
    canary_status, origin = monitor.look(one)
    return EnvironmentState(one, is_locked, life, canary_status, releases.lifecycle(one.canary.candidate), origin, last)


def overview_to_dict(found: Overview) -> dict[str, Any]:
    """The overview as one JSON object."""
    return {
        "revision": found.revision,
        "versions": found.versions,
        "environments": {one.environment.name: _environment_to_dict(one) for one in found.environments},
        "history": [{**asdict(one), "at": moment(one.at)} for one in found.history],
        "retirements": [lifecycle_to_dict(one) for one in found.retirements],
    }


def _environment_to_dict(one: EnvironmentState) -> dict[str, Any]:
    canary = one.environment.canary
    return {
        "model": one.environment.model,
        "snapshot": one.lifecycle.snapshot,
        "is_locked": one.is_locked,
        "previous": one.environment.previous,
        "needs_reason": one.environment.wants_reason,
        "phase": str(one.lifecycle.phase),
        "canary": canary_to_dict(canary, one.canary_status) if canary and one.canary_status else None,
        "evidence": str(one.origin) if one.origin else None,
        "warnings": list(one.warnings),
    }


def canary_to_dict(canary: Canary, canary_status: CanaryStatus) -> dict[str, Any]:
    """A canary and how it stands as one JSON object."""
    return {
        "candidate": canary.candidate,
        "share": canary.share,
        "next_share": canary.next_share,
        "started": moment(canary.started),
        "step_started": moment(canary.step_started),
        "window_h": canary.window_s / HOUR_S,
        "elapsed_h": round(canary_status.elapsed_s / HOUR_S, 3),
        "is_automatic": canary.is_automatic,
        "is_overdue": canary_status.is_overdue,
        "may_step": canary_status.may_step,
        "missing": list(canary_status.missing),
        "broken": list(canary_status.broken),
        "rails": [asdict(one) for one in canary_status.readings],
    }


def lifecycle_to_dict(one: Lifecycle) -> dict[str, Any]:
    """Where a model id stands as one JSON object."""
    day = one.day.isoformat() if one.day else None
    record = {"model": one.model, "snapshot": one.snapshot, "phase": str(one.phase), "day": day}
    return {**record, "source": one.source, "sentence": one.sentence}


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
