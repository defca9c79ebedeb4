"""Pictures and measurements that an earlier process did not come to: made while nothing else is under way."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from sora_compare.errors import SoraCompareError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.takes import Take
    from sora_compare.generation.postprocessor import Postprocessor
    from sora_compare.storage.store import Store

GAP_S = 10.0
"""Between two looks for clips that another process kept, such as imported ones."""
OVERLAP_S = 600.0
"""A later look goes back this much further than the look before: other machines' clocks, slow writes."""

log = logging.getLogger(__name__)


class PostprocessingBacklog:
    """Looks through all takes when it starts, and through the newest ones now and then; one clip at a time."""

    def __init__(self, store: Store, postprocessor: Postprocessor, is_idle: Callable[[], bool]) -> None:
        self._store = store
        self._postprocessor = postprocessor
        self._is_idle = is_idle
        self._task: asyncio.Task[None] | None = None
        self._looked_at: float | None = None
        self._next_look = 0.0

    def continue_when_idle(self) -> None:
        """Look again if it is time to; call it in every round of a runner that holds the lease."""
        is_running = self._task is not None and not self._task.done()
        if is_running or not self._is_idle() or time.monotonic() < self._next_look:
            return
        self._task = asyncio.create_task(self._catch_up())

    def stop(self) -> None:
        """End; what is left is made by the next runner."""
        if self._task:
            self._task.cancel()

    async def _catch_up(self) -> None:
        started = time.time()
        try:
            for take_id in await asyncio.to_thread(self._due):
                if not self._is_idle():
                    return  # what is left is looked for again
                await self._one(take_id)
            self._looked_at = started
        except SoraCompareError as error:
            log.warning("pictures and measurements wait for the next look: %s", error)
        finally:
            self._next_look = time.monotonic() + GAP_S

    def _due(self) -> list[str]:
        """Takes that lack something, the newest first."""
        since = self._looked_at
        takes = self._store.takes() if since is None else self._store.takes_since(since - OVERLAP_S)
        due = [take for take in takes if self._postprocessor.is_due(take)]
        return [take.id for take in sorted(due, key=_planned, reverse=True)]

    async def _one(self, take_id: str) -> None:
        try:
            await self._postprocessor.postprocess(self._store.take(take_id))
        except SoraCompareError as error:
            log.warning("take %s stays without pictures for now: %s", take_id, error)


def _planned(take: Take) -> float:
    return take.moments.planned
