"""All jobs of a running simulator: made, resumed after a restart, listed, expired.

Several simulators may share a state folder, as the app and a command beside it do: each answers for every job, and
whoever holds a job's claim renders it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import secrets
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sora_compare.simulator.api import timing
from sora_compare.simulator.api.jobs import Job
from sora_compare.simulator.api.problems import Problem, TooManyJobs, VideoExpired, VideoNotReady, VideoUnknown
from sora_compare.simulator.api.state import JobMissing
from sora_compare.simulator.studio.workers import RenderFailed

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.api.jobs import Request
    from sora_compare.simulator.api.state import Cameo, StateFolder
    from sora_compare.simulator.studio.clip_source import Studio

MODERATION_WORD = "[moderation]"
"""A prompt that holds it is blocked, so that the outcome can be seen at will."""
FAILURE_WORD = "[failure]"
"""A prompt that holds it fails."""
LOG = logging.getLogger("sora_compare.simulator")


@dataclass(frozen=True, slots=True)
class Limits:
    """How the simulator behaves beyond the contract.

    Attributes:
        speed: how many times faster than the published figures.
        has_stability: False lets no job fail by chance.
        max_unfinished: jobs at once before 429.
        lifetime_s: how long content stays.
        kept_jobs, kept_bytes: beyond these the oldest finished jobs are forgotten.
    """

    speed: float = 10.0
    has_stability: bool = True
    max_unfinished: int = 500
    lifetime_s: float = 86_400.0
    kept_jobs: int = 5_000
    kept_bytes: int = 4_000_000_000


class Videos:
    """The jobs, in memory and on disk alike."""

    def __init__(self, state: StateFolder, studio: Studio, limits: Limits) -> None:
        self._state, self._studio, self._limits = state, studio, limits
        self._jobs: dict[str, Job] = {job.id: job for job in sorted(state.jobs(), key=_age)}
        self._rendering: dict[str, asyncio.Task[None]] = {}
        self._bytes = {job.id: state.bytes_of(job) for job in self._jobs.values()}
        self._last_number = max((job.number for job in self._jobs.values()), default=0)
        self.cameos: dict[str, Cameo] = state.cameos()
        self.created = 0

    def resume(self) -> None:
        """Go on with whatever was not rendered when the last run ended."""
        for job in list(self._jobs.values()):
            self._begin_if_free(job)

    async def close(self) -> None:
        """Stop rendering; the jobs stay on disk."""
        tasks = list(self._rendering.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def create(self, request: Request, reference: bytes | None) -> Job:
        """Make a job; it is on disk when this returns.

        Raises:
            TooManyJobs: the limit is reached.
        """
        now = time.time()
        self._refuse_beyond_limit(now)
        if reference is not None:
            name = await asyncio.to_thread(self._state.save_reference, reference)
            request = dataclasses.replace(request, reference=name)
        job = self._new_job(request, now)
        # Counted before the next await, so that requests at the same moment see each other.
        self._jobs[job.id] = job
        self.created += 1
        await asyncio.to_thread(self._state.save, job)
        self._begin_if_free(job)
        await self._forget_oldest(now)
        return job

    def _refuse_beyond_limit(self, now: float) -> None:
        unfinished = sum(job.is_unfinished(now) for job in self._jobs.values())
        if unfinished >= self._limits.max_unfinished:
            raise TooManyJobs(self._limits.max_unfinished, max(1, round(10 / self._limits.speed)))

    def _new_job(self, request: Request, now: float) -> Job:
        details = (request.seed, request.prompt, request.seconds, request.size)
        self._last_number += 1
        return Job(
            id=f"video_{secrets.token_hex(16)}",
            number=self._last_number,
            created_at=now,
            lifetime_s=self._limits.lifetime_s,
            request=request,
            plan=timing.schedule(request.profile, request.seconds, self._limits.speed, *details),
            failure=self._failure(request, details),
            rendered_at=None if self._studio.needs_time else now,
        )

    def _failure(self, request: Request, details: tuple[object, ...]) -> str:
        words = " ".join([request.prompt, *(shot[2] for shot in request.shots)]).lower()
        if MODERATION_WORD in words:
            return "moderation_blocked"
        by_chance = self._limits.has_stability and timing.fails(request.profile, *details)
        return "video_generation_failed" if by_chance or FAILURE_WORD in words else ""

    def job(self, video_id: str) -> Job:
        """The job with that id, whoever made it.

        Raises:
            VideoUnknown: there is none.
        """
        job = self._jobs.get(video_id)
        if job is None or (job.needs_rendering() and video_id not in self._rendering):
            job = self._taken_over(video_id)
        return job

    def _taken_over(self, video_id: str) -> Job:
        """A job of another simulator on the same folder, rendered here if the other one has ended."""
        try:
            job = self._state.load(video_id)
        except JobMissing as error:
            self._jobs.pop(video_id, None)
            raise VideoUnknown(video_id) from error
        self._jobs[video_id] = job
        self._begin_if_free(job)
        return job

    def page(self, limit: int, after: str | None, order: str) -> dict[str, Any]:
        """One page of the list, in the API's shape.

        Raises:
            VideoUnknown: `after` names no job.
        """
        now = time.time()
        for video_id in self._state.job_ids() - self._jobs.keys():
            with contextlib.suppress(VideoUnknown):
                self._taken_over(video_id)
        jobs = sorted(self._jobs.values(), key=_age, reverse=order != "asc")
        start = jobs.index(self.job(after)) + 1 if after else 0
        shown = [job.as_video(now) for job in jobs[start : start + limit]]
        return {
            "object": "list",
            "data": shown,
            "first_id": shown[0]["id"] if shown else None,
            "last_id": shown[-1]["id"] if shown else None,
            "has_more": start + limit < len(jobs),
        }

    async def delete(self, video_id: str) -> None:
        """Forget a finished job and its files.

        Raises:
            Problem: unknown, or not finished: the API has no cancellation.
        """
        job = self.job(video_id)
        if job.is_unfinished(time.time()):
            message = f"Video with id '{video_id}' is still being made; only finished videos can be deleted."
            raise Problem(400, message, param="video_id", code="video_not_finished")
        await self._forget(job)

    async def content(self, video_id: str, variant: str) -> Path:
        """The file to send.

        Raises:
            Problem: unknown, unfinished, failed or expired.
        """
        job, now = self.job(video_id), time.time()
        status = job.status(now)
        if status != "completed":
            raise VideoNotReady(video_id, status)
        if now >= job.expires_at:
            await asyncio.to_thread(self._state.remove_content, job)
            raise VideoExpired(video_id)
        path = await self._studio.file(job, variant)
        if not path.exists():
            raise VideoExpired(video_id)
        return path

    async def add_cameo(self, name: str, description: str, pictures: list[bytes]) -> Cameo:
        """Keep a character for later prompts."""
        cameo = await asyncio.to_thread(self._state.save_cameo, name, description, pictures, time.time())
        self.cameos[cameo.id] = cameo
        return cameo

    def known_cameos(self) -> dict[str, Cameo]:
        """Every character by id, also those that another simulator on the same folder took."""
        self.cameos |= self._state.cameos()
        return self.cameos

    def _begin_if_free(self, job: Job) -> None:
        if not job.needs_rendering() or job.id in self._rendering:
            return
        claim = self._state.claim(job.id)
        if claim is None:
            return
        task = asyncio.get_running_loop().create_task(self._render(job, claim), name=job.id)
        self._rendering[job.id] = task
        task.add_done_callback(lambda _: self._rendering.pop(job.id, None))

    async def _render(self, job: Job, claim: IO[bytes]) -> None:
        cameos = tuple(self._state.picture(self.cameos[one]) for one in job.request.cameos if one in self.cameos)
        with claim:
            try:
                await self._studio.make(job, cameos)
                done = dataclasses.replace(job, rendered_at=time.time())
            except (RenderFailed, OSError) as error:
                LOG.warning("Video %s could not be rendered: %s", job.id, error)
                done = dataclasses.replace(job, failure="internal_error", rendered_at=time.time())
            await asyncio.to_thread(self._state.save, done)
        self._jobs[job.id] = done
        self._bytes[job.id] = self._state.bytes_of(done)

    async def _forget_oldest(self, now: float) -> None:
        excess_jobs = len(self._jobs) - self._limits.kept_jobs
        excess_bytes = sum(self._bytes.values()) - self._limits.kept_bytes
        if excess_jobs <= 0 and excess_bytes <= 0:
            return
        for job in [job for job in self._jobs.values() if not job.is_unfinished(now)]:
            if excess_jobs <= 0 and excess_bytes <= 0:
                return
            excess_jobs -= 1
            excess_bytes -= self._bytes.get(job.id, 0)
            await self._forget(job)

    async def _forget(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        self._bytes.pop(job.id, None)
        await asyncio.to_thread(self._state.remove, job)


def _age(job: Job) -> tuple[float, int, str]:
    return job.created_at, job.number, job.id
