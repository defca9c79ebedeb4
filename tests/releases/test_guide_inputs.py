"""What the decision guide is told of your own data: verdicts, abilities of the endpoint, moves of the alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.releases.canary.monitor import CanaryMonitor
from sora_compare.releases.drift.watch import EVENT
from sora_compare.releases.guide import Word, advice
from sora_compare.releases.guide_inputs import guide_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.releases.policy.changes import Releases
    from sora_compare.store.store import Store

SIMULATOR = Endpoint("simulator", "", profile="simulator")
MOVED = f"{ALIAS} moved to {DEFAULT_B} on 2026-01-13."


def asked_of(base: str, candidate: str) -> Mapping[str, str]:
    return {"physics": f"{base} then {candidate}"}


def test_the_policys_versions_are_what_is_looked_at(store: Store, releases: Releases) -> None:
    found = guide_inputs(releases, CanaryMonitor(releases, store, asked_of), SIMULATOR)
    assert found.verdict == {"physics": f"{DEFAULT_A} then {DEFAULT_B}"}
    assert found.alias_moves == (MOVED,)
    assert found.lifecycle(DEFAULT_A).is_flagged
    assert (25 in found.capabilities[DEFAULT_A].seconds, 25 in found.capabilities[DEFAULT_B].seconds) == (False, True)


def test_an_endpoint_that_says_nothing_of_its_models_claims_nothing(store: Store, releases: Releases) -> None:
    lab = Endpoint("lab", "http://127.0.0.1:9/v1", profile="generic")
    found = {one.situation.id: one for one in advice(guide_inputs(releases, CanaryMonitor(releases, store), lab))}
    assert found["long_clips"].word is Word.CANNOT_TELL
    assert found["same_characters"].word is Word.DIFFERS, "no cameo is ever sent to such an endpoint"


def test_the_last_alarm_of_the_drift_watch_is_told(store: Store, releases: Releases) -> None:
    for alarms in (["It is slower."], ["It says another name."], []):
        releases.log.append(EVENT, {"model": ALIAS, "alarms": alarms})
    assert guide_inputs(releases, CanaryMonitor(releases, store), SIMULATOR).alias_moves == (
        MOVED,
        "It says another name.",
    )
