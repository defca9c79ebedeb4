from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.statistics.beside import beside
from sora_compare.statistics.estimators import bootstrap
from sora_compare.statistics.estimators.crossed import fit
from sora_compare.statistics.ratings import differences
from sora_compare.statistics.reviewers import one_by_one as reviewers
from tests.statistics.designs import differences as made_up
from tests.statistics.designs import opinions

if TYPE_CHECKING:
    import pytest


def test_each_tag_is_what_its_prompts_alone_give() -> None:
    ratings = opinions(20, 4, shift=1)
    tags = tuple(("even",) if number % 2 == 0 else ("odd", "every") for number in range(20))
    ratings = dataclasses.replace(ratings, pairs=dataclasses.replace(ratings.pairs, tags=tags))
    found = beside(ratings, "physics")
    assert list(found.tags) == ["even", "every", "odd"]
    even = ratings.where(ratings.prompt % 2 == 0)
    assert found.tags["even"] == fit(differences(even, 0)).estimate()
    assert found.tags["odd"] == found.tags["every"]
    assert len(found.without) == 4


def test_of_very_many_reviewers_the_most_unlike_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewers, "MOST_LEFT_OUT", 3)
    cells = made_up(30, 12, (0.5, 1.0, 0.5), np.random.default_rng(4))
    names = [f"r{number}" for number in range(12)]
    own = np.bincount(cells.reviewer, cells.value) / np.bincount(cells.reviewer)
    far = np.argsort(-np.abs(own - fit(cells).mean))[:3]
    assert {one.reviewer for one in reviewers.leave_one_out(cells, names)} == {names[who] for who in far}


def test_a_very_large_table_is_drawn_less_often_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "MOST_DRAWN", 12_000)
    cells = made_up(40, 5, (0.5, 1.0, 0.5), np.random.default_rng(4))
    assert bootstrap.mean_interval(cells).draws == 300
    monkeypatch.setattr(bootstrap, "MOST_DRAWN", 100)
    assert bootstrap.mean_interval(cells).draws == bootstrap.FEWEST_DRAWS
