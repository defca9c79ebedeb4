"""One take from its plan to its outcome, each step written before it happens.

The state in the store is the whole truth: after a crash the same steps go on from whatever was written last.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.takes import Moments, Problem, Take, TakeState
from sora_compare.generation.job_poller import POLLED
from sora_compare.store.coordination import CANCEL, PAUSE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sora_compare.endpoints.protocol import VideoEndpoint
    from sora_compare.generation.clip_downloader import ClipDownloader
    from sora_compare.generation.job_poller import JobPoller
    from sora_compare.generation.limits import RateLimiter
    from sora_compare.generation.submitter import Submitter
    from sora_compare.generation.take_repository import TakeRepository
    from sora_compare.store.coordination import Coordination

SAME_REQUEST_POLL_S = 0.3
END_OF_CANCELLED = {
    TakeState.SUBMITTING: (
        TakeState.AMBIGUOUS,
        "Cancelled while its job was looked for: it may exist and may be billed. Look for it again at no cost.",
    ),
    TakeState.FETCHING: (
        TakeState.NOT_SAVED,
        "Cancelled while its clip was fetched: the job is done. Fetch the clip at any time; it costs nothing.",
    ),
}
"""How a take ends whose job exists, or may, when it is cancelled while nobody watches it."""


class TakeWork:
    """Carries one take forward until it has its outcome."""

    def __init__(
        self,
        *,
        repository: TakeRepository,
        coordination: Coordination,
        endpoint: VideoEndpoint,
        limiter: RateLimiter,
        submitter: Submitter,
        job_poller: JobPoller,
        downloader: ClipDownloader,
    ) -> None:
        self._repository = repository
        self._coordination = coordination
        self._endpoint = endpoint
        self._limiter = limiter
        self._submitter = submitter
        self._job_poller = job_poller
        self._downloader = downloader
        self._steps: dict[TakeState, Callable[[Take], Awaitable[Take]]] = {
            TakeState.PLANNED: submitter.submit,
            TakeState.SUBMITTING: submitter.look_after_crash,
            TakeState.FETCHING: self._fetch,
        }

    @property
    def is_sending(self) -> bool:
        """Whether a create is on its way right now."""
        return self._submitter.is_sending

    async def run(self, take: Take) -> Take:
        """Carry the take to its outcome and return it.

        Raises:
            Conflict: somebody else carries this take.
        """
        if take.state is TakeState.PLANNED and not take.is_fresh:
            take = await self._from_cache(take)
        async with AsyncExitStack() as stack:
            take = await self._in_turn(take, stack)
            while not take.is_ended:
                take = await self._stepped(take)
        return take

    def notice_signal(self) -> None:
        """Somebody left a signal for this take: look at it now and not at the next poll."""
        self._job_poller.signalled.set()

    async def _stepped(self, take: Take) -> Take:
        """One step, or the end of the take when it is cancelled meanwhile; polling looks at signals by itself."""
        if take.state in POLLED:
            return await self._job_poller.poll(take)
        step = asyncio.ensure_future(self._steps[take.state](take))
        try:
            while not step.done():
                await self._signalled_or(step)
                if not (step.done() or self.is_sending) and self._is_cancelled(take):
                    step.cancel()
                    await asyncio.gather(step, return_exceptions=True)
                    return self._cancelled(take)
            return step.result()
        finally:
            step.cancel()
            await asyncio.gather(step, return_exceptions=True)

    async def _signalled_or(self, step: asyncio.Future[Take]) -> None:
        """Wait for a signal, or for the end of the step."""
        send_signal = asyncio.create_task(self._job_poller.signalled.wait())
        awaited: tuple[asyncio.Future[Any], ...] = (step, send_signal)
        try:
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            send_signal.cancel()
        self._job_poller.signalled.clear()

    def _is_cancelled(self, take: Take) -> bool:
        """Whether somebody asked to cancel the take; a pause counts only while nothing was sent."""
        send_signal = self._coordination.take_signal(take.id)
        return send_signal == CANCEL or (
            send_signal == PAUSE and self._repository.store.takes.get(take.id).state is TakeState.PLANNED
        )

    def _cancelled(self, take: Take) -> Take:
        """The end of a take whose step was broken off; what was paid for can be gone on with at no cost."""
        take = self._repository.store.takes.get(take.id)
        if take.is_ended:
            return take
        if take.state is TakeState.PLANNED:
            return self._submitter.withdrawn(take)
        if take.state in POLLED:
            # The job was made at the last moment: watching ends it.
            self._coordination.send_signal(take.id, CANCEL)
            return take
        state, sentence = END_OF_CANCELLED[take.state]
        return self._repository.end(take, state, Problem(sentence, kind=ProblemKind.CANCELLED))

    async def _in_turn(self, take: Take, stack: AsyncExitStack) -> Take:
        """Wait for a place in flight; a take that has not been sent can be cancelled meanwhile."""
        turn = asyncio.create_task(stack.enter_async_context(self._limiter.slot()))
        signalled = self._job_poller.signalled
        try:
            while not (turn.done() or take.is_ended):
                send_signal = asyncio.create_task(signalled.wait())
                await asyncio.wait({turn, send_signal}, return_when=asyncio.FIRST_COMPLETED)
                send_signal.cancel()
                if signalled.is_set():
                    signalled.clear()
                    take = self._cancelled_unsent(take)
        finally:
            turn.cancel()
            await asyncio.gather(turn, return_exceptions=True)
        return take

    def _cancelled_unsent(self, take: Take) -> Take:
        if take.state is not TakeState.PLANNED:
            return take
        return self._submitter.cancelled(take) or take

    async def _fetch(self, take: Take) -> Take:
        return await self._downloader.fetch(take, self._endpoint, self._job_poller.job)

    async def _from_cache(self, take: Take) -> Take:
        """The same request costs once: serve an earlier take's clip, or wait for one that is under way."""
        while True:
            earlier = self._repository.store.takes.answer_to(take.fingerprint)
            if earlier and earlier.clip and self._downloader.has(earlier.clip):
                return self._served(take, earlier)
            if self._coordination.claim_request(take.fingerprint, take.id):
                return take
            cancelled = self._submitter.cancelled(take)
            if cancelled:
                return cancelled
            await asyncio.sleep(SAME_REQUEST_POLL_S)

    def _served(self, take: Take, earlier: Take) -> Take:
        now = time.time()
        return self._repository.save(
            take,
            state=TakeState.COMPLETED,
            cached_from=earlier.id,
            clip=earlier.clip,
            origin=earlier.origin,
            echoed_model=earlier.echoed_model,
            job_id=earlier.job_id,
            estimated_dollars=0.0,
            moments=Moments(planned=take.moments.planned, saved=now, ended=now),
        )
