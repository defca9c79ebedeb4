"""Words of prompts and tags, filters, and the pairs of reviewers, over both databases."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.comparisons import Arm, ComparisonFilter
from sora_compare.domain.reviews import ASKED, Review, Score
from sora_compare.domain.sessions import PairRef
from sora_compare.domain.takes import ArmLabel, TakeState
from tests.store.filling import comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store


def found(store: Store, **wanted: Any) -> list[str]:  # noqa: ANN401  # the fields of ComparisonFilter
    return [one.id for one in store.comparisons.list(ComparisonFilter(**wanted))]


@pytest.fixture
def prompts(store: Store) -> Store:
    for number, (prompt, tags) in enumerate(
        (("A red ball, falling", ("slow",)), ("Football at NIGHT 42", ()), ("\u7334\u5b50 on a tree", ("Slow-motion",)))
    ):
        store.comparisons.add(comparison(id=f"cmp_{number}", prompt=prompt, tags=tags, created=float(number)), [])
    return store


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ball", ["cmp_0"]),
        ("BALL fall", ["cmp_0"]),
        ("foot", ["cmp_1"]),
        ("night 42", ["cmp_1"]),
        ("slow", ["cmp_2", "cmp_0"]),
        ("\u5b50", ["cmp_2"]),
        ("\uff22all", ["cmp_0"]),
        ("ball night", []),
        ("b\"all* OR ' -) :* &", []),
        ("?!", ["cmp_2", "cmp_1", "cmp_0"]),
        ("", ["cmp_2", "cmp_1", "cmp_0"]),
    ],
)
def test_words_are_found_by_how_they_begin(prompts: Store, words: str, expected: list[str]) -> None:
    assert found(prompts, words=words) == expected


def test_filters_pages_and_both_orders(prompts: Store) -> None:
    arms = (Arm(ArmLabel.A, "lab", "new"), Arm(ArmLabel.B, "simulator", "old"))
    prompts.comparisons.add(comparison(id="cmp_3", arms=arms, created=3.0, suite="run_1"), [])
    assert found(prompts, matchup=("lab", "new", "simulator", "old")) == ["cmp_3"]
    assert found(prompts, model="new") == ["cmp_3", "cmp_2", "cmp_1", "cmp_0"]
    assert found(prompts, tag="slow") == ["cmp_0"]
    assert found(prompts, suite="run_1") == ["cmp_3"]
    assert found(prompts, since=1.0, until=3.0) == ["cmp_2", "cmp_1"]
    assert found(prompts, words="slow", tag="slow") == ["cmp_0"]
    oldest = [one.id for one in prompts.comparisons.list(limit=2, after="cmp_0", newest_first=False)]
    assert oldest == ["cmp_1", "cmp_2"]
    assert [one.id for one in prompts.comparisons.among(["cmp_0", "cmp_3", "none"])] == ["cmp_3", "cmp_0"]
    assert prompts.comparisons.matchups() == [
        ("lab", "new", "simulator", "old"), ("simulator", "old", "simulator", "new"),
    ]  # fmt: skip
    assert (prompts.comparisons.models(), prompts.comparisons.tags()) == (["new", "old"], ["Slow-motion", "slow"])


def test_pairs_are_those_whose_latest_takes_are_both_completed(store: Store, make_take: Callable[..., Take]) -> None:
    def take(arm: ArmLabel, state: TakeState, attempt: int = 0) -> Take:
        return make_take(comparison_id=name, arm=arm, state=state, attempt=attempt, fingerprint=f"{name}{arm}{attempt}")

    done, failed = TakeState.COMPLETED, TakeState.FAILED
    for number, states in enumerate(((done, done), (done, failed), (done, done), (failed, done))):
        name = f"cmp_{number}"
        store.comparisons.add(comparison(id=name), [take(ArmLabel.A, states[0]), take(ArmLabel.B, states[1])])
    name = "cmp_2"
    store.takes.add(take(ArmLabel.A, failed, 1))
    name = "cmp_3"
    store.takes.add(take(ArmLabel.A, done, 1))
    assert store.pairs.unscored("Ann", 10) == [PairRef("cmp_3"), PairRef("cmp_0")]
    assert store.pairs.unscored("Ann", 1) == [PairRef("cmp_3")]

    scores = tuple(Score(criterion, arm, 5) for criterion in ASKED for arm in ArmLabel)
    review = Review("rev_1", "cmp_3", 0, ("a", "b"), "Ann", 1.0, scores)
    store.reviews.add(dataclasses.replace(review, id="rev_0", comparison_id="cmp_0", kind="practice", session="ses"))
    store.reviews.add(review)
    assert store.pairs.unscored("Ann", 10) == [PairRef("cmp_0")]
    assert store.pairs.scored("Ann", 10) == [PairRef("cmp_3")]
    assert (store.pairs.count(), store.pairs.count_scored("Ann"), store.pairs.count_scored("Ben")) == (2, 1, 0)
    store.reviews.add(dataclasses.replace(review, id="rev_2", is_withdrawn=True))
    assert store.pairs.count_scored("Ann") == 0


@pytest.mark.parametrize("name", ["\ud800", "\x01json:", "a\x00b"])
def test_any_identifier_is_found_as_it_was_kept(store: Store, name: str) -> None:
    store.comparisons.add(comparison(id=name, prompt="a heron"), [])
    for _ in range(2):
        assert [one.id for one in store.comparisons.list(ComparisonFilter(words="heron"))] == [name]
        store.comparisons.rebuild_index()
