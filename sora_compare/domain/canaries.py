"""Canaries: a share of keys uses the candidate, and the share widens step by step. Pure values and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from sora_compare.domain.guard_rails import GuardRails, Rail, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEPS = (10, 25, 50, 100)
"""Percent of keys; each step needs its own window (source: the article begins with 10 %)."""
HOUR_S = 3600.0
SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 24 * HOUR_S, 48 * HOUR_S
"""How long a step is observed before the next one (source: the article, 24 to 48 h)."""
PLACES = 2**64
ACCEPTED = ("better", "not worse")
"""Verdicts with which a candidate may go on."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A candidate that a share of an environment's keys uses.

    Attributes:
        share: percent of keys, one of STEPS.
        salt: mixed into each key, so that other canaries choose other keys.
        started, step_started: seconds since the epoch.
        window_s: how long each step is observed.
        is_automatic: whether a broken guard rail ends it without anybody.
        since_entry: number of the last audit entry before it began.
    """

    candidate: str
    share: int
    salt: str
    started: float
    step_started: float
    window_s: float = SHORTEST_WINDOW_S
    is_automatic: bool = True
    rails: GuardRails = field(default_factory=GuardRails)
    since_entry: int = 0

    @property
    def next_share(self) -> int | None:
        """The next step in percent; None when the next step is the promotion."""
        return next((step for step in STEPS if step > self.share), None)


def place(salt: str, key: str) -> int:
    """Where a key stands, from 0 to 2**64 - 1: BLAKE2b of salt and key. The same for ever and everywhere."""
    found = f"{salt}:{key}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(found, digest_size=8).digest(), "big")


def bucket(salt: str, key: str) -> float:
    """The same as a share, in [0, 1)."""
    return (place(salt, key) >> 11) / 2**53


def threshold(share: int) -> int:
    """Keys whose place is below it use the candidate; it only grows with the share, so that no key moves back."""
    return share * PLACES // 100


def uses_candidate(canary: Canary, key: str) -> bool:
    """Whether this key uses the candidate."""
    return place(canary.salt, key) < threshold(canary.share)


@dataclass(frozen=True, slots=True)
class CanaryStatus:
    """How a canary stands at a moment.

    Attributes:
        elapsed_s: since the step began; below 0 when the clock went back.
        is_overdue: whether the longest window is over and somebody should decide.
        missing: what keeps it from the next step, as sentences; empty when it may go on.
        broken: sentences of the rails that broke.
    """

    elapsed_s: float
    is_overdue: bool
    readings: tuple[Reading, ...]
    missing: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def may_step(self) -> bool:
        """Whether the window is over, the verdict is there, and no rail is broken."""
        return not (self.missing or self.broken)


def canary_status(
    canary: Canary,
    now: float,
    readings: Sequence[Reading],
    verdict: Mapping[str, str],
    asked: Sequence[str],
) -> CanaryStatus:
    """How the canary stands.

    Args:
        canary: the one under way.
        now: seconds since the epoch.
        readings: of its guard rails.
        verdict: word by criterion, as far as there is one.
        asked: criteria that need a verdict.
    """
    elapsed = now - canary.step_started
    missing = [*_window(canary, elapsed), *_unseen(readings), *_verdict(verdict, asked)]
    broken = tuple(one.sentence for one in readings if one.is_broken)
    return CanaryStatus(elapsed, elapsed > LONGEST_WINDOW_S, tuple(readings), tuple(missing), broken)


def _window(canary: Canary, elapsed: float) -> list[str]:
    if elapsed < 0:
        return [f"The clock stands {-elapsed / HOUR_S:.1f} h before the step began: set it right, or stop the canary."]
    left = canary.window_s - elapsed
    if left <= 0:
        return []
    return [
        f"The window is {canary.window_s / HOUR_S:g} h, {elapsed / HOUR_S:.1f} h are over: wait {left / HOUR_S:.1f} h."
    ]


def _unseen(readings: Sequence[Reading]) -> list[str]:
    return [one.sentence for one in readings if one.rail is Rail.OUTCOMES and not one.is_enough]


def _verdict(verdict: Mapping[str, str], asked: Sequence[str]) -> list[str]:
    sentences = []
    for criterion in asked:
        word = verdict.get(criterion)
        if word is None:
            sentences.append(f"There is no verdict on {criterion}: compare and review pairs of the two snapshots.")
        elif word not in ACCEPTED:
            sentences.append(f"The verdict on {criterion} is “{word}”; going on needs “better” or “not worse”.")
    return sentences
