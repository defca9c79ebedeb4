"""After a clip is saved: what pages show beside it, and what only a decode of the whole clip tells."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sora_compare.clips.files import POSTER, PREVIEW, SPRITE
from sora_compare.domain.clips import measured, needs_preview
from sora_compare.errors import ClipError, Conflict

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.clips.worker import ClipWorker
    from sora_compare.domain.clips import Clip
    from sora_compare.domain.takes import Take
    from sora_compare.generation.ledger import Ledger

log = logging.getLogger(__name__)


class Dressing:
    """Poster, hover thumbnails, loudness and flashes, and a preview where the browser needs one."""

    def __init__(self, ledger: Ledger, files: ClipFiles, worker: ClipWorker) -> None:
        self._ledger = ledger
        self._files = files
        self._worker = worker

    async def dress(self, take: Take) -> Take:
        """Make what is missing; a clip that resists is shown without, and the take stays completed."""
        if take.clip is None or take.cached_from:
            return take
        try:
            await self._pictures(take.clip)
            measurements = await self._worker.measure(self._files.path(take.clip.sha256))
            return self._ledger.save(take, clip=measured(take.clip, measurements))
        except ClipError as error:
            log.warning("clip %s is shown without thumbnails: %s", take.clip.sha256, error)
        except Conflict:
            log.info("take %s was changed meanwhile; it keeps what it has", take.id)
        return take

    async def _pictures(self, clip: Clip) -> None:
        path = self._files.path(clip.sha256)
        poster, sprite, preview = (self._files.beside(clip.sha256, kind) for kind in (POSTER, SPRITE, PREVIEW))
        if not poster.exists():
            await self._worker.poster(path, poster)
        if needs_preview(clip) and not preview.exists():
            await self._worker.preview(path, preview, fps=clip.frame_rate)
        if not sprite.exists():
            await self._worker.sprite(path, sprite, duration_s=clip.duration_s)
