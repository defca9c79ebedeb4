"""What stands beside a criterion's verdict and never decides it: other ways to the same difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.statistics.estimators.bootstrap import Bootstrapped, mean_interval
from sora_compare.statistics.estimators.crossed import Estimate, fit
from sora_compare.statistics.estimators.threads import one_thread
from sora_compare.statistics.ratings import differences
from sora_compare.statistics.reviewers.one_by_one import WithoutOne, leave_one_out
from sora_compare.statistics.reviewers.screening import Screening, screening

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Ratings


@dataclass(frozen=True, slots=True)
class Beside:
    """Other ways to look at one criterion's scores.

    Attributes:
        bootstrap: two-way cluster bootstrap of B - A.
        without: B - A with each reviewer left out; of very many reviewers, the most unlike the others.
        screened: whom BT.500 would leave out.
        tags: B - A on the prompts of each tag, for any reviewer where there are at least two; described, not judged.
    """

    bootstrap: Bootstrapped
    without: tuple[WithoutOne, ...]
    screened: Screening
    tags: dict[str, Estimate]


def beside(ratings: Ratings, criterion: str) -> Beside:
    """Look at one criterion of the table in all these ways; ValueError when the table has none of that name."""
    with one_thread():
        plain = ratings.without_checks().only(criterion)
        cells = differences(plain, 0)
        return Beside(
            bootstrap=mean_interval(cells),
            without=leave_one_out(cells, plain.reviewers),
            screened=screening(plain, 0),
            tags=per_tag(plain),
        )


def per_tag(one: Ratings) -> dict[str, Estimate]:
    """B - A by tag, for a table of one criterion; tags without a pair scored on both arms are left out."""
    fits = {tag: fit(differences(one.with_tag(tag), 0)) for tag in one.tags}
    return {tag: fitted.estimate() for tag, fitted in fits.items() if fitted.mean is not None}
