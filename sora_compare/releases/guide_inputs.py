"""What your own store, log and endpoint say, as the decision guide takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.policies import LATEST, STABLE
from sora_compare.domain.snapshots import ALIAS
from sora_compare.endpoints.profiles import ANYTHING, capabilities_of
from sora_compare.releases.drift.watch import EVENT
from sora_compare.releases.guide import GuideInputs

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Capabilities, Endpoint
    from sora_compare.releases.canary.monitor import CanaryMonitor
    from sora_compare.releases.policy.changes import Releases


def guide_inputs(releases: Releases, monitor: CanaryMonitor, endpoint: Endpoint) -> GuideInputs:
    """Verdicts, retirements and moves of the alias, and what the endpoint says its models can do.

    Raises:
        ConfigurationError: the policy cannot be read.
    """
    versions = releases.policy.versions
    described: dict[str, Capabilities] = {}
    for model in versions.values():
        known = capabilities_of(endpoint, model)
        if known != ANYTHING:
            described[model] = known
    verdict = monitor.verdicts(versions.get(STABLE, ""), versions.get(LATEST, ""))
    return GuideInputs(versions, releases.lifecycle, verdict, described, alias_moves(releases))


def alias_moves(releases: Releases) -> tuple[str, ...]:
    """Every move of the policy's alias that the registry knows, and the last alarm of the drift watch, as sentences."""
    alias = releases.policy.versions.get("alias", ALIAS)
    moves = releases.registry.aliases.get(alias, ())[1:]
    lines = [f"{alias} moved to {one.points_to} on {one.since}." for one in moves]
    alarms = [sentence for entry in releases.log.of_event(EVENT) for sentence in entry.facts.get("alarms", ())]
    return (*lines, *alarms[-1:])
