"""The drift watch with several tabs and processes at once: one paid run, one schedule."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.releases.drift.schedule import SCHEDULED, Schedule, ScheduleChanged
from sora_compare.releases.drift.watch import REPEATS, drift_suite
from tests.simulation import Simulation, endpoint_at, wait_until
from tests.suites.child import PATIENT

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.services import Services
    from tests.conftest import OpenServices

CLIPS = 2 * REPEATS * len(drift_suite().prompts)
READY_S = 12.0
"""In which every process has opened the data folder, also on a busy machine."""


@pytest.fixture
def idle(opened: OpenServices, simulation: Simulation) -> Services:
    """Services whose takes nobody carries."""
    return opened(endpoint_at(simulation.base_url), with_runner=False, retry_policy=PATIENT, timeouts=Timeouts())


def at_once(home: Path, base_url: str, *words: str) -> list[str]:
    """What came of each word, each in a process of its own, all at the same moment."""
    moment = str(time.time() + READY_S)
    command = [sys.executable, "-m", "tests.releases.drift.drift_child", str(home), base_url]
    processes = [
        subprocess.Popen([*command, word, moment], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for word in words
    ]
    sentences = [one.communicate(timeout=90) for one in processes]
    assert all(one.returncode == 0 for one in processes), sentences
    return [out.strip() for out, _ in sentences]


@pytest.mark.heavy
def test_processes_that_start_and_a_schedule_that_is_due_make_one_paid_run(
    idle: Services, simulation: Simulation
) -> None:
    idle.drift.set_schedule(Schedule(ALIAS, "lab"))
    message = at_once(idle.settings.home, simulation.base_url, "start", "follow", "start", "follow", "start", "follow")
    (run,) = idle.store.suite_runs.list()
    assert set(message) == {run.id, "followed"}
    assert len(idle.suites.takes_of(run)) == len(list(idle.store.takes.list())) == CLIPS
    assert idle.drift.open_run(ALIAS, "lab") == run


@pytest.mark.heavy
def test_of_processes_that_set_the_schedule_at_once_one_wins_and_the_others_are_told(
    idle: Services, simulation: Simulation
) -> None:
    message = at_once(idle.settings.home, simulation.base_url, "3600", "7200", "10800")
    assert sorted(message) == ["refused", "refused", "set"]
    (entry,) = idle.store.audit_log.of_event(SCHEDULED)
    assert idle.drift.schedule == Schedule(**entry.facts)


def test_two_tabs_that_look_now_share_one_run(idle: Services) -> None:
    gate, found = threading.Barrier(4), []

    def look() -> None:
        gate.wait()
        found.append(idle.drift.start(ALIAS, "lab").id)

    tabs = [threading.Thread(target=look) for _ in range(4)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(list(idle.store.takes.list())) == CLIPS


def test_two_threads_follow_one_due_schedule_with_one_run(idle: Services) -> None:
    idle.drift.set_schedule(Schedule(ALIAS, "lab"))
    gate = threading.Barrier(4)

    def follow() -> None:
        gate.wait()
        idle.drift.follow_schedule()

    threads = [threading.Thread(target=follow) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(list(idle.store.suite_runs.list())) == 1
    assert len(list(idle.store.takes.list())) == CLIPS


def test_a_schedule_is_replaced_only_by_who_saw_it(idle: Services) -> None:
    first, second = Schedule(ALIAS, "lab"), Schedule(DEFAULT_A, "lab", 7200.0)
    idle.drift.replace_schedule(None, first)
    with pytest.raises(ScheduleChanged, match="The schedule of the drift watch was changed by somebody else"):
        idle.drift.replace_schedule(None, second)
    idle.drift.replace_schedule(None, first)  # the same choice twice is no conflict
    idle.drift.replace_schedule(first, second)
    with pytest.raises(ScheduleChanged):
        idle.drift.replace_schedule(first, None)
    assert idle.drift.schedule == second
    assert [one.facts["alias"] for one in idle.store.audit_log.of_event(SCHEDULED)] == [ALIAS, DEFAULT_A]


@pytest.mark.heavy
def test_a_dated_snapshot_is_watched_with_both_arms(opened: OpenServices, simulation: Simulation) -> None:
    services = opened(endpoint_at(simulation.base_url), retry_policy=PATIENT, timeouts=Timeouts())
    watch, prompts = services.drift, len(drift_suite().prompts)
    assert len(watch.preview(DEFAULT_A, "lab").takes) == CLIPS
    run = watch.start(DEFAULT_A, "lab")
    wait_until(lambda: not watch.takes_left(run), limit_s=120)
    first = watch.conclude(run)
    assert (first.alias, first.expected, first.is_baseline) == (DEFAULT_A, DEFAULT_A, True)
    assert first.takes == 2 * REPEATS * prompts, "the snapshot means itself: both arms are evidence"
    assert watch.open_run(ALIAS, "lab") is None
    simulation.faults({"on": "create", "fault": "status", "code": 400})
    again = watch.start(DEFAULT_A, "lab")
    wait_until(lambda: not watch.takes_left(again), limit_s=120)
    second = watch.conclude(again)
    assert second.baseline == run.id
    assert any("16 of 16 takes failed; 0 of 16 at the baseline" in one for one in second.alarms)


def test_a_dated_snapshot_is_previewed_and_scheduled(idle: Services) -> None:
    arms = idle.drift.preview(DEFAULT_B, "lab").run.arms
    assert [one.model for one in arms] == [DEFAULT_B, DEFAULT_B]
    idle.drift.set_schedule(Schedule(DEFAULT_B, "lab"))
    assert idle.drift.schedule == Schedule(DEFAULT_B, "lab")
