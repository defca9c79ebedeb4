"""Independent scores decide: the index against the store, what is said of the others, and reviews read once."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from benchmarks._reviews import a_review, comparison_id, filled_store
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import Evidence, counted
from sora_compare.evidence.findings import Results
from sora_compare.evidence.index.review_index import EvidenceIndex
from sora_compare.evidence.selection import Selection
from sora_compare.evidence.verdicts import stored_verdicts
from sora_compare.statistics.rules import Rules
from sora_compare.store.cache import LocalCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.domain.reviews import Review
    from sora_compare.statistics.ratings import Ratings
    from sora_compare.store.store import Store

PROMPTS, REVIEWERS = 6, 3
HOW = (
    {},
    {"is_blind": False},
    {"is_after_reveal": True},
    {"saw_others": True},
    {"flags": ("after the reveal",)},
)
"""The last one as the first release noted it."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = filled_store(tmp_path / "records", prompts=PROMPTS, reviewers=REVIEWERS)
    yield opened
    opened.close()


def given(prompt: int, who: int, scores: list[list[int]], number: int, **details: object) -> Review:
    review = a_review(comparison_id(prompt), who, scores, number)
    return dataclasses.replace(review, id=new_identifier("rev"), **details)  # type: ignore[arg-type]  # of Review


def of_index(ratings: Ratings) -> list[tuple[object, ...]]:
    rows = enumerate(zip(ratings.pair, ratings.reviewer, strict=True))
    return sorted(
        (ratings.pairs.names[pair], ratings.reviewers[who], ratings.scores[:3, :, row].ravel().tolist())
        for row, (pair, who) in rows
    )


def of_store(store: Store, evidence: Evidence) -> list[tuple[object, ...]]:
    reviews = [one for number in range(PROMPTS) for one in store.reviews.of(comparison_id(number))]
    return sorted(
        (f"{one.comparison_id}:{one.repeat}", one.reviewer, [float(score.value or 0) for score in one.scores])
        for one in counted(reviews, evidence)
    )


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_in_whatever_order_the_index_counts_what_the_store_counts(
    seed: int, store: Store, tmp_path: Path
) -> None:
    draw, cache = random.Random(seed), LocalCache(tmp_path / "cache")  # noqa: S311  # a repeatable draw, no secret
    index = EvidenceIndex(store, cache)
    for number in range(80):
        scores = [[draw.randint(1, 10), draw.randint(1, 10)] for _ in range(3)]
        store.reviews.add(given(draw.randrange(PROMPTS), draw.randrange(6), scores, 1000 + number, **draw.choice(HOW)))
        if draw.random() < 0.3:
            index.ratings()
        if draw.random() < 0.1:
            index.save()
            index = EvidenceIndex(store, cache)
    for evidence in Evidence:
        expected = of_store(store, evidence)
        assert of_index(index.ratings().deciding(evidence)) == expected
        assert of_index(EvidenceIndex(store).ratings().deciding(evidence)) == expected
    assert of_store(store, Evidence.ALL) != of_store(store, Evidence.INDEPENDENT)


def test_a_later_correction_is_counted_beside_and_replaces_nothing(store: Store) -> None:
    results = Results(store)
    before = results.analysis()
    for prompt in range(PROMPTS):
        for who in range(REVIEWERS):
            store.reviews.add(given(prompt, who, [[10, 1]] * 3, 900 + prompt, is_after_reveal=True))
    findings = results.findings()
    assert findings.analysis.criteria["physics"].difference == before.criteria["physics"].difference
    assert findings.set_aside.by_reason == {"given after the reveal": 18}
    assert findings.set_aside.deciding == 18
    assert any("18 reviews do not decide" in sentence for sentence in findings.warnings)
    assert any("With them B - A would be: physics -9" in sentence for sentence in findings.warnings)
    every = results.findings(Selection(), Rules(evidence=Evidence.ALL))
    assert every.analysis.criteria["physics"].arms["A"].mean == 10
    assert "18 of the 18 reviews that decide are not independent" in "\n".join(every.warnings)


def test_without_an_independent_review_nothing_is_decided_anywhere(tmp_path: Path) -> None:
    opened = filled_store(tmp_path / "open", prompts=PROMPTS, reviewers=0)
    for prompt in range(PROMPTS):
        for who in range(REVIEWERS):
            opened.reviews.add(given(prompt, who, [[1, 9]] * 3, prompt, is_blind=False))
    results = Results(opened)
    findings = results.findings()
    assert findings.analysis.criteria == {}
    assert findings.warnings[0] == "No review is independent, so nothing is decided."
    arms = opened.comparisons.get(comparison_id(0)).arms
    assert stored_verdicts(results, arms[0].model, arms[1].model) == {}
    opened.close()


def test_a_later_change_of_what_decides_is_said_with_every_result(store: Store) -> None:
    results = Results(store)
    results.rules.change(Rules(evidence=Evidence.ALL), by="Ana")
    assert "evidence independent to all" in "\n".join(results.findings().warnings)
    assert results.rules.current().evidence is Evidence.ALL


def test_a_review_that_arrives_during_the_first_read_is_counted_once(store: Store) -> None:
    store.reviews.add(given(1, 8, [[4, 8]] * 3, 76))
    read = store.reviews.list

    def let_one_in(**bounds: int) -> Iterator[Review]:
        if bounds.get("after") == 0:
            store.reviews.add(given(2, 9, [[4, 8]] * 3, 77))
        return read(**bounds)

    store.reviews.list = let_one_in  # type: ignore[method-assign,assignment]
    index = EvidenceIndex(store)
    assert len(index.ratings()) == PROMPTS * REVIEWERS + 1
    assert len(index.ratings()) == PROMPTS * REVIEWERS + 2
