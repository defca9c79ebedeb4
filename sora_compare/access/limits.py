"""A limit on how often something may be tried: guesses of tokens and passphrases, joins by a link."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_GUESSES = 10
WINDOW_S = 300.0
MOST_REMEMBERED = 10_000
IPV6_NETWORK = 64
"""Bits of an IPv6 address that name one household or machine, which has all addresses below them."""


class RateLimit:
    """Counts tries by name within a sliding window; refused ones do not prolong the wait."""

    def __init__(
        self, most: int = MOST_GUESSES, window_s: float = WINDOW_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: OrderedDict[str, list[float]] = OrderedDict()

    def count(self, name: str) -> float:
        """Count one try; seconds until another is allowed when there were too many, 0 when this one was."""
        now = self._clock()
        with self._lock:
            recent = [moment for moment in self._counted.pop(name, []) if now - moment < self._window_s]
            is_allowed = len(recent) < self._most
            self._counted[name] = [*recent, now] if is_allowed else recent
            if len(self._counted) > MOST_REMEMBERED:
                self._counted.popitem(last=False)
        return 0.0 if is_allowed else recent[0] + self._window_s - now

    def forget(self, name: str) -> None:
        """Count from zero again."""
        with self._lock:
            self._counted.pop(name, None)


def network(address: str) -> str:
    """The address as it is counted: of IPv6 the part that one household or machine has for itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004  # the version's name
        return address
    return str(found.ipv4_mapped or ipaddress.ip_network((found, IPV6_NETWORK), strict=False))
