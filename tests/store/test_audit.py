"""The chained audit log: what is written stays, and what is done to it is found and named."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sora_compare.releases.audit_export import as_json_lines, log_csv
from sora_compare.store.audit import UNREADABLE, chained_hash, to_json_value
from sora_compare.store.codec import from_json
from sora_compare.store.store import open_store
from sora_compare.store.tables import audit_entries, audit_heads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sora_compare.store.audit import AuditLog
    from sora_compare.store.store import Store

COUNT = 12
EACH = 25
KEY = "sk-test-0123456789abcdef"

any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def log(store: Store) -> AuditLog:
    return store.audit_log


@pytest.fixture
def filled(log: AuditLog) -> AuditLog:
    with log._database.transaction():
        for number in range(COUNT):
            details = {"model": f"m{number}", "n": number, "comparison": f"cmp_{number % 3}"}
            log.append("switch" if number % 2 else "use", details, now=1000.0 + number)
    return log


def row(log: AuditLog, number: int) -> dict[str, Any]:
    return from_json(log._database.value(select(audit_entries.c.entry).where(audit_entries.c.number == number)))


def put(log: AuditLog, number: int, text: str) -> None:
    log._database.run(audit_entries.update().where(audit_entries.c.number == number), {"entry": text})


def delete(log: AuditLog, number: int) -> None:
    log._database.run(audit_entries.delete().where(audit_entries.c.number == number))


def places(log: AuditLog) -> list[int]:
    return [fault.number for fault in log.verify().faults]


def test_a_log_that_nobody_touched_is_intact(filled: AuditLog) -> None:
    found = filled.verify()
    assert found.is_intact
    assert (found.count, found.head) == (COUNT, row(filled, COUNT)["hash"])
    assert [one.number for one in filled.entries()] == list(range(1, COUNT + 1))
    assert [one.number for one in filled.latest(3)] == [12, 11, 10]
    assert [one.facts["n"] for one in filled.of_event("switch", after=6)] == [7, 9, 11]


def test_an_empty_log_is_intact(log: AuditLog) -> None:
    assert log.verify().is_intact
    assert log.count == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_change_of_one_entry_is_found_there(filled: AuditLog, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, COUNT))
    kept = row(filled, number)
    changed = dict(kept)
    name = data.draw(st.sampled_from([*kept, "added"]))
    if name in kept and data.draw(st.booleans(), label="dropped"):
        del changed[name]
    else:
        changed[name] = to_json_value(data.draw(any_json))
    if changed == kept and repr(changed) == repr(kept):
        return
    put(filled, number, json.dumps(changed))
    try:
        assert number in places(filled)
    finally:
        put(filled, number, json.dumps(kept))


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_an_entry_rewritten_with_a_fitting_hash_is_found(filled: AuditLog, number: int) -> None:
    value = {**row(filled, number), "facts": {"model": "another"}}
    del value["hash"]
    put(filled, number, json.dumps({**value, "hash": chained_hash(value)}))
    message = filled.verify().faults
    assert len(message) == 1
    assert f"ntry {number}" in message[0].sentence
    assert "rewritten" in message[0].sentence


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_a_missing_entry_is_found(filled: AuditLog, number: int) -> None:
    delete(filled, number)
    assert [fault.sentence for fault in filled.verify().faults] == [f"Entry {number} is missing."]


def test_a_cut_end_is_found(filled: AuditLog) -> None:
    for number in range(9, COUNT + 1):
        delete(filled, number)
    assert [fault.sentence for fault in filled.verify().faults] == ["Entries 9 to 12 are missing."]


def test_an_emptied_log_is_found(filled: AuditLog) -> None:
    for number in range(1, COUNT + 1):
        delete(filled, number)
    assert [fault.sentence for fault in filled.verify().faults] == ["Entries 1 to 12 are missing."]


def test_a_missing_head_is_found(filled: AuditLog) -> None:
    filled._database.run(audit_heads.delete())
    assert "could not be seen" in filled.verify().faults[0].sentence


def test_entries_added_past_the_head_are_found(filled: AuditLog) -> None:
    head = filled._database.row(select(audit_heads))
    filled.append("use", {})
    filled._database.run(audit_heads.update(), head)
    assert "ends at entry 12" in filled.verify().faults[0].sentence


@pytest.mark.parametrize(("one", "other"), [(3, 4), (1, 12), (5, 9)])
def test_entries_in_another_order_are_found(filled: AuditLog, one: int, other: int) -> None:
    first, second = row(filled, one), row(filled, other)
    put(filled, one, json.dumps(second))
    put(filled, other, json.dumps(first))
    messages = {fault.number: fault.sentence for fault in filled.verify().faults}
    assert f"stands entry {other}" in messages[one]
    assert f"stands entry {one}" in messages[other]


def test_a_foreign_row_is_found(filled: AuditLog) -> None:
    filled._database.run(audit_entries.insert(), {"number": -1, "event": "switch", "entry": "{}"})
    assert "no entry has (-1)" in filled.verify().faults[0].sentence


@pytest.mark.parametrize("text", ["cos\nsystem\n.", "[]", '{"number": 5}', '{"number": "5", "extra": 1}'])
def test_an_entry_that_cannot_be_read_is_named_stands_in_its_place_and_hides_nothing_else(
    filled: AuditLog, text: str
) -> None:
    put(filled, 5, text)
    assert places(filled) == [5]
    assert [one.number for one in filled.entries()] == list(range(1, COUNT + 1))
    assert [one.event for one in filled.latest(9)][-2:] == [UNREADABLE, "switch"]
    assert [one.number for one in filled.of_event("use")] == [1, 3, 7, 9, 11]


def test_pages_of_the_log_go_back_to_its_beginning(filled: AuditLog) -> None:
    numbers: list[int] = []
    while page := filled.latest(5, before=numbers[-1] if numbers else None):
        numbers += [one.number for one in page]
    assert numbers == list(range(COUNT, 0, -1))


def test_entries_about_one_comparison_are_found(filled: AuditLog) -> None:
    assert [one.number for one in filled.of_comparison("cmp_1")] == [2, 5, 8, 11]


def test_a_noted_head_tells_a_chain_that_was_made_anew(filled: AuditLog) -> None:
    noted = (8, row(filled, 8)["hash"])
    filled.append("use", {})
    assert filled.verify(noted).is_intact
    assert not filled.verify((8, "0" * 64)).is_intact
    assert not filled.verify((99, noted[1])).is_intact


def test_a_clock_that_went_back_is_recorded_and_breaks_no_order(log: AuditLog) -> None:
    for at in (100.0, 200.0, 150.0, 151.0, 300.0):
        log.append("use", {}, now=at)
    found = log.verify()
    assert found.is_intact
    assert found.clock_steps == (3,)
    assert [one.at for one in log.entries()] == [100.0, 200.0, 150.0, 151.0, 300.0]
    assert [one.clock_back_s for one in log.entries()] == [0, 0, 50.0, 0, 0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=8), any_json, max_size=4))
def test_any_facts_are_kept_and_verify(log: AuditLog, details: dict[str, Any]) -> None:
    kept = log.append("use", details)
    assert log.latest(1)[0].hash == kept.hash
    assert log.verify().is_intact


def test_no_key_is_ever_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    store.audit(
        "use",
        api_key="correct horse",
        parameters={"extra_headers": {"Authorization": f"Bearer {KEY}"}, "deep": [{"token": "abc", "prompt": KEY}]},
        error=f"401 for {KEY} on the way",
        seconds=8,
    )
    trail = list(store.audit_trail())
    store.close()
    content = b"".join(one.read_bytes() for one in (tmp_path / "home").iterdir() if one.is_file())
    assert KEY.encode() not in content
    assert b"correct horse" not in content
    assert trail[0]["seconds"] == 8
    assert trail[0]["error"] == "401 for [hidden] on the way"


def test_a_transaction_that_fails_leaves_no_entry(store: Store) -> None:
    store.audit("before")

    def fail() -> None:
        with store.transaction():
            store.audit("inside")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    store.audit("after")
    assert [one["event"] for one in store.audit_trail()] == ["before", "after"]
    assert store.audit_log.verify().is_intact
    assert store.audit_log.count == 2


def _append_many(place: tuple[Path, str], name: str, count: int) -> None:
    store = open_store(*place)
    for number in range(count):
        store.audit("use", who=name, n=number)
    store.close()


def test_threads_and_processes_share_one_chain_without_gaps(
    place: tuple[Path, str], open_again: Callable[[], Store]
) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_append_many, args=(place, f"p{n}", EACH)) for n in range(2)]
    threads = [threading.Thread(target=_append_many, args=(place, f"t{n}", EACH)) for n in range(2)]
    for one in (*others, *threads):
        one.start()
    for one in (*others, *threads):
        one.join(60)
    log = open_again().audit_log
    assert log.verify().is_intact
    written = [(one.facts["who"], one.facts["n"]) for one in log.entries()]
    assert len(written) == 4 * EACH
    for who in ("p0", "p1", "t0", "t1"):
        assert [n for name, n in written if name == who] == list(range(EACH))


def test_exports_hold_the_chain_and_no_formula(log: AuditLog) -> None:
    log.append("use", {"model": "=HYPERLINK(1)", "environment": "@staging", "n": 1}, now=0.0)
    log.append("switch", {"by": "+cmd", "reason": "line\nbreak, “quoted”"}, now=1.0)
    lines = [json.loads(line) for line in as_json_lines(log.entries()).splitlines()]
    for line in lines:
        body = {name: value for name, value in line.items() if name != "hash"}
        body = {name: value for name, value in body.items() if name != "clock_back_s" or value}
        assert chained_hash(body) == line["hash"]
    rows = list(csv.DictReader(io.StringIO(log_csv(log.entries()))))
    assert [one["model"] for one in rows] == ["'=HYPERLINK(1)", ""]
    assert rows[0]["environment"] == "'@staging"
    assert rows[1]["by"] == "'+cmd"
    assert json.loads(rows[1]["facts"])["reason"] == "line\nbreak, “quoted”"
    assert rows[0]["time"] == "1970-01-01T00:00:00+00:00"
