"""Slow work for one guest holds up nobody else: the event loop is free while it runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import anyio
import httpx2
import pytest

import app as launcher
from sora_compare import services as composition
from sora_compare.sessions import admission
from tests.sessions import stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.services import Services

LONG_S = 20.0


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    yield composition.services()
    composition.close_services()


def test_a_passphrase_is_compared_beside_the_event_loop(house: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    session = stock.new_session(house, stock.fill_paper_pairs(house, 1))
    _, token = house.sessions.admission.invite(session.id, passphrase="open")
    is_under_way, may_end = threading.Event(), threading.Event()
    ended_in_time = []

    def compare_slowly(_: str, __: str) -> bool:
        is_under_way.set()
        ended_in_time.append(may_end.wait(LONG_S))
        return True

    monkeypatch.setattr(admission, "is_passphrase", compare_slowly)

    async def ask() -> None:
        transport = httpx2.ASGITransport(launcher.app, client=("127.0.0.1", 50_000))
        async with (
            httpx2.AsyncClient(transport=transport, base_url="http://localhost") as web,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(lambda: web.post(f"/join/{token}", data={"name": "Ana", "passphrase": "open"}))
            await anyio.to_thread.run_sync(is_under_way.wait)
            answer = await web.get("/api/alive")
            assert answer.status_code == 200
            may_end.set()

    anyio.run(ask)
    assert ended_in_time == [True]
