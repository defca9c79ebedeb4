"""Who sees what, on which side, in which order."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.sessions import Item, ItemKind, PairRef, PracticePair, Protocol, ReviewSession
from sora_compare.domain.takes import ArmLabel
from sora_compare.sessions.draw import count_items, draw_items

PRACTICE = PracticePair(PairRef("cmp_practice"), "The left one falls upwards.")


@st.composite
def sessions(draw: st.DrawFn) -> ReviewSession:
    pairs = tuple(PairRef(f"cmp_{number}") for number in range(draw(st.integers(1, 8))))
    protocol = Protocol(
        hidden_repeats=draw(st.integers(0, 3)),
        same_clip_pairs=draw(st.integers(0, 3)),
        pairs_per_reviewer=draw(st.none() | st.integers(1, 8)),
    )
    practice = (PRACTICE,) if draw(st.booleans()) else ()
    seed = draw(st.integers(0, 2**48))
    return ReviewSession("ses_1", "Spring", 0.0, pairs, seed, protocol=protocol, practice=practice)


@settings(max_examples=60, deadline=None)
@given(session=sessions(), reviewers=st.integers(1, 9))
def test_every_pair_is_shown_equally_often_and_from_both_sides(session: ReviewSession, reviewers: int) -> None:
    shown: Counter[PairRef] = Counter()
    on_the_left: Counter[tuple[PairRef, ArmLabel]] = Counter()
    for number in range(reviewers):
        items = draw_items(session, number, dict(shown))
        assert items == draw_items(session, number, dict(shown))
        assert [item.index for item in items] == list(range(len(items)))
        assert len({item.id for item in items}) == len(items)
        own = [item for item in items if item.kind is ItemKind.PAIR]
        assert len({item.pair for item in own}) == len(own)
        shown.update(item.pair for item in own)
        on_the_left.update((item.pair, item.left) for item in own)
    counts = [shown[pair] for pair in session.pairs]
    assert max(counts) - min(counts) <= 1
    for pair in session.pairs:
        assert abs(on_the_left[pair, ArmLabel.A] - on_the_left[pair, ArmLabel.B]) <= 1


@settings(max_examples=60, deadline=None)
@given(session=sessions())
def test_practice_comes_first_and_repeats_come_late_and_mirrored(session: ReviewSession) -> None:
    items = draw_items(session, 0, {})
    kinds = [item.kind for item in items]
    assert kinds[: len(session.practice)] == [ItemKind.PRACTICE] * len(session.practice)
    assert ItemKind.PRACTICE not in kinds[len(session.practice) :]
    first = {item.pair: item for item in items if item.kind is ItemKind.PAIR}
    for item in items:
        if item.kind is ItemKind.REPEAT:
            assert item.left is not first[item.pair].left
            assert item.index > first[item.pair].index
        assert (item.only is not None) == (item.kind is ItemKind.SAME_CLIP)


@settings(max_examples=30, deadline=None)
@given(session=sessions())
def test_an_item_does_not_show_what_it_is(session: ReviewSession) -> None:
    for item in draw_items(session, 3, {}):
        assert item.id == f"0003-{item.index:03d}"


def place_of(items: tuple[Item, ...], kind: ItemKind, pair: PairRef) -> int:
    return next(item.index for item in items if (item.kind, item.pair) == (kind, pair))


def session_of(pairs: int, protocol: Protocol, seed: int, *, has_practice: bool = False) -> ReviewSession:
    chosen = tuple(PairRef(f"cmp_{number}") for number in range(pairs))
    practice = (PRACTICE,) if has_practice else ()
    return ReviewSession("ses_1", "Spring", 0.0, chosen, seed, protocol=protocol, practice=practice)


@pytest.mark.parametrize("repeats", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("pairs", [1, 2, 3, 4, 5, 6, 7, 9, 12, 25, 60])
def test_a_repeat_stands_a_third_of_the_list_and_three_items_from_its_first_showing(pairs: int, repeats: int) -> None:
    for seed, same, most in product(range(12), (0, 1, 4), (None, 5)):
        protocol = Protocol(hidden_repeats=repeats, same_clip_pairs=same, pairs_per_reviewer=most)
        has_practice = seed % 2 == 1
        items = draw_items(session_of(pairs, protocol, seed, has_practice=has_practice), seed, {})
        again = [item for item in items if item.kind is ItemKind.REPEAT]
        length = len(items) - has_practice
        shown = min(pairs, most or pairs)
        is_long_enough = length - len(again) >= 4
        assert len(again) == (min(repeats, shown) if is_long_enough else 0)
        for item in again:
            between = item.index - place_of(items, ItemKind.PAIR, item.pair) - 1
            assert between >= 3
            assert between >= length / 3


@settings(max_examples=300, deadline=None)
@given(session=sessions())
def test_what_is_counted_beforehand_is_what_is_drawn(session: ReviewSession) -> None:
    counts = count_items(len(session.pairs), session.protocol)
    kinds = Counter(item.kind for item in draw_items(session, 0, {}))
    assert kinds[ItemKind.PAIR] == counts.pairs
    assert kinds[ItemKind.SAME_CLIP] == counts.same_clip_pairs
    assert kinds[ItemKind.REPEAT] == counts.repeats
    assert counts.total == kinds.total() - kinds[ItemKind.PRACTICE]


def test_no_pair_is_favoured_by_place_or_by_being_repeated() -> None:
    """Of 12 pairs over 3000 draws each stands early, and is repeated, as often as any other, within chance."""
    early: Counter[PairRef] = Counter()
    again: Counter[PairRef] = Counter()
    for seed in range(3000):
        items = draw_items(session_of(12, Protocol(hidden_repeats=3), seed), 0, {})
        early.update(item.pair for item in items if item.kind is ItemKind.PAIR and item.index < len(items) // 2)
        again.update(item.pair for item in items if item.kind is ItemKind.REPEAT)
    assert max(early.values()) - min(early.values()) < 0.08 * 3000
    assert max(again.values()) - min(again.values()) < 0.08 * 3000


def test_repeats_and_their_first_showings_have_no_place_of_their_own() -> None:
    """In a list of 14, repeats stand in all eight places that they can have, and so do the first showings."""
    repeats, firsts = set(), set()
    for seed in range(2000):
        items = draw_items(session_of(12, Protocol(), seed), 0, {})
        again = next(item for item in items if item.kind is ItemKind.REPEAT)
        repeats.add(again.index)
        firsts.add(place_of(items, ItemKind.PAIR, again.pair))
    assert repeats == set(range(6, 14))
    assert firsts == set(range(8))
