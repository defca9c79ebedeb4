"""Guard rails of a canary: their limits, and what was observed. `releases.canary.rails` judges them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEAST_SCORES = 5
"""Scores per side under which a mean says nothing."""
FALSE_ALARMS = 0.05
"""Chance that a candidate as good as the base is ever rolled back, over a canary's life and all rails together."""


@dataclass(frozen=True, slots=True)
class GuardRails:
    """Limits; None switches a rail off.

    Attributes:
        failure_rise: by how much the share of failed takes may rise, as a share (0.05 is five percentage points).
        slowdown: how many times the base's median total time the candidate's may be.
        score_drop: by how many points of 1 to 10 the mean score may fall.
        is_model_checked: whether one take whose server names another model than the candidate ends the canary.
        least: takes per side under which the canary may not go on; a rail breaks with fewer when the evidence is there.
    """

    failure_rise: float | None = 0.05
    slowdown: float | None = 1.25
    score_drop: float | None = 0.5
    least: int = 20
    is_model_checked: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One take, or one outcome that a service reported of its own traffic.

    Attributes:
        at: when it began, in seconds since the epoch.
        total_s: from the request to the clip; None without a clip, or where it was not measured.
        score: 1 to 10, where the service reported one.
        is_known: False while it is under way: it holds its place and says nothing.
        other_model: the model that the server named, where that contradicts the one asked for.
    """

    at: float
    is_candidate: bool
    is_completed: bool
    total_s: float | None = None
    score: float | None = None
    is_known: bool = True
    other_model: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one model while the canary ran.

    Attributes:
        asked: takes with an outcome that says something of the model.
        completed: those that gave a clip.
        total_s: durations of completed takes.
        scores: 1 to 10, whatever the criterion.
    """

    asked: int = 0
    completed: int = 0
    total_s: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    @property
    def failed(self) -> int:
        """Takes without a clip."""
        return self.asked - self.completed


class Rail(StrEnum):
    """What a guard rail watches."""

    OUTCOMES = "outcomes"
    TIMINGS = "timings"
    SCORES = "scores"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Reading:
    """How one rail stands.

    Attributes:
        is_enough: whether there is enough to judge.
        value: the rise, the ratio or the drop; None when there is nothing to compute it from.
        limit: what it may be at most.
        base_n, candidate_n: observations behind it.
        evidence: against "no worse than the base"; 1 at the start, and None where an interval decides.
        needed: evidence at which the rail breaks.
        power: after how many takes a fault would be noticed, as a sentence.
    """

    rail: Rail
    is_enough: bool
    is_broken: bool
    value: float | None
    limit: float
    base_n: int
    candidate_n: int
    sentence: str
    evidence: float | None = None
    needed: float | None = None
    power: str = ""
