"""Review sessions: pairs, protocol and invitations; who sees what, on which side, in which order."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sora_compare.domain.reviews import ASKED, Criterion
from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
        hidden_repeats: pairs shown a second time to each reviewer, where the list is long enough (`count_items`).
        same_clip_pairs: pairs whose two sides are the same clip.
        pairs_per_reviewer: None for all of them.
        reveals_at_end: whether a reviewer who is done sees which was which.
        shows_others: whether a reviewer who is done sees other people's scores.
        levels_clips: whether clips of a pair that differ in size, rate, length or sound are re-encoded alike; when not,
            the reviews of such a pair are not blind.
    """

    is_blind: bool = True
    must_watch: bool = True
    hidden_repeats: int = 1
    same_clip_pairs: int = 1
    pairs_per_reviewer: int | None = None
    reveals_at_end: bool = True
    shows_others: bool = False
    levels_clips: bool = False


class SessionStatus(StrEnum):
    """Whether a session takes answers, and why not."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    PAST_DEADLINE = "past its deadline"


@dataclass(frozen=True, slots=True)
class ReviewSession:
    """Pairs, protocol and what will be concluded how; margin and alpha are fixed before the first review.

    Attributes:
        seed: from which sides and orders are drawn.
        reviewers_wanted: reviews wanted for each pair.
        deadline: seconds since the epoch, or None.
        margin: in points; a difference within it counts as "not worse".
        is_paused: whether answers wait until it is resumed.
        is_closed: whether it was ended; it can be opened again.
        deleted_at: when it was deleted, in seconds since the epoch; it can be restored for a while.
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
    is_paused: bool = False
    is_closed: bool = False
    deleted_at: float | None = None
    version: int = 0

    def status(self, now: float) -> SessionStatus:
        """Whether it takes answers at that moment (seconds since the epoch), and why not."""
        if self.is_closed:
            return SessionStatus.CLOSED
        if self.deadline is not None and now > self.deadline:
            return SessionStatus.PAST_DEADLINE
        return SessionStatus.PAUSED if self.is_paused else SessionStatus.OPEN


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
        removed_at: when the owner removed them, in seconds since the epoch.
        has_withdrawn_scores: whether their scores went with them.
    """

    id: str
    session_id: str
    name: str
    joined: float
    number: int
    items: tuple[Item, ...]
    removed_at: float | None = None
    has_withdrawn_scores: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Presentation:
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


def end_of_day(day: date) -> float:
    """The last moment of a day in UTC, in seconds since the epoch: deadlines are days."""
    return datetime.combine(day, time.max, UTC).timestamp()


SIGN_OFF = "sign-off"
"""Event in the audit log."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """One approver's word on one candidate.

    Attributes:
        model: the candidate.
        session: id of the review session in which it was given; empty outside.
    """

    model: str
    approver: str
    is_accepted: bool
    comment: str = ""
    session: str = ""

    @property
    def details(self) -> dict[str, Any]:
        """What the audit log keeps."""
        return asdict(self)


def last_words(lines: Iterable[Mapping[str, Any]], model: str) -> dict[str, bool]:
    """The last word of each approver on a candidate, of logged details oldest first: True for accepted."""
    return {str(one["approver"]): bool(one["is_accepted"]) for one in lines if one.get("model") == model}
