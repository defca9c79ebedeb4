"""Identifiers sort by the time they were made."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.identifiers import ALPHABET, earliest_identifier, new_identifier

UNHURRIED = settings(deadline=None, max_examples=60)
SECONDS = st.floats(0, 30_000_000_000)


@UNHURRIED
@given(SECONDS, SECONDS)
def test_an_identifier_made_later_sorts_later(one: float, other: float) -> None:
    earlier, later = sorted((one, other))
    if int(later * 1000) > int(earlier * 1000):
        assert new_identifier("take", at_s=earlier) < new_identifier("take", at_s=later)


@UNHURRIED
@given(SECONDS, SECONDS)
def test_the_earliest_identifier_divides_before_from_since(moment: float, made: float) -> None:
    is_since = int(made * 1000) >= int(moment * 1000)
    assert (new_identifier("take", at_s=made) > earliest_identifier("take", moment)) is is_since


@UNHURRIED
@given(SECONDS)
def test_identifiers_have_one_length_and_an_alphabet_that_sorts(at_s: float) -> None:
    kind, _, digits = new_identifier("cmp", at_s=at_s).partition("_")
    assert (kind, len(digits)) == ("cmp", 22)
    assert set(digits) <= set(ALPHABET)
    assert list(ALPHABET) == sorted(ALPHABET)


def test_identifiers_of_one_instant_sort_as_they_were_made() -> None:
    made = [new_identifier("take", at_s=1_790_000_000.0) for _ in range(2_000)]
    assert made == sorted(made)
    assert len({len(one) for one in made}) == 1


def test_identifiers_of_one_instant_differ() -> None:
    assert len({new_identifier("take", at_s=1.0) for _ in range(10_000)}) == 10_000


def test_an_identifier_is_of_now_when_nothing_is_said() -> None:
    before = earliest_identifier("take", time.time())
    assert before < new_identifier("take") < earliest_identifier("take", time.time() + 1)
