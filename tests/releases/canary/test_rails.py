"""Canaries: routing by key, guard rails, and every order of events that people and clocks can make."""

from __future__ import annotations

import itertools
import random
import re
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from benchmarks.canary import Setting, simulated_reviews, simulated_takes
from sora_compare.domain.canaries import HOUR_S, STEPS, Canary, bucket, canary_status, uses_candidate
from sora_compare.domain.guard_rails import (
    GuardRails,
    Observation,
    Observed,
    Rail,
)
from sora_compare.domain.policies import DEFAULT_VERSIONS, Environment, Policy
from sora_compare.domain.reviews import ASKED
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.evidence.observations import ScoreGap
from sora_compare.releases.canary.power import noticed_after
from sora_compare.releases.canary.rails import false_alarms_each, readings
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.repository import PolicyInStore
from sora_compare.releases.refusals import CanaryRuns, NoCanary, RailBroken, StepRefused
from sora_compare.releases.routing import Router
from sora_compare.statistics.estimators.e_process import evidence
from sora_compare.store.store import open_store
from tests.releases.conftest import NOVEMBER, WHY, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.errors import SoraCompareError

MANY = 100_000
CALM = GuardRails()


def canary(share: int, salt: str = "s") -> Canary:
    return Canary(DEFAULT_B, share, salt, 0.0, 0.0)


class Still:
    """A place whose policy is given."""

    def __init__(self, share: int | None, salt: str = "s") -> None:
        there = Environment("production", DEFAULT_A, canary=None if share is None else canary(share, salt))
        self._policy = Policy(dict(DEFAULT_VERSIONS), {"production": there})
        self.registry: Any = None

    def read_cached(self) -> Policy:
        return self._policy

    read = read_cached

    def write(self, *_: object) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("share", STEPS)
@pytest.mark.parametrize("salt", ["a1b2", "f00d"])
def test_the_share_of_keys_is_within_one_point(share: int, salt: str) -> None:
    router = Router(Still(share, salt))
    on_candidate = sum(router.model_for("production", f"user-{n}") == DEFAULT_B for n in range(MANY))
    assert abs(on_candidate / MANY - share / 100) < 0.01


@settings(deadline=None)
@given(st.text(st.characters(codec=None)), st.text(alphabet="0123456789abcdef", max_size=16))
def test_a_key_stays_where_it_is_and_a_wider_share_never_takes_it_back(key: str, salt: str) -> None:
    routed = []
    for share in STEPS:
        answers = {Router(Still(share, salt)).model_for("production", key) for _ in range(2)}
        assert answers == {DEFAULT_B if uses_candidate(canary(share, salt), key) else DEFAULT_A}
        routed.append(answers.pop() == DEFAULT_B)
    assert routed == sorted(routed)
    assert routed[-1]
    assert 0 <= bucket(salt, key) < 1


def test_the_buckets_are_the_same_for_ever() -> None:
    assert [round(bucket("salt", f"user-{n}"), 6) for n in range(3)] == [0.988177, 0.100132, 0.702366]


def test_buckets_are_uniform_and_salts_choose_other_keys() -> None:
    first = [bucket("a", str(n)) for n in range(5000)]
    second = [bucket("b", str(n)) for n in range(5000)]
    assert scipy.stats.kstest(first, "uniform").pvalue > 0.001
    assert abs(statistics.correlation(first, second)) < 0.05


def test_without_a_key_or_a_canary_the_answer_is_the_lock() -> None:
    assert Router(Still(100)).model_for("production") == DEFAULT_A
    assert Router(Still(None)).model_for("production", "user") == DEFAULT_A


def takes(
    base: tuple[int, int], candidate: tuple[int, int], seconds: tuple[float, float] = (40.0, 40.0)
) -> list[Observation]:
    """Observations of both models, spread evenly over the time: (asked, completed) and seconds of each."""
    found = []
    for is_candidate, (asked, completed) in enumerate((base, candidate)):
        for number in range(asked):
            is_completed = number * completed // asked < (number + 1) * completed // asked
            at = (number + 0.5 + is_candidate / 1000) / asked
            took = seconds[is_candidate] + number % 3
            found.append(Observation(at, bool(is_candidate), is_completed, took if is_completed else None))
    return found


def scores(base: tuple[int, ...], candidate: tuple[int, ...], reviewers: int = 2) -> list[ScoreGap]:
    """Reviews of pairs by so many reviewers, each a little stricter than the one before."""
    return [
        ScoreGap(str(pair), str(who), one - 0.5 * who, other - 0.5 * who)
        for pair, (one, other) in enumerate(zip(base, candidate, strict=True))
        for who in range(reviewers)
    ]


MIXED = (8, 9, 8, 7, 9, 8, 7, 8, 9, 8, 7, 9)


@pytest.mark.parametrize(
    ("observations", "gaps", "rail", "is_broken", "is_enough"),
    [
        (takes((100, 99), (100, 75)), (), Rail.OUTCOMES, True, True),
        (takes((100, 99), (100, 95)), (), Rail.OUTCOMES, False, True),
        (takes((19, 19), (100, 0)), (), Rail.OUTCOMES, True, True),  # few of the base, but beyond chance
        (takes((19, 19), (100, 99)), (), Rail.OUTCOMES, False, False),
        ([], (), Rail.OUTCOMES, False, False),
        (takes((20, 19), (20, 17)), (), Rail.OUTCOMES, False, True),  # 10 points, but chance is likely
        (takes((30, 30), (30, 30), (40, 60)), (), Rail.TIMINGS, True, True),
        (takes((30, 30), (30, 30), (40, 45)), (), Rail.TIMINGS, False, True),
        (takes((30, 30), (1, 1), (40, 60)), (), Rail.TIMINGS, False, False),
        ([], scores(MIXED, tuple(one - 4 + one % 2 for one in MIXED)), Rail.SCORES, True, True),
        ([], scores(MIXED, tuple(one - 4 for one in MIXED)), Rail.SCORES, True, True),  # all alike, none by chance
        ([], scores(MIXED, tuple(one + 1 for one in MIXED)), Rail.SCORES, False, True),
        ([], scores(MIXED[:5], tuple(one - 4 for one in MIXED[:5])), Rail.SCORES, False, False),
        ([], scores((8,), (1,), reviewers=40), Rail.SCORES, False, False),  # one pair, however many look at it
    ],
)
def test_a_rail_breaks_when_its_limit_is_passed_and_chance_is_excluded(
    observations: list[Observation],
    gaps: list[ScoreGap],
    rail: Rail,
    is_broken: bool,  # noqa: FBT001  # a case's column
    is_enough: bool,  # noqa: FBT001  # a case's column
) -> None:
    (read,) = [one for one in readings(CALM, observations, gaps) if one.rail is rail]
    assert (read.is_broken, read.is_enough) == (is_broken, is_enough)
    assert read.sentence.endswith((".", "needed."))


def test_a_rail_that_is_off_is_not_read() -> None:
    off = GuardRails(failure_rise=None, slowdown=None, score_drop=None)
    assert readings(off, takes((100, 100), (100, 0))) == ()


@pytest.mark.parametrize(("share", "most"), [(0.1, 10), (0.5, 25)])
@pytest.mark.parametrize("base_rate", [0.02, 0.3])
def test_a_candidate_that_always_fails_is_soon_rolled_back(share: float, most: int, base_rate: float) -> None:
    """Within ten of its takes at 10 % of keys, where every canary begins."""
    for seed in range(20):
        dice = random.Random(seed)  # noqa: S311  # a repeatable draw
        seen: list[Observation] = []
        while not any(one.is_broken for one in readings(CALM, seen)):
            mine = dice.random() < share
            seen.append(Observation(len(seen), mine, not (mine or dice.random() < base_rate), 40.0))
            assert sum(one.is_candidate for one in seen) <= most, seed


def test_equal_models_are_seldom_rolled_back_however_often_somebody_looks() -> None:
    """All rails, looked at after every tenth take; the bound is 5 % of 80, and 2 more for chance."""
    ends = [
        _life(Setting(rate, share, seed=seed)) for seed in range(20) for rate in (0.02, 0.3) for share in (0.1, 0.5)
    ]
    assert sum(ends) <= 6
    assert len(ends) == 80


def _life(setting: Setting) -> bool:
    draw = np.random.default_rng(setting.seed)
    seen, reviews = simulated_takes(setting, 200, draw), simulated_reviews(draw)
    return any(one.is_broken for n in range(10, 201, 10) for one in readings(CALM, seen[:n], reviews[: n * 60 // 200]))


def test_a_load_that_rises_while_the_share_widens_is_no_evidence() -> None:
    """Most of the candidate's takes come late, when everybody's fail more often and take longer."""
    broken = 0
    for seed in range(30):
        dice = random.Random(seed)  # noqa: S311  # a repeatable draw
        seen = [
            Observation(
                n, dice.random() < 0.1 + 0.4 * n / 400, dice.random() > n / 1000, (40 + n) * dice.uniform(0.8, 1.2)
            )
            for n in range(400)
        ]
        broken += any(one.is_broken for one in readings(CALM, seen))
    assert broken <= 3


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=10, max_size=10))
@settings(max_examples=60, deadline=None)
def test_the_evidence_of_a_block_is_one_on_average_over_all_assignments(block: list[tuple[int, bool]]) -> None:
    values = [float(value) for value, _ in block]
    picked = sum(mine for _, mine in block)
    every = [[place in chosen for place in range(10)] for chosen in itertools.combinations(range(10), picked)]
    assert statistics.fmean(evidence(values, labels) for labels in every) == pytest.approx(1)


class CanaryOrders(RuleBasedStateMachine):
    """Any order of starts, steps, stops, rollbacks, locks, broken rails and clock jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.clock = Clock(NOVEMBER)
        self.store = open_store(Path(self.folder) / "records")
        policies = PolicyInStore(self.store, Path(self.folder))
        self.releases = Releases(policies, self.store.audit_log, self.clock)
        self.router = Router(policies)
        self.base, self.share, self.candidate = DEFAULT_A, 0, ""
        self.step_started = 0.0
        self.on_candidate: set[str] = set()
        self.written = 0

    def teardown(self) -> None:
        assert self.store.audit_log.verify().is_intact
        self.store.close()
        shutil.rmtree(self.folder)

    def other(self) -> str:
        return DEFAULT_B if self.base == DEFAULT_A else DEFAULT_A

    def expect(self, kind: type[SoraCompareError], act: Callable[[], object]) -> None:
        self.written += 1
        with pytest.raises(kind):
            act()

    def end(self) -> None:
        self.share, self.candidate, self.on_candidate = 0, "", set()

    @rule(hours=st.sampled_from([-30, 1, 23, 24, 48, 60]))
    def time_goes(self, hours: int) -> None:
        self.clock.now += hours * HOUR_S

    @rule()
    def start(self) -> None:
        act = lambda: self.releases.start_canary("production", self.other(), force=True, author=WHY)  # noqa: E731  # passed twice
        if self.share:
            self.expect(CanaryRuns, act)
            return
        act()
        self.written += 1
        self.share, self.candidate, self.step_started = 10, self.other(), self.clock.now

    @rule(has_verdict=st.booleans(), is_broken=st.booleans(), has_seen=st.booleans(), force=st.booleans())
    def step(self, has_verdict: bool, is_broken: bool, has_seen: bool, force: bool) -> None:  # noqa: FBT001  # drawn
        there = self.releases.environment("production").canary or canary(10)
        read = readings(CALM, takes((100, 100), (100, 50 if is_broken else 100)) if has_seen else [])
        words = dict.fromkeys(ASKED, "better") if has_verdict else {}
        found = canary_status(there, self.clock.now, read, words, ASKED)
        act = lambda: self.releases.step_canary("production", found, force=force, author=WHY)  # noqa: E731  # passed twice
        is_over = self.clock.now - self.step_started >= 24 * HOUR_S
        if not self.share:
            self.expect(NoCanary, act)
        elif is_broken and has_seen:
            self.expect(RailBroken, act)
        elif not (force or (has_verdict and has_seen and is_over)):
            self.expect(StepRefused, act)
        else:
            act()
            self.written += 1
            self.step_started = self.clock.now
            if self.share == 100:
                self.base = self.candidate
                self.end()
            else:
                self.share = STEPS[STEPS.index(self.share) + 1]

    @rule()
    def stop(self) -> None:
        if not self.share:
            self.expect(NoCanary, lambda: self.releases.stop_canary("production"))
            return
        self.releases.stop_canary("production")
        self.written += 1
        self.end()

    @rule()
    def rollback(self) -> None:
        self.releases.rollback("production")
        self.written += 1
        self.base = DEFAULT_A
        self.end()

    @rule()
    def lock(self) -> None:
        act = lambda: self.releases.lock("production", self.other(), force=True, author=WHY)  # noqa: E731  # passed twice
        if self.share:
            self.expect(CanaryRuns, act)
            return
        act()
        self.written += 1
        self.base = self.other()

    @precondition(lambda self: self.share)
    @rule()
    def rail_breaks(self) -> None:
        there = self.releases.environment("production").canary
        assert there is not None
        read = readings(CALM, takes((100, 100), (100, 50)))
        self.releases.roll_canary_back("production", canary_status(there, self.clock.now, read, {}, ASKED))
        self.written += 1
        self.end()

    @invariant()
    def the_policy_is_what_the_events_made_it(self) -> None:
        there = self.releases.environment("production")
        assert there.model == self.base
        assert (there.canary.share if there.canary else 0) == self.share
        assert self.store.audit_log.count == self.written

    @invariant()
    def keys_go_where_the_share_says_and_never_back(self) -> None:
        self.router.look()
        now = {key for key in map(str, range(40)) if self.router.model_for("production", key) == self.candidate}
        assert self.on_candidate <= now
        assert len(now) == 40 if self.share == 100 else len(now) < 40
        self.on_candidate = now if self.share else set()


TestCanaryOrders = CanaryOrders.TestCase
TestCanaryOrders.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize(("rate", "share"), [(0.10, 50), (0.20, 10)])
def test_the_announced_number_of_takes_is_about_what_a_simulation_needs(rate: float, share: int) -> None:
    base = Observed(asked=1000, completed=round(1000 * (1 - rate)))
    message = noticed_after(CALM, share, base)[Rail.OUTCOMES]
    announced = int(re.search(r"about ([\d,]+) takes", message)[1].replace(",", ""))  # type: ignore[index]  # always there
    needed = 1 / false_alarms_each(CALM)
    seen = []
    for seed in range(20):
        takes = simulated_takes(Setting(rate, share / 100, failures=2.0), 6000, np.random.default_rng(seed))
        failed, mine = [float(not one.is_completed) for one in takes], [one.is_candidate for one in takes]
        blocks = next(n for n in range(1, 601) if n == 600 or evidence(failed[: 10 * n], mine[: 10 * n]) >= needed)
        seen.append(sum(mine[: 10 * blocks]))
    assert 0.5 * statistics.median(seen) <= announced <= 2 * statistics.median(seen)


def test_a_fault_within_the_limits_is_announced_as_such() -> None:
    message = noticed_after(GuardRails(failure_rise=0.2, slowdown=2.0, score_drop=None), 10, Observed())
    assert message[Rail.OUTCOMES] == "A doubled failure rate, 5 to 10 %, stays within the limit."
    assert message[Rail.TIMINGS] == "A slowdown of 1.5 stays within the limit."
    assert not noticed_after(GuardRails(None, None, 0.5), 10, Observed())
