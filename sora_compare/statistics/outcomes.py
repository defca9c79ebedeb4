"""Outcomes per arm as shares with exact intervals: completed, refused, failed, timed out, retried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.takes import TakeState
from sora_compare.statistics.proportions import share_of
from sora_compare.statistics.results import LEVEL, Result, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.takes import ArmLabel, Take

METHOD = "share of the takes asked of the endpoint that have ended, Clopper-Pearson (1934) interval"
VERSION = "2"
TIMED_OUT = frozenset({TakeState.STOPPED_WATCHING, TakeState.EXPIRED})
LEFT_OUT = frozenset({TakeState.CANCELLED})
"""A person's decision says nothing of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares(Result):
    """How the takes of an arm ended; `n_reviews` and `n_reviewers` are 0, nobody's opinion is in it.

    Attributes:
        n: takes behind the shares; those under way, cancelled, imported or served from an earlier one are left out.
        completed, refused, failed, timed_out: shares of `n`; what is neither is lost or not known.
        retried: share that needed another request before it was received.
        counts: by outcome.
    """

    arm: ArmLabel
    n: int
    completed: Span
    refused: Span
    failed: Span
    timed_out: Span
    retried: Span
    counts: dict[str, int]


def shares(takes: Iterable[Take], arm: ArmLabel, *, level: float = LEVEL) -> Shares:
    """How the takes of one arm ended; every attempt counts."""
    of_arm = [take for take in takes if take.arm == arm]
    asked = [take for take in of_arm if counts_as_asked(take)]
    states = [take.state for take in asked]

    def share(*wanted: TakeState) -> Span:
        return share_of(sum(state in wanted for state in states), len(states), level=level)

    return Shares(
        arm=arm,
        n=len(asked),
        completed=share(TakeState.COMPLETED),
        refused=share(TakeState.MODERATED),
        failed=share(TakeState.FAILED),
        timed_out=share(*TIMED_OUT),
        retried=share_of(sum(take.retries > 0 or take.attempt > 0 for take in asked), len(asked), level=level),
        counts={str(state): states.count(state) for state in TakeState if state in states},
        method=METHOD,
        version=VERSION,
        n_prompts=len({take.request.prompt for take in asked}),
        n_reviewers=0,
        n_reviews=0,
        missing=len(of_arm) - len(asked),
    )


def counts_as_asked(take: Take) -> bool:
    """Whether an endpoint was asked and the take has ended by what the endpoint did."""
    was_asked = take.cached_from is None and take.moments.submitting is not None
    return was_asked and take.is_ended and take.state not in LEFT_OUT
