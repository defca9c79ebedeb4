"""How fast endpoints are asked: waits between tries, jobs in flight at once, requests per minute."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.generation.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sora_compare.domain.endpoints import Endpoint

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

    def wait_s(self, tries: int, asked_s: float | None = None) -> float:
        """Seconds to wait after that many failed tries; never less than the server asked."""
        # Jitter spreads load; nothing secret depends on it.
        jittered = random.uniform(0, min(self.cap_s, self.base_s * 2 ** min(tries, MOST_DOUBLINGS)))  # noqa: S311
        return max(jittered, asked_s or 0.0)


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
