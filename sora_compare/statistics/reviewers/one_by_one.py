"""The difference as each reviewer sees it, without each reviewer, and whether they point the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.estimators.crossed import Estimate, fit
from sora_compare.statistics.results import LEVEL, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.statistics.ratings import Cells
    from sora_compare.statistics.reviewers.p910 import Subjects

FEW_NAMES = 4
MOST_LEFT_OUT = 100
"""Of more reviewers, those whose own difference lies farthest from the mean: the others move it less."""


@dataclass(frozen=True, slots=True)
class ReviewerFigures:
    """One reviewer: own mean of B - A over prompts scored for both, P.910 bias and inconsistency."""

    reviewer: str
    difference: float | None
    prompts: int
    bias: float | None
    inconsistency: float | None


@dataclass(frozen=True, slots=True)
class WithoutOne:
    """The difference with one reviewer left out; `flips` when its sign is another than with everybody."""

    reviewer: str
    estimate: Estimate
    flips: bool


def figures(cells: Cells, people: Subjects, names: Sequence[str]) -> tuple[ReviewerFigures, ...]:
    """Everybody who gave a score, in the order of `people`."""
    counts = np.bincount(cells.reviewer, minlength=cells.n_reviewers)
    sums = np.bincount(cells.reviewer, cells.value, cells.n_reviewers)
    own = {names[who]: (total / n, int(n)) for who, total, n in zip(cells.who, sums, counts, strict=True)}
    return tuple(
        ReviewerFigures(
            reviewer=name,
            difference=float(own[name][0]) if name in own else None,
            prompts=own[name][1] if name in own else 0,
            bias=float(bias),
            inconsistency=float(inconsistency),
        )
        for name, bias, inconsistency in zip(people.reviewers, people.bias, people.inconsistency, strict=True)
    )


def sign_warning(people: Sequence[ReviewerFigures]) -> str:
    """A sentence when some reviewers see A ahead and others B; empty when they agree."""
    for_a = [one.reviewer for one in people if one.difference is not None and one.difference < 0]
    for_b = [one.reviewer for one in people if one.difference is not None and one.difference > 0]
    if not (for_a and for_b):
        return ""
    return f"Reviewers disagree in sign: {_listed(for_b)} B ahead, {_listed(for_a)} A ahead."


def _listed(names: Sequence[str]) -> str:
    who = listed(names) if len(names) <= FEW_NAMES else f"{len(names)} reviewers"
    return f"{who} {'sees' if len(names) == 1 else 'see'}"


def leave_one_out(cells: Cells, names: Sequence[str], *, level: float = LEVEL) -> tuple[WithoutOne, ...]:
    """The difference without each reviewer in turn; empty with fewer than two, and at most `MOST_LEFT_OUT`."""
    whole = fit(cells).mean
    if whole is None or cells.n_reviewers < len(("one", "another")):
        return ()
    own = np.bincount(cells.reviewer, cells.value) / np.bincount(cells.reviewer)
    found = []
    for code in np.sort(np.argsort(-np.abs(own - whole), kind="stable")[:MOST_LEFT_OUT]):
        who = cells.who[code]
        estimate = fit(cells.without(code)).estimate(level)
        flips = estimate.mean is not None and estimate.mean * whole < 0
        found.append(WithoutOne(names[who], estimate, flips))
    return tuple(found)
