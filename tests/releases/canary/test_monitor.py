"""What is seen of a canary, and the checklist that the same evidence fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.canaries import HOUR_S
from sora_compare.domain.guard_rails import GuardRails, Rail
from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.reviews import ASKED
from sora_compare.domain.sessions import SIGN_OFF, SignOff
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import Origin, Problem, TakeState
from sora_compare.evidence.observations import observe_canary
from sora_compare.releases.canary.monitor import CanaryMonitor
from sora_compare.releases.checklist import checklist, sign_offs
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.overview import overview, overview_to_dict
from sora_compare.releases.policy.repository import PolicyInStore
from sora_compare.releases.refusals import ChangedMeanwhile, NoCanary
from tests.releases.conftest import WHY
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sora_compare.store.store import Store
    from tests.releases.conftest import Clock

FAILED = (TakeState.COMPLETED, TakeState.FAILED)


@pytest.fixture
def there(store: Store, home: Path, clock: Clock) -> Releases:
    """The default policy in a store, and evidence that is older than any canary."""
    return Releases(PolicyInStore(store, home), store.audit_log, clock)


def yes(base: str, candidate: str) -> Mapping[str, str]:
    assert (base, candidate) == (DEFAULT_A, DEFAULT_B)
    return dict.fromkeys(ASKED, "better")


def test_takes_reviews_and_outcomes_since_the_start_are_seen(store: Store, there: Releases, clock: Clock) -> None:
    add_pair(store, "before", clock.now - 60, scores=(1, 1))
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for number in range(3):
        add_pair(store, f"p{number}", clock.now + number, scores=(8, 6))
    add_pair(store, "simulated", clock.now + 9, states=FAILED, origin=Origin.SIMULATED)
    record = {"environment": "production", "model": DEFAULT_B, "is_completed": False, "origin": "live"}
    store.audit("outcome", **record)
    store.audit("outcome", **{**record, "environment": "staging"})
    found = observe_canary(store, there.environment("production"), clock.now + 60)
    assert found.origin is Origin.LIVE
    assert (found.base.asked, found.base.completed, found.candidate.asked, found.candidate.completed) == (3, 3, 4, 3)
    assert found.candidate.total_s == pytest.approx((38.0,) * 3)
    assert (set(found.base.scores), set(found.candidate.scores)) == ({8.0}, {6.0})


def test_with_simulated_evidence_only_that_is_what_is_seen(store: Store, there: Releases, clock: Clock) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    add_pair(store, "p", clock.now + 1, origin=Origin.SIMULATED)
    assert observe_canary(store, there.environment("production"), clock.now + 60).origin is Origin.SIMULATED


@pytest.mark.parametrize(
    ("change", "rail"),
    [
        ({"states": FAILED}, Rail.OUTCOMES),
        ({"seconds": (40.0, 80.0)}, Rail.TIMINGS),
        ({"scores": (8, 3)}, Rail.SCORES),
    ],
)
def test_each_rail_rolls_back_by_itself_and_says_why(
    store: Store, there: Releases, clock: Clock, change: dict[str, object], rail: Rail
) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for number in range(25):
        add_pair(store, f"p{number}", clock.now + number, **change)  # type: ignore[arg-type]  # a case's keywords
    found = CanaryMonitor(there, store).check_all()["production"]
    assert [one.rail for one in found.readings if one.is_broken] == [rail]
    assert there.environment("production").canary is None
    last = there.log.latest(1)[0]
    assert last.event == "canary rolled back"
    assert last.facts["reason"] == found.broken[0]
    assert CanaryMonitor(there, store).check_all() == {}


OURS = [
    (TakeState.FAILED, Problem("lab refused the request (401): …", "invalid_api_key", kind=ProblemKind.KEY)),
    (TakeState.FAILED, Problem("The job failed at lab: no credit.", "insufficient_quota", kind=ProblemKind.QUOTA)),
    (TakeState.FAILED, Problem("lab refused the request (429): no credit.", "insufficient_quota")),
    (TakeState.FAILED, Problem("lab cannot be reached (no connection). …", kind=ProblemKind.UNREACHABLE)),
    (TakeState.NOT_SAVED, Problem("The disk … is full", kind=ProblemKind.DISK_FULL)),
    (TakeState.STOPPED_POLLING, Problem("lab cannot cancel a job: …", kind=ProblemKind.CANCELLED)),
    (TakeState.CANCELLED, None),
]


@pytest.mark.parametrize(("state", "problem"), OURS)
def test_what_is_our_own_doing_rolls_no_canary_back_and_is_counted(
    store: Store, there: Releases, clock: Clock, state: TakeState, problem: Problem | None
) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for number in range(25):
        add_pair(store, f"p{number}", clock.now + number, states=(TakeState.COMPLETED, state), problem=problem)
    found = CanaryMonitor(there, store).check("production")
    assert found.broken == ()
    assert there.environment("production").canary is not None
    (rail,) = [one for one in found.readings if one.rail is Rail.OUTCOMES]
    assert (rail.base_n, rail.candidate_n) == (25, 0)
    assert "25 takes are left out: 25 by our own doing" in rail.sentence
    errors = next(
        one for one in checklist(there, CanaryMonitor(there, store), "production").items if one.key == "errors"
    )
    assert "25 takes are left out" in errors.found


@pytest.mark.parametrize("code", ["invalid_api_key", "insufficient_quota", "rate_limit_exceeded", "ours"])
def test_a_reported_outcome_of_our_own_doing_counts_against_no_model(
    store: Store, there: Releases, clock: Clock, code: str
) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for model, is_completed in ((DEFAULT_A, True), (DEFAULT_B, False)) * 25:
        store.audit("outcome", environment="production", model=model, is_completed=is_completed, code=code)
    found = observe_canary(store, there.environment("production"), clock.now + 60)
    assert (found.base.asked, found.candidate.asked, found.left_out) == (25, 0, {"ours": 25})
    assert CanaryMonitor(there, store).check("production").broken == ()


@pytest.mark.parametrize("code", [None, "video_generation_failed", "moderation_blocked"])
def test_a_reported_failure_of_the_model_still_rolls_back(store: Store, there: Releases, code: str | None) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for model, is_completed in ((DEFAULT_A, True), (DEFAULT_B, False)) * 25:
        store.audit("outcome", environment="production", model=model, is_completed=is_completed, code=code)
    assert CanaryMonitor(there, store).check("production").broken


def test_a_candidate_that_hangs_counts_as_failing(store: Store, there: Releases, clock: Clock) -> None:
    """Open takes count once they were waited for three times the base's 99th percentile, and are not held before."""
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    begun = clock.now
    for number in range(25):
        add_pair(store, f"p{number}", begun + number, states=(TakeState.COMPLETED, TakeState.RUNNING))
    monitor = CanaryMonitor(there, store)
    clock.now = begun + 25 + 2 * 40
    assert not monitor.check("production").broken
    clock.now = begun + 25 + 4 * 40
    assert [one.rail for one in monitor.check("production").readings if one.is_broken] == [Rail.OUTCOMES]
    assert there.environment("production").canary is None


def broken(store: Store, there: Releases, clock: Clock) -> None:
    """A canary in production whose outcomes broke its rail."""
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for number in range(25):
        add_pair(store, f"p{number}", clock.now + number, states=FAILED)


def test_a_rollback_by_itself_insists_when_somebody_writes_at_the_same_moment(
    store: Store, there: Releases, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(store, there, clock)
    write, turns = there.policies.write, iter([True, True, False])

    def second(*data: object) -> None:
        if next(turns):
            raise ChangedMeanwhile(1, 2)
        write(*data)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(there.policies, "write", second)
    CanaryMonitor(there, store).check_all()
    assert there.environment("production").canary is None


def test_a_canary_that_somebody_ended_first_is_no_fault(store: Store, there: Releases, clock: Clock) -> None:
    broken(store, there, clock)

    def ends_it(*_: str) -> Mapping[str, str]:
        if there.environment("production").canary:
            there.stop_canary("production")
        return {}

    assert CanaryMonitor(there, store, ends_it).check("production").broken
    assert there.policy.history[-1].event == "canary stop"


def test_the_overview_tells_where_evidence_comes_from_and_what_came_last(
    store: Store, there: Releases, clock: Clock
) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    add_pair(store, "p", clock.now + 1)
    states = {one.environment.name: one for one in overview(there, CanaryMonitor(there, store)).environments}
    assert (states["production"].origin, states["staging"].origin) == (Origin.LIVE, None)
    assert states["production"].last == there.policy.history[-1]
    assert states["staging"].last is None


def test_a_sound_canary_is_left_alone_and_may_step_with_window_and_verdict(
    store: Store, there: Releases, clock: Clock
) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    for number in range(25):
        add_pair(store, f"p{number}", clock.now + number, scores=(7, 8))
    monitor = CanaryMonitor(there, store, yes)
    assert not monitor.check("production").may_step
    clock.now += 24 * HOUR_S
    assert monitor.check("production").may_step
    there.step_canary("production", monitor.canary_status("production"), author=WHY)
    state = {one.environment.name: one for one in overview(there, monitor).environments}["production"]
    assert state.environment.canary is not None
    assert state.environment.canary.share == 25
    clock.now += 49 * HOUR_S
    details = overview_to_dict(overview(there, monitor))["environments"]["production"]
    assert details["canary"]["is_overdue"] is True
    assert "The canary is watched for more than 48 h: widen it, or stop it." in details["warnings"]


def test_without_a_canary_there_is_nothing_to_see(store: Store, there: Releases) -> None:
    with pytest.raises(NoCanary):
        CanaryMonitor(there, store).canary_status("production")


def test_the_checklist_fills_itself_from_the_store(store: Store, there: Releases, clock: Clock) -> None:
    monitor = CanaryMonitor(there, store, yes)

    def done() -> set[str]:
        return {item.key for item in checklist(there, monitor, "production").items if item.is_done}

    verdicts = {f"verdict_{criterion}" for criterion in ASKED} | {"standards"}
    assert done() == verdicts
    for number in range(20):
        add_pair(store, f"p{number}", clock.now + number, scores=(7, 8), note="" if number else "warmer light")
    assert done() == verdicts | {"prompts", "differences", "speed", "errors", "retries"}
    there.log.append(SIGN_OFF, SignOff(DEFAULT_B, "Bea", is_accepted=False).details)
    assert "sign_off" not in done()
    there.log.append(SIGN_OFF, SignOff(DEFAULT_B, "Bea", is_accepted=True, comment="faces are fine now").details)
    there.switch("staging", "stable")
    there.rollback("staging")
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    assert done() == verdicts | {
        "prompts", "differences", "speed", "errors", "retries", "sign_off", "rehearsal", "canary",
    }  # fmt: skip
    for number in range(25):
        add_pair(store, f"c{number}", clock.now + number)
    while there.environment("production").canary:
        clock.now += 24 * HOUR_S
        there.step_canary("production", monitor.canary_status("production"), author=WHY)
    found = checklist(there, monitor, "production")
    assert found.is_done
    assert (found.base, found.candidate, found.origin) == (DEFAULT_A, DEFAULT_B, Origin.LIVE)


def test_failures_and_simulated_evidence_are_told_apart(store: Store, there: Releases, clock: Clock) -> None:
    for number in range(20):
        add_pair(store, f"p{number}", clock.now + number, origin=Origin.SIMULATED)
    items = {item.key: item for item in checklist(there, CanaryMonitor(there, store), "production").items}
    assert items["prompts"].found == "20 prompts, 20 pairs (simulated)."
    add_pair(store, "live", clock.now + 99)
    for number in range(30):
        add_pair(store, f"f{number}", clock.now + 100 + number, states=FAILED)
    items = {item.key: item for item in checklist(there, CanaryMonitor(there, store), "production").items}
    assert items["prompts"].found == "1 prompts, 1 pairs. Not counted: 20 simulated pairs."
    assert items["errors"].missing == "Find out why the candidate fails more often."
    assert items["verdict_physics"].found == "There is no verdict."


def test_the_last_word_of_each_approver_counts(there: Releases) -> None:
    for approver, is_accepted in (("Ana", True), ("Bea", True), ("Ana", False)):
        there.log.append(SIGN_OFF, SignOff(DEFAULT_B, approver, is_accepted=is_accepted).details)
    there.log.append(SIGN_OFF, SignOff(DEFAULT_A, "Cem", is_accepted=True).details)
    assert sign_offs(there.log, DEFAULT_B) == {"Ana": False, "Bea": True}


OTHER = "sora-2-2099-01-01"


def test_a_server_that_names_another_model_breaks_its_rail_where_that_is_on(
    store: Store, there: Releases, clock: Clock
) -> None:
    there.start_canary("production", DEFAULT_B, rails=GuardRails(is_model_checked=True), force=True, author=WHY)
    add_pair(store, "as asked", clock.now + 1, echoed=DEFAULT_B)
    add_pair(store, "an alias", clock.now + 2, echoed="sora-2")
    held = CanaryMonitor(there, store).check("production")
    (rail,) = [one for one in held.readings if one.rail is Rail.MODEL]
    assert (rail.is_broken, rail.is_enough, rail.candidate_n) == (False, True, 2)
    add_pair(store, "another", clock.now + 3, echoed=OTHER)
    broken = CanaryMonitor(there, store).check("production").broken
    assert broken == (f"1 of 3 takes of the candidate come from another model, as the server says: {OTHER}.",)
    assert there.environment("production").canary is None
    assert there.log.latest(1)[0].facts["reason"] == broken[0]


def test_another_model_breaks_nothing_where_that_rail_is_off(store: Store, there: Releases, clock: Clock) -> None:
    there.start_canary("production", DEFAULT_B, force=True, author=WHY)
    add_pair(store, "another", clock.now + 3, echoed=OTHER)
    found = CanaryMonitor(there, store).check("production")
    assert (found.broken, [one for one in found.readings if one.rail is Rail.MODEL]) == ((), [])


def test_another_model_that_a_service_reports_breaks_the_rail(store: Store, there: Releases) -> None:
    there.start_canary("production", DEFAULT_B, rails=GuardRails(is_model_checked=True), force=True, author=WHY)
    record = {"environment": "production", "model": DEFAULT_B, "is_completed": True}
    store.audit("outcome", **record, echoed_model=DEFAULT_B)
    assert CanaryMonitor(there, store).check("production").broken == ()
    store.audit("outcome", **record, echoed_model=OTHER)
    assert CanaryMonitor(there, store).check("production").broken
