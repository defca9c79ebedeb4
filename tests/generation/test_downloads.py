"""What a download may cost: nothing too large or too slow is fetched, and nothing that is too large twice."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import pytest
from starlette.responses import Response, StreamingResponse

from sora_compare.domain.takes import TakeState
from tests.endpoints.scripted import ScriptedServer
from tests.generation.asking import ask, ended
from tests.generation.test_faults_and_refusals import DONE, QUEUED
from tests.simulation import QUICK, endpoint_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from tests.conftest import OpenServices

CHUNK = b"x" * 65_536


class ContentServer(ScriptedServer):
    """Finishes every job at once and sends CHUNK without end, or a byte now and then."""

    def __init__(self, *, length: int | None = None, gap_s: float | None = None) -> None:
        self.sent = 0
        self._length, self._gap_s = length, gap_s
        super().__init__(QUEUED, (DONE,))

    async def _on_content(self, _: Request) -> Response:
        self.content_requests += 1
        headers = {} if self._length is None else {"content-length": str(self._length)}
        return StreamingResponse(self._chunks(), headers=headers, media_type="video/mp4")

    async def _chunks(self) -> AsyncIterator[bytes]:
        for _ in range(1000):
            chunk = CHUNK if self._gap_s is None else b"x"
            self.sent += len(chunk)
            yield chunk
            await asyncio.sleep(self._gap_s or 0.0)


@pytest.mark.parametrize("length", [20_000_000_000, None])
def test_a_clip_that_is_too_large_is_not_fetched_twice(opened: OpenServices, length: int | None) -> None:
    with ContentServer(length=length) as server:
        services = opened(endpoint_at(server.base_url), with_runner=False)
        services.files.max_bytes = 1_000_000
        services.runner.start()
        takes = ended(services, ask(services))
        services.close()
    assert [take.state for take in takes] == [TakeState.NOT_SAVED] * 2
    assert all(take.problem and "accepted for one clip" in take.problem.sentence for take in takes)
    assert server.content_requests == 2, "once for each arm"
    assert not list(services.files.root.glob("incoming/*"))


@pytest.mark.parametrize(("limits", "words"), [
    ({"slow_s": 0.3, "fetch_tries": 2}, "bytes a second"), ({"download_s": 0.5}, "downloading took over"),
])  # fmt: skip
def test_a_download_that_never_ends_is_given_up(opened: OpenServices, limits: dict[str, float], words: str) -> None:
    retry_policy = dataclasses.replace(QUICK, **limits)
    with ContentServer(gap_s=0.1) as server:
        services = opened(endpoint_at(server.base_url), retry_policy=retry_policy)
        takes = ended(services, ask(services))
        services.close()
    assert [take.state for take in takes] == [TakeState.NOT_SAVED] * 2
    assert all(take.problem and words in take.problem.sentence for take in takes)
