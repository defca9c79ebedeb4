"""Presenter mode: one person drives the players of everybody in the session; scores stay hidden until the reveal."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.sessions import ItemKind, PairRef, Presentation, ReviewSession
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Criterion, Review
    from sora_compare.domain.takes import ArmLabel
    from sora_compare.sessions.progress import SessionProgress
    from sora_compare.store.repositories.sessions import SessionRepository
    from sora_compare.store.store import Store

LEAD_S = 1.5
"""Players start that long after the cue: by then everybody's browser has asked for it."""


class NobodyPresents(UsageError):
    """A cue without a pair on the stage."""

    def __init__(self) -> None:
        super().__init__("No pair is on the stage: choose one and show it first.")


class Presenter:
    """What is on the stage of each session."""

    def __init__(self, store: Store, repository: SessionRepository, progress: SessionProgress) -> None:
        self._store = store
        self._repository = repository
        self._progress = progress

    def show(self, session: ReviewSession, pair: PairRef) -> Presentation:
        """Put a pair on the stage: everybody's page turns to it, at its start and paused.

        Raises:
            UsageError: it is no pair of the session.
        """
        if pair not in session.pairs:
            raise UsageError("That pair is not one of this session's.")
        is_revealed = self._repository.is_revealed(session.id, pair)
        return self._set(session, Presentation("", 0.0, pair, seek_s=0.0, play=False, is_revealed=is_revealed))

    def cue(self, session: ReviewSession, *, seek_s: float | None = None, play: bool | None = None) -> Presentation:
        """Tell everybody's player where to go, and whether to play.

        Raises:
            NobodyPresents: no pair is on the stage.
        """
        return self._set(session, dataclasses.replace(self._current(session), seek_s=seek_s, play=play))

    def reveal(self, session: ReviewSession) -> Presentation:
        """Show everybody the scores of the pair on the stage; answers that come later are flagged.

        Raises:
            NobodyPresents: no pair is on the stage.
        """
        there = self._current(session)
        with self._store.transaction():
            self._repository.reveal(session.id, there.pair, time.time())
            shown = self._set(session, dataclasses.replace(there, seek_s=None, play=None, is_revealed=True))
            self._store.audit("scores revealed", session=session.id, comparison=there.pair.comparison_id)
        return shown

    def end(self, session: ReviewSession) -> None:
        """Give the players back: everybody goes on with their own pairs."""
        self._repository.end_presentation(session.id)

    def presentation(self, session_id: str) -> Presentation | None:
        """What is on the stage; None when nobody presents."""
        return self._repository.presentation(session_id)

    def starts_in_s(self, presentation: Presentation, now: float | None = None) -> float:
        """How long a player that learns of the cue now waits, so that all start together."""
        if not presentation.play:
            return 0.0
        return max(0.0, presentation.at + LEAD_S - (time.time() if now is None else now))

    def spread(self, session: ReviewSession, pair: PairRef) -> Spread:
        """Everybody's last scores of a pair."""
        return spread(self._progress.reviews(session), pair, session.criteria)

    def _current(self, session: ReviewSession) -> Presentation:
        there = self._repository.presentation(session.id)
        if there is None:
            raise NobodyPresents
        return there

    def _set(self, session: ReviewSession, presentation: Presentation) -> Presentation:
        fresh = dataclasses.replace(presentation, id=new_identifier("cue"), at=time.time())
        self._repository.set_presentation(session.id, fresh)
        return fresh


@dataclasses.dataclass(frozen=True, slots=True)
class Spread:
    """The scores of one pair by everybody who gave one.

    Attributes:
        reviewers: how many scored it.
        scores: by criterion and arm, in ascending order; "not applicable" is left out.
        preferences: -3 to 3, negative for A, in ascending order.
    """

    reviewers: int
    scores: dict[tuple[Criterion, ArmLabel], tuple[int, ...]]
    preferences: tuple[int, ...]


def spread(reviews: list[Review], pair: PairRef, criteria: tuple[Criterion, ...]) -> Spread:
    """The last answers on a pair, those before a reveal first; hidden repeats and same-clip pairs are left out."""
    last = {
        (one.reviewer, one.item): one
        for one in sorted(reviews, key=lambda one: (not one.was_revealed, one.revision))
        if PairRef(one.comparison_id, one.repeat) == pair and one.kind == ItemKind.PAIR
    }
    found: dict[tuple[Criterion, ArmLabel], list[int]] = {}
    for review in last.values():
        for score in review.scores:
            if score.value is not None and score.criterion in criteria:
                found.setdefault((score.criterion, score.arm), []).append(score.value)
    return Spread(
        reviewers=len({reviewer for reviewer, _ in last}),
        scores={place: tuple(sorted(values)) for place, values in found.items()},
        preferences=tuple(sorted(one.preference for one in last.values() if one.preference is not None)),
    )
