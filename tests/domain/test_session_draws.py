"""Who sees what, on which side, in which order."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.sessions import ItemKind, PairRef, PracticePair, Protocol, ReviewSession, draw_items
from sora_compare.domain.takes import ArmLabel

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
