"""Comparisons with their arms and tags."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sora_compare.domain.comparisons import Comparison
from sora_compare.errors import TamperedRecord
from sora_compare.store.codec import Codec, key_of
from sora_compare.store.tables import arms, comparisons, tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Select

    from sora_compare.domain.takes import Take
    from sora_compare.store.codec import Row
    from sora_compare.store.database import Database
    from sora_compare.store.repositories.takes import TakeRepository

Rows = list[dict[str, Any]]
PAGE = 500
"""Comparisons that are read at a time, with their arms and tags."""


class ComparisonRepository:
    """What was asked of both arms."""

    codec = Codec("comparison", Comparison, comparisons, {"suite_run": "suite", "arms": "arms", "tags": "tags"})

    def __init__(self, database: Database, takes: TakeRepository) -> None:
        self._database = database
        self._takes = takes

    def add(self, comparison: Comparison, takes: Iterable[Take]) -> None:
        """Keep a new comparison with its planned takes, all together; the runner finds them by itself."""
        row = self.codec.row(comparison)
        its_arms = [{"comparison_id": comparison.id, **one} for one in row.pop("arms")]
        its_tags = [{"comparison_id": comparison.id, "place": n, "tag": tag} for n, tag in enumerate(row.pop("tags"))]
        with self._database.transaction() as connection:
            connection.execute(comparisons.insert(), row)
            connection.execute(arms.insert(), its_arms)
            if its_tags:
                connection.execute(tags.insert(), its_tags)
            self._takes.add_all(takes)

    def get(self, identifier: str) -> Comparison:
        """One comparison.

        Raises:
            UnknownRecord: there is none of that id.
        """
        row = self._database.row(select(comparisons).where(comparisons.c.id == identifier))
        return self.codec.known(identifier, self._whole([row])[0] if row else None)

    def has(self, identifier: str) -> bool:
        """Whether there is a comparison of that id."""
        return self._database.value(select(comparisons.c.id).where(comparisons.c.id == identifier)) is not None

    def count(self) -> int:
        """How many there are."""
        return self._database.count(comparisons)

    def list(self, *, limit: int | None = None, before: str | None = None) -> Iterator[Comparison]:
        """Comparisons, newest first; `before` is the id after which to go on."""
        query = select(comparisons)
        if before is not None:
            query = query.where(comparisons.c.id < before)
        return self._walk(query, limit=limit)

    def between(self, models: Sequence[str]) -> Iterator[Comparison]:
        """Comparisons whose arms have exactly these models, newest first."""
        query = select(comparisons)
        for model in set(models):
            query = query.where(comparisons.c.id.in_(select(arms.c.comparison_id).where(arms.c.model == model)))
        other = select(arms.c.comparison_id).where(arms.c.model.not_in(list(models)))
        return self._walk(query.where(comparisons.c.id.not_in(other)))

    def _walk(self, query: Select[Any], limit: int | None = None) -> Iterator[Comparison]:
        page: list[Row] = []
        for row in self._database.walk(query, comparisons.c.id, newest_first=True, limit=limit, page=PAGE):
            page.append(row)
            if len(page) == PAGE:
                yield from self._readable(page)
                page = []
        yield from self._readable(page)

    def _readable(self, rows: Sequence[Row]) -> Iterator[Comparison]:
        for row in self._whole(rows):
            try:
                yield self.codec.thing(row)
            except TamperedRecord as error:
                self._database.damaged.note(comparisons.name, key_of(comparisons, row), str(error))

    def _whole(self, rows: Sequence[Row]) -> Rows:
        """The rows with what lies in tables of its own."""
        names = [row["id"] for row in rows]
        its_arms, its_tags = defaultdict(list), defaultdict(list)
        if names:
            found = self._database.rows(select(arms).where(arms.c.comparison_id.in_(names)).order_by(arms.c.label))
            for one in found:
                its_arms[one["comparison_id"]].append({name: one[name] for name in ("label", "endpoint", "model")})
            for one in self._database.rows(select(tags).where(tags.c.comparison_id.in_(names)).order_by(tags.c.place)):
                its_tags[one["comparison_id"]].append(one["tag"])
        return [{**row, "arms": its_arms[row["id"]], "tags": its_tags[row["id"]]} for row in rows]
