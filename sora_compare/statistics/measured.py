"""Whether what machines measure of a clip goes with what people score: Spearman's rank correlation.

Spearman (1904), as Pearson's correlation of mid-ranks; the interval by Fisher's z with the variance of Bonett and
Wright (2000), (1 + rho**2 / 2) / (n - 3). Clips of one prompt are alike, which the interval does not know: it is meant
for a look, not for a verdict. Each clip's score is the mean over its reviewers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.distributions import normal_quantile
from sora_compare.statistics.ratings import ARMS
from sora_compare.statistics.results import LEVEL, NOTHING, Floats, Result, Span, distinct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.takes import Take
    from sora_compare.statistics.ratings import Ratings

METHOD = "Spearman's rank correlation over clips, interval by Fisher's z (Bonett and Wright 2000)"
VERSION = "1"
FEWEST = 10
"""Clips; with fewer a rank correlation says next to nothing."""

MEASUREMENTS: dict[str, Callable[[Clip], float | None]] = {
    "loudness in LUFS": lambda clip: clip.loudness_lufs,
    "flashes (0 or 1)": lambda clip: None if clip.has_flashes is None else float(clip.has_flashes),
    "bytes per second": lambda clip: clip.bytes / clip.duration_s if clip.duration_s else None,
    "length in seconds": lambda clip: clip.duration_s,
    "pixels": lambda clip: float(clip.width * clip.height),
    "frames per second": lambda clip: float(clip.frame_rate),
}
"""What is known of every clip; None where it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredAgreement(Result):
    """One measurement against the scores of one criterion; `reason` says why `rho` is unknown."""

    measurement: str
    criterion: str
    rho: Span
    n: int
    reason: str


def agreement_with_people(ratings: Ratings, takes: Iterable[Take], *, level: float = LEVEL) -> list[MeasuredAgreement]:
    """Every measurement against every criterion that has scores; hidden repeats and A/A pairs are left out."""
    plain = ratings.without_checks()
    clips = {(f"{take.comparison_id}:{take.repeat}", str(take.arm)): take.clip for take in takes if take.clip}
    found = []
    for number, criterion in enumerate(plain.criteria):
        scores = _clip_scores(plain, number)
        if not scores:
            continue
        for name, measure in MEASUREMENTS.items():
            pairs = [
                (value, score)
                for place, score in scores.items()
                if place in clips and (value := measure(clips[place])) is not None
            ]
            rho, reason = _correlated(np.array(pairs, dtype=float).reshape(-1, 2), level)
            found.append(
                MeasuredAgreement(
                    measurement=name,
                    criterion=criterion,
                    rho=rho,
                    n=len(pairs),
                    reason=reason,
                    method=METHOD,
                    version=VERSION,
                    n_prompts=distinct(plain.prompt),
                    n_reviewers=distinct(plain.reviewer),
                    n_reviews=len(plain),
                    missing=len(scores) - len(pairs),
                )
            )
    return found


def _clip_scores(plain: Ratings, criterion: int) -> dict[tuple[str, str], float]:
    """Mean score of each clip by pair and arm."""
    found: dict[tuple[str, str], float] = {}
    size = len(plain.pairs.names)
    for arm, label in enumerate(ARMS):
        values = plain.scores[criterion, arm]
        there = ~np.isnan(values)
        counts = np.bincount(plain.pair[there], minlength=size)
        totals = np.bincount(plain.pair[there], values[there], size)
        found |= {
            (plain.pairs.names[pair], label): float(totals[pair] / counts[pair]) for pair in np.flatnonzero(counts)
        }
    return found


def _correlated(pairs: Floats, level: float) -> tuple[Span, str]:
    n = len(pairs)
    if n < FEWEST:
        return NOTHING, f"Too few: {n} of at least {FEWEST} clips."
    if not np.ptp(pairs[:, 0]):
        return NOTHING, "The same for every clip."
    if not np.ptp(pairs[:, 1]):
        return NOTHING, "Every clip has the same score."
    rho = float(np.corrcoef(_mid_ranks(pairs[:, 0]), _mid_ranks(pairs[:, 1]))[0, 1])
    half = normal_quantile((1 + level) / 2) * float(np.sqrt((1 + rho**2 / 2) / (n - 3)))
    middle = float(np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12)))
    return Span(rho, float(np.tanh(middle - half)), float(np.tanh(middle + half))), ""


def _mid_ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return ranks
