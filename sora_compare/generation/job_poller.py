"""Watching a job until it ends: tolerant of bad answers, never taking an unknown word for an end."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING, Any

from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.takes import Problem, Take, TakeState
from sora_compare.endpoints.dialects import Job, JobStatus
from sora_compare.errors import ContentRefused, EndpointError, JobGone, KeyRefused, PollFailed
from sora_compare.generation.limits import Backoff
from sora_compare.generation.take_repository import problem_of
from sora_compare.store.coordination import CANCEL

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.endpoints.protocol import VideoEndpoint
    from sora_compare.generation.limits import RetryPolicy
    from sora_compare.generation.take_repository import TakeRepository
    from sora_compare.store.coordination import Coordination


class Missing:
    """How long one job has not been found, without an answer that knows it in between."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._since: float | None = None

    def found(self) -> None:
        """The server knows the job."""
        self._since = None

    def is_long(self) -> bool:
        """Note another "no such job"; whether they have gone on for long enough."""
        self._since = self._since or time.monotonic()
        return time.monotonic() - self._since >= self._after_s

    async def is_gone(self, endpoint: VideoEndpoint, take: Take) -> bool:
        """Note another "no such job"; whether the job is gone: for long enough, and not in the list either.

        A list that cannot be had is no proof; where the server has none, its other answers have to do.
        """
        if not self.is_long():
            return False
        try:
            if await endpoint.is_listed(take.job_id or "", take.moments.submitting or take.moments.planned):
                self.found()
        except EndpointError:
            return False
        return self._since is not None


LONGEST_POLL_WAIT_S = 60.0
FIRST_LOOK_S = 0.5
"""The first answer comes soon, whatever the interval: it shows that the job is known, and how often to ask."""
LEAST_GAP_S, GAP_PER_JOB_S = 0.4, 0.02
"""Between two writings of a job's percentage: the more jobs are watched, the longer."""
POLLED = frozenset({TakeState.QUEUED, TakeState.RUNNING})
STATE_OF_END = {
    JobStatus.FAILED: TakeState.FAILED,
    JobStatus.CANCELLED: TakeState.CANCELLED,
    JobStatus.EXPIRED: TakeState.EXPIRED,
}
VERB_OF_END = {JobStatus.CANCELLED: "was cancelled", JobStatus.EXPIRED: "expired"}


class JobPoller:
    """Polls the job of one take."""

    def __init__(
        self,
        repository: TakeRepository,
        coordination: Coordination,
        settings: Endpoint,
        endpoint: VideoEndpoint,
        retry_policy: RetryPolicy,
    ) -> None:
        self._repository = repository
        self._coordination = coordination
        self._settings = settings
        self._endpoint = endpoint
        self._backoff = Backoff(base_s=settings.poll_interval_s, cap_s=LONGEST_POLL_WAIT_S)
        self._missing = Missing(retry_policy.gone_after_s)
        self._written = 0.0
        self._failures = 0
        self._hint_s: float | None = None
        self._last_failure = ProblemKind.OVERDUE
        self._unfinished: float | None = None
        self.job: Job | None = None
        """The last answer."""
        self.signalled = asyncio.Event()
        """Set when somebody left a signal for this take."""

    async def poll(self, take: Take) -> Take:
        """Poll until the job has ended, the deadline has passed, or somebody asks it to stop."""
        self._repository.job_poller += 1
        try:
            while take.state in POLLED:
                cancelled = await self._cancelled(take) if await self._is_signalled() else None
                take = cancelled or self._overdue(await self._asked(take))
        finally:
            self._repository.job_poller -= 1
        return take

    async def _is_signalled(self) -> bool:
        """Wait for the time of the next poll, or for a signal; whether there was one."""
        try:
            async with asyncio.timeout(self._wait_s()):
                await self.signalled.wait()
        except TimeoutError:
            return False
        self.signalled.clear()
        return True

    def _wait_s(self) -> float:
        if self._failures:
            return self._backoff.wait_s(self._failures - 1, self._hint_s)
        interval = self._hint_s or self._settings.poll_interval_s
        return interval if self.job else min(FIRST_LOOK_S, interval)

    async def _asked(self, take: Take) -> Take:
        try:
            job = await self._endpoint.poll(take.job_id or "")
        except JobGone as error:
            self._failures += 1
            self._last_failure, self._hint_s = error.kind, None
            if await self._missing.is_gone(self._endpoint, take):
                return self._repository.end(take, TakeState.EXPIRED, problem_of(error))
            return self._repository.save(take, notice=f"{error} Asking again.")
        except ContentRefused as error:
            return self._repository.end(take, TakeState.MODERATED, problem_of(error))
        except (PollFailed, KeyRefused) as error:
            self._failures += 1
            self._last_failure = error.kind
            self._hint_s = error.retry_after_s if isinstance(error, PollFailed) else None
            return self._repository.save(take, notice=str(error))
        self._failures = 0
        self._missing.found()
        self._hint_s, self.job = job.poll_after_s, job
        return self._recorded(take, job)

    async def _cancelled(self, take: Take) -> Take | None:
        if self._coordination.take_signal(take.id) != CANCEL:
            return None
        if await self._endpoint.cancel(take.job_id or ""):
            return self._repository.end(take, TakeState.CANCELLED, Problem("Cancelled by you."))
        sentence = f"{self._endpoint.name} cannot cancel a job: watching stopped, and it may still be billed."
        return self._repository.end(take, TakeState.STOPPED_POLLING, Problem(sentence, kind=ProblemKind.CANCELLED))

    def _overdue(self, take: Take) -> Take:
        """Looked at after a poll: what was done while this program was off is fetched all the same."""
        if take.state not in POLLED or take.deadline is None or time.time() <= take.deadline:
            return take
        minutes = self._settings.watch_limit_s / 60
        sentence = f"{self._endpoint.name} did not finish within {minutes:.0f} minutes of watching. Watch again."
        kind = self._last_failure if self._failures else ProblemKind.OVERDUE
        return self._repository.end(take, TakeState.STOPPED_POLLING, Problem(sentence, kind=kind))

    def _recorded(self, take: Take, job: Job) -> Take:
        """Write down what an answer says, where it says something new."""
        if job.status in STATE_OF_END:
            state = TakeState.MODERATED if job.is_moderated else STATE_OF_END[job.status]
            return self._repository.end(take, state, _problem_of_job(self._endpoint.name, job))
        now, moments, state = time.time(), take.moments, take.state
        if job.status in {JobStatus.RUNNING, JobStatus.DONE} or job.progress:
            state = TakeState.RUNNING
            moments = dataclasses.replace(moments, first_progress=moments.first_progress or now)
        if job.status is JobStatus.DONE:
            state = TakeState.FETCHING
            moments = dataclasses.replace(
                moments,
                completed=now,
                last_unfinished=self._unfinished or moments.submitted,
                server_created=job.created,
                server_completed=job.completed,
            )
        else:
            self._unfinished = now
        changes: dict[str, Any] = {
            "state": state,
            "moments": moments,
            "status_word": job.word or take.status_word,
            "echoed_model": job.model or take.echoed_model,
            "notice": _unknown_word(job),
        }
        if dataclasses.replace(take, **changes) == take and not self._is_progress_due():
            return take
        self._written = time.monotonic()
        return self._repository.save(take, **changes, progress=take.progress if job.progress is None else job.progress)

    def _is_progress_due(self) -> bool:
        """Each writing reaches the disk before it returns: where only the percentage moved, some are left out."""
        gap = max(LEAST_GAP_S, GAP_PER_JOB_S * self._repository.job_poller)
        return time.monotonic() - self._written >= gap


def _unknown_word(job: Job) -> str | None:
    if job.status is not JobStatus.UNKNOWN:
        return None
    return f"The server says “{job.word}”, a word that is not known here; watching goes on."


def _problem_of_job(endpoint: str, job: Job) -> Problem:
    reason = (job.message or "no reason given").rstrip(".")
    verb = "was refused by moderation" if job.is_moderated else VERB_OF_END.get(job.status, "failed")
    sentence = f"The job {verb} at {endpoint}: {reason}."
    return Problem(sentence, code=job.code, request_id=job.request_id, kind=job.problem_kind)
