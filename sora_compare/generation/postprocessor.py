"""After a clip is saved: what pages show beside it, and what only a decode of the whole clip tells."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from sora_compare.clips.files import POSTER, PREVIEW, SPRITE
from sora_compare.domain.clips import measured, needs_preview
from sora_compare.domain.takes import TakeState
from sora_compare.errors import ClipError, Conflict, SoraCompareError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sora_compare.clips.decoding.worker import ClipWorker
    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.clips import Clip
    from sora_compare.domain.takes import Take
    from sora_compare.generation.clip_downloader import ClipDownloader
    from sora_compare.generation.take_repository import TakeRepository
    from sora_compare.store.store import Store

PAIR_LIMIT_S, FETCH_LIMIT_S, LOOK_S = 5.0, 30.0, 0.25
"""How long a clip's pictures wait for the other clips of its comparison, for all that are being fetched, and between
two looks."""

log = logging.getLogger(__name__)


class Postprocessor:
    """Poster, hover thumbnails, loudness and flashes, and a preview where the browser needs one."""

    def __init__(
        self, repository: TakeRepository, files: ClipFiles, worker: ClipWorker, downloader: ClipDownloader | None = None
    ) -> None:
        self._repository = repository
        self._files = files
        self._worker = worker
        self._downloader = downloader
        self._failed: set[str] = set()

    def is_due(self, take: Take) -> bool:
        """Whether the take's clip lacks pictures or measurements, and this process has not failed to make them."""
        clip = take.clip
        if take.state is not TakeState.COMPLETED or clip is None or clip.sha256 in self._failed:
            return False
        return self._files.has(clip.sha256) and (clip.has_flashes is None or bool(self._lacking(clip)))

    async def postprocess(self, take: Take) -> Take:
        """Make what is missing; a clip that resists is shown without, and the take stays completed."""
        if not self.is_due(take):
            return take
        await self._leave_the_way_free(take)
        take = self._repository.store.takes.get(take.id)
        if not self.is_due(take) or take.clip is None:
            return take
        is_whole = await self._succeeds(take.clip, self._pictures(take.clip))
        if take.clip.has_flashes is None:
            is_whole &= await self._succeeds(take.clip, self._measure(take, take.clip))
        if not is_whole:
            self._failed.add(take.clip.sha256)
        return self._repository.store.takes.get(take.id)

    async def _succeeds(self, clip: Clip, step: Awaitable[None]) -> bool:
        try:
            await step
        except ClipError as error:
            log.warning("clip %s is shown without thumbnails or measurements: %s", clip.sha256, error)
            return False
        return True

    async def _measure(self, take: Take, clip: Clip) -> None:
        measurements = await self._worker.measure(self._files.path(clip.sha256))
        try:
            self._repository.save(take, clip=measured(clip, measurements))
        except Conflict:
            log.info("take %s was changed meanwhile; it is measured at the next look", take.id)

    async def _leave_the_way_free(self, take: Take) -> None:
        """Decoding a clip for its thumbnails would hold up the clips that somebody is waiting for."""
        started = time.monotonic()
        # Others may be carried by another process: there is nothing to wait for but the store.
        while self._is_in_the_way(take, time.monotonic() - started):  # noqa: ASYNC110  # see above
            await asyncio.sleep(LOOK_S)

    def _is_in_the_way(self, take: Take, waited_s: float) -> bool:
        if self._downloader and self._downloader.under_way and waited_s < FETCH_LIMIT_S:
            return True
        siblings = self._repository.store.takes.of(take.comparison_id)
        return waited_s < PAIR_LIMIT_S and not all(one.is_ended for one in siblings)

    def _lacking(self, clip: Clip) -> list[str]:
        wanted = [POSTER, *([PREVIEW] if needs_preview(clip) else []), SPRITE]
        return [kind for kind in wanted if not self._files.beside(clip.sha256, kind).exists()]

    async def _pictures(self, clip: Clip) -> None:
        path = self._files.path(clip.sha256)
        for kind in self._lacking(clip):
            target = self._files.beside(clip.sha256, kind)
            if kind == POSTER:
                await self._worker.poster(path, target)
            elif kind == PREVIEW:
                await self._worker.preview(path, target, fps=clip.frame_rate)
            else:
                await self._worker.sprite(path, target, duration_s=clip.duration_s)


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
        takes = self._store.takes.list() if since is None else self._store.takes.since(since - OVERLAP_S)
        due = [take for take in takes if self._postprocessor.is_due(take)]
        return [take.id for take in sorted(due, key=_planned, reverse=True)]

    async def _one(self, take_id: str) -> None:
        try:
            await self._postprocessor.postprocess(self._store.takes.get(take_id))
        except SoraCompareError as error:
            log.warning("take %s stays without pictures for now: %s", take_id, error)


def _planned(take: Take) -> float:
    return take.moments.planned
