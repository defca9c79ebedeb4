"""An outcome and its audit entry are written together or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.errors import StoreUnusable
from sora_compare.generation.take_repository import TakeRepository
from sora_compare.store.store import Store, open_store
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = open_store(tmp_path / "records")
    yield kept
    kept.close()


def refusing(*_: object, **__: object) -> None:
    raise StoreUnusable(Path("here"), "the disk is full")


@pytest.mark.parametrize("state", [TakeState.SUBMITTING, TakeState.COMPLETED, TakeState.FAILED])
def test_without_its_audit_entry_no_step_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, state: TakeState
) -> None:
    add_pair(store, "a ball", 1_000.0, states=(TakeState.RUNNING, TakeState.RUNNING))
    take = next(store.takes.list())
    monkeypatch.setattr(store.audit_log, "append", refusing)
    with pytest.raises(StoreUnusable):
        TakeRepository(store).save(take, state=state)
    assert store.takes.get(take.id) == take


def test_each_step_has_one_entry(store: Store) -> None:
    add_pair(store, "a ball", 1_000.0, states=(TakeState.PLANNED, TakeState.RUNNING))
    take, repository = next(store.takes.list()), TakeRepository(store)
    sent = repository.save(take, state=TakeState.SUBMITTING)
    ended = repository.end(repository.save(sent, state=TakeState.RUNNING), TakeState.COMPLETED)
    repository.save(ended, notice="a poster was made")
    assert [(one["event"], one["take"]) for one in store.audit_trail()] == [
        ("take submitted", take.id),
        ("take ended", take.id),
    ]
