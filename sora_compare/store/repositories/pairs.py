"""Pairs: the two completed takes of a repeat, and which of them a reviewer has scored; nothing is kept of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, literal_column, select

from sora_compare.domain.reviews import COUNTS
from sora_compare.domain.sessions import PairRef
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.store.tables import reviews, takes

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.sql.selectable import FromClause

    from sora_compare.store.database import Database

Pairs = list[PairRef]
COMPLETED: ColumnElement[str] = literal_column(f"'{TakeState.COMPLETED}'")
"""A literal, for the index of completed takes."""


class PairRepository:
    """Newest first; read from indexes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unscored(self, reviewer: str, limit: int) -> Pairs:
        """Those that this reviewer has not scored."""
        return self._newest(lambda a: ~_is_scored(a, reviewer), limit)

    def scored(self, reviewer: str, limit: int) -> Pairs:
        """Those that this reviewer has scored."""
        return self._newest(lambda a: _is_scored(a, reviewer), limit)

    def count(self) -> int:
        """How many there are."""
        return int(self._database.value(_pairs(takes.alias(), func.count())))

    def count_scored(self, reviewer: str) -> int:
        """How many of them this reviewer has scored."""
        a = takes.alias()
        return int(self._database.value(_pairs(a, func.count()).where(_is_scored(a, reviewer))))

    def _newest(self, condition: Any, limit: int) -> Pairs:  # noqa: ANN401  # a condition on the takes of A
        a = takes.alias()
        query = _pairs(a, a.c.comparison_id, a.c.repeat).where(condition(a))
        rows = self._database.rows(query.order_by(a.c.comparison_id.desc(), a.c.repeat).limit(limit))
        return [PairRef(row["comparison_id"], row["repeat"]) for row in rows]


def _pairs(a: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
    """The latest takes of both arms, where both are completed."""
    b = takes.alias()
    is_same = (b.c.comparison_id == a.c.comparison_id) & (b.c.repeat == a.c.repeat) & (b.c.arm == ArmLabel.B)
    are_completed = (a.c.arm == ArmLabel.A) & (a.c.state == COMPLETED) & (b.c.state == COMPLETED)
    query = select(*columns).select_from(a.join(b, is_same)).where(are_completed)
    return query.where(~_has_later(a), ~_has_later(b))


def _has_later(take: FromClause) -> ColumnElement[bool]:
    later = takes.alias()
    is_same = (later.c[name] == take.c[name] for name in ("comparison_id", "arm", "repeat"))
    return exists().where(*is_same, later.c.attempt > take.c.attempt)


def _is_scored(a: FromClause, reviewer: str) -> ColumnElement[bool]:
    """Whether an answer of the reviewer stands, as `domain.reviews.counted` has it for all reviews."""
    given, withdrawn = reviews.alias(), reviews.alias()
    is_same = [given.c[name] == withdrawn.c[name] for name in ("comparison_id", "repeat", "reviewer")]
    is_same += [given.c[name].is_not_distinct_from(withdrawn.c[name]) for name in ("session", "item")]
    is_taken_back = exists().where(*is_same, withdrawn.c.is_withdrawn, withdrawn.c.revision >= given.c.revision)
    is_of_pair = (given.c.comparison_id == a.c.comparison_id) & (given.c.repeat == a.c.repeat)
    return exists().where(is_of_pair, given.c.reviewer == reviewer, given.c.kind == COUNTS, ~is_taken_back)
