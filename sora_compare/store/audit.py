"""The audit log: append-only and hash-chained, so that a changed, missing, moved or cut entry is found and named.

Each entry carries the SHA-256 of its own canonical JSON, in which the hash of the entry before is one field; numbers
have no gaps. Length and last hash stand in a record of their own, so that a cut tail is found too. Somebody who can
rewrite the whole database can also make a new chain: note the head somewhere else (`versions log --verify --json`
prints it) and give it to `verify` later.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sora_compare.errors import TamperedRecord
from sora_compare.store.codec import from_json, to_json
from sora_compare.store.tables import audit_entries, audit_heads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Select

    from sora_compare.store.codec import Row, Value
    from sora_compare.store.database import Database

HEAD = "head"
NUMBER = audit_entries.c.number
ROWS = select(NUMBER, audit_entries.c.entry)
UNREADABLE = "cannot be read"
"""The event of an entry whose row is no entry of ours; `verify` names it."""
GENESIS = "0" * 64
"""What the first entry has in place of a hash before it."""
HIDDEN = "[hidden]"
SECRET_FIELD = re.compile(r"(?i)(^|[_-])(api[_-]?key|authorization|token|secret|pass(word|phrase)|cookie)s?$")
SECRET_TEXT = re.compile(r"(?i)\b(?:(?:sk|pk|rk)-[\w-]{12,}|bearer\s+[\w.~+/=-]{8,})")
PLAIN = (str, int, bool, type(None))
SHOWN_FAULTS = 100
"""Places listed by `verify`; more are counted only."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event.

    Attributes:
        number: from 1, without gaps.
        at: seconds since the epoch, by the clock of who wrote it.
        facts: whatever JSON holds; never a key.
        clock_back_s: by how much the clock stood behind the entry before; order is by number, never by time.
        previous, hash: SHA-256 in hex.
    """

    number: int
    at: float
    event: str
    facts: dict[str, Any]
    previous: str
    hash: str
    clock_back_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at which entry."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a look at the whole chain found.

    Attributes:
        count: entries there are.
        head: hash of the last one.
        faults: the first ones, in order; empty when every entry is as it was written.
        clock_steps: entries at which the clock had gone back; no fault.
    """

    count: int
    head: str
    faults: tuple[Fault, ...]
    clock_steps: tuple[int, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


class AuditLog:
    """Appends and reads events; safe between threads and processes by the database's transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, event: str, details: dict[str, Any], *, now: float | None = None) -> Entry:
        """Add one event at the end, in a time that does not grow with the log. Joins a transaction under way.

        Args:
            event: a short, fixed name; facts that vary go into `facts`.
            details: whatever JSON holds; what looks like a key is hidden, bytes become their hash.
            now: seconds since the epoch; the clock when left out.
        """
        found = to_json_value(details)
        with self._database.transaction():
            head = self._head() or {"count": 0, "hash": GENESIS, "at": 0.0}
            at = time.time() if now is None else now
            body = {"number": head["count"] + 1, "at": at, "event": event, "facts": found, "previous": head["hash"]}
            if at < head["at"]:
                body["clock_back_s"] = head["at"] - at
            value = {**body, "hash": chained_hash(body)}
            self._database.run(audit_entries.insert(), row_of(value))
            values = {"name": HEAD, "count": value["number"], "hash": value["hash"], "at": at}
            self._database.put(audit_heads, values)
        return Entry(**value)

    def _head(self) -> Row | None:
        return self._database.row(select(audit_heads).where(audit_heads.c.name == HEAD))

    @property
    def count(self) -> int:
        """Entries there should be."""
        return int((self._head() or {"count": 0})["count"])

    def entries(self, *, after: int = 0) -> Iterator[Entry]:
        """Every entry whose number is above `after`, in order; one that cannot be read says so in its place."""
        return self._shown(self._database.walk(ROWS.where(after < NUMBER), NUMBER))

    def latest(self, limit: int, *, before: int | None = None) -> list[Entry]:
        """The last entries below the number `before`, newest first; one that cannot be read says so in its place."""
        query = ROWS if before is None else ROWS.where(before > NUMBER)
        return list(self._shown(self._database.walk(query, NUMBER, newest_first=True, limit=limit)))

    def of_event(self, event: str, *, after: int = 0) -> Iterator[Entry]:
        """Entries of one event in order, found without reading the others."""
        return self._readable(ROWS.where(audit_entries.c.event == event, after < NUMBER))

    def of_comparison(self, comparison_id: str) -> Iterator[Entry]:
        """Entries about one comparison in order, found without reading the others."""
        return self._readable(ROWS.where(audit_entries.c.comparison_id == comparison_id))

    def _readable(self, query: Select[Any]) -> Iterator[Entry]:
        return (one for one in self._shown(self._database.walk(query, NUMBER)) if one.event != UNREADABLE)

    def _shown(self, rows: Iterable[Row]) -> Iterator[Entry]:
        for row in rows:
            try:
                yield _entry(from_json(row["entry"]))
            except TamperedRecord as error:
                self._database.damaged.note(audit_entries.name, str(row["number"]), str(error))
                yield Entry(row["number"], 0.0, UNREADABLE, {}, "", "")

    def verify(self, noted: tuple[int, str] | None = None) -> Verification:
        """Read the whole chain and say what is wrong, entry by entry.

        Args:
            noted: number and hash of an entry as they were noted elsewhere, to be found again.
        """
        head = self._head()
        walk = _Walk()
        for row in self._database.walk(ROWS, NUMBER):
            walk.look(row["number"], row["entry"])
        walk.end(head)
        if noted and walk.hashes.get(noted[0]) != noted[1]:
            walk.say(noted[0], f"Entry {noted[0]} is not the one whose hash was noted.")
        return Verification(walk.last, walk.before, tuple(walk.faults), tuple(walk.clock_steps))


def row_of(value: Value) -> dict[str, Any]:
    """An entry as its table holds it."""
    about = value["facts"].get("comparison") if isinstance(value["facts"], dict) else None
    comparison = about if isinstance(about, str) else None
    return {"number": value["number"], "event": value["event"], "comparison_id": comparison, "entry": to_json(value)}


class _Walk:
    """One look along the chain."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.clock_steps: list[int] = []
        self.hashes: dict[int, str] = {}
        self.last = 0
        self.before = GENESIS
        self._is_known = True
        """Whether the hash of the entry before can be believed."""

    def say(self, number: int, sentence: str) -> None:
        if len(self.faults) < SHOWN_FAULTS:
            self.faults.append(Fault(number, sentence))

    def look(self, number: int, text: object) -> None:
        """At the row of that number."""
        if number < 1:
            self.say(0, f"Before entry 1 stands a row that no entry has ({number}).")
            return
        self._skip_to(number)
        try:
            self._check(number, from_json(text))
        except TamperedRecord:
            self._check(number, {})

    def _skip_to(self, number: int) -> None:
        first, end = self.last + 1, number - 1
        if first <= end:
            which = f"Entry {first} is" if first == end else f"Entries {first} to {end} are"
            self.say(first, f"{which} missing.")
            self._is_known = False
        self.last = number

    def _check(self, number: int, value: Value) -> None:
        body = {name: found for name, found in value.items() if name != "hash"}
        kept = value.get("hash")
        if value.get("number") != number and value and chained_hash(body) == kept:
            self.say(number, f"In the place of entry {number} stands entry {value.get('number')}: they were reordered.")
            self._is_known = False
        elif chained_hash(body) != kept:
            self.say(number, f"Entry {number} was changed: its hash does not fit what it says.")
            self._is_known = False
        else:
            if self._is_known and value.get("previous") != self.before:
                self.say(number, f"Entry {number} does not follow entry {number - 1}: one of the two was rewritten.")
            self._is_known = True
        if value.get("clock_back_s"):
            self.clock_steps.append(number)
        self.before = str(kept)
        self.hashes[number] = self.before

    def end(self, head: Row | None) -> None:
        """Compare with the record of the head."""
        if head is None:
            if self.last:
                self.say(self.last, "The record of the log's length is missing, so that a cut end could not be seen.")
            return
        if self.last < head["count"]:
            self._skip_to(head["count"] + 1)
            self.last = max(self.hashes, default=0)
        elif self.last > head["count"]:
            self.say(head["count"] + 1, f"The log ends at entry {head['count']}; what follows was added beside it.")
        elif self._is_known and head["hash"] != self.before:
            self.say(self.last, f"Entry {self.last} was rewritten: the record of the log's end has another hash.")


def chained_hash(body: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of an entry without its own hash: sorted keys, no blanks, ASCII."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def to_json_value(data: Any) -> Any:  # noqa: ANN401  # whatever somebody passed
    """The same as JSON can hold it and read it back equal, with keys hidden and bytes as their hash."""
    if isinstance(data, dict):
        return {
            _text(str(name)): HIDDEN if _hides(name, value) else to_json_value(value) for name, value in data.items()
        }
    if isinstance(data, (list, tuple, set, frozenset)):
        return [to_json_value(one) for one in data]
    if isinstance(data, (bytes, bytearray)):
        return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if isinstance(data, float):
        return data if math.isfinite(data) else str(data)
    return _text(data) if isinstance(data, str) else data if isinstance(data, PLAIN) else _text(str(data))


def _hides(name: object, value: object) -> bool:
    return bool(value) and not isinstance(value, bool) and SECRET_FIELD.search(str(name)) is not None


def _text(text: str) -> str:
    """Without what looks like a key, and without half surrogates, which no database takes."""
    return SECRET_TEXT.sub(HIDDEN, text).encode("utf-8", "backslashreplace").decode("utf-8")


def _entry(value: Value) -> Entry:
    try:
        return Entry(**value)
    except TypeError as error:
        raise TamperedRecord("an audit entry with other fields") from error
