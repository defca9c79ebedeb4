"""From a finished job to a saved clip: download, check, keep. A failed fetch never becomes a new job."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sora_compare.domain.takes import Problem, Take, TakeState
from sora_compare.errors import (
    ClipError,
    ClipTooLarge,
    ContentRefused,
    EndpointError,
    JobGone,
    NoRoom,
    NotReady,
    Truncated,
)
from sora_compare.generation.job_poller import Missing
from sora_compare.generation.take_repository import problem_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sora_compare.clips.decoding.worker import ClipWorker
    from sora_compare.clips.files import ClipFiles, IncomingClip
    from sora_compare.domain.clips import Clip
    from sora_compare.endpoints.dialects import Job
    from sora_compare.endpoints.protocol import Content, VideoEndpoint
    from sora_compare.generation.limits import RetryPolicy
    from sora_compare.generation.take_repository import TakeRepository

LEAST_BYTES_PER_S = 1_000.0
"""Of a download, over each window of `RetryPolicy.slow_s`."""
SHORT_SHARE = 0.8
"""A clip shorter than this share of the seconds asked for is said to be short."""
LOOK_GAP_S, LOOK_FACTOR = 0.05, 1.5
"""The wait before a look whether the first frame has arrived, and how it grows from one look to the next."""


class ClipDownloader:
    """Downloads and keeps the clips of finished jobs."""

    def __init__(
        self, repository: TakeRepository, files: ClipFiles, worker: ClipWorker, retry_policy: RetryPolicy
    ) -> None:
        self._repository = repository
        self._files = files
        self._worker = worker
        self._retry_policy = retry_policy
        self.under_way = 0
        """Clips that are being fetched now."""

    def has(self, clip: Clip) -> bool:
        """Whether the clip's file is still there."""
        return self._files.has(clip.sha256)

    async def fetch(self, take: Take, endpoint: VideoEndpoint, job: Job | None) -> Take:
        """Bring the finished job's clip in; the take ends completed, moderated, expired or "done, not saved"."""
        self.under_way += 1
        try:
            return await self._tried(take, endpoint, job)
        finally:
            self.under_way -= 1

    async def _tried(self, take: Take, endpoint: VideoEndpoint, job: Job | None) -> Take:
        tries = _Tries(self._retry_policy, take.deadline or 0.0)
        while True:
            try:
                job = job or await endpoint.poll(take.job_id or "")
                async with tries.limited():
                    return await self._once(take, endpoint, job)
            except TimeoutError:
                minutes = f"{self._retry_policy.download_s / 60:.0f} minutes"
                return self._not_saved(take, NotReady(endpoint.name, f"downloading took over {minutes}"))
            except (NoRoom, ClipTooLarge) as error:
                # Fetched again it would be no smaller, and the disk no emptier.
                return self._not_saved(take, error)
            except ContentRefused as error:
                # Withheld for good: asking again would change nothing.
                return self._repository.end(take, TakeState.MODERATED, problem_of(error))
            except (ClipError, EndpointError) as error:
                failure = error
            if isinstance(failure, JobGone) and await tries.missing.is_gone(endpoint, take):
                return self._repository.end(take, TakeState.EXPIRED, problem_of(failure))
            if tries.are_used_up(failure):
                return self._not_saved(take, failure)
            job = None
            take = self._repository.save(take, notice=f"{failure} Fetching again.")
            await asyncio.sleep(tries.wait_s())

    async def _once(self, take: Take, endpoint: VideoEndpoint, job: Job) -> Take:
        with self._files.incoming(take.id) as incoming:
            async with endpoint.content(job) as content:
                first_frame = await self._receive(content, incoming)
            sha256 = incoming.sha256
            clip = await self._worker.probe(incoming.path, sha256)
            incoming.save(clip.extension)
        now = time.time()
        moments = dataclasses.replace(take.moments, first_frame=first_frame or now, saved=now, ended=now)
        return self._repository.save(
            take,
            state=TakeState.COMPLETED,
            clip=clip,
            moments=moments,
            progress=100,
            problem=None,
            notice=_too_short(take, clip),
        )

    async def _receive(self, content: Content, incoming: IncomingClip) -> float | None:
        """Write the bytes; returns when the first frame could be decoded, or None if not before the end."""
        if (content.length or 0) > self._files.max_bytes:
            raise ClipTooLarge(self._files.max_bytes)
        watch = asyncio.create_task(self._first_frame(incoming))
        try:
            async for chunk in _fast_enough(content.chunks, self._retry_policy.slow_s):
                incoming.write(chunk)
        finally:
            watch.cancel()
            (found,) = await asyncio.gather(watch, return_exceptions=True)
        if content.length is not None and incoming.bytes_written != content.length:
            raise Truncated(f"{incoming.bytes_written:,} of {content.length:,} bytes")
        return found if isinstance(found, float) else None

    async def _first_frame(self, incoming: IncomingClip) -> float:
        size, gap = -1, LOOK_GAP_S
        while True:
            await asyncio.sleep(gap)
            gap *= LOOK_FACTOR
            grown = incoming.bytes_written
            if grown != size and await self._worker.first_frame_is_there(incoming.path):
                return time.time()
            size = grown

    def _not_saved(self, take: Take, failure: ClipError | EndpointError) -> Take:
        again = "" if isinstance(failure, ClipTooLarge) else " Fetch it again; it costs nothing."
        sentence = f"The job is done but its clip is not saved. {failure}{again}"
        return self._repository.end(take, TakeState.NOT_SAVED, Problem(sentence, kind=problem_of(failure).kind))


class _Tries:
    """What the fetching of one clip has used up of its tries and its time."""

    def __init__(self, retry_policy: RetryPolicy, deadline: float) -> None:
        self.missing = Missing(retry_policy.gone_after_s)
        self._retry_policy = retry_policy
        self._deadline = deadline
        self._failed = self._counted = 0
        self._left_s = retry_policy.download_s

    @asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """Download inside; raises TimeoutError when all downloads together took too long."""
        start = time.monotonic()
        try:
            async with asyncio.timeout(self._left_s):
                yield
        finally:
            self._left_s -= time.monotonic() - start

    def are_used_up(self, failure: ClipError | EndpointError) -> bool:
        """Note a failure; what is still being made is waited for as long as watching would be, and costs no try."""
        self._failed += 1
        is_unknown = isinstance(failure, JobGone) or (isinstance(failure, NotReady) and failure.is_not_found)
        if not is_unknown:
            self.missing.found()
        is_made = isinstance(failure, NotReady) and failure.is_being_made and time.time() < self._deadline
        if not (is_made or (is_unknown and not self.missing.is_long())):
            self._counted += 1
        return self._counted >= self._retry_policy.fetch_tries

    def wait_s(self) -> float:
        """Until the next try."""
        return self._retry_policy.fetch.wait_s(self._failed - 1)


async def _fast_enough(chunks: AsyncIterator[bytes], window_s: float) -> AsyncIterator[bytes]:
    """The chunks as they come.

    Raises:
        Truncated: fewer than LEAST_BYTES_PER_S arrived in a window of `window_s` seconds.
    """
    start, arrived = time.monotonic(), 0
    async for chunk in chunks:
        arrived += len(chunk)
        passed = time.monotonic() - start
        if passed > window_s:
            if arrived < LEAST_BYTES_PER_S * passed:
                raise Truncated(f"it came at {arrived / passed:,.0f} bytes a second")
            start, arrived = time.monotonic(), 0
        yield chunk


def _too_short(take: Take, clip: Clip) -> str | None:
    asked = take.request.settings.seconds
    if clip.duration_s >= asked * SHORT_SHARE:
        return None
    return f"The clip is {clip.duration_s:.1f} s long, {asked} s were asked for."
