"""The pairs of two models, read on and read anew: the same, whatever happened in between."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from benchmarks._reviews import a_review
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import Origin, TakeState
from sora_compare.evidence.index.model_pairs import ModelPairsIndex
from sora_compare.store.cache import LocalCache
from sora_compare.store.store import open_store
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "home")
    for number in range(6):
        add_pair(opened, f"prompt {number}", 1.0 + number, scores=(4, 7) if number % 2 else None)
    yield opened
    opened.close()


def _change(store: Store, number: int, draw: random.Random) -> None:
    """One of the things that happen to a store."""
    takes = list(store.takes.list())
    comparison = draw.choice(takes).comparison_id
    if number % 3 == 0:
        scores = [[draw.randint(1, 10), draw.randint(1, 10)] for _ in range(3)]
        pair = tuple(take.id for take in store.takes.of(comparison))
        store.reviews.add(dataclasses.replace(a_review(comparison, draw.randrange(4), scores, number), takes=pair))
    elif number % 3 == 1:
        take: Take = draw.choice(takes)
        state = draw.choice([TakeState.COMPLETED, TakeState.FAILED, TakeState.RUNNING])
        store.takes.save(dataclasses.replace(take, state=state, retries=take.retries + 1))
    else:
        origin = draw.choice(list(Origin))
        add_pair(store, f"more {draw.randrange(3)}", 100.0 + number, origin=origin, scores=(5, 6))


def test_reading_on_gives_the_same_as_reading_all(store: Store, tmp_path: Path) -> None:
    index, draw = ModelPairsIndex(store, LocalCache(tmp_path / "cache")), random.Random(3)  # noqa: S311  # repeatable
    for number in range(45):
        _change(store, number, draw)
        if draw.random() < 0.6:
            assert index.of(DEFAULT_A, DEFAULT_B) == ModelPairsIndex(store).of(DEFAULT_A, DEFAULT_B)
    assert index.of(DEFAULT_B, DEFAULT_A) == ModelPairsIndex(store).of(DEFAULT_B, DEFAULT_A)
    found = index.of(DEFAULT_A, DEFAULT_B)
    assert found.pairs + sum(found.other_origins.values()) > 6


def test_what_did_not_change_is_not_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    index = ModelPairsIndex(store)
    index.of(DEFAULT_A, DEFAULT_B)
    read: list[str] = []
    of_all = store.takes.of_all
    monkeypatch.setattr(store.takes, "of_all", lambda names: read.extend(names) or of_all(names))
    index.of(DEFAULT_A, DEFAULT_B)
    assert read == []
    add_pair(store, "one more", 50.0)
    assert index.of(DEFAULT_A, DEFAULT_B).pairs == 7
    assert len(read) == 1


def test_a_fresh_process_goes_on_from_the_cache(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sora_compare.evidence.index.model_pairs.MIN_NEW", 1)
    cache = LocalCache(tmp_path / "cache")
    ModelPairsIndex(store, cache).of(DEFAULT_A, DEFAULT_B)
    add_pair(store, "one more", 50.0)
    monkeypatch.setattr(store.comparisons, "between", lambda _: pytest.fail("everything was read again"))
    assert ModelPairsIndex(store, cache).of(DEFAULT_A, DEFAULT_B).pairs == 7


def test_what_changes_is_kept_too_and_not_only_what_is_added(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store whose comparisons are all there is reviewed on: a fresh process must not read all of that again."""
    monkeypatch.setattr("sora_compare.evidence.index.model_pairs.MIN_NEW", 4)
    cache = LocalCache(tmp_path / "cache")
    index = ModelPairsIndex(store, cache)
    index.of(DEFAULT_A, DEFAULT_B)
    for take in list(store.takes.list()):
        store.takes.save(dataclasses.replace(take, retries=3))
    index.of(DEFAULT_A, DEFAULT_B)
    read: list[int] = []
    changed_after = store.takes.changed_after
    monkeypatch.setattr(store.takes, "changed_after", lambda change: read.append(change) or changed_after(change))
    assert ModelPairsIndex(store, cache).of(DEFAULT_A, DEFAULT_B) == index.of(DEFAULT_A, DEFAULT_B)
    assert read == []


@pytest.mark.parametrize("raw", [b"", b"{}", b"not json", b'{"version": 1}'])
def test_what_is_damaged_in_the_cache_is_no_loss(store: Store, tmp_path: Path, raw: bytes) -> None:
    cache = LocalCache(tmp_path / "cache")
    index = ModelPairsIndex(store, cache)
    cache.set(index._key((DEFAULT_A, DEFAULT_B)), raw)
    assert index.of(DEFAULT_A, DEFAULT_B).pairs == 6


def test_a_store_that_was_put_back_is_read_anew(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on with another take under the same number of a change."""
    monkeypatch.setattr("sora_compare.evidence.index.model_pairs.MIN_NEW", 1)
    cache = LocalCache(tmp_path / "cache")
    ModelPairsIndex(store, cache).of(DEFAULT_A, DEFAULT_B)
    last = store.takes.last_change
    table = store.takes.codec.table
    for old, new, state in ((last, 10_000, "completed"), (1, last, "failed"), (10_000, 1, "completed")):
        store.database.run(table.update().where(table.c.changed == old).values(changed=new, state=state))
    assert ModelPairsIndex(store, cache).of(DEFAULT_A, DEFAULT_B).pairs == 5
