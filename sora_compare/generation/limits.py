"""How fast endpoints are asked: waits between tries, jobs in flight, requests per minute, a pause after failures."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sora_compare.domain.endpoints import Endpoint

FAILURES_TO_OPEN = 4
FIRST_OPEN_S = 5.0
LONGEST_OPEN_S = 120.0
MOST_DOUBLINGS = 32
"""More would be too large a number after a day of failures."""


class CircuitBreaker:
    """Counts failures in a row; `until` is the end of the rest while it is open, in seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._failures = 0
        self.until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing is sent now."""
        return self.until is not None and self._clock() < self.until

    def failed(self) -> None:
        """The endpoint could not be reached once more; the rest doubles with every failure after the first few."""
        self._failures += 1
        over = self._failures - FAILURES_TO_OPEN
        if over >= 0:
            self.until = self._clock() + min(LONGEST_OPEN_S, FIRST_OPEN_S * 2 ** min(over, MOST_DOUBLINGS))

    def answered(self) -> None:
        """The endpoint answered: closed again."""
        self._failures = 0
        self.until = None

    async def wait_until_closed(self) -> None:
        """Wait while it is open; what goes through afterwards closes it again or prolongs the rest."""
        # The end of the rest moves while others try, so that a timer set once would ring too early.
        while self.is_open:  # noqa: ASYNC110  # see above
            await asyncio.sleep(max(0.05, min(1.0, (self.until or 0.0) - self._clock())))


MINUTE_S = 60.0
MOST_DOUBLINGS = 32
"""More would be too large a number after a day of tries, and every cap is reached long before."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits with full jitter: uniform between 0 and the capped exponential.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    base_s: float = 0.5
    cap_s: float = 30.0

    def wait_s(self, tries: int, requested_s: float | None = None) -> float:
        """Seconds to wait after that many failed tries; never less than the server asked."""
        # Jitter spreads load; nothing secret depends on it.
        jittered = random.uniform(0, min(self.cap_s, self.base_s * 2 ** min(tries, MOST_DOUBLINGS)))  # noqa: S311
        return max(jittered, requested_s or 0.0)


class RateLimiter:
    """One endpoint's limits: jobs in flight at once, creates per minute."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._slots = asyncio.Semaphore(endpoint.concurrency)
        self._gap_s = MINUTE_S / endpoint.requests_per_minute if endpoint.requests_per_minute else 0.0
        self._next_create = 0.0
        self.breaker = CircuitBreaker()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one of the places in flight."""
        async with self._slots:
            yield

    async def before_create(self) -> None:
        """Wait while the endpoint's circuit is open, then until the rate limit allows one more create."""
        await self.breaker.wait_until_closed()
        now = time.monotonic()
        wait = max(0.0, self._next_create - now)
        self._next_create = max(now, self._next_create) + self._gap_s
        await asyncio.sleep(wait)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits of the runner, in seconds.

    Attributes:
        lease_s: a runner that died without a word is followed after this long.
        renew_s: between two renewals of the lease.
        inbox_s: takes planned by another process are noticed within this time; those of this process at once.
        pause_s: a take that met a fault of ours is taken up again after this long.
        unwritable_s: between tries to write down a job while the store cannot be written.
        search_s: between looks for a job that may exist.
        create: between creates that were surely not received.
        fetch: between tries to fetch a clip.
        fetch_tries: so many, then the clip is "not saved".
        download_s: fetching a clip may take this long in all, every try counted.
        slow_s: a download is given up when it was too slow for this long.
        gone_after_s: a job counts as gone when the server has not known it for this long, in its list either.
    """

    lease_s: float = 10.0
    renew_s: float = 3.0
    inbox_s: float = 0.5
    pause_s: float = 30.0
    unwritable_s: float = 1.0
    search_s: tuple[float, ...] = (0.5, 2.0, 6.0)
    create: Backoff = field(default_factory=Backoff)
    fetch: Backoff = field(default_factory=lambda: Backoff(base_s=0.5, cap_s=20.0))
    fetch_tries: int = 6
    download_s: float = 1800.0
    slow_s: float = 30.0
    gone_after_s: float = 300.0
