"""Which revision of an answer decides, where exports of different days were pasted together.

The earlier one still calls an answer the last that the later one knows to be replaced.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sora_compare.statistics.ratings import COUNTS_ALWAYS, ReviewStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.evidence.ratings_csv.arms import ChosenArms
    from sora_compare.evidence.ratings_csv.table import Answered, Row

CLAIMS = tuple(COUNTS_ALWAYS)
"""What only one revision of an answer can be: the last independent one, and the last of all."""
Last = dict[tuple["Answered", ReviewStatus], int]


def with_last_revisions(chosen: ChosenArms) -> ChosenArms:
    """The rows, with at most one revision of each answer that is the last and one that is the last independent one.

    Of several that say so the highest number is; a row left with neither was replaced and has the status 0.
    """
    last = _last(row for row, _ in chosen.rows)
    return replace(chosen, rows=tuple((_judged(row, last), arm) for row, arm in chosen.rows))


def _last(rows: Iterable[Row]) -> Last:
    found: Last = {}
    for row in rows:
        for claim in _claims(row):
            key = row.review[:-1], claim
            found[key] = max(found.get(key, 0), _number(row))
    return found


def _judged(row: Row, last: Last) -> Row:
    stale = [claim for claim in _claims(row) if last[row.review[:-1], claim] > _number(row)]
    if not stale:
        return row
    review_status = ReviewStatus(row.details.review_status)
    for claim in stale:
        review_status &= ~claim
    return replace(
        row, details=replace(row.details, review_status=int(review_status) if review_status & COUNTS_ALWAYS else 0)
    )


def _claims(row: Row) -> list[ReviewStatus]:
    return [claim for claim in CLAIMS if row.details.review_status & claim]


def _number(row: Row) -> int:
    return int(row.details.revision or 0)
