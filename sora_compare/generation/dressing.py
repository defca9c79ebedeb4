"""After a clip is saved: what pages show beside it, and what only a decode of the whole clip tells."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from sora_compare.clips.files import POSTER, PREVIEW, SPRITE
from sora_compare.domain.clips import measured, needs_preview
from sora_compare.errors import ClipError, Conflict

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.clips.worker import ClipWorker
    from sora_compare.domain.clips import Clip
    from sora_compare.domain.takes import Take
    from sora_compare.generation.fetching import Fetching
    from sora_compare.generation.ledger import Ledger

PAIR_LIMIT_S, FETCH_LIMIT_S, LOOK_S = 5.0, 30.0, 0.25
"""How long a clip's pictures wait for the other clips of its comparison, for all that are being fetched, and between
two looks."""

log = logging.getLogger(__name__)


class Dressing:
    """Poster, hover thumbnails, loudness and flashes, and a preview where the browser needs one."""

    def __init__(self, ledger: Ledger, files: ClipFiles, worker: ClipWorker, fetching: Fetching | None = None) -> None:
        self._ledger = ledger
        self._files = files
        self._worker = worker
        self._fetching = fetching

    async def dress(self, take: Take) -> Take:
        """Make what is missing; a clip that resists is shown without, and the take stays completed."""
        if take.clip is None or take.cached_from:
            return take
        await self._leave_the_way_free(take)
        try:
            await self._pictures(take.clip)
            measurements = await self._worker.measure(self._files.path(take.clip.sha256))
            return self._ledger.save(take, clip=measured(take.clip, measurements))
        except ClipError as error:
            log.warning("clip %s is shown without thumbnails: %s", take.clip.sha256, error)
        except Conflict:
            log.info("take %s was changed meanwhile; it keeps what it has", take.id)
        return take

    async def _leave_the_way_free(self, take: Take) -> None:
        """Decoding a clip for its thumbnails would hold up the clips that somebody is waiting for."""
        started = time.monotonic()
        # Others may be carried by another process: there is nothing to wait for but the store.
        while self._is_in_the_way(take, time.monotonic() - started):  # noqa: ASYNC110  # see above
            await asyncio.sleep(LOOK_S)

    def _is_in_the_way(self, take: Take, waited_s: float) -> bool:
        if self._fetching and self._fetching.under_way and waited_s < FETCH_LIMIT_S:
            return True
        siblings = self._ledger.store.takes_of(take.comparison_id)
        return waited_s < PAIR_LIMIT_S and not all(one.is_ended for one in siblings)

    async def _pictures(self, clip: Clip) -> None:
        path = self._files.path(clip.sha256)
        poster, sprite, preview = (self._files.beside(clip.sha256, kind) for kind in (POSTER, SPRITE, PREVIEW))
        if not poster.exists():
            await self._worker.poster(path, poster)
        if needs_preview(clip) and not preview.exists():
            await self._worker.preview(path, preview, fps=clip.frame_rate)
        if not sprite.exists():
            await self._worker.sprite(path, sprite, duration_s=clip.duration_s)
