"""A circuit breaker per endpoint: after several failed connections nothing is sent for a while.

Source of the pattern: M. Nygard, "Release It!", 2007: closed, open, half-open.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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
