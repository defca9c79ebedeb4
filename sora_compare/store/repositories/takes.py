"""Takes, and which of them answers a request."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from sora_compare.domain.identifiers import earliest_identifier
from sora_compare.domain.snapshots import OtherModel
from sora_compare.domain.takes import Origin, Take, TakeState
from sora_compare.errors import Conflict
from sora_compare.store.codec import Codec
from sora_compare.store.database import in_batches
from sora_compare.store.tables import IS_OPEN, answers, takes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sora_compare.store.codec import Row
    from sora_compare.store.database import Database

Takes = list[Take]
Ids = list[str]


_IS_SAME = (takes.c.id == bindparam("same_id")) & (takes.c.version == bindparam("same_version"))
_LAST_CHANGE = select(func.max(takes.c.changed)).scalar_subquery().label("last_change")
_BEFORE = select(takes, _LAST_CHANGE).where(_IS_SAME)
"""A take before it is written, and the number of the last write to any."""


class TakeRepository:
    """One row an attempt of an arm; each write checks and raises its version."""

    codec = Codec("take", Take, takes, {"model": "request.model"})

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, take: Take) -> None:
        """Keep one more take of an existing comparison, such as a retry or an import."""
        self.add_all([take])

    def add_all(self, several: Iterable[Take]) -> None:
        """Keep takes of an existing comparison, all together."""
        every = list(several)
        if not every:
            return
        with self._database.transaction() as connection:
            last = self.last_change
            connection.execute(takes.insert(), [self.row(take, last + n) for n, take in enumerate(every, 1)])
            for take in every:
                self._note_answer(take)

    def save(self, take: Take) -> Take:
        """Write the take if nobody else did since it was read; returns it with its new version.

        Raises:
            Conflict: the stored take has another version than the one given.
        """
        saved = dataclasses.replace(take, version=take.version + 1)
        same = {"same_id": take.id, "same_version": take.version}
        with self._database.transaction() as connection:
            before = connection.execute(_BEFORE, same).mappings().first()
            if before is None:
                raise Conflict("The take", take.id)
            row = self.row(saved, before["last_change"] + 1)
            # A database writes every index anew whose column is named, changed or not.
            changes = {name: value for name, value in row.items() if value != before[name]}
            connection.execute(takes.update().where(_IS_SAME).values(changes), same)
            if "state" in changes:
                self._note_answer(saved)
        return saved

    def row(self, take: Take, change: int) -> dict[str, object]:
        """The take as its table holds it, as the change of that number."""
        is_completed = take.state is TakeState.COMPLETED
        return self.codec.row(take, other_model=take.other_model if is_completed else None, changed=change)

    def _note_answer(self, take: Take) -> None:
        if take.state is TakeState.COMPLETED and take.cached_from is None:
            self._database.put(answers, {"fingerprint": take.fingerprint, "take_id": take.id})

    def get(self, identifier: str) -> Take:
        """One take.

        Raises:
            UnknownRecord: there is none of that id.
        """
        return self.codec.known(identifier, self._database.row(select(takes).where(takes.c.id == identifier)))

    def of(self, comparison_id: str) -> Takes:
        """Every take of a comparison, in the order they were planned."""
        return self.of_all([comparison_id])

    def of_all(self, comparison_ids: Collection[str]) -> Takes:
        """Every take of these comparisons, in the order they were planned."""
        rows: list[Row] = []
        for names in in_batches(comparison_ids):
            rows += self._database.rows(select(takes).where(takes.c.comparison_id.in_(names)))
        rows.sort(key=lambda row: row["id"])
        return list(self.codec.readable(rows, self._database.damaged))

    def origins(self, comparison_ids: Iterable[str]) -> dict[str, Origin]:
        """Where the clip of each take of these comparisons comes from."""
        found: dict[str, Origin] = {}
        for names in in_batches(comparison_ids):
            query = select(takes.c.id, takes.c.origin).where(takes.c.comparison_id.in_(names))
            known = ((name, word) for name, word in self._database.tuples(query) if word in set(Origin))
            found.update({name: Origin(word) for name, word in known})
        return found

    def list(self) -> Iterator[Take]:
        """Every take there is, oldest first."""
        return self.codec.readable(self._database.walk(select(takes), takes.c.id), self._database.damaged)

    def since(self, moment: float, models: Collection[str] | None = None) -> Iterator[Take]:
        """Takes planned at or after that moment (seconds since the epoch), oldest first; of these models alone."""
        query = select(takes).where(takes.c.id > earliest_identifier("take", moment))
        if models is not None:
            query = query.where(takes.c.model.in_(list(models)))
        return self.codec.readable(self._database.walk(query, takes.c.id), self._database.damaged)

    @property
    def last_change(self) -> int:
        """The number of the last write to any take; 0 before the first."""
        return int(self._database.value(select(func.max(takes.c.changed))) or 0)

    def name_of_change(self, change: int) -> str:
        """The take that a change was about, with its version; empty when it was written again since."""
        row = self._database.row(select(takes.c.id, takes.c.version).where(takes.c.changed == change))
        return f"{row['id']}:{row['version']}" if row else ""

    def is_known_change(self, change: int, name: str) -> bool:
        """Whether a change was about the take that `name_of_change` named when it was the last one."""
        identifier, _, version = name.rpartition(":")
        if not identifier:
            return change == 0
        query = select(takes.c.version, takes.c.changed).where(takes.c.id == identifier)
        row = self._database.row(query)
        if row is None:
            return False
        was_written = int(row["version"]) - int(version), int(row["changed"]) - change
        return was_written == (0, 0) or min(was_written) > 0

    def changed_after(self, change: int) -> Iterator[Take]:
        """Takes whose last write has a higher number than this one, in the order of those writes."""
        query = select(takes).where(takes.c.changed > change)
        return self.codec.readable(self._database.walk(query, takes.c.changed), self._database.damaged)

    def open(self) -> Ids:
        """Ids of the takes that have no outcome yet, oldest first."""
        return [row["id"] for row in self._database.rows(select(takes.c.id).where(IS_OPEN).order_by(takes.c.id))]

    def under_way(self) -> Takes:
        """The takes that have no outcome yet, oldest first."""
        rows = self._database.rows(select(takes).where(IS_OPEN).order_by(takes.c.id))
        return [*self.codec.readable(rows, self._database.damaged)]

    def forget_answer(self, take_id: str) -> bool:
        """Serve no equal request from this take any more, such as when its clip is gone; whether any was."""
        return bool(self._database.run(answers.delete().where(answers.c.take_id == take_id)))

    def count_of_other_models(self) -> int:
        """How many `of_other_models` has."""
        query = select(func.count()).select_from(takes).where(takes.c.other_model.is_not(None))
        return int(self._database.value(query))

    def of_other_models(self) -> Iterator[OtherModel]:
        """Completed takes of which the server says that it used another model, oldest first."""
        query = select(takes).where(takes.c.other_model.is_not(None))
        found = self.codec.readable(self._database.walk(query, takes.c.id), self._database.damaged)
        return filter(None, map(OtherModel.of, found))

    def answer_to(self, fingerprint: str) -> Take | None:
        """The generated take that already answers this request, if there is one."""
        query = select(takes).join(answers, answers.c.take_id == takes.c.id).where(answers.c.fingerprint == fingerprint)
        row = self._database.row(query)
        return self.codec.thing(row) if row else None
