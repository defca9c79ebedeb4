"""Reviews and their scores: append-only, in the order in which they came."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sora_compare.domain import reviews as rules
from sora_compare.domain.reviews import Review
from sora_compare.errors import TamperedRecord, UsageError
from sora_compare.store.codec import Codec
from sora_compare.store.database import in_batches
from sora_compare.store.tables import reviews, scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sora_compare.store.codec import Row
    from sora_compare.store.database import Database

Reviews = list[Review]
Scores = dict[int, list[dict[str, Any]]]
PAGE = 500
"""Reviews that are read at a time, with their scores."""


class ReviewRepository:
    """Every review and revision; a correction is one more."""

    codec = Codec("review", Review, reviews, {"scores": "scores"})

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, review: Review) -> Review:
        """Append a review; a second one of the same reviewer and pair becomes the next revision.

        Raises:
            UsageError: the review breaks a rule; says all that is wrong.
        """
        problems = rules.validate(review)
        if problems:
            raise UsageError(" ".join(problems))
        with self._database.transaction():
            kept = dataclasses.replace(review, revision=self._revisions(review))
            self.append(kept, self.count() + 1)
        return kept

    def append(self, review: Review, number: int) -> None:
        """Write a review as it is, under its number."""
        row = self.codec.row(review, number=number)
        given = [{"review": number, "place": place, **one} for place, one in enumerate(row.pop("scores"))]
        with self._database.transaction() as connection:
            connection.execute(reviews.insert(), row)
            if given:
                connection.execute(scores.insert(), given)

    def _revisions(self, review: Review) -> int:
        """How many revisions there are of the same answer."""
        same = [
            *(reviews.c[name] == getattr(review, name) for name in ("comparison_id", "repeat", "reviewer")),
            # As the unique index has them, which finds the rows.
            *(func.coalesce(reviews.c[name], "") == (getattr(review, name) or "") for name in ("session", "item")),
        ]
        return int(self._database.value(select(func.count()).select_from(reviews).where(*same)))

    def of(self, comparison_id: str) -> Reviews:
        """Every review and revision of one comparison, in the order they were given."""
        return self.of_all([comparison_id])

    def of_all(self, comparison_ids: Iterable[str]) -> Reviews:
        """Every review and revision of these comparisons, in the order they were given."""
        rows: list[Row] = []
        for names in in_batches(comparison_ids):
            rows += self._database.rows(select(reviews).where(reviews.c.comparison_id.in_(names)))
        return list(self._readable(sorted(rows, key=lambda row: row["number"])))

    def of_session(self, session_id: str, *, after: int = 0, until: int) -> Reviews:
        """Reviews and revisions given in a session with numbers above `after` and up to `until`, in their order."""
        is_new = (reviews.c.number > after) & (reviews.c.number <= until)
        query = select(reviews).where(reviews.c.session == session_id, is_new)
        return list(self._readable(self._database.rows(query.order_by(reviews.c.number))))

    def list(self, *, after: int = 0, until: int | None = None) -> Iterator[Review]:
        """Reviews and revisions with numbers above `after` and up to `until`, in the order they were given."""
        query = select(reviews).where(reviews.c.number > after)
        if until is not None:
            query = query.where(reviews.c.number <= until)
        page: list[Row] = []
        for row in self._database.walk(query, reviews.c.number):
            page.append(row)
            if len(page) == PAGE:
                yield from self._readable(page)
                page = []
        yield from self._readable(page)

    def identifier(self, number: int) -> str | None:
        """The id of the review with that number; None where there is none."""
        found: str | None = self._database.value(select(reviews.c.id).where(reviews.c.number == number))
        return found

    def count(self) -> int:
        """How many reviews and revisions there are, which is the number of the last one."""
        return int(self._database.value(select(func.max(reviews.c.number))) or 0)

    def _readable(self, rows: Sequence[Row]) -> Iterator[Review]:
        given = self._scores(rows)
        for row in rows:
            try:
                yield self.codec.thing(row, scores=given[row["number"]])
            except TamperedRecord as error:
                self._database.damaged.note(reviews.name, f"{row['comparison_id']}:{row['id']}", str(error))

    def _scores(self, rows: Sequence[Row]) -> Scores:
        given: Scores = defaultdict(list)
        for numbers in in_batches(row["number"] for row in rows):
            query = select(scores.c.review, scores.c.criterion, scores.c.arm, scores.c.value)
            ordered = query.where(scores.c.review.in_(numbers)).order_by(scores.c.review, scores.c.place)
            for number, criterion, arm, value in self._database.tuples(ordered):
                given[number].append({"criterion": criterion, "arm": arm, "value": value})
        return given
