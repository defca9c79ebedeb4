"""Locks, switches, rollbacks and canaries, in a policy kept in the store and in one kept in a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.canaries import HOUR_S, canary_status
from sora_compare.domain.guard_rails import GuardRails, Rail, Reading
from sora_compare.domain.policies import HISTORY_LIMIT, Author
from sora_compare.domain.reviews import ASKED
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.releases.refusals import (
    CanaryRuns,
    CandidateUseless,
    ChangedMeanwhile,
    NoCanary,
    NothingToUndo,
    RailBroken,
    ReasonMissing,
    RetiredSnapshot,
    StepRefused,
    UnknownEnvironment,
    UnknownSnapshot,
    WindowRefused,
)
from tests.releases.conftest import MARCH, NOVEMBER, WHY, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.canaries import CanaryStatus
    from sora_compare.errors import SoraCompareError
    from sora_compare.releases.policy.changes import Releases

YES = dict.fromkeys(ASKED, "not worse")
SEEN = Reading(
    Rail.OUTCOMES, is_enough=True, is_broken=False, value=0.0, limit=0.05, base_n=50, candidate_n=50, sentence="fine"
)
BROKEN = replace(SEEN, is_broken=True, sentence="9 of 20 takes of the candidate failed.")


def events(releases: Releases) -> list[str]:
    return [one.event for one in releases.log.entries()]


def stands(releases: Releases, *read: Reading, verdict: dict[str, str] | None = None) -> CanaryStatus:
    canary = releases.environment("production").canary
    assert canary is not None
    return canary_status(canary, releases.clock(), read or (SEEN,), YES if verdict is None else verdict, ASKED)


def test_the_default_policy_is_the_articles(releases: Releases) -> None:
    now = releases.policy
    assert {name: one.model for name, one in now.environments.items()} == {
        "development": ALIAS, "test": DEFAULT_B, "staging": DEFAULT_B, "production": DEFAULT_A,
    }  # fmt: skip
    assert now.versions == {"stable": DEFAULT_A, "latest": DEFAULT_B, "alias": ALIAS}
    assert events(releases) == []


def test_a_lock_is_kept_logged_and_in_the_history(releases: Releases) -> None:
    releases.lock("test", DEFAULT_A, force=True, author=Author("maria", "reproduce a fault"))
    now = releases.policy
    assert (now.environments["test"].model, now.environments["test"].previous, now.revision) == (
        DEFAULT_A,
        DEFAULT_B,
        1,
    )
    assert (now.history[-1].event, now.history[-1].by, now.history[-1].reason) == ("lock", "maria", "reproduce a fault")
    entry = releases.log.latest(1)[0]
    record = {
        name: entry.facts[name] for name in ("environment", "from", "to", "by", "is_forced", "is_retired", "revision")
    }
    assert record == {
        "environment": "test", "from": DEFAULT_B, "to": DEFAULT_A, "by": "maria", "is_forced": True,
        "is_retired": True, "revision": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("now", "sentence"), [(NOVEMBER, "was retired on 2026-09-24"), (MARCH, "will be retired on")])
def test_locking_what_is_or_will_be_retired_is_refused_unless_forced_and_logged_either_way(
    releases: Releases, clock: Clock, now: float, sentence: str
) -> None:
    clock.now = now
    with pytest.raises(RetiredSnapshot, match=sentence):
        releases.lock("production", DEFAULT_B, author=WHY)
    assert releases.environment("production").model == DEFAULT_A
    releases.lock("production", DEFAULT_B, force=True, author=WHY)
    assert releases.environment("production").model == DEFAULT_B
    assert events(releases) == ["lock refused", "lock"]
    assert sentence in releases.log.latest(2)[1].facts["error"]
    assert sentence in releases.log.latest(1)[0].facts["retirement"]


@pytest.mark.parametrize(
    ("act", "error", "sentence"),
    [
        (lambda r: r.lock("prod", DEFAULT_A), UnknownEnvironment, "“prod”. There are: development, test"),
        (lambda r: r.lock("test", "sora-3"), UnknownSnapshot, "no snapshot “sora-3”. There are: sora-2-2025-10-06"),
        (lambda r: r.switch("test", "newest"), UnknownSnapshot, "There are: stable, latest, alias"),
        (lambda r: r.rollback("test", to="sora-3"), UnknownSnapshot, "no snapshot “sora-3”"),
        (lambda r: r.start_canary("nowhere", DEFAULT_B), UnknownEnvironment, "“nowhere”"),
        (lambda r: r.start_canary("production", DEFAULT_A, force=True), CandidateUseless, "production uses it already"),
        (lambda r: r.start_canary("production", ALIAS, force=True), CandidateUseless, "an alias may move"),
        (lambda r: r.start_canary("production", DEFAULT_B), RetiredSnapshot, "was retired on"),
        (lambda r: r.start_canary("production", DEFAULT_B, force=True, window_s=3600), WindowRefused, "24 to 48 h"),
        (lambda r: r.start_canary("production", DEFAULT_B, force=True, window_s=49 * HOUR_S), WindowRefused, "49 h"),
        (lambda r: r.stop_canary("production"), NoCanary, "No canary runs in production"),
        (lambda r: r.lock("test", ALIAS, force=True, author=Author(expected=7)), ChangedMeanwhile, "7, now 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_logged_and_changes_nothing(
    releases: Releases, act: Callable[[Releases], object], error: type[SoraCompareError], sentence: str
) -> None:
    before = releases.policy
    with pytest.raises(error) as caught:
        act(releases)
    assert sentence in str(caught.value)
    assert releases.policy == before
    (entry,) = releases.log.entries()
    assert entry.event.endswith(" refused")
    assert entry.facts["error"] == str(caught.value)


def test_a_switch_uses_the_policys_versions_and_flags_retired_ones(
    releases: Releases, caplog: pytest.LogCaptureFixture
) -> None:
    releases.switch("production", "latest", author=WHY)
    assert releases.environment("production").model == DEFAULT_B
    assert releases.log.latest(1)[0].facts["is_retired"] is True
    assert "was retired on 2026-09-24" in caplog.text


def test_a_switch_or_rollback_in_an_unlisted_environment_adds_it(releases: Releases) -> None:
    releases.switch("preview", "latest")
    releases.rollback("lab")
    assert releases.environment("preview").model == DEFAULT_B
    assert releases.environment("lab").model == DEFAULT_A


def test_a_canary_goes_10_25_50_100_and_becomes_the_lock(releases: Releases, clock: Clock) -> None:
    releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    shares = []
    while canary := releases.environment("production").canary:
        shares.append(canary.share)
        with pytest.raises(StepRefused, match=r"The window is 24 h, 0\.0 h are over"):
            releases.step_canary("production", stands(releases), author=WHY)
        clock.now += 24 * HOUR_S
        releases.step_canary("production", stands(releases), author=WHY)
    assert shares == [10, 25, 50, 100]
    assert releases.environment("production").model == DEFAULT_B
    assert releases.environment("production").previous == DEFAULT_A
    done = ["canary start", *["canary step refused", "canary step"] * 3, "canary step refused", "canary promoted"]
    assert events(releases) == done


def test_a_step_needs_the_verdict_and_force_is_logged(releases: Releases, clock: Clock) -> None:
    releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    clock.now += 25 * HOUR_S
    with pytest.raises(StepRefused, match="no verdict on physics") as caught:
        releases.step_canary("production", stands(releases, verdict={}), author=WHY)
    assert caught.value.exit_code == 3
    with pytest.raises(StepRefused, match="The verdict on motion is “worse”"):
        releases.step_canary("production", stands(releases, verdict={**YES, "motion": "worse"}), author=WHY)
    releases.step_canary("production", stands(releases, verdict={}), force=True, author=WHY)
    entry = releases.log.latest(1)[0]
    assert entry.facts["is_forced"] is True
    assert len(entry.facts["missing"]) == 3


def test_a_broken_rail_is_not_passed_even_when_forced(releases: Releases, clock: Clock) -> None:
    releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    clock.now += 25 * HOUR_S
    with pytest.raises(RailBroken, match="9 of 20 takes") as caught:
        releases.step_canary("production", stands(releases, BROKEN), force=True, author=WHY)
    assert caught.value.exit_code == 1
    releases.roll_canary_back("production", stands(releases, BROKEN))
    now = releases.environment("production")
    assert (now.model, now.canary) == (DEFAULT_A, None)
    last = releases.log.latest(1)[0]
    assert (last.event, last.facts["by"]) == ("canary rolled back", "guard rail")
    assert "9 of 20 takes" in last.facts["reason"]


def test_a_canary_keeps_locks_and_switches_away_but_never_a_rollback(releases: Releases) -> None:
    releases.lock("production", DEFAULT_B, force=True, author=WHY)
    releases.start_canary(
        "production", DEFAULT_A, force=True, rails=GuardRails(slowdown=None), is_automatic=False, author=WHY
    )
    with pytest.raises(CanaryRuns, match="stop it, or roll back"):
        releases.lock("production", ALIAS, force=True, author=WHY)
    with pytest.raises(CanaryRuns):
        releases.switch("production", "latest", author=WHY)
    with pytest.raises(CanaryRuns):
        releases.start_canary("production", DEFAULT_A, force=True, author=WHY)
    releases.rollback("production", author=Author("on call", "faces melt"))
    now = releases.environment("production")
    assert (now.model, now.canary, now.previous) == (DEFAULT_A, None, DEFAULT_B)


def test_an_environment_that_wants_a_reason_is_moved_on_only_with_one(releases: Releases) -> None:
    unsaid, message = Author("maria", "  "), Author("maria", "December is better on motion")
    forward: list[Callable[[Author], object]] = [
        lambda author: releases.lock("production", DEFAULT_B, force=True, author=author),
        lambda author: releases.switch("production", "stable", author=author),
        lambda author: releases.start_canary("production", DEFAULT_B, force=True, author=author),
        lambda author: releases.step_canary("production", stands(releases), force=True, author=author),
    ]
    for act in forward:
        before = releases.policy
        with pytest.raises(ReasonMissing, match="Say why: production wants a reason") as caught:
            act(unsaid)
        assert caught.value.exit_code == 2
        assert releases.policy == before
        act(message)
        assert releases.policy.history[-1].reason == message.reason
    releases.stop_canary("production")
    releases.rollback("production")
    releases.undo("production")
    releases.lock("staging", DEFAULT_A, force=True)


def test_who_wants_a_reason_is_a_rule_of_the_policy(releases: Releases) -> None:
    releases.rule_reason("staging", needs_reason=True)
    with pytest.raises(ReasonMissing, match="staging wants a reason"):
        releases.lock("staging", DEFAULT_A, force=True)
    releases.lock("staging", DEFAULT_A, force=True, author=WHY)
    assert releases.environment("staging").wants_reason, "a lock keeps the rule"
    with pytest.raises(ReasonMissing, match="production wants a reason"):
        releases.rule_reason("production", needs_reason=False)
    releases.rule_reason("production", needs_reason=False, author=WHY)
    releases.lock("production", DEFAULT_B, force=True)
    last = releases.policy.history[-2]
    assert (last.event, last.before, last.after) == ("reason rule", "wanted", "not wanted")


def test_what_was_known_when_deciding_is_in_the_log(releases: Releases) -> None:
    releases.lock("production", DEFAULT_B, force=True, author=WHY, evidence="13 of 14 items, physics undecided")
    assert releases.log.latest(1)[0].facts["evidence"] == "13 of 14 items, physics undecided"


def test_undo_goes_back_to_the_value_before_and_once_more_to_where_it_was(releases: Releases) -> None:
    with pytest.raises(NothingToUndo, match="nothing to undo in test"):
        releases.undo("test")
    releases.lock("test", ALIAS, force=True)
    releases.undo("test", author=Author("maria", "wrong one"))
    now = releases.environment("test")
    assert (now.model, now.previous) == (DEFAULT_B, ALIAS), "not the stable version, which is another verb"
    last = releases.policy.history[-1]
    assert (last.event, last.before, last.after, last.reason) == ("undo", ALIAS, DEFAULT_B, "wrong one")
    releases.undo("test")
    assert (releases.environment("test").model, releases.environment("test").previous) == (ALIAS, DEFAULT_B)
    assert events(releases) == ["undo refused", "lock", "undo", "undo"]
    assert "retirement" in releases.log.latest(1)[0].facts, "flagged, not refused"


def test_undo_is_refused_while_a_canary_runs_and_when_somebody_was_first(releases: Releases) -> None:
    releases.lock("test", DEFAULT_A, force=True)
    with pytest.raises(ChangedMeanwhile):
        releases.undo("test", author=Author(expected=0))
    releases.start_canary("test", DEFAULT_B, force=True)
    with pytest.raises(CanaryRuns, match="stop it, or roll back"):
        releases.undo("test")
    with pytest.raises(UnknownEnvironment):
        releases.undo("nowhere")
    assert releases.environment("test").model == DEFAULT_A


def test_a_rollback_that_ends_only_a_canary_forgets_nothing_that_can_be_undone(releases: Releases) -> None:
    releases.lock("test", DEFAULT_A, force=True)
    releases.start_canary("test", DEFAULT_B, force=True)
    releases.rollback("test")
    assert (releases.environment("test").model, releases.environment("test").previous) == (DEFAULT_A, DEFAULT_B)
    releases.undo("test")
    assert releases.environment("test").model == DEFAULT_B


def test_a_clock_that_went_back_keeps_the_canary_where_it_is(releases: Releases, clock: Clock) -> None:
    releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    clock.now -= 100 * HOUR_S
    with pytest.raises(StepRefused, match=r"The clock stands 100\.0 h before the step began"):
        releases.step_canary("production", stands(releases), author=WHY)
    assert releases.log.verify().clock_steps == (2,)
    assert releases.log.verify().is_intact


def test_a_decision_that_is_due_for_more_than_48_h_is_overdue(releases: Releases, clock: Clock) -> None:
    releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    clock.now += 47 * HOUR_S
    assert not stands(releases).is_overdue
    clock.now += 2 * HOUR_S
    assert stands(releases).is_overdue


def test_of_two_who_decided_on_the_same_revision_one_wins_and_the_other_is_told(releases: Releases) -> None:
    seen = releases.policy.revision
    releases.lock("test", DEFAULT_A, force=True, author=Author("first", expected=seen))
    with pytest.raises(ChangedMeanwhile, match=r"revision 0, now 1.*load it again"):
        releases.lock("test", ALIAS, force=True, author=Author("second", expected=seen))
    assert releases.environment("test").model == DEFAULT_A


def test_the_policy_keeps_the_last_changes_and_the_log_all(releases: Releases) -> None:
    for number in range(HISTORY_LIMIT + 3):
        releases.switch("test", "latest" if number % 2 else "stable")
    assert len(releases.policy.history) == HISTORY_LIMIT
    assert releases.log.count == HISTORY_LIMIT + 3
    assert releases.policy.revision == HISTORY_LIMIT + 3
