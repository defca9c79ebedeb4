"""Comparisons with their arms and tags."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sora_compare.domain.comparisons import Comparison, ComparisonFilter, Matchup
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import TamperedRecord
from sora_compare.store import search
from sora_compare.store.codec import Codec, key_of
from sora_compare.store.database import in_batches
from sora_compare.store.tables import arms, comparisons, tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Select

    from sora_compare.domain.takes import Take
    from sora_compare.store.codec import Row
    from sora_compare.store.database import Database
    from sora_compare.store.repositories.takes import TakeRepository

Rows = list[dict[str, Any]]
Comparisons = list[Comparison]
Names = list[str]
Matchups = list[Matchup]
EVERY = ComparisonFilter()
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
            search.note(connection, comparison.id, comparison.prompt, comparison.tags)
            self._takes.add_all(takes)

    def is_index_whole(self) -> bool:
        """Whether the search knows every comparison."""
        return search.count(self._database) == self.count()

    def rebuild_index(self) -> None:
        """Make the index of the search again."""
        with self._database.transaction() as connection:
            search.rebuild(connection)

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

    def list(
        self,
        wanted: ComparisonFilter = EVERY,
        *,
        limit: int | None = None,
        after: str | None = None,
        newest_first: bool = True,
    ) -> Iterator[Comparison]:
        """Comparisons in the order in which they were made; `after` is the id of the last one of the page before."""
        query = self._chosen(wanted)
        if after is not None:
            query = query.where(comparisons.c.id < after if newest_first else comparisons.c.id > after)
        return self._walk(query, limit=limit, newest_first=newest_first)

    def _chosen(self, wanted: ComparisonFilter) -> Select[Any]:
        query = select(comparisons)
        has_words = search.has_words(wanted.words, self._database.dialect)
        if has_words is not None:
            query = query.where(has_words)
        if wanted.matchup:
            for label, endpoint, model in zip(ArmLabel, wanted.matchup[::2], wanted.matchup[1::2], strict=True):
                query = query.where(_has_arm(label=str(label), endpoint=endpoint, model=model))
        if wanted.model is not None:
            query = query.where(_has_arm(model=wanted.model))
        if wanted.tag is not None:
            query = query.where(comparisons.c.id.in_(select(tags.c.comparison_id).where(tags.c.tag == wanted.tag)))
        if wanted.suite is not None:
            query = query.where(comparisons.c.suite_run == wanted.suite)
        if wanted.since is not None:
            query = query.where(comparisons.c.created >= wanted.since)
        if wanted.until is not None:
            query = query.where(comparisons.c.created < wanted.until)
        return query

    def matchups(self) -> Matchups:
        """Pairs of arms that met, last one first: endpoint and model of A, then of B."""
        a, b = arms.alias(), arms.alias()
        both = (b.c.comparison_id == a.c.comparison_id) & (a.c.label == ArmLabel.A) & (b.c.label == ArmLabel.B)
        names = (a.c.endpoint, a.c.model, b.c.endpoint.label("endpoint_b"), b.c.model.label("model_b"))
        query = select(*names).select_from(a.join(b, both)).group_by(*names)
        rows = self._database.rows(query.order_by(func.max(a.c.comparison_id).desc()))
        return [(row["endpoint"], row["model"], row["endpoint_b"], row["model_b"]) for row in rows]

    def models(self) -> Names:
        """Every model that was ever asked, by name."""
        return [row["model"] for row in self._database.rows(select(arms.c.model).distinct().order_by(arms.c.model))]

    def tags(self) -> Names:
        """Every tag that was ever given, by name."""
        return [row["tag"] for row in self._database.rows(select(tags.c.tag).distinct().order_by(tags.c.tag))]

    def between(self, models: Sequence[str]) -> Iterator[Comparison]:
        """Comparisons whose arms have exactly these models, newest first."""
        query = select(comparisons)
        for model in set(models):
            query = query.where(comparisons.c.id.in_(select(arms.c.comparison_id).where(arms.c.model == model)))
        other = select(arms.c.comparison_id).where(arms.c.model.not_in(list(models)))
        return self._walk(query.where(comparisons.c.id.not_in(other)))

    def among(self, identifiers: Iterable[str], wanted: ComparisonFilter = EVERY) -> Comparisons:
        """Those of these that there are and that are wanted, newest first."""
        rows: list[Row] = []
        for names in in_batches(identifiers):
            rows += self._database.rows(self._chosen(wanted).where(comparisons.c.id.in_(names)))
        rows.sort(key=lambda row: row["id"], reverse=True)
        return [one for start in range(0, len(rows), PAGE) for one in self._readable(rows[start : start + PAGE])]

    def _walk(self, query: Select[Any], limit: int | None = None, *, newest_first: bool = True) -> Iterator[Comparison]:
        page: list[Row] = []
        for row in self._database.walk(query, comparisons.c.id, newest_first=newest_first, limit=limit, page=PAGE):
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


def _has_arm(**columns: str) -> ColumnElement[bool]:
    """Whether a comparison has an arm of these."""
    found = select(arms.c.comparison_id).where(*(arms.c[name] == value for name, value in columns.items()))
    return comparisons.c.id.in_(found)
