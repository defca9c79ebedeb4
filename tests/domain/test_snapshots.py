"""The shipped registry: the two snapshots, their end, and the alias that moved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B, Phase, registry, registry_from

UNHURRIED = settings(deadline=None, max_examples=60)
MOVED = date(2026, 1, 13)
RETIRED = date(2026, 9, 24)


@pytest.mark.parametrize(
    ("day", "snapshot"),
    [
        (date(2025, 10, 6), DEFAULT_A),
        (date(2025, 12, 8), DEFAULT_A),
        (MOVED - timedelta(days=1), DEFAULT_A),
        (MOVED, DEFAULT_B),
        (date(2030, 1, 1), DEFAULT_B),
    ],
)
def test_the_alias_means_what_it_meant_on_that_day(day: date, snapshot: str) -> None:
    """It moved five weeks after the newer snapshot came out."""
    assert registry().resolve(ALIAS, day) == snapshot


def test_before_its_first_day_an_alias_means_nothing() -> None:
    assert registry().resolve(ALIAS, date(2025, 10, 5)) == ALIAS


@UNHURRIED
@given(st.text(), st.dates())
def test_any_other_name_is_itself(name: str, day: date) -> None:
    if name != ALIAS:
        assert registry().resolve(name, day) == name


@pytest.mark.parametrize("snapshot", [DEFAULT_A, DEFAULT_B])
def test_both_snapshots_end_on_the_day_openai_said(snapshot: str) -> None:
    found = registry().snapshots[snapshot]
    assert not found.is_retired(RETIRED - timedelta(days=1))
    assert found.is_retired(RETIRED)
    assert registry().lifecycle(snapshot, RETIRED).phase is Phase.RETIRED
    assert registry().lifecycle(ALIAS, RETIRED - timedelta(days=1)).phase is Phase.ENDING


def test_every_shipped_figure_has_its_source() -> None:
    for found in registry().snapshots.values():
        assert found.price_source
        assert found.retired_source
        assert found.released_source
        assert found.seconds_source
        assert found.sizes_source
        assert found.released.isoformat() in found.id
    assert all(move.source for moves in registry().aliases.values() for move in moves)
    assert all(move.points_to in registry().snapshots for moves in registry().aliases.values() for move in moves)


def test_moves_of_an_alias_are_sorted_by_their_day() -> None:
    moves = [{"from": date(2026, 5, 1), "points_to": "new"}, {"from": date(2026, 1, 1), "points_to": "old"}]
    found = registry_from({"alias": [{"id": "moving", "history": moves}]})
    assert found.resolve("moving", date(2026, 2, 1)) == "old"
    assert found.resolve("moving", date(2026, 6, 1)) == "new"
    assert registry_from({}).snapshots == {}
