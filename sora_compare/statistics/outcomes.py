"""Outcomes per arm as shares with exact intervals: completed, refused, failed, timed out, retried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.outcomes import left_out, why_left_out
from sora_compare.domain.takes import Origin, TakeState
from sora_compare.statistics.estimators.proportions import share_of
from sora_compare.statistics.results import LEVEL, Result, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.takes import ArmLabel, Take

METHOD = "share of the takes that ended by the model's or its server's doing, Clopper-Pearson (1934) interval"
VERSION = "3"
TIMED_OUT = frozenset({TakeState.STOPPED_POLLING, TakeState.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares(Result):
    """How the takes of an arm ended; `n_reviews` and `n_reviewers` are 0, nobody's opinion is in it.

    Attributes:
        n: takes behind the shares: those whose outcome is the model's or its server's doing (`domain/outcomes.py`).
        completed, refused, failed, timed_out: shares of `n`; what is neither was made and could not be had.
        retried: share that needed another request before it was received.
        counts: of `n`, by outcome.
        left_out: takes that are not in `n`, by why: "ours", "unknown", "under way", "imported" …
    """

    arm: ArmLabel
    n: int
    completed: Span
    refused: Span
    failed: Span
    timed_out: Span
    retried: Span
    counts: dict[str, int]
    left_out: dict[str, int]


def shares(takes: Iterable[Take], arm: ArmLabel, *, level: float = LEVEL) -> Shares:
    """How the takes of one arm ended; every attempt counts."""
    of_arm = [take for take in takes if take.arm == arm]
    asked = [take for take in of_arm if why_left_out(take) is None]
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
        left_out=left_out(of_arm),
        method=METHOD,
        version=VERSION,
        n_prompts=len({take.request.prompt for take in asked}),
        n_reviewers=0,
        n_reviews=0,
        missing=len(of_arm) - len(asked),
    )


def counts_as_requested(take: Take) -> bool:
    """Whether the take may have cost something: it counts for the model, or a job was made before we lost it."""
    is_lost = take.job_id is not None and take.cached_from is None and take.state is not TakeState.CANCELLED
    return why_left_out(take) is None or (take.is_ended and take.origin is not Origin.IMPORTED and is_lost)
