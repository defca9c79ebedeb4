"""What each reviewer of a session is shown, in which order and on which side: drawn from the session's seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.sessions import Item, ItemKind, PairRef
from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.sessions import Protocol, ReviewSession

LEAST_BETWEEN = 3
"""Items between a pair and its hidden repeat."""
LEAST_FOR_REPEATS = LEAST_BETWEEN + 1
"""Pairs and same-clip pairs in a reviewer's list, below which it has no hidden repeats."""


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How many items of each kind a reviewer's list has; practice comes before the list and is not part of it."""

    pairs: int
    same_clip_pairs: int
    repeats: int

    @property
    def total(self) -> int:
        """The length of the list."""
        return self.pairs + self.same_clip_pairs + self.repeats

    @property
    def between(self) -> int:
        """Items that stand at least between a pair and its repeat: a third of the list, and never fewer than three."""
        return max(LEAST_BETWEEN, math.ceil(self.total / 3))


def count_items(pairs: int, protocol: Protocol) -> ItemCounts:
    """What the list of one reviewer holds, in a session of so many pairs.

    With n pairs and same-clip pairs, r <= n of them repeated at the end in the order of their first showings have
    n - 1 items between; that is a third of the n + r items, and three, for every r from n = `LEAST_FOR_REPEATS`
    on. A shorter list gets no repeats.
    """
    shown = min(pairs, protocol.pairs_per_reviewer or pairs)
    same_clip = min(protocol.same_clip_pairs, shown)
    is_long_enough = shown + same_clip >= LEAST_FOR_REPEATS
    return ItemCounts(shown, same_clip, min(protocol.hidden_repeats, shown) if is_long_enough else 0)


def draw_items(session: ReviewSession, number: int, times_shown: dict[PairRef, int]) -> tuple[Item, ...]:
    """Draw what one reviewer sees: practice first, then pairs, repeats and same-clip pairs in shuffled order.

    Pairs with the fewest reviewers come first into the draw, so that every pair gets its reviewers. Sides are
    drawn for every second reviewer of a pair and mirrored for the next, so that each pair is shown both ways
    equally often. Each repeat has at least `ItemCounts.between` items between it and its first showing; a list too
    short for that has none. The same session, number and counts give the same draw.

    Args:
        session: with its seed.
        number: of the reviewer.
        times_shown: how many reviewers each pair has been drawn for so far.
    """
    # A protocol's draw has to be repeatable from its stored seed; nothing secret depends on it.
    draw = random.Random(f"{session.seed}:{number}")  # noqa: S311
    counts = count_items(len(session.pairs), session.protocol)
    chosen = _chosen(session, draw, times_shown)
    pairs = [(ItemKind.PAIR, pair, _left(session, pair, times_shown.get(pair, 0)), None) for pair in chosen]
    repeats = draw.sample(pairs, counts.repeats)
    again = [(ItemKind.REPEAT, pair, _other(left), None) for _, pair, left, _ in repeats]
    same_from = draw.sample(chosen, counts.same_clip_pairs)
    same = [(ItemKind.SAME_CLIP, pair, ArmLabel.A, draw.choice(list(ArmLabel))) for pair in same_from]
    practice = [(ItemKind.PRACTICE, one.pair, draw.choice(list(ArmLabel)), None) for one in session.practice]
    shown = [*practice, *_spread(draw, [*pairs, *same], again, counts.between)]
    return tuple(
        Item(id=f"{number:04d}-{index:03d}", index=index, kind=kind, pair=pair, left=left, only=only)
        for index, (kind, pair, left, only) in enumerate(shown)
    )


_Drawn = tuple[ItemKind, PairRef, ArmLabel, ArmLabel | None]


def _chosen(session: ReviewSession, draw: random.Random, times_shown: dict[PairRef, int]) -> list[PairRef]:
    shuffled = draw.sample(list(session.pairs), len(session.pairs))
    needy = sorted(shuffled, key=lambda pair: times_shown.get(pair, 0))
    return needy[: session.protocol.pairs_per_reviewer or len(needy)]


def _left(session: ReviewSession, pair: PairRef, times: int) -> ArmLabel:
    couple = random.Random(f"{session.seed}:{pair.comparison_id}:{pair.repeat}:{times // 2}")  # noqa: S311  # see draw_items
    first = couple.choice(list(ArmLabel))
    return _other(first) if times % 2 else first


def _other(arm: ArmLabel) -> ArmLabel:
    return ArmLabel.B if arm is ArmLabel.A else ArmLabel.A


def _spread(draw: random.Random, first: Sequence[_Drawn], again: Sequence[_Drawn], between: int) -> list[_Drawn]:
    """A random order in which every repeat has at least `between` items between it and its first showing."""
    free = list(range(len(first) + len(again)))
    order: dict[int, _Drawn] = {}
    for left, repeat in zip(reversed(range(len(again))), again, strict=True):
        earlier, later = _two_places(draw, free, left, between)
        order[earlier] = next(one for one in first if one[:2] == (ItemKind.PAIR, repeat[1]))
        order[later] = repeat
        free = [place for place in free if place not in (earlier, later)]
    others = [one for one in first if one not in order.values()]
    order |= zip(free, draw.sample(others, len(others)), strict=True)
    return [order[place] for place in sorted(order)]


def _two_places(draw: random.Random, free: Sequence[int], left: int, between: int) -> tuple[int, int]:
    """Two of the free places, far enough apart, that leave room for `left` more such twos."""
    while True:
        earlier, later = sorted(draw.sample(free, 2))
        rest = [place for place in free if place not in (earlier, later)]
        if later - earlier > between and _has_room(rest, left, between):
            return earlier, later


def _has_room(free: Sequence[int], twos: int, between: int) -> bool:
    """Whether so many twos fit; if any choice does, then the first places with the last ones, in their order."""
    ends = free[len(free) - twos :]
    return all(later - earlier > between for earlier, later in zip(free[:twos], ends, strict=True))
