"""What keeps two runners from doing the same paid thing twice, over both databases."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.store.coordination import CANCEL, Coordination
from tests.store.filling import add_takes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store


@pytest.fixture
def coordination(store: Store) -> Coordination:
    return Coordination(store)


def test_a_lease_has_one_owner_until_it_runs_out_or_is_given_back(coordination: Coordination) -> None:
    assert coordination.lease_owner("runner") is None
    assert coordination.acquire_lease("runner", "one", 60)
    assert coordination.acquire_lease("runner", "one", 60), "renewed"
    assert not coordination.acquire_lease("runner", "two", 60)
    assert coordination.acquire_lease("other", "two", 60)
    coordination.release_lease("runner", "two")
    assert coordination.lease_owner("runner") == "one"
    coordination.release_lease("runner", "one")
    assert coordination.acquire_lease("runner", "two", 60)


def test_a_lease_that_ran_out_can_be_taken(coordination: Coordination) -> None:
    assert coordination.acquire_lease("runner", "one", -1)
    assert coordination.lease_owner("runner") is None
    assert coordination.acquire_lease("runner", "two", 60)
    assert not coordination.acquire_lease("runner", "one", 60)


def test_one_take_at_a_time_asks_for_the_same_request(
    coordination: Coordination, store: Store, make_take: Callable[..., Take]
) -> None:
    add_takes(store, make_take(id="take_1"), make_take(id="take_2"))
    assert coordination.claim_request("f", "take_1")
    assert coordination.claim_request("f", "take_1")
    assert not coordination.claim_request("f", "take_2")
    assert coordination.claim_request("g", "take_2")
    store.takes.save(dataclasses.replace(store.takes.get("take_1"), state=TakeState.FAILED))
    assert coordination.claim_request("f", "take_2")


def test_a_job_belongs_to_one_take(coordination: Coordination, store: Store, make_take: Callable[..., Take]) -> None:
    add_takes(store, make_take(id="take_1"), make_take(id="take_2"))
    assert coordination.claim_job("lab", "video_1", "take_1")
    assert coordination.claim_job("lab", "video_1", "take_1")
    assert not coordination.claim_job("lab", "video_1", "take_2")
    assert coordination.claim_job("other", "video_1", "take_2"), "ids are the server's own"
    assert coordination.claimant_of_job("lab", "video_1") == "take_1"
    assert coordination.claimant_of_job("lab", "video_2") is None
    assert coordination.job_of("take_2") == "video_1"
    assert coordination.job_of("take_3") is None


def test_a_take_owns_one_job_so_that_another_of_an_equal_request_is_found(
    coordination: Coordination, store: Store, make_take: Callable[..., Take]
) -> None:
    add_takes(store, make_take(id="take_1"))
    assert coordination.claim_job("lab", "video_1", "take_1")
    assert not coordination.claim_job("lab", "video_2", "take_1")
    assert coordination.claimant_of_job("lab", "video_2") is None
    assert coordination.job_of("take_1") == "video_1"


def test_a_signal_is_read_once(coordination: Coordination) -> None:
    assert coordination.take_signal("take_1") is None
    coordination.send_signal("take_1", CANCEL)
    assert coordination.take_signal("take_2") is None
    assert coordination.take_signal("take_1") == CANCEL
    assert coordination.take_signal("take_1") is None
