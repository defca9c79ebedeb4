"""Carry over what the first releases kept in diskcache; the old files stay until `doctor --fix` removes them.

Everything happens in the transaction that makes the tables. At its end every record is read back and its hash compared
with that of the record it came from; one difference undoes all of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sora_compare.errors import StoreUnusable, TamperedRecord
from sora_compare.store import tables
from sora_compare.store.audit import HEAD, AuditLog, row_of
from sora_compare.store.codec import Codec, to_json
from sora_compare.store.home import is_to_be_carried_over, mark_carried_over
from sora_compare.store.migrations.earlier import DATABASE, FOLDER, EarlierRecords
from sora_compare.store.migrations.read_back import NAMED, PLACES, read_back
from sora_compare.store.repositories.comparisons import ComparisonRepository
from sora_compare.store.repositories.policies import PolicyRepository
from sora_compare.store.repositories.reviews import ReviewRepository
from sora_compare.store.repositories.sessions import SessionRepository
from sora_compare.store.repositories.settings import EndpointRepository, settings_of
from sora_compare.store.repositories.suite_runs import SuiteRunRepository
from sora_compare.store.repositories.takes import TakeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Table

    from sora_compare.store.codec import Value
    from sora_compare.store.database import Database

SETTING = "carried-over"
"""The setting that says what was carried over, and when."""
BATCH = 1000


def carry_over(database: Database, folder: Path) -> None:
    """Read what an earlier release kept in the folder, if it did. Call it in the transaction that made the tables.

    Raises:
        StoreUnusable: a program of an earlier release uses the folder now, or what was read back differs.
    """
    file = folder / FOLDER / DATABASE
    if not (file.exists() and is_to_be_carried_over(folder)):
        return
    try:
        source = EarlierRecords(file)
    except sqlite3.Error as error:
        raise StoreUnusable(folder, f"the records of an earlier version in {FOLDER} cannot be read") from error
    try:
        _refuse_if_used(source, folder)
        carried = _Carried(source, database)
        carried.write()
        carried.verify(folder)
        record = {"at": time.time(), "counts": dict(carried.counts), "left_out": carried.left_out}
        settings_of(database).save(SETTING, record)
        AuditLog(database).append("records carried over", {"counts": record["counts"], "left_out": carried.left_out})
        mark_carried_over(folder)
    finally:
        source.close()


def _refuse_if_used(source: EarlierRecords, folder: Path) -> None:
    now = time.time()
    for name, lease in source.scan("leases"):
        if name == "runner" and lease.get("until", 0.0) > now:
            left = f"or wait {lease['until'] - now:.0f} seconds if it has ended"
            who = lease.get("who", "a program of an earlier version")
            raise StoreUnusable(folder, f"{who} of an earlier version uses it", f"Stop that process, {left}.")


@dataclass
class _Carried:
    """What is carried from one store to another."""

    source: EarlierRecords
    database: Database
    counts: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)
    hashes: dict[tuple[str, str], str] = field(default_factory=dict)

    def write(self) -> None:
        """Write everything; what cannot be read, or hangs in the air, is named in `left_out`."""
        self._named_records()
        self._simple("suite_runs", SuiteRunRepository.codec, SuiteRunRepository(self.database).save)
        self._simple("endpoints", EndpointRepository.codec, EndpointRepository(self.database).save)
        self._simple("policies", PolicyRepository.codec, PolicyRepository(self.database).save)
        comparisons = ComparisonRepository(self.database, TakeRepository(self.database))
        self._simple("comparisons", ComparisonRepository.codec, lambda one: comparisons.add(one, ()))
        self._takes()
        self._reviews()
        self._sessions()
        self._audit()
        self.left_out += self.source.damaged

    def _readable(self, table: str, codec: Codec[Any]) -> Iterator[tuple[str, Any]]:
        for key, record in self.source.scan(table):
            try:
                thing = codec.read(record)
            except TamperedRecord:
                self.left_out.append(f"{table}/{key}")
                continue
            self._note(table, key, codec.record(thing))
            yield key, thing

    def _note(self, table: str, key: str, record: object) -> None:
        self.counts[table] += 1
        self.hashes[table, key] = _hash(record)

    def _simple(self, table: str, codec: Codec[Any], save: Callable[[Any], object]) -> None:
        for _, thing in self._readable(table, codec):
            save(thing)

    def _insert(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                self.database.run(table.insert(), batch)
                batch = []
        if batch:
            self.database.run(table.insert(), batch)

    def _named_records(self) -> None:
        for name, table in NAMED.items():
            for key, record in self.source.scan(name):
                self._note(name, key, record)
                self.database.run(table.insert(), {"name": key, "details": to_json(record)})
        for name, (table, parts) in PLACES.items():
            for key, record in self.source.scan(name):
                self._note(name, key, record)
                # What comes first may hold colons; what comes last is an id, or a name that has none.
                values = key.rsplit(":", len(parts) - 1) if name != "shown_to" else _about_and_reviewer(key)
                row = {**dict(zip(parts, values, strict=True)), "details": to_json(record)}
                self.database.run(table.insert(), row)
        for key, record in self.source.scan("ended_cookies"):
            self._note("ended_cookies", key, record)
            self.database.run(tables.ended_cookies.insert(), {"id": key, "until": record["until"]})

    def _takes(self) -> None:
        repository = TakeRepository(self.database)
        known = {key for table, key in self.hashes if table == "comparisons"}
        there = set()

        def found() -> Iterator[dict[str, Any]]:
            for key, take in self._readable("takes", TakeRepository.codec):
                if take.comparison_id not in known:
                    self._leave_out("takes", key)
                    continue
                there.add(take.id)
                yield repository.row(take, len(there))

        self._insert(tables.takes, found())
        for name, table, column in (
            ("fingerprints", tables.answers, "fingerprint"),
            ("claims", tables.request_claims, "fingerprint"),
        ):
            rows = (
                {column: key, "take_id": one["take"]} for key, one in self.source.scan(name) if one["take"] in there
            )
            self._insert(table, rows)
        jobs = {one["take"]: key for key, one in self.source.scan("jobs") if one["take"] in there}
        for take, key in jobs.items():
            endpoint, job = _job_of(key, (self.source.get("jobs_of_takes", take) or {}).get("job"))
            self._insert(tables.job_claims, [{"endpoint": endpoint, "job_id": job, "take_id": take}])
        self._insert(tables.signals, ({"take_id": key, "what": one["what"]} for key, one in self.source.scan("wishes")))

    def _leave_out(self, table: str, key: str) -> None:
        self.left_out.append(f"{table}/{key}")
        self.counts[table] -= 1
        del self.hashes[table, key]

    def _reviews(self) -> None:
        order = {one["review"]: number for number, (_, one) in enumerate(self.source.scan("review_order"))}
        every = list(self._readable("reviews", ReviewRepository.codec))
        every.sort(key=lambda one: (order.get(one[0], len(order)), one[0]))
        known = {key for table, key in self.hashes if table == "comparisons"}
        rows: list[dict[str, Any]] = []
        given: list[dict[str, Any]] = []
        for key, review in every:
            if review.comparison_id not in known:
                self._leave_out("reviews", key)
                continue
            row = ReviewRepository.codec.row(review, number=len(rows) + 1)
            given += [{"review": row["number"], "place": n, **one} for n, one in enumerate(row.pop("scores"))]
            rows.append(row)
        self._insert(tables.reviews, rows)
        self._insert(tables.scores, given)

    def _sessions(self) -> None:
        repository = SessionRepository(self.database)
        self._simple("review_sessions", SessionRepository.codec, repository.add)
        known = {key for table, key in self.hashes if table == "review_sessions"}
        for key, one in self._readable("invitations", SessionRepository.invitation_codec):
            if one.session_id in known:
                repository.save_invitation(one)
            else:
                self._leave_out("invitations", key)
        self._simple("reviewers", SessionRepository.reviewer_codec, repository.save_removed)
        for key, one in self._readable("stages", SessionRepository.presentation_codec):
            repository.set_presentation(key, one)
        for key, one in self.source.scan("reveals"):
            self._note("reveals", key, one)
            session, comparison, repeat = key.rsplit(":", 2)
            row = {"session_id": session, "comparison_id": comparison, "repeat": int(repeat), "at": one["at"]}
            self.database.run(tables.reveals.insert(), row)

    def _audit(self) -> None:
        def found() -> Iterator[dict[str, Any]]:
            for key, value in self.source.scan("audit"):
                self._note("audit", str(int(key)), value)
                yield {**_entry_row(value), "number": int(key)}

        self._insert(tables.audit_entries, found())
        head = self.source.get("audit_heads", HEAD)
        if head:
            values = {"name": HEAD, "count": head["count"], "hash": head["hash"], "at": head.get("at", 0.0)}
            self.database.run(tables.audit_heads.insert(), values)

    def verify(self, folder: Path) -> None:
        """Read every record back and compare its hash.

        Raises:
            StoreUnusable: one differs or is missing.
        """
        now = {name: _hash(record) for name, record in read_back(self.database)}
        differing = [name for name, known in self.hashes.items() if known != now.get(name)]
        if differing:
            first = "/".join(differing[0])
            raise StoreUnusable(
                folder,
                f"{len(differing)} records of an earlier version could not be carried over unchanged, {first} first",
                "Nothing was changed: go on with the earlier version, and tell us.",
            )


def _entry_row(value: Value) -> dict[str, Any]:
    """An entry's row, also where somebody changed the entry: what it says is then found by `verify`."""
    return {"event": str(value.get("event", "")), **row_of({"number": 0, "event": "", "facts": {}, **value})}


def _about_and_reviewer(key: str) -> tuple[str, str]:
    about, _, reviewer = key.partition(":")
    return about, reviewer


def _job_of(key: str, job: str | None) -> tuple[str, str]:
    """Endpoint and job of a key that joins them by a colon; either may hold one."""
    if job and key.endswith(f":{job}"):
        return key[: -len(job) - 1], job
    endpoint, _, rest = key.partition(":")
    return endpoint, rest


def _hash(record: object) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
