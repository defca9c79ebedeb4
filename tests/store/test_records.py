"""The contract of the seam, held against every implementation."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sora_compare.store import diskcache_records

if TYPE_CHECKING:
    from sora_compare.store.records import Records, Value

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
ONE_STORE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


def filled(records: Records, count: int, table: str = "things") -> list[str]:
    keys = [f"{number:05d}" for number in range(count)]
    with records.transaction():
        for key in keys:
            records.put(table, key, {"n": int(key)})
    return keys


@ONE_STORE
@given(key=TEXT.filter(bool), value=st.dictionaries(TEXT, JSON, max_size=5))
def test_what_is_put_comes_back(records: Records, key: str, value: Value) -> None:
    records.put("things", key, value)
    assert records.get("things", key) == value
    assert list(records.scan("things")) == [(key, value)]
    assert records.delete("things", key)
    assert records.get("things", key) is None


def test_half_a_surrogate_survives(records: Records) -> None:
    """JSON files and servers can hold one, though no browser sends one."""
    records.put("things", "a", {"text": "\ud83d alone"})
    assert records.get("things", "a") == {"text": "\ud83d alone"}


def test_putting_again_replaces(records: Records) -> None:
    records.put("things", "a", {"n": 1})
    records.put("things", "a", {"n": 2})
    assert records.get("things", "a") == {"n": 2}
    assert records.count("things") == 1


def test_deleting_says_whether_there_was_one(records: Records) -> None:
    assert not records.delete("things", "a")
    records.put("things", "a", {})
    assert records.delete("things", "a")
    assert not records.delete("things", "a")


def test_tables_whose_names_begin_alike_do_not_mix(records: Records) -> None:
    for table in ("takes", "takes_of", "takes0", "take", "takes-"):
        records.put(table, "a", {"of": table})
    assert list(records.scan("takes")) == [("a", {"of": "takes"})]
    assert records.count("takes") == 1
    assert list(records.scan("nothing")) == []


def test_a_scan_goes_in_the_order_of_code_points(records: Records) -> None:
    keys = ["a", "B", "é", "0", "a/b", "a:b", "日", "🎬"]
    for key in keys:
        records.put("things", key, {})
    assert [key for key, _ in records.scan("things")] == sorted(keys)
    assert [key for key, _ in records.scan("things", newest_first=True)] == sorted(keys, reverse=True)


def test_bounds_of_a_scan_are_left_out(records: Records) -> None:
    filled(records, 10)
    assert [key for key, _ in records.scan("things", after="00003", before="00006")] == ["00004", "00005"]
    newest = records.scan("things", before="00006", newest_first=True, limit=2)
    assert [key for key, _ in newest] == ["00005", "00004"]


@pytest.mark.parametrize("limit", [0, 7, 1000, 1001, 2000, 2345, 5000, None])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_scan_over_several_pages_misses_nothing(records: Records, limit: int | None, newest_first: bool) -> None:  # noqa: FBT001  # a parameter of the test
    keys = filled(records, 2350)
    filled(records, 3, "thingsafter")
    expected = list(reversed(keys)) if newest_first else keys
    assert [key for key, _ in records.scan("things", newest_first=newest_first, limit=limit)] == expected[:limit]
    assert records.count("things") == 2350


def test_a_scan_can_write_what_it_reads(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diskcache_records, "SCAN_PAGE", 10)
    filled(records, 35)
    for key, value in records.scan("things"):
        records.put("things", key, {"n": value["n"] * 2})
    assert [value["n"] for _, value in records.scan("things")] == [2 * n for n in range(35)]


class _StoppedError(Exception):
    pass


def stopped_transaction(records: Records) -> None:
    with records.transaction():
        records.put("things", "a", {"n": 2})
        records.put("things", "b", {})
        records.delete("things", "c")
        with records.transaction():
            records.put("things", "d", {})
        raise _StoppedError


def test_a_transaction_happens_as_a_whole_or_not_at_all(records: Records) -> None:
    records.put("things", "a", {"n": 1})
    records.put("things", "c", {})
    with pytest.raises(_StoppedError):
        stopped_transaction(records)
    assert list(records.scan("things")) == [("a", {"n": 1}), ("c", {})]
    with records.transaction():
        records.put("things", "b", {})
    assert records.count("things") == 3


def test_a_value_that_is_no_json_is_refused_and_nothing_changes(records: Records) -> None:
    records.put("things", "a", {"n": 1})
    with pytest.raises((ValueError, TypeError)):
        records.put("things", "a", {"n": float("nan")})
    with pytest.raises((ValueError, TypeError)):
        records.put("things", "a", {"n": object()})
    assert records.get("things", "a") == {"n": 1}


def test_threads_take_turns_in_transactions(records: Records) -> None:
    records.put("things", "sum", {"n": 0})

    def add() -> None:
        for _ in range(25):
            with records.transaction():
                found = records.get("things", "sum")
                assert found is not None
                records.put("things", "sum", {"n": found["n"] + 1})
        records.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert records.get("things", "sum") == {"n": 100}
