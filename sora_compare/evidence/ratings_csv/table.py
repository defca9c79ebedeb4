"""The rows of a ratings file as reviews in arrays; of our own export with everything it knows of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.takes import Origin
from sora_compare.evidence.origins import MIXED
from sora_compare.statistics.ratings import (
    ARMS,
    COUNTS_ALWAYS,
    KINDS,
    NO_PREFERENCE,
    PAIR,
    UNKNOWN_SIDE,
    Group,
    Pairs,
    Ratings,
    ReviewStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sora_compare.evidence.ratings_csv.arms import ChosenArms

EXPORTED = frozenset({"is_current", "is_independent"})
"""Columns by which our own export is known, even when others of it were taken out."""
ABSENT = {
    "is_current": "true",
    "kind": KINDS[PAIR],
    "is_blind": "true",
    "is_after_reveal": "false",
    "saw_others": "false",
}
"""What holds where an export lacks the column."""
STRONGEST = 3
"""Of a preference."""
REVISION_DIGITS = 9
TRUTHS = {"true": True, "false": False, "1": True, "0": False}
Answered = tuple[str, ...]


def is_export(columns: Iterable[str]) -> bool:
    """Whether these are the columns of our own export of scores."""
    return bool(EXPORTED & set(columns))


@dataclass(frozen=True, slots=True)
class RowDetails:
    """What an export says of a review besides its scores; a file of somebody else says nothing but `repeat`.

    Attributes:
        repeat: which of several pairs of the same prompt.
        review_status: what the revision is, as far as the file says.
        preference: -3..3, negative for A.
        at: seconds since the epoch.
    """

    comparison: str = ""
    repeat: str = ""
    revision: str = ""
    session: str = ""
    item: str = ""
    kind: int = PAIR
    model: str = ""
    endpoint: str = ""
    origin: str = str(Origin.IMPORTED)
    other_model: str = ""
    review_status: int = int(COUNTS_ALWAYS)
    is_blind: bool = True
    preference: int | None = None
    at: float = 0.0

    @property
    def named(self) -> str:
        """The model and where it ran."""
        return f"{self.model} on {self.endpoint}" if self.endpoint else self.model

    @classmethod
    def of(cls, cells: Mapping[str, str]) -> RowDetails:
        """Those of one row of an export.

        Raises:
            ValueError: with a clause; a cell is none that an export has.
        """
        record = {**ABSENT, **cells}
        if record["kind"] not in KINDS:
            raise ValueError(f"“{record['kind'][:40]}” is no kind of review")
        origin = record.get("origin", "")
        if origin not in {"", *map(str, Origin), MIXED}:
            raise ValueError(f"“{origin[:40]}” is no origin")
        return cls(
            comparison=record.get("comparison", ""),
            repeat=record.get("repeat", ""),
            revision=_revision(record.get("revision", "")),
            session=record.get("session", ""),
            item=record.get("item", ""),
            kind=KINDS.index(record["kind"]),
            model=record.get("model", ""),
            endpoint=record.get("endpoint", ""),
            origin=origin,
            other_model=record.get("other_model", ""),
            review_status=_review_status(record),
            is_blind=_is(record, "is_blind"),
            preference=_preference(record.get("preference", "")),
            at=_moment(record.get("at", "")),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One score."""

    line: int
    prompt: str
    reviewer: str
    arm: str
    criterion: str
    score: float | None
    tags: tuple[str, ...]
    details: RowDetails = RowDetails()

    @property
    def review(self) -> Answered:
        """The review it is part of."""
        one = self.details
        kind = str(one.kind)
        return self.prompt, self.reviewer, one.comparison, one.repeat, one.session, one.item, kind, one.revision

    @property
    def answered(self) -> Answered:
        """What it answers: a second row of the same must say the same."""
        return (*self.review, self.arm.casefold(), self.criterion)


def ratings_of(chosen: ChosenArms, *, is_exported: bool, columns: Iterable[str]) -> tuple[Ratings, tuple[str, ...]]:
    """The table, and sentences on what of it does not count."""
    kept = [(row, arm) for row, arm in chosen.rows if row.details.review_status]
    reviews: dict[Answered, Row] = {row.review: row for row, _ in kept}
    names = {
        "criteria": tuple(dict.fromkeys(row.criterion for row, _ in kept)),
        "reviewers": tuple(dict.fromkeys(row.reviewer for row in reviews.values())),
        "sessions": tuple(dict.fromkeys(row.details.session for row in reviews.values())) or ("",),
        "prompts": tuple(dict.fromkeys(row.prompt for row, _ in kept)),
        "pairs": tuple(dict.fromkeys(_pair(row) for row in reviews.values())),
    }
    code = {name: {one: number for number, one in enumerate(several)} for name, several in names.items()}
    prompt_of = {_pair(row): code["prompts"][row.prompt] for row in reviews.values()}
    scores = np.full((len(names["criteria"]), len(ARMS), len(reviews)), np.nan)
    is_asked = np.zeros(scores.shape, dtype=bool)
    place = {review: number for number, review in enumerate(reviews)}
    for row, arm in kept:
        where = code["criteria"][row.criterion], ARMS.index(arm), place[row.review]
        is_asked[where] = True
        scores[where] = np.nan if row.score is None else row.score
    groups, group = _groups(chosen, kept, place)
    every = list(reviews.values())
    pair = _codes(code["pairs"][_pair(row)] for row in every)
    prompt = _codes(prompt_of[name] for name in names["pairs"])
    ratings = Ratings(
        criteria=names["criteria"],
        reviewers=names["reviewers"],
        sessions=names["sessions"],
        pairs=Pairs(names["pairs"], names["prompts"], prompt, _tags(kept, names["prompts"])),
        reviewer=_codes(code["reviewers"][row.reviewer] for row in every),
        session=_codes(code["sessions"][row.details.session] for row in every),
        pair=pair,
        prompt=prompt[pair] if len(pair) else pair,
        scores=scores,
        is_asked=is_asked,
        preference=_codes(NO_PREFERENCE if one.details.preference is None else one.details.preference for one in every),
        left=np.full(len(every), UNKNOWN_SIDE),
        kind=_codes(row.details.kind for row in every),
        group=group,
        at=np.array([row.details.at for row in every]),
        groups=groups,
        review_status=_codes(row.details.review_status for row in every),
    )
    return ratings, tuple(_notes(chosen, kept, is_exported=is_exported, columns=columns))


def _pair(row: Row) -> str:
    return f"{row.details.comparison or row.prompt}:{row.details.repeat}"


def _codes(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(list(values), dtype=np.int64)


def _tags(kept: Iterable[tuple[Row, str]], prompts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    found: dict[str, dict[str, None]] = {prompt: {} for prompt in prompts}
    for row, _ in kept:
        found[row.prompt].update(dict.fromkeys(row.tags))
    return tuple(tuple(tags) for tags in found.values())


def _groups(
    chosen: ChosenArms, kept: Iterable[tuple[Row, str]], place: Mapping[Answered, int]
) -> tuple[tuple[Group, ...], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Reviews by the origin of their clips, which must never be passed off as another."""
    origins: dict[int, set[str]] = {number: set() for number in place.values()}
    for row, _ in kept:
        # The same clip shown as both arms names its origin with one of them.
        origins[place[row.review]] |= {row.details.origin} - {""}
    of_review = [_one(several) for several in origins.values()]
    there = tuple(dict.fromkeys(of_review)) or (str(Origin.IMPORTED),)
    a, b = chosen.models
    groups = tuple(Group(model_a=a, model_b=b, origin=origin) for origin in there)
    return groups, _codes(there.index(origin) for origin in of_review)


def _one(origins: set[str]) -> str:
    if len(origins) > 1:
        return MIXED
    return next(iter(origins), str(Origin.IMPORTED))


def _review_status(data: Mapping[str, str]) -> int:
    """What the revision is; one that is neither the last nor the last independent one was replaced."""
    is_current = _is(data, "is_current")
    if "is_independent" not in data:
        return int(COUNTS_ALWAYS) if is_current else 0
    reasons = {
        ReviewStatus.LATEST: is_current,
        ReviewStatus.INDEPENDENT: _is(data, "is_independent"),
        ReviewStatus.NOT_BLIND: not _is(data, "is_blind"),
        ReviewStatus.AFTER_REVEAL: _is(data, "is_after_reveal"),
        ReviewStatus.SAW_OTHERS: _is(data, "saw_others"),
    }
    review_status = reduce(or_, (flag for flag, is_so in reasons.items() if is_so), ReviewStatus(0))
    return int(review_status) if is_current or ReviewStatus.INDEPENDENT in review_status else 0


def _revision(text: str) -> str:
    """The number as the store writes it, so that 01 is no other revision than 1."""
    if not text:
        return ""
    if text.isascii() and text.isdecimal() and len(text) <= REVISION_DIGITS:
        return str(int(text))
    raise ValueError(f"“{text[:40]}” is no revision")


def _preference(text: str) -> int | None:
    if not text:
        return None
    if text.lstrip("+-").isdecimal() and abs(int(text)) <= STRONGEST:
        return int(text)
    raise ValueError(f"“{text[:40]}” is no preference from -{STRONGEST} to {STRONGEST}")


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp() if text else 0.0
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{text[:40]}” is no date and time") from error


def _is(data: Mapping[str, str], column: str) -> bool:
    value = data.get(column, "").lower()
    if value not in TRUTHS:
        raise ValueError(f"“{value[:40]}” in {column} is neither True nor False")
    return TRUTHS[value]


def _notes(
    chosen: ChosenArms, kept: Iterable[tuple[Row, str]], *, is_exported: bool, columns: Iterable[str]
) -> Iterable[str]:
    if not is_exported:
        return
    replaced = len({row.review for row, _ in chosen.rows if not row.details.review_status})
    if replaced:
        yield f"Replaced by corrections, and not counted: {replaced} of the file's reviews."
    kinds = Counter({row.review: KINDS[row.details.kind] for row, _ in kept if row.details.kind != PAIR}.values())
    if kinds:
        yield f"Not about the arms, and not counted: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}."
    if "is_independent" not in set(columns):
        seen = len({row.review for row, _ in kept if row.details.kind == PAIR and not row.details.is_blind})
        yield f"The file does not say which reviews are independent: the last answers decide, {seen} of them not blind."
