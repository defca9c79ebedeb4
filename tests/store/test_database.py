"""Transactions and walks over rows, over both databases."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sora_compare.store.database import RuleBroken
from sora_compare.store.tables import drafts, request_claims

if TYPE_CHECKING:
    from sora_compare.store.database import Database
    from sora_compare.store.store import Store

COUNT = 35


@pytest.fixture
def database(store: Store) -> Database:
    return store.database


def names(database: Database) -> list[str]:
    return [row["name"] for row in database.walk(select(drafts), drafts.c.name)]


@pytest.fixture
def filled(store: Store) -> list[str]:
    every = [f"{number:03d}" for number in range(COUNT)]
    with store.transaction():
        for name in reversed(every):
            store.drafts.save(name, {"n": int(name)})
    return every


@pytest.mark.parametrize("page", [1, 5, 10, 100])
@pytest.mark.parametrize("limit", [None, 0, 1, 10, 12, 100])
@pytest.mark.parametrize("is_newest_first", [False, True])
def test_a_walk_over_several_pages_misses_nothing_and_repeats_nothing(
    database: Database, filled: list[str], page: int, limit: int | None, *, is_newest_first: bool
) -> None:
    rows = database.walk(select(drafts), drafts.c.name, newest_first=is_newest_first, limit=limit, page=page)
    ordered = filled[::-1] if is_newest_first else filled
    assert [row["name"] for row in rows] == ordered[:limit]


def test_a_walk_can_write_what_it_reads(store: Store, filled: list[str]) -> None:
    for row in store.database.walk(select(drafts), drafts.c.name, page=10):
        store.drafts.save(row["name"], {"n": 2 * int(row["name"])})
    assert [store.drafts.get(name)["n"] for name in filled] == [2 * n for n in range(COUNT)]


@pytest.mark.parametrize("name", ["\x00", "\ud800 half", "a/b", "", "\x01json:", "Ж", "é" * 400, "a\nb"])
def test_any_text_is_a_key(store: Store, name: str) -> None:
    store.drafts.save(name, {"text": name})
    assert store.drafts.get(name) == {"text": name}
    assert names(store.database) == [name]
    store.drafts.delete(name)
    assert store.drafts.get(name) == {}


def test_keys_sort_by_code_point(store: Store) -> None:
    every = ["B", "a", "_", "cmp_1", "cmp_10", "cmp_1:", "é", "Z", "9"]
    for name in every:
        store.drafts.save(name, {})
    assert names(store.database) == sorted(every)


class _StoppedError(Exception):
    pass


def stopped(store: Store) -> None:
    with store.transaction():
        store.drafts.save("a", {"n": 2})
        store.drafts.save("b", {})
        store.drafts.delete("c")
        with store.transaction():
            store.drafts.save("d", {})
        raise _StoppedError


def test_a_transaction_happens_as_a_whole_or_not_at_all(store: Store) -> None:
    store.drafts.save("a", {"n": 1})
    store.drafts.save("c", {})
    with pytest.raises(_StoppedError):
        stopped(store)
    assert (names(store.database), store.drafts.get("a")) == (["a", "c"], {"n": 1})
    with store.transaction():
        store.drafts.save("b", {})
    assert store.database.count(drafts) == 3


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_a_value_that_is_no_json_is_refused_and_nothing_changes(store: Store, value: object) -> None:
    store.drafts.save("a", {"n": 1})
    with pytest.raises((ValueError, TypeError)):
        store.drafts.save("a", {"n": value})
    assert store.drafts.get("a") == {"n": 1}


def test_a_row_that_stands_against_others_is_a_sentence(database: Database) -> None:
    with pytest.raises(RuleBroken, match="nothing was written"):
        database.run(request_claims.insert(), {"fingerprint": "f", "take_id": "take_that_is_not_there"})
    assert database.count(request_claims) == 0


def test_threads_take_turns_in_transactions(store: Store) -> None:
    store.drafts.save("sum", {"n": 0})

    def add() -> None:
        for _ in range(25):
            with store.transaction():
                store.drafts.save("sum", {"n": store.drafts.get("sum")["n"] + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.drafts.get("sum") == {"n": 100}
