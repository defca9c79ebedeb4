"""The scheduler: what it looks after goes on whatever one round does, and a canary is rolled back with nobody there."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import Origin
from sora_compare.errors import UsageError
from sora_compare.evidence.observations import OUTCOME
from sora_compare.releases.policy.opening import open_governance
from sora_compare.releases.scheduler import Scheduler
from tests.releases.conftest import WHY
from tests.simulation import wait_until

if TYPE_CHECKING:
    import pytest

    from sora_compare.settings import Settings
    from sora_compare.store.store import Store

OFTEN_S = 0.02


def test_a_round_that_fails_does_not_end_the_others(caplog: pytest.LogCaptureFixture) -> None:
    seen = threading.Semaphore(0)

    def refuses() -> None:
        raise UsageError("The budget of the day is spent.")

    def breaks() -> None:
        raise ValueError("something nobody thought of")

    scheduler = Scheduler(refuses, breaks, seen.release, every_s=OFTEN_S)
    with caplog.at_level(logging.WARNING, logger="sora_compare.releases"):
        scheduler.start()
        assert all(seen.acquire(timeout=20) for _ in range(3))
        scheduler.stop()
    assert "The budget of the day is spent." in caplog.messages
    assert any("A round of the scheduler failed" in message for message in caplog.messages)


def test_a_scheduler_that_was_never_started_can_be_stopped() -> None:
    Scheduler().stop()


def test_a_broken_rail_rolls_a_canary_back_with_nobody_there(settings: Settings, store: Store) -> None:
    governance = open_governance(settings, store=store)
    releases = governance.releases
    releases.lock("production", DEFAULT_A, force=True, author=WHY)
    releases.start_canary("production", DEFAULT_B, force=True, author=WHY)
    scheduler = Scheduler(governance.monitor.check_all, every_s=OFTEN_S)
    scheduler.start()
    try:
        for _ in range(40):
            for model, is_completed in ((DEFAULT_A, True), (DEFAULT_B, False)):
                details = {"environment": "production", "model": model, "is_completed": is_completed}
                store.audit(OUTCOME, **details, origin=Origin.LIVE)
        wait_until(lambda: releases.environment("production").canary is None, limit_s=30)
    finally:
        scheduler.stop()
    (found,) = releases.log.of_event("canary rolled back")
    assert found.facts["by"] == "guard rail"
    assert releases.environment("production").model == DEFAULT_A
