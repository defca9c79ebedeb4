"""What the owner does with sessions: create, change, watch, sign off."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.sessions import ItemKind, PairRef, ReviewSession
from sora_compare.domain.sign_offs import SIGN_OFF, SignOff
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Review
    from sora_compare.domain.sessions import Reviewer
    from sora_compare.sessions.answering import Answering
    from sora_compare.sessions.rooms import Rooms
    from sora_compare.storage.store import Store

TITLE_LIMIT = 120
HERE_S = 15.0
"""A reviewer seen within this time is shown as here."""
MARGIN_CHANGED = "margin changed"
"""Event in the audit log: margin or alpha of a session."""
SIGN_OFFS = "sign_offs"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one reviewer is."""

    reviewer: Reviewer
    done: int
    is_here: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveView:
    """How a session stands: its reviewers, and reviews per pair."""

    standings: tuple[Standing, ...]
    per_pair: dict[PairRef, int]
    reviews: tuple[Review, ...]


class Owning:
    """Sessions as their owner sees them."""

    def __init__(self, store: Store, rooms: Rooms, answering: Answering) -> None:
        self._store = store
        self._rooms = rooms
        self._answering = answering

    def create(self, title: str, pairs: tuple[PairRef, ...], **settings: Any) -> ReviewSession:  # noqa: ANN401  # fields of ReviewSession
        """A new session; margin and alpha are fixed with it.

        Raises:
            UsageError: no title, no pair, or a margin or alpha that makes no sense.
        """
        chosen = " ".join(title.split())
        if not chosen or len(chosen) > TITLE_LIMIT:
            raise UsageError(f"Give the session a title of up to {TITLE_LIMIT} characters.")
        if not pairs:
            raise UsageError("Choose at least one pair.")
        session = ReviewSession(
            id=new_identifier("ses"),
            title=chosen,
            created=time.time(),
            pairs=pairs,
            seed=secrets.randbits(48),
            **settings,
        )
        _check(session)
        self._rooms.add(session)
        self._store.audit("session created", session=session.id, margin=session.margin, alpha=session.alpha)
        return session

    def change(self, session: ReviewSession, **settings: Any) -> ReviewSession:  # noqa: ANN401  # fields of ReviewSession
        """Change a session; what was concluded how is recorded when margin or alpha change."""
        changed = dataclasses.replace(session, **settings)
        _check(changed)
        saved = self._rooms.save(changed)
        if (session.margin, session.alpha) != (saved.margin, saved.alpha):
            self._store.audit(
                MARGIN_CHANGED,
                session=session.id,
                before={"margin": session.margin, "alpha": session.alpha},
                after={"margin": saved.margin, "alpha": saved.alpha},
                reviews_then=len(self.reviews(session)),
            )
        return saved

    def delete(self, session: ReviewSession) -> None:
        """End a session and its links; reviews stay in the store."""
        self._rooms.delete(session.id)
        self._store.audit("session deleted", session=session.id)

    def reviews(self, session: ReviewSession) -> list[Review]:
        """Every review of the session, all revisions."""
        names = dict.fromkeys(pair.comparison_id for pair in (*session.pairs, *(p.pair for p in session.practice)))
        return [review for name in names for review in self._store.reviews_of(name) if review.session == session.id]

    def live(self, session: ReviewSession) -> LiveView:
        """How the session stands now."""
        standings = []
        for reviewer in self._rooms.reviewers(session.id):
            answers = self._answering.answers(reviewer)
            seen = float(self._rooms.seen(reviewer.id).get("at", 0.0))
            flags = Counter(flag for review in answers.values() for flag in review.flags)
            standings.append(
                Standing(
                    reviewer=reviewer,
                    done=len(answers),
                    is_here=time.time() - seen < HERE_S,
                    flags=tuple(
                        flag if count == 1 else f"{flag} ({count} times)" for flag, count in sorted(flags.items())
                    ),
                )
            )
        last = {(one.reviewer, one.item): one for one in self.reviews(session)}
        counted = Counter(PairRef(r.comparison_id, r.repeat) for r in last.values() if r.kind == ItemKind.PAIR)
        per_pair = {pair: counted.get(pair, 0) for pair in session.pairs}
        return LiveView(tuple(standings), per_pair, tuple(last.values()))

    def sign_off(self, session: ReviewSession, name: str, comment: str, *, accepts: bool) -> None:
        """Record a named person's acceptance or refusal, here and in the audit log.

        Raises:
            UsageError: no name.
        """
        if not name.strip():
            raise UsageError("Say who signs off.")
        told: dict[str, Any] = {
            "name": name.strip(),
            "comment": comment.strip(),
            "accepts": accepts,
            "at": time.time(),
        }
        self._rooms.records.put(SIGN_OFFS, f"{session.id}:{new_identifier('sig')}", told)
        for candidate in self._candidates(session):
            given = SignOff(candidate, told["name"], accepts, told["comment"], session.id)
            self._store.audit(SIGN_OFF, **given.facts)

    def _candidates(self, session: ReviewSession) -> list[str]:
        """The models of arm B in the session's pairs: what is accepted, or not."""
        names = dict.fromkeys(pair.comparison_id for pair in session.pairs)
        return list(dict.fromkeys(self._store.comparison(name).arms[1].model for name in names))

    def sign_offs(self, session: ReviewSession) -> list[dict[str, Any]]:
        """Who signed off, oldest first."""
        rows = self._rooms.records.scan(SIGN_OFFS, after=f"{session.id}:", before=f"{session.id};")
        return [value for _, value in rows]


def _check(session: ReviewSession) -> None:
    if not 0 < session.margin < 9:  # noqa: PLR2004  # the scale has nine steps
        raise UsageError("The margin is in points of the scale: give a number above 0 and below 9.")
    if not 0 < session.alpha < 0.5:  # noqa: PLR2004  # a coin decides as well
        raise UsageError("Alpha is the accepted share of false alarms: give a number above 0 and below 0.5.")
    if session.reviewers_wanted < 1:
        raise UsageError("At least one reviewer per pair is needed.")
