"""Everything that decodes bytes from outside, done in separate processes with limits on time and memory."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from sora_compare.clips.decoding.process import Job, Reader, ReaderDied
from sora_compare.domain.clips import Clip, Measurements, SpriteSheet
from sora_compare.errors import ClipError, NoRoom, NotAVideo, Truncated

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path
    from typing import Self

    from sora_compare.clips.level_rules import Level

QUICK_S, SLOW_S, PREVIEW_S = 30, 300, 900
"""Seconds of processor time for one job; clips are short, so only hostile files reach these."""
REFUSALS: dict[str, type[ClipError]] = {kind.__name__: kind for kind in (NotAVideo, Truncated, NoRoom)}
Answer = TypeVar("Answer")


class ClipWorker:
    """Readers of clips, warm and waiting; usable from any thread and any event loop.

    Quick jobs (probe, first frame, poster) and slow ones (measure, sprite, preview) have processes of their own, so
    that a preview never holds up a take. A file that kills its reader or takes too long is refused, and the next job
    gets a new reader. Readers end with the process that started them.
    """

    def __init__(self, *, quick: int = 1, slow: int = 1) -> None:
        self._quick = _Readers(quick)
        self._slow = _Readers(slow)

    def warm(self) -> None:
        """Start the readers for quick jobs now, so that the first clip does not wait for them."""
        self._quick.warm()

    async def probe(self, path: Path, sha256: str) -> Clip:
        """Read a clip's traits.

        Raises:
            NotAVideo: no video, none that decodes, or one that takes too much time or memory.
            Truncated: it is not whole.
        """
        return await asyncio.wrap_future(self._submit_probe(path, sha256))

    def probe_now(self, path: Path, sha256: str) -> Clip:
        """As `probe`, for callers without an event loop."""
        return self._submit_probe(path, sha256).result()

    def _submit_probe(self, path: Path, sha256: str) -> Future[Clip]:
        return self._quick.submit(Job("probe", path, QUICK_S, {"sha256": sha256}), TypeAdapter(Clip))

    async def first_frame_is_there(self, path: Path) -> bool:
        """Whether a file that is still growing already holds a first frame that can be decoded."""
        job = Job("first_frame", path, QUICK_S, {})
        return await asyncio.wrap_future(self._quick.submit(job, TypeAdapter(bool)))

    async def poster(self, path: Path, target: Path) -> tuple[int, int]:
        """Write a JPEG of the frame a third into the clip; returns its width and height in pixels.

        Raises:
            ClipError: as `probe`, and NoRoom when the disk is full.
        """
        job = Job("poster", path, QUICK_S, {"target": str(target)})
        return await asyncio.wrap_future(self._quick.submit(job, TypeAdapter(tuple[int, int])))

    async def measure(self, path: Path) -> Measurements:
        """Loudness and flashes. Raises ClipError as `probe`."""
        return await asyncio.wrap_future(self._slow.submit(Job("measure", path, SLOW_S, {}), TypeAdapter(Measurements)))

    async def sprite(self, path: Path, target: Path, *, duration_s: float) -> SpriteSheet:
        """Write a JPEG sheet of hover thumbnails. Raises ClipError as `poster`."""
        job = Job("sprite", path, SLOW_S, {"target": str(target), "duration_s": duration_s})
        return await asyncio.wrap_future(self._slow.submit(job, TypeAdapter(SpriteSheet)))

    async def preview(self, path: Path, target: Path, *, fps: Fraction) -> None:
        """Write a copy that every browser plays. Raises ClipError as `poster`."""
        await asyncio.wrap_future(self._submit_preview(path, target, fps))

    def preview_now(self, path: Path, target: Path, *, fps: Fraction) -> None:
        """As `preview`, for callers without an event loop."""
        self._submit_preview(path, target, fps).result()

    def _submit_preview(self, path: Path, target: Path, fps: Fraction) -> Future[None]:
        job = Job("preview", path, PREVIEW_S, {"target": str(target), "fps": str(fps)})
        return self._slow.submit(job, TypeAdapter(None))

    def level(self, path: Path, target: Path, level: Level) -> None:
        """Write a copy of that size, rate and length. Raises ClipError as `poster`."""
        job = Job("level", path, PREVIEW_S, {"target": str(target), "level": asdict(level)})
        self._slow.submit(job, TypeAdapter(None)).result()

    def unmark(self, path: Path, target: Path) -> None:
        """Write a copy without tags. Raises ClipError as `poster`."""
        job = Job("unmark", path, QUICK_S, {"target": str(target)})
        self._quick.submit(job, TypeAdapter(None)).result()

    def close(self) -> None:
        """End the readers, also those at work; their jobs are refused."""
        self._quick.close()
        self._slow.close()

    def __enter__(self) -> Self:
        self.warm()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Readers:
    """A few readers, each driven by one thread at a time; jobs wait in line."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="clips")
        self._lock = Lock()
        self._idle: list[Reader] = []
        self._readers: set[Reader] = set()
        self._is_closed = False

    def warm(self) -> None:
        with self._lock:
            while len(self._readers) < self._size and not self._is_closed:
                reader = Reader()
                self._readers.add(reader)
                self._idle.append(reader)

    def submit(self, job: Job, adapter: TypeAdapter[Answer]) -> Future[Answer]:
        with self._lock:
            self._refuse_when_closed()
            return self._threads.submit(self._do, job, adapter)

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise ClipError("Sora Compare is closing: the clip was not read.")

    def _do(self, job: Job, adapter: TypeAdapter[Answer]) -> Answer:
        try:
            answer = self._asked(job)
        except ReaderDied:
            # Perhaps the machine ran out of memory for another reason: the file gets one more chance, alone.
            try:
                answer = self._asked(job)
            except ReaderDied:
                raise NotAVideo("it breaks the program that reads it") from None
        return _understood(answer, adapter)

    def _asked(self, job: Job) -> dict[str, Any]:
        reader = self._taken()
        try:
            answer = reader.request(job)
        except BaseException:
            self._dropped(reader)
            raise
        with self._lock:
            self._idle.append(reader)
        return answer

    def _taken(self) -> Reader:
        with self._lock:
            reader = self._idle.pop() if self._idle else None
        if reader is not None and reader.is_alive:
            return reader
        if reader is not None:
            self._dropped(reader)
        return self._started()

    def _started(self) -> Reader:
        with self._lock:
            self._refuse_when_closed()
            reader = Reader()
            self._readers.add(reader)
        return reader

    def _dropped(self, reader: Reader) -> None:
        with self._lock:
            self._readers.discard(reader)
        reader.stop()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            readers = list(self._readers)
        for reader in readers:
            reader.kill()
        self._threads.shutdown(wait=True)
        for reader in readers:
            self._dropped(reader)


def _understood(answer: dict[str, Any], adapter: TypeAdapter[Answer]) -> Answer:
    """What the reader said, checked, since a hostile file may speak through it."""
    kind = REFUSALS.get(str(answer.get("refused")))
    if kind is not None:
        # Its constructor takes facts and composes the sentence; here the sentence is composed already.
        raise kind.__new__(kind, str(answer.get("sentence")))
    try:
        return adapter.validate_python(answer.get("done"))
    except ValidationError as error:
        raise NotAVideo("it breaks the program that reads it") from error
