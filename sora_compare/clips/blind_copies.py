"""The files of a pair for somebody who must not learn which clip is whose: both made the same way."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from sora_compare.domain.clips import needs_preview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sora_compare.clips.decoding.worker import ClipWorker
    from sora_compare.clips.files import ClipFiles
    from sora_compare.clips.level_rules import Level
    from sora_compare.domain.clips import Clip

# The number goes up with what is taken out: copies that an earlier release made are not shown any more.
UNMARKED, CODED_ANEW = ".unmarked-2.mp4", ".coded-anew.mp4"


class BlindCopies:
    """Finds the files to show of a pair, and makes them at the first need: both before either is given out."""

    def __init__(self, files: ClipFiles, worker: ClipWorker) -> None:
        self._files = files
        self._worker = worker
        self._lock = threading.Lock()
        self._under_way: dict[Path, Future[None]] = {}

    def paths(self, a: Clip, b: Clip, level: Level | None) -> tuple[Path, Path]:
        """The pair's files.

        Re-encoded to `level` if there is one; both re-encoded at their own size and rate when browsers could not play
        one of them, or the two are coded in different ways; else both with frames as they are, in fresh containers.

        Raises:
            UnknownRecord: one of the clips is not there.
            ClipError: a copy cannot be made.
        """
        originals = [self._files.path(clip.sha256) for clip in (a, b)]
        ending, make = self._way(a, b, level)
        copies = self._files.beside(a.sha256, ending), self._files.beside(b.sha256, ending)
        for clip, original, copy in zip((a, b), originals, copies, strict=True):
            if not copy.is_file():
                self._make_once(copy, partial(make, clip, original, copy))
        return copies

    def _make_once(self, copy: Path, make: Callable[[], None]) -> None:
        """Make a copy, or wait for whoever is making it; copies of other clips wait for neither."""
        with self._lock:
            others = self._under_way.get(copy)
            own: Future[None] = self._under_way.setdefault(copy, Future())
        if others is not None:
            others.result()
            return
        try:
            if not copy.is_file():
                make()
            own.set_result(None)
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[copy]

    def _way(self, a: Clip, b: Clip, level: Level | None) -> tuple[str, Callable[[Clip, Path, Path], None]]:
        if level is not None:
            return f".level-{level.name}.mp4", lambda _, source, copy: self._worker.level(source, copy, level)
        if _is_coded_alike(a, b):
            return UNMARKED, lambda _, source, copy: self._worker.unmark(source, copy)
        return CODED_ANEW, lambda clip, source, copy: self._worker.preview_now(source, copy, fps=clip.frame_rate)


def _is_coded_alike(a: Clip, b: Clip) -> bool:
    plain = [clip.container == "mp4" and needs_preview(clip) is None for clip in (a, b)]
    coding = [(clip.video_codec, clip.pixel_format, clip.audio_codec, clip.audio_rate) for clip in (a, b)]
    return all(plain) and coding[0] == coding[1]
