"""How the runner is, for pages, commands and probes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """How the runner is.

    Attributes:
        is_alive: whether its thread lives.
        is_holder: whether it holds the lease.
        under_way: takes.
        fault: the last one, in words.
        down: endpoints that do not answer, and until when nothing is sent to each (seconds since the epoch).
        waits_for: what has to be mended before anything goes on, as a sentence; None while nothing has.
    """

    is_alive: bool
    is_holder: bool
    under_way: int
    fault: str | None
    down: dict[str, float]
    waits_for: str | None = None
