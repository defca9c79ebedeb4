"""The table under every estimator: one row a review, scores by criterion and arm, missing ones as NaN."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntFlag
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.reviews import Evidence
from sora_compare.statistics.results import Booleans, Floats, Integers, compact

if TYPE_CHECKING:
    from collections.abc import Sequence

A, B = 0, 1
ARMS = ("A", "B")
NO_PREFERENCE = -128
UNKNOWN_SIDE = -1
PAIR, REPEAT, SAME_CLIP, PRACTICE = range(4)
KINDS = ("pair", "repeat", "same_clip", "practice")
"""As `domain.sessions.ItemKind` words them, in the order of the codes."""


class ReviewStatus(IntFlag):
    """What one revision of an answer is.

    INDEPENDENT and LATEST: the last independent, and the last of all, revision of the answer; a row that is neither was
    replaced. The others say why it is not independent.
    """

    INDEPENDENT = 1
    LATEST = 2
    NOT_BLIND = 4
    AFTER_REVEAL = 8
    SAW_OTHERS = 16


COUNTS_ALWAYS = ReviewStatus.INDEPENDENT | ReviewStatus.LATEST
DECIDES = {Evidence.INDEPENDENT: int(ReviewStatus.INDEPENDENT), Evidence.ALL: int(ReviewStatus.LATEST)}


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was shown; arrays have one entry a pair.

    Attributes:
        names: of the pairs, such as "cmp_…:0".
        prompts: every prompt there is; `prompt` points into it.
        tags: one tuple a prompt.
    """

    names: tuple[str, ...]
    prompts: tuple[str, ...]
    prompt: Integers
    tags: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What the reviews of one group have in common: who met, where the clips come from, of which suite run."""

    endpoint_a: str = ""
    model_a: str = "A"
    endpoint_b: str = ""
    model_b: str = "B"
    origin: str = "imported"
    suite: str = ""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Reviews as arrays of n rows.

    Attributes:
        criteria: names; the first axis of `scores`.
        reviewers, sessions: names; `reviewer` and `session` point into them.
        pair: row of `pairs`.
        prompt: of the pair, in `pairs.prompts`.
        scores: (criteria, 2, n) for arms A and B; NaN where there is no score.
        is_asked: same shape; False where the criterion or arm was not asked at all.
        preference: -3..3, negative for A, or NO_PREFERENCE.
        left: the arm shown on the left, 0 or 1, or UNKNOWN_SIDE.
        kind: PAIR, or what tests the reviewers: REPEAT, SAME_CLIP, PRACTICE.
        group: points into `groups`.
        at: seconds since the epoch.
        review_status: bits of `ReviewStatus`, those of an independent review when left out.
    """

    criteria: tuple[str, ...]
    reviewers: tuple[str, ...]
    sessions: tuple[str, ...]
    pairs: Pairs
    reviewer: Integers
    session: Integers
    pair: Integers
    prompt: Integers
    scores: Floats
    is_asked: Booleans
    preference: Integers
    left: Integers
    kind: Integers
    group: Integers
    at: Floats
    groups: tuple[Group, ...] = (Group(),)
    review_status: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Fill in the review status where none is given."""
        if len(self.review_status) != len(self.pair):
            object.__setattr__(self, "review_status", np.full(len(self.pair), int(COUNTS_ALWAYS)))

    def __len__(self) -> int:
        return len(self.pair)

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag of a prompt that was rated, in alphabetical order."""
        there = np.flatnonzero(np.bincount(self.prompt))
        return tuple(sorted({tag for code in there for tag in self.pairs.tags[code]}))

    def where(self, rows: Booleans) -> Ratings:
        """Only these rows."""
        return replace(
            self,
            reviewer=self.reviewer[rows],
            session=self.session[rows],
            pair=self.pair[rows],
            prompt=self.prompt[rows],
            scores=self.scores[:, :, rows],
            is_asked=self.is_asked[:, :, rows],
            preference=self.preference[rows],
            left=self.left[rows],
            kind=self.kind[rows],
            group=self.group[rows],
            at=self.at[rows],
            review_status=self.review_status[rows],
        )

    def only(self, criterion: str) -> Ratings:
        """Only that criterion; ValueError when the table has none of that name."""
        number = self.criteria.index(criterion)
        one = slice(number, number + 1)
        return replace(self, criteria=(criterion,), scores=self.scores[one], is_asked=self.is_asked[one])

    def with_tag(self, tag: str) -> Ratings:
        """Only prompts with that tag."""
        has = np.array([tag in tags for tags in self.pairs.tags], dtype=bool)
        return self.where(has[self.prompt])

    def without_checks(self) -> Ratings:
        """Without practice, hidden repeats and A/A pairs, which test the reviewers and not the arms."""
        rows = self.kind == PAIR
        return self if rows.all() else self.where(rows)

    def deciding(self, evidence: Evidence) -> Ratings:
        """Only the reviews that decide: one row for each answer."""
        rows = (self.review_status & DECIDES[evidence]) > 0
        return self if rows.all() else self.where(rows)

    def missing(self, criterion: int) -> int:
        """Scores of a criterion that were asked for and are not there."""
        return int(np.count_nonzero(self.is_asked[criterion] & np.isnan(self.scores[criterion])))


@dataclass(frozen=True, slots=True)
class Cells:
    """One number for each prompt and reviewer: the mean where there are several.

    Attributes:
        prompt, reviewer: codes from 0 without gaps.
        value: (N,) one a cell, no NaN.
        who: for each reviewer code, the row in `Ratings.reviewers`.
        n_reviews: reviews behind the cells.
        missing: scores asked for and not there.
    """

    prompt: Integers
    reviewer: Integers
    value: Floats
    who: Integers
    n_prompts: int
    n_reviewers: int
    n_reviews: int
    missing: int

    def without(self, reviewer: int) -> Cells:
        """The cells of everybody but the reviewer of that code."""
        rest = self.reviewer != reviewer
        return cells_of_arrays(self.prompt[rest], self.who[self.reviewer[rest]], self.value[rest], self.missing)


def differences(ratings: Ratings, criterion: int) -> Cells:
    """B - A of one criterion, for reviews that scored both arms."""
    scores = ratings.scores[criterion]
    return cells_of(ratings, scores[B] - scores[A], ratings.missing(criterion))


def scores_of(ratings: Ratings, criterion: int, arm: int) -> Cells:
    """Scores of one criterion and arm."""
    asked, scores = ratings.is_asked[criterion, arm], ratings.scores[criterion, arm]
    return cells_of(ratings, scores, int(np.count_nonzero(asked & np.isnan(scores))))


def cells_of(ratings: Ratings, values: Floats, missing: int) -> Cells:
    """Cells of one value a review (n,); NaN where there is none."""
    there = ~np.isnan(values)
    return cells_of_arrays(ratings.prompt[there], ratings.reviewer[there], values[there], missing)


def cells_of_arrays(prompts: Integers, reviewers: Integers, values: Floats, missing: int) -> Cells:
    """Cells of values (n,) without NaN, each with the codes of its prompt and reviewer."""
    if not len(values):
        none = np.empty(0, dtype=np.int64)
        return Cells(none, none, np.empty(0), none, 0, 0, 0, missing)
    (prompt, which), (reviewer, who) = compact(prompts), compact(reviewers)
    n_prompts, n_reviewers = len(which), len(who)
    keys = prompt * n_reviewers + reviewer
    if n_prompts * n_reviewers <= 8 * len(values) + 1_000_000:
        counts = np.bincount(keys)
        if counts.max() == 1:
            return Cells(prompt, reviewer, values, who, n_prompts, n_reviewers, len(values), missing)
        found = np.flatnonzero(counts)
        sums = np.bincount(keys, values)[found]
        counts = counts[found]
    else:
        found, place, counts = np.unique(keys, return_inverse=True, return_counts=True)
        sums = np.bincount(place, values)
    return Cells(
        found // n_reviewers, found % n_reviewers, sums / counts, who, n_prompts, n_reviewers, len(values), missing
    )


def table(
    rows: Sequence[tuple[str, str, str, str, float | None]],
) -> Ratings:
    """Ratings from (prompt, reviewer, arm, criterion, score) rows: a quick way for tests and examples.

    The k-th row of the same prompt, reviewer, arm and criterion belongs to that reviewer's k-th review of the prompt.
    """
    criteria = tuple(dict.fromkeys(row[3] for row in rows))
    reviewers = tuple(dict.fromkeys(row[1] for row in rows))
    prompts = tuple(dict.fromkeys(row[0] for row in rows))
    place = {name: n for names in (criteria, reviewers, prompts) for n, name in enumerate(names)}
    seen: dict[tuple[str, str, str, str], int] = {}
    reviews: dict[tuple[str, str, int], dict[tuple[int, int], float]] = {}
    for prompt, reviewer, arm, criterion, score in rows:
        nth = seen[prompt, reviewer, arm, criterion] = seen.get((prompt, reviewer, arm, criterion), -1) + 1
        review = reviews.setdefault((prompt, reviewer, nth), {})
        review[place[criterion], ARMS.index(arm)] = np.nan if score is None else score
    return _filled(criteria, reviewers, prompts, reviews)


def _filled(
    criteria: tuple[str, ...],
    reviewers: tuple[str, ...],
    prompts: tuple[str, ...],
    reviews: dict[tuple[str, str, int], dict[tuple[int, int], float]],
) -> Ratings:
    n, p = len(reviews), len(prompts)
    scores, asked = np.full((len(criteria), 2, n), np.nan), np.zeros((len(criteria), 2, n), dtype=bool)
    for row, review in enumerate(reviews.values()):
        for (criterion, arm), score in review.items():
            scores[criterion, arm, row], asked[criterion, arm, row] = score, True
    pairs = Pairs(prompts, prompts, np.arange(p), ((),) * p)
    where = {name: code for code, name in enumerate(prompts)}
    who = {name: code for code, name in enumerate(reviewers)}
    pair = np.array([where[key[0]] for key in reviews], dtype=np.int64)
    return Ratings(
        criteria=criteria,
        reviewers=reviewers,
        sessions=("",),
        pairs=pairs,
        reviewer=np.array([who[key[1]] for key in reviews], dtype=np.int64),
        session=np.zeros(n, dtype=np.int64),
        pair=pair,
        prompt=pair,
        scores=scores,
        is_asked=asked,
        preference=np.full(n, NO_PREFERENCE),
        left=np.full(n, UNKNOWN_SIDE),
        kind=np.full(n, PAIR),
        group=np.zeros(n, dtype=np.int64),
        at=np.zeros(n),
    )
