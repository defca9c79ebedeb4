"""A limit on tries to guess a token or passphrase."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_ATTEMPTS = 10
WINDOW_S = 300.0
MOST_REMEMBERED = 10_000


class Attempts:
    """Counts failed tries by who (an address) and what (an invitation) within a sliding window."""

    def __init__(
        self, most: int = MOST_ATTEMPTS, window_s: float = WINDOW_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, *names: str) -> float:
        """Seconds until another try is allowed for all of these names; 0 when now."""
        now = self._clock()
        with self._lock:
            return max((self._wait_of(name, now) for name in names), default=0.0)

    def _wait_of(self, name: str, now: float) -> float:
        recent = [moment for moment in self._failed.get(name, []) if now - moment < self._window_s]
        return recent[-self._most] + self._window_s - now if len(recent) >= self._most else 0.0

    def failed(self, *names: str) -> None:
        """Count one failed try for each name."""
        now = self._clock()
        with self._lock:
            for name in names:
                self._failed[name] = [*self._failed.pop(name, [])[-self._most :], now]
            while len(self._failed) > MOST_REMEMBERED:
                self._failed.popitem(last=False)
