"""Running suites: order, repeats, resuming after kill -9, the money held back, and how much is left."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import Suite, SuitePrompt
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take, TakeState
from sora_compare.endpoints.profiles import capabilities_from
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.errors import RequestRefusedHere, UnknownRecord
from sora_compare.generation import limits as circuit_breaker
from sora_compare.generation.budget import Budget, OverBudget
from sora_compare.generation.submitter import CREATE_TRIES
from sora_compare.store.tables import arms, comparisons, tags, takes
from sora_compare.suites.running import left_s
from tests.simulation import endpoint_at, wait_until
from tests.suites.child import ARMS, PATIENT, PROMPTS, suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.services import Services
    from sora_compare.suites.running import Preview
    from tests.conftest import OpenServices
    from tests.simulation import Simulation

ROOT = Path(__file__).resolve().parents[2]
PRICED = {"seconds": (4, 8), "price": {"per_second": 0.1, "source": "test"}}


@pytest.fixture
def services(opened: OpenServices, simulation: Simulation) -> Services:
    return opened(endpoint_at(simulation.base_url), retry_policy=PATIENT, timeouts=Timeouts())


@pytest.fixture
def planner_only(opened: OpenServices, simulation: Simulation) -> Services:
    """Services that plan and send nothing."""
    return opened(priced(simulation.base_url), with_runner=False)


def priced(base_url: str) -> Endpoint:
    return endpoint_at(base_url, models={"*": capabilities_from(PRICED)})


def planned_prompts(services: Services) -> list[str]:
    """In the order in which their takes were planned."""
    takes = sorted(services.store.takes.list(), key=lambda one: one.moments.planned)
    return list(dict.fromkeys(take.request.prompt for take in takes))


class TestOrderAndRepeats:
    def test_the_seed_decides_the_order(self, opened: OpenServices, simulation: Simulation, tmp_path: Path) -> None:
        orders = []
        for number, seed in enumerate((7, 7, 8)):
            services = opened(endpoint_at(simulation.base_url), home=tmp_path / str(number), with_runner=False)
            services.suites.start(services.suites.preview(suite(), ARMS, seconds=4, size="1280x720", seed=seed))
            orders.append(planned_prompts(services))
        assert orders[0] == orders[1] != orders[2]
        assert sorted(orders[0]) == sorted(orders[2]) == sorted(one.prompt for one in suite().prompts)
        assert orders[0] != [one.prompt for one in suite().prompts]

    def test_repeats_of_the_run_and_of_one_prompt(self, services: Services, simulation: Simulation) -> None:
        two = Suite("two", (SuitePrompt(1, "a ball"), SuitePrompt(2, "a cat", repeats=3)))
        run = services.suites.start(services.suites.preview(two, ARMS, seconds=4, size="1280x720", repeats=2))
        wait_until(lambda: services.suites.progress(run).ended == 10)
        takes = services.suites.takes_of(run)
        assert len({(take.comparison_id, take.arm, take.repeat) for take in takes}) == len(takes) == 10
        assert {take.problem for take in takes} == {None}
        assert simulation.jobs_created == 10

    def test_a_row_that_an_arm_cannot_take_is_told_and_the_others_run(self, planner_only: Services) -> None:
        mixed = Suite("mixed", (SuitePrompt(5, "a ball"), SuitePrompt(6, "a cat", seconds=25)))
        run = planner_only.suites.start(planner_only.suites.preview(mixed, ARMS, seconds=4, size="1280x720"))
        assert [row.line for row in run.refused] == [6]
        assert "cannot make 25 s clips" in run.refused[0].sentence
        assert planner_only.suites.progress(run).takes == 2

    def test_nothing_is_kept_when_no_row_can_be_taken(self, planner_only: Services) -> None:
        with pytest.raises(RequestRefusedHere, match="cannot make 25 s clips"):
            planner_only.suites.start(planner_only.suites.preview(suite(), ARMS, seconds=25, size="1280x720"))
        assert not list(planner_only.store.suite_runs.list())
        assert not list(planner_only.store.comparisons.list())

    def test_finding_a_run(self, planner_only: Services) -> None:
        with pytest.raises(UnknownRecord):
            planner_only.suites.find()
        run = planner_only.suites.start(planner_only.suites.preview(suite(), ARMS, seconds=4, size="1280x720"))
        assert planner_only.suites.find() == planner_only.suites.find(run.id) == run

    def test_send_no_more_cancels_what_was_not_sent(self, opened: OpenServices, simulation: Simulation) -> None:
        one_at_a_time = endpoint_at(simulation.base_url, concurrency=1)
        services = opened(one_at_a_time, retry_policy=PATIENT, timeouts=Timeouts())
        run = services.suites.start(services.suites.preview(suite(), ARMS, seconds=4, size="1280x720"))
        wait_until(lambda: services.suites.progress(run).ended >= 2)
        assert services.suites.send_no_more(run) > 0
        wait_until(lambda: services.suites.progress(run).ended == PROMPTS * 2)
        states = services.suites.progress(run).by_state
        assert states[TakeState.COMPLETED] + states[TakeState.CANCELLED] == PROMPTS * 2
        assert simulation.jobs_created == states[TakeState.COMPLETED]


@contextmanager
def child(home: Path, base_url: str, mode: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.suites.child", str(home), base_url, mode]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class TestKilled:
    def test_in_the_middle_of_planning(self, opened: OpenServices, simulation: Simulation, tmp_path: Path) -> None:
        home = tmp_path / "home"
        monitor = opened(endpoint_at(simulation.base_url), home=home, with_runner=False)
        with child(home, simulation.base_url, "planning"):
            wait_until(lambda: len(list(monitor.store.comparisons.list())) >= PROMPTS // 3)
        left = monitor.suites.find()
        planned = len(list(monitor.store.comparisons.list()))
        assert planned < PROMPTS
        assert not left.is_planned
        services = opened(endpoint_at(simulation.base_url), home=home, retry_policy=PATIENT, timeouts=Timeouts())
        self._resumed_twice_at_once(services, left.id)
        run = services.suites.find(left.id)
        assert run.is_planned
        self._each_once(services, run.id, simulation)

    @pytest.mark.heavy
    def test_in_the_middle_of_running(self, opened: OpenServices, simulation: Simulation, tmp_path: Path) -> None:
        home = tmp_path / "home"
        monitor = opened(endpoint_at(simulation.base_url), home=home, with_runner=False)
        with child(home, simulation.base_url, "running"):
            wait_until(lambda: any(take.is_ended for take in monitor.store.takes.list()))
        services = opened(endpoint_at(simulation.base_url), home=home, retry_policy=PATIENT, timeouts=Timeouts())
        services.suites.resume(services.suites.find())
        self._each_once(services, services.suites.find().id, simulation)

    @staticmethod
    def _resumed_twice_at_once(services: Services, run_id: str) -> None:
        stale = services.suites.find(run_id)
        both = [threading.Thread(target=services.suites.resume, args=(stale,)) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()

    @staticmethod
    def _each_once(services: Services, run_id: str, simulation: Simulation) -> None:
        run = services.suites.find(run_id)
        wait_until(lambda: services.suites.progress(run).ended == PROMPTS * 2, limit_s=60)
        takes = services.suites.takes_of(run)
        assert len(takes) == len(list(services.store.takes.list())) == PROMPTS * 2
        assert len({(take.request.prompt, take.arm) for take in takes}) == PROMPTS * 2
        # A create that the kill cut off before it was sent stays ambiguous: nobody but a person may send it again.
        unsure = [take for take in takes if take.state is TakeState.AMBIGUOUS]
        assert {take.state for take in takes if take not in unsure} == {TakeState.COMPLETED}
        assert simulation.jobs_created == PROMPTS * 2 - len(unsure)


def fresh(services: Services) -> Preview:
    return services.suites.preview(suite(), ARMS, seconds=4, size="1280x720", is_fresh=True)


class TestMoney:
    def test_a_suite_over_budget_is_not_kept_at_all(self, planner_only: Services) -> None:
        planner_only.set_budget(Budget(run_dollars=1.0))
        with pytest.raises(OverBudget, match=r"\$9.60.*\$1.00 per run"):
            planner_only.suites.start(planner_only.suites.preview(suite(), ARMS, seconds=4, size="1280x720"))
        assert not list(planner_only.store.suite_runs.list())
        assert not list(planner_only.store.takes.list())

    def test_what_is_promised_and_not_planned_yet_counts(self, planner_only: Services) -> None:
        """Killed before its first comparison, a run still holds its money back for that day."""
        run = planner_only.suites.start(planner_only.suites.preview(suite(), ARMS, seconds=4, size="1280x720"))
        planner_only.set_budget(Budget(day_dollars=10.0))
        kept = planner_only.store
        for table in (takes, tags, arms, comparisons):
            kept.database.run(table.delete())
        kept.suite_runs.save(dataclasses.replace(run, is_planned=False))
        with pytest.raises(OverBudget, match=r"after \$9.60 already today"):
            planner_only.suites.start(
                planner_only.suites.preview(suite(), ARMS, seconds=4, size="1280x720", is_fresh=True)
            )
        assert planner_only.suites.resume(planner_only.suites.find(run.id)).is_planned

    def test_two_suites_started_at_once_cannot_pass_the_budget_together(self, planner_only: Services) -> None:
        planner_only.set_budget(Budget(day_dollars=10.0))
        outcomes: list[str] = []

        def start() -> None:
            try:
                planner_only.suites.start(
                    planner_only.suites.preview(suite(), ARMS, seconds=4, size="1280x720", is_fresh=True)
                )
                outcomes.append("started")
            except OverBudget:
                outcomes.append("refused")

        threads = [threading.Thread(target=start) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(outcomes) == ["refused", "refused", "refused", "started"]
        assert len(list(planner_only.store.takes.list())) == PROMPTS * 2


def take(endpoint: str, state: TakeState, started: float | None = None, ended: float | None = None) -> Take:
    return Take(
        id="take_x",
        comparison_id="cmp_x",
        arm=ArmLabel.A,
        endpoint=endpoint,
        origin=Origin.SIMULATED,
        request=ClipRequest("m", "p", ClipSettings(4, "1280x720")),
        fingerprint="f",
        moments=Moments(planned=0.0, submitting=started, ended=ended),
        state=state,
    )


class TestWhatIsLeft:
    def test_rounds_of_the_average_take(self) -> None:
        done = [take("e", TakeState.COMPLETED, 0, 10), take("e", TakeState.FAILED, 0, 20)]
        waiting = [take("e", TakeState.PLANNED)] * 4
        assert left_s([*done, *waiting], lambda _: 2, now=100) == 30

    def test_those_under_way_have_some_of_it_behind_them(self) -> None:
        takes = [take("e", TakeState.COMPLETED, 0, 10), take("e", TakeState.RUNNING, 96)]
        assert left_s(takes, lambda _: 4, now=100) == 6

    def test_the_slowest_endpoint_decides_and_an_unknown_one_leaves_it_open(self) -> None:
        quick = [take("quick", TakeState.COMPLETED, 0, 1), take("quick", TakeState.PLANNED)]
        slow = [take("slow", TakeState.COMPLETED, 0, 60), take("slow", TakeState.PLANNED)]
        assert left_s([*quick, *slow], lambda _: 1, now=100) == 60
        assert left_s([*quick, take("new", TakeState.PLANNED)], lambda _: 1, now=100) is None

    def test_at_the_end_and_at_the_start(self) -> None:
        assert left_s([take("e", TakeState.COMPLETED, 0, 10)], lambda _: 1, now=100) == 0
        assert left_s([take("e", TakeState.PLANNED)], lambda _: 1, now=100) is None


def test_a_suite_waits_for_an_endpoint_that_cannot_be_reached_until_it_is_there(
    opened: OpenServices, simulation: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "FIRST_OPEN_S", 0.01)
    monkeypatch.setattr(circuit_breaker, "LONGEST_OPEN_S", 0.05)
    nowhere = opened(endpoint_at("http://127.0.0.1:9/v1"), home=tmp_path / "home")
    run = nowhere.suites.start(nowhere.suites.preview(suite(), ARMS, seconds=4, size="1280x720"))
    wait_until(lambda: max(take.retries for take in nowhere.suites.takes_of(run)) > CREATE_TRIES)
    waiting = max(nowhere.suites.takes_of(run), key=lambda one: one.retries)
    assert nowhere.suites.progress(run).ended == 0
    assert f"Try {waiting.retries + 1} comes at" in (waiting.notice or "")
    nowhere.close()
    found = opened(endpoint_at(simulation.base_url), home=tmp_path / "home")
    wait_until(lambda: found.suites.progress(run).by_state == {TakeState.COMPLETED: 2 * PROMPTS})
