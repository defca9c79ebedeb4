"""Review sessions: pairs, protocol and invitations; who sees what, on which side, in which order."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import ASKED, Criterion
from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_MARGIN = 0.5
"""Points of the 1..10 scale that count as "not worse"."""
DEFAULT_ALPHA = 0.05


class ItemKind(StrEnum):
    """Why a pair is shown; a reviewer never learns it before the end."""

    PRACTICE = "practice"
    PAIR = "pair"
    REPEAT = "repeat"
    SAME_CLIP = "same_clip"


@dataclass(frozen=True, slots=True)
class PairRef:
    """One pair: a comparison and the number of the repeat within it."""

    comparison_id: str
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class PracticePair:
    """A pair to learn on, with the answer that is explained after it was scored."""

    pair: PairRef
    explanation: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the ends and the middle of the scale mean for one criterion."""

    criterion: Criterion
    low: str
    middle: str
    high: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """How pairs are shown and scored.

    Attributes:
        is_blind: names, arms and file names are hidden.
        must_watch: both clips are watched to the end before scores can be given.
        hidden_repeats: pairs shown a second time to each reviewer.
        same_clip_pairs: pairs whose two sides are the same clip.
        pairs_per_reviewer: None for all of them.
        reveals_at_end: whether a reviewer who is done sees which was which.
        shows_others: whether a reviewer who is done sees other people's scores.
    """

    is_blind: bool = True
    must_watch: bool = True
    hidden_repeats: int = 1
    same_clip_pairs: int = 1
    pairs_per_reviewer: int | None = None
    reveals_at_end: bool = True
    shows_others: bool = False


@dataclass(frozen=True, slots=True)
class ReviewSession:
    """Pairs, protocol and what will be concluded how; margin and alpha are fixed before the first review.

    Attributes:
        seed: from which sides and orders are drawn.
        reviewers_wanted: reviews wanted for each pair.
        deadline: seconds since the epoch, or None.
        margin: in points; a difference within it counts as "not worse".
        version: of the stored record.
    """

    id: str
    title: str
    created: float
    pairs: tuple[PairRef, ...]
    seed: int
    protocol: Protocol = field(default_factory=Protocol)
    criteria: tuple[Criterion, ...] = ASKED
    anchors: tuple[Anchor, ...] = ()
    practice: tuple[PracticePair, ...] = ()
    reviewers_wanted: int = 3
    deadline: float | None = None
    margin: float = DEFAULT_MARGIN
    alpha: float = DEFAULT_ALPHA
    is_closed: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link to a session; only hashes of its token and passphrase are kept."""

    id: str
    session_id: str
    token_hash: str
    created: float
    passphrase_hash: str | None = None
    expires: float | None = None
    is_revoked: bool = False
    is_single_use: bool = False
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a reviewer is shown.

    Attributes:
        index: place in this reviewer's order, from 0.
        left: the arm shown on the left; the other is on the right.
        only: for a same-clip item, the arm shown on both sides.
    """

    id: str
    index: int
    kind: ItemKind
    pair: PairRef
    left: ArmLabel
    only: ArmLabel | None = None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A guest of one session, with the items drawn for them at the moment they joined.

    Attributes:
        number: the how-manieth to join, from 0; with the session's seed it determines the draw.
    """

    id: str
    session_id: str
    name: str
    joined: float
    number: int
    items: tuple[Item, ...]
    version: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """What a presenter shows to everybody in a session.

    Attributes:
        id: of the last cue; a player obeys each once.
        at: when the cue was given, in seconds since the epoch.
        seek_s: where the players go, in seconds from the clips' start.
        play: whether they play from there, or pause; None leaves them as they are.
        is_revealed: whether everybody sees the scores of the pair.
    """

    id: str
    at: float
    pair: PairRef
    seek_s: float | None = None
    play: bool | None = None
    is_revealed: bool = False


def draw_items(session: ReviewSession, number: int, times_shown: dict[PairRef, int]) -> tuple[Item, ...]:
    """Draw what one reviewer sees: practice first, then pairs, repeats and same-clip pairs in shuffled order.

    Pairs with the fewest reviewers come first into the draw, so that every pair gets its reviewers. Sides are
    drawn for every second reviewer of a pair and mirrored for the next, so that each pair is shown both ways
    equally often. The same session, number and counts give the same draw.

    Args:
        session: with its seed.
        number: of the reviewer.
        times_shown: how many reviewers each pair has been drawn for so far.
    """
    # A protocol's draw has to be repeatable from its stored seed; nothing secret depends on it.
    draw = random.Random(f"{session.seed}:{number}")  # noqa: S311
    chosen = _chosen(session, draw, times_shown)
    pairs = [(ItemKind.PAIR, pair, _left(session, pair, times_shown.get(pair, 0)), None) for pair in chosen]
    repeats = draw.sample(pairs, min(session.protocol.hidden_repeats, len(pairs)))
    again = [(ItemKind.REPEAT, pair, _other(left), None) for _, pair, left, _ in repeats]
    same_from = draw.sample(chosen, min(session.protocol.same_clip_pairs, len(chosen)))
    same = [(ItemKind.SAME_CLIP, pair, ArmLabel.A, draw.choice(list(ArmLabel))) for pair in same_from]
    practice = [(ItemKind.PRACTICE, one.pair, draw.choice(list(ArmLabel)), None) for one in session.practice]
    shown = [*practice, *_spread(draw, [*pairs, *same], again)]
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


def _spread(draw: random.Random, first: Sequence[_Drawn], again: Sequence[_Drawn]) -> list[_Drawn]:
    """Shuffle, with each repeat in the second half and never right after its first showing."""
    order = draw.sample(list(first), len(first))
    for one in again:
        earliest = next(i for i, shown in enumerate(order) if shown[:2] == (ItemKind.PAIR, one[1])) + 2
        order.insert(draw.randint(min(max(earliest, len(order) // 2), len(order)), len(order)), one)
    return order
