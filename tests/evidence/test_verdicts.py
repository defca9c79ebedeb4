"""The verdicts that releases ask for: the same question gets the same answer whichever model was arm A."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks._reviews import a_review, comparison_id, filled_store
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.sessions import PairRef, ReviewSession
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel
from sora_compare.evidence.findings import Results
from sora_compare.evidence.verdicts import stored_verdicts, turned
from sora_compare.statistics.rules import Rules
from sora_compare.store.tables import arms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.store.store import Store

PROMPTS, REVIEWERS = 30, 4


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Nobody has reviewed anything yet."""
    opened = filled_store(tmp_path / "records", prompts=PROMPTS, reviewers=0)
    yield opened
    opened.close()


def review_all(store: Store, gain: int, session: str | None = None) -> None:
    """Everybody sees B ahead by `gain` on every criterion, with a little noise."""
    draw = np.random.default_rng(3)
    for number in range(PROMPTS):
        for who in range(REVIEWERS):
            a = draw.integers(4, 7, size=3)
            scores = [[int(one), int(one) + gain + int(draw.integers(0, 2))] for one in a]
            review = a_review(comparison_id(number), who, scores, number)
            store.reviews.add(dataclasses.replace(review, session=session))


def test_the_answer_turns_with_the_question(store: Store) -> None:
    review_all(store, gain=1)
    results = Results(store)
    forth, back = stored_verdicts(results, DEFAULT_A, DEFAULT_B), stored_verdicts(results, DEFAULT_B, DEFAULT_A)
    assert forth == dict.fromkeys(("physics", "motion", "faces"), "better")
    assert back == dict.fromkeys(("physics", "motion", "faces"), "worse")


def test_nobody_compared_them(store: Store) -> None:
    review_all(store, gain=1)
    assert stored_verdicts(Results(store), DEFAULT_A, "sora-9") == {}


def test_a_comparison_with_the_arms_exchanged_counts_the_other_way_round(store: Store) -> None:
    """Half of the comparisons had the candidate as arm A: added up as they are, the halves would cancel out."""
    exchanged = Arm(ArmLabel.A, "lab", DEFAULT_B), Arm(ArmLabel.B, "lab", DEFAULT_A)
    review_all(store, gain=1)
    for number in range(0, PROMPTS, 2):
        for arm in exchanged:
            same = (arms.c.comparison_id == comparison_id(number)) & (arms.c.label == arm.label)
            store.database.run(arms.update().where(same), {"model": arm.model})
    results = Results(store)
    assert set(stored_verdicts(results, DEFAULT_A, DEFAULT_B).values()) == {"undecided"}
    ratings = results.index.ratings()
    flags = np.array([group.model_a == DEFAULT_B for group in ratings.groups])
    there_and_back = turned(turned(ratings, flags), flags)
    assert np.array_equal(there_and_back.scores, ratings.scores, equal_nan=True)
    assert np.array_equal(there_and_back.preference, ratings.preference)
    assert not np.array_equal(turned(ratings, flags).left, ratings.left)


def test_a_session_brings_its_own_margin(store: Store) -> None:
    """B is a little behind: not worse by the session's wide margin, undecided or worse by the shipped one."""
    review_all(store, gain=-1, session="ses_wide")
    wide = ReviewSession("ses_wide", "Wide", 0.0, (PairRef(comparison_id(0)),), seed=1, margin=2.0)
    before = stored_verdicts(Results(store), DEFAULT_A, DEFAULT_B)
    assert "not worse" not in before.values()
    store.sessions.add(wide)
    assert set(stored_verdicts(Results(store), DEFAULT_A, DEFAULT_B).values()) == {"not worse"}
    assert Results(store).rules.holding("ses_gone") == Rules()
