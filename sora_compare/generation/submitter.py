"""One create, once; and looking for the job when nobody knows whether it was made."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.takes import Origin, Problem, Take, TakeState
from sora_compare.errors import Ambiguous, Conflict, ContentRefused, EndpointError, NotSent, RateLimited, StoreUnusable
from sora_compare.generation.take_repository import problem_of
from sora_compare.store.coordination import CANCEL, PAUSE

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.endpoints.dialects import Job
    from sora_compare.endpoints.protocol import VideoEndpoint
    from sora_compare.generation.limits import RateLimiter, RetryPolicy
    from sora_compare.generation.take_repository import TakeRepository
    from sora_compare.store.coordination import Coordination

CREATE_TRIES = 6

log = logging.getLogger(__name__)


class Submitter:
    """Sends the create of a take."""

    def __init__(
        self,
        *,
        repository: TakeRepository,
        coordination: Coordination,
        settings: Endpoint,
        endpoint: VideoEndpoint,
        limiter: RateLimiter,
        retry_policy: RetryPolicy,
    ) -> None:
        self._repository = repository
        self._coordination = coordination
        self._settings = settings
        self._endpoint = endpoint
        self._limiter = limiter
        self._retry_policy = retry_policy
        self.is_sending = False
        """Whether a create is on its way: stopping now would make it ambiguous."""

    async def submit(self, take: Take) -> Take:
        """From "planned" to a job, an outcome, or back to "planned" for another try."""
        await self._limiter.before_create()
        cancelled = self.cancelled(take)
        if cancelled:
            return cancelled
        moments = dataclasses.replace(take.moments, submitting=time.time())
        take = self._repository.save(take, state=TakeState.SUBMITTING, problem=None, notice=None, moments=moments)
        try:
            job = await self._send(take)
        except NotSent as error:
            return await self._try_again(take, error)
        except Ambiguous as error:
            return await self.look(take, error)
        except EndpointError as error:
            return self._repository.end(take, _state_of_refusal(error), problem_of(error))
        taken = Ambiguous(self._endpoint.name, "the job id it gave belongs to another take")
        return await self._kept(take, job) or await self.look(take, taken)

    def cancelled(self, take: Take) -> Take | None:
        """The take's end when somebody asked to cancel it before it was sent, else None."""
        if self._coordination.take_signal(take.id) not in {CANCEL, PAUSE}:
            return None
        return self.withdrawn(take)

    def withdrawn(self, take: Take) -> Take:
        """The end of a take that was not sent; what it had been waiting for is said too."""
        waited_for = f" {take.problem.sentence}" if take.problem else ""
        return self._repository.end(
            take, TakeState.CANCELLED, Problem(f"Cancelled before anything was sent.{waited_for}")
        )

    async def _send(self, take: Take) -> Job:
        self.is_sending = True
        try:
            job = await self._endpoint.submit(take.request)
        except NotSent as error:
            if not isinstance(error, RateLimited):
                self._limiter.breaker.failed()
            raise
        finally:
            self.is_sending = False
        self._limiter.breaker.answered()
        return job

    async def _try_again(self, take: Take, error: NotSent) -> Take:
        tries = take.retries + 1
        goes_on = error.kind is ProblemKind.UNREACHABLE and self._is_of_suite(take)
        if tries >= CREATE_TRIES and not goes_on:
            return self._repository.end(take, TakeState.FAILED, problem_of(error))
        wait_s = self._retry_policy.create.wait_s(
            tries, error.retry_after_s if isinstance(error, RateLimited) else None
        )
        at = datetime.fromtimestamp(max(time.time() + wait_s, self._limiter.breaker.until or 0.0), UTC)
        unreached = problem_of(error) if error.kind is ProblemKind.UNREACHABLE else None
        which = f"{tries + 1}" if goes_on else f"{tries + 1} of {CREATE_TRIES}"
        notice = f"{error} Try {which} comes at {at:%H:%M:%S} UTC."
        take = self._repository.save(take, state=TakeState.PLANNED, retries=tries, problem=unreached, notice=notice)
        await asyncio.sleep(wait_s)
        return take

    def _is_of_suite(self, take: Take) -> bool:
        """Whether the take is a row of a suite, which waits for its endpoint until it is stopped."""
        return self._repository.store.comparisons.get(take.comparison_id).suite is not None

    async def _kept(self, take: Take, job: Job) -> Take | None:
        """Adopt a job that was paid for just now, however long the store cannot be written."""
        while True:
            try:
                return self._adopt(take, job)
            except StoreUnusable as error:
                log.warning("job %s of take %s is kept in memory: %s", job.id, take.id, error)
                await asyncio.sleep(self._retry_policy.unwritable_s)

    def _adopt(self, take: Take, job: Job) -> Take | None:
        """Keep the job id; None when the job already belongs to another take.

        Raises:
            Conflict: somebody else carries this take with a job.
        """
        if not self._coordination.claim_job(take.endpoint, job.id, take.id):
            return None
        try:
            return self._queued(take, job)
        except Conflict:
            # Another runner looked for this job before it was made and gave up: the answer is worth more than that.
            current = self._repository.store.takes.get(take.id)
            if current.job_id or current.state not in {TakeState.SUBMITTING, TakeState.AMBIGUOUS}:
                raise
            return self._queued(current, job)

    def _queued(self, take: Take, job: Job) -> Take:
        now = time.time()
        return self._repository.save(
            take,
            state=TakeState.QUEUED,
            job_id=job.id,
            request_id=job.request_id,
            echoed_model=job.model,
            status_word=job.word,
            progress=job.progress,
            origin=Origin.SIMULATED if job.is_simulated else take.origin,
            deadline=now + self._settings.watch_limit_s,
            problem=None,
            notice=None,
            moments=dataclasses.replace(take.moments, submitted=now, ended=None),
        )

    async def look_after_crash(self, take: Take) -> Take:
        """A take found in "submitting" at the start: its create may or may not have gone out."""
        stopped = Ambiguous(self._endpoint.name, "this program stopped before the answer came")
        return await self.look(take, stopped)

    async def look(self, take: Take, error: Ambiguous) -> Take:
        """Look for the job a few times; the outcome is "ambiguous" when it is not found."""
        for wait in self._retry_policy.search_s:
            found = await self._found(take)
            if found:
                return found
            await asyncio.sleep(wait)
        return await self._found(take) or self._repository.end(take, TakeState.AMBIGUOUS, problem_of(error))

    async def _found(self, take: Take) -> Take | None:
        since = take.moments.submitting or take.moments.planned
        try:
            owned = self._coordination.job_of(take.id)
            jobs = [await self._endpoint.poll(owned)] if owned else await self._endpoint.find(take.request, since)
        except EndpointError:
            return None
        for job in sorted(jobs, key=lambda one: one.created or 0.0):
            if self._coordination.claimant_of_job(take.endpoint, job.id) in {None, take.id}:
                return self._adopt(take, job)
        return None


def _state_of_refusal(error: EndpointError) -> TakeState:
    return TakeState.MODERATED if isinstance(error, ContentRefused) else TakeState.FAILED
