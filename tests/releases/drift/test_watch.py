"""The alias-drift watch: what moves raises an alarm, and chance seldom does."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.guard_rails import Observed
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.releases.drift.rules import Measure, Sample, compared
from sora_compare.releases.drift.schedule import Schedule
from sora_compare.releases.drift.watch import DriftWatch, StillRunning, drift_suite
from sora_compare.releases.policy.opening import open_governance
from sora_compare.releases.refusals import UnknownSnapshot
from tests.simulation import Simulation, endpoint_at, wait_until
from tests.suites.child import PATIENT

if TYPE_CHECKING:
    from sora_compare.services import Services
    from tests.conftest import OpenServices

CLIPS = {(prompt, repeat): prompt for prompt in "abcd" for repeat in (0, 1)}
SAME = Observed(8, 8, (40.0, 41, 42, 43, 44, 45, 46, 47), (8.0, 8, 7, 9, 8, 8))


def sample(echoed: str = DEFAULT_B, observed: Observed = SAME, clips: dict[tuple[str, int], str] = CLIPS) -> Sample:
    return Sample(frozenset({echoed} if echoed else ()), observed, clips)


def moved(now: Sample, baseline: Sample | None = None) -> set[Measure]:
    return {one.measure for one in compared(baseline or sample(), now, DEFAULT_B) if one.has_moved}


def test_the_same_again_moves_nothing() -> None:
    assert moved(sample()) == set()
    assert all(one.has_moved is False for one in compared(sample(), sample(), DEFAULT_B))


@pytest.mark.parametrize(
    ("now", "measure"),
    [
        (sample(echoed="sora-2-2026-03-01"), Measure.MODEL),
        (sample(clips={**CLIPS, ("a", 0): "other"}), Measure.CLIPS),
        (sample(observed=Observed(8, 8, tuple(2 * one for one in SAME.total_s), SAME.scores)), Measure.TIMINGS),
        (sample(observed=Observed(8, 8, tuple(one / 2 for one in SAME.total_s), SAME.scores)), Measure.TIMINGS),
        (sample(observed=Observed(8, 1, SAME.total_s, SAME.scores)), Measure.OUTCOMES),
        (sample(observed=Observed(8, 8, SAME.total_s, (4.0, 5, 4, 5, 4))), Measure.SCORES),
    ],
)
def test_each_measure_raises_its_own_alarm(now: Sample, measure: Measure) -> None:
    assert moved(now) == {measure}


def test_a_server_that_never_repeats_itself_cannot_tell_by_its_clips() -> None:
    random_clips = {name: str(number) for number, name in enumerate(CLIPS)}
    found = {one.measure: one for one in compared(sample(clips=random_clips), sample(), DEFAULT_B)}
    assert found[Measure.CLIPS].has_moved is None
    assert "do not always give the same clip" in found[Measure.CLIPS].sentence


def test_too_little_is_said_and_is_no_alarm() -> None:
    found = compared(sample(), Sample(frozenset(), Observed(2, 0), {}), DEFAULT_B)
    assert {one.has_moved for one in found} == {None}


def test_another_model_than_the_registry_says_is_told() -> None:
    (first, *_) = compared(sample(DEFAULT_A), sample(DEFAULT_A), DEFAULT_B)
    assert f"The registry says {DEFAULT_B}." in first.sentence


def test_chance_alone_seldom_raises_an_alarm() -> None:
    """Samples of one server: at 1 % per measure, three measures, far fewer than 15 of 200."""
    dice = random.Random(5)  # noqa: S311  # nothing secret depends on it

    def draw() -> Sample:
        times = tuple(dice.lognormvariate(3.7, 0.25) for _ in range(8))
        scores = tuple(float(dice.randint(5, 9)) for _ in range(8))
        return sample(observed=Observed(8, sum(dice.random() < 0.97 for _ in range(8)), times, scores))

    assert sum(bool(moved(draw(), draw())) for _ in range(200)) < 15


@pytest.fixture
def services(opened: OpenServices, simulation: Simulation) -> Services:
    return opened(endpoint_at(simulation.base_url), retry_policy=PATIENT, timeouts=Timeouts())


@pytest.mark.heavy
def test_the_watch_runs_the_suite_against_the_alias_and_compares(services: Services, simulation: Simulation) -> None:
    releases = open_governance(services.settings, store=services.store).releases
    watch = DriftWatch(services.store, services.suites, releases)
    assert watch.is_due(ALIAS, "lab")
    with pytest.raises(UnknownSnapshot, match="no snapshot “sora-9”"):
        watch.start("sora-9", "lab")
    preview = watch.preview(ALIAS, "lab")
    assert (len(preview.takes), watch.open_run(ALIAS, "lab")) == (4 * len(drift_suite().prompts), None)
    started = watch.start(ALIAS, "lab")
    assert watch.open_run(ALIAS, "lab") == services.suites.find(started.id)
    with pytest.raises(StillRunning):
        watch.conclude(started)
    wait_until(lambda: not watch.takes_left(started), limit_s=120)
    first = watch.conclude(started)
    assert (first.is_baseline, first.takes, first.expected) == (True, 2 * len(drift_suite().prompts), DEFAULT_B)
    assert {take.request.model for take in services.suites.takes_of(started) if take.arm is ArmLabel.A} == {ALIAS}
    assert watch.open_run(ALIAS, "lab") is None
    assert not watch.is_due(ALIAS, "lab")
    assert watch.last_run(ALIAS, "lab") == services.suites.find(started.id)
    jobs = simulation.jobs_created
    again = watch.start(ALIAS, "lab")
    wait_until(lambda: not watch.takes_left(again), limit_s=120)
    second = watch.conclude(again)
    assert second.baseline == started.id
    reported = watch.last_report(ALIAS, "lab")
    assert reported is not None
    assert reported["unclear"] == [one.measure for one in second.findings if one.has_moved is None]
    assert reported["takes"] == second.takes
    assert simulation.jobs_created == 2 * jobs  # never from the cache
    assert len(second.findings) == len(Measure)
    assert Measure.MODEL not in {one.measure for one in second.findings if one.has_moved}
    assert watch.conclude(again).findings == second.findings, "asked twice, told twice, logged once"
    assert watch.conclude(again, is_new_baseline=True).is_baseline
    lines = list(releases.log.of_event("drift"))
    assert [one.facts["run"] for one in lines] == [first.run, second.run, second.run]


@pytest.mark.heavy
def test_a_schedule_starts_concludes_and_waits(services: Services, simulation: Simulation) -> None:
    watch = services.drift
    assert (watch.schedule, watch.follow_schedule()) == (None, None)
    with pytest.raises(UnknownSnapshot):
        watch.set_schedule(Schedule("sora-9", "lab"))
    watch.set_schedule(Schedule(ALIAS, "lab", every_s=3600))
    assert watch.follow_schedule() is None
    run = watch.last_run(ALIAS, "lab")
    assert run is not None
    wait_until(lambda: not watch.takes_left(run), limit_s=120)
    report = watch.follow_schedule()
    assert report is not None
    assert (report.run, report.is_baseline) == (run.id, True)
    jobs = simulation.jobs_created
    assert watch.follow_schedule() is None
    assert simulation.jobs_created == jobs, "it is not due again for an hour"
    found = watch.last_report(ALIAS, "lab")
    assert found is not None
    assert (found["run"], found["alarms"]) == (run.id, [])
    watch.set_schedule(None)
    assert watch.schedule is None
