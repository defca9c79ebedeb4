"""What the owner does with sessions, by page and by command: create, change, pause, close, delete, sign off."""

from __future__ import annotations

import dataclasses
import secrets
import time
from typing import TYPE_CHECKING, Any

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import answered, valid, withdrawal
from sora_compare.domain.sessions import SIGN_OFF, PairRef, ReviewSession, SignOff
from sora_compare.errors import UnknownRecord, UsageError

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Invitation, Reviewer
    from sora_compare.sessions.progress import SessionProgress
    from sora_compare.store.repositories.sessions import SessionRepository
    from sora_compare.store.store import Store

TITLE_LIMIT = 120
MOST_WANTED = 100
RESTORABLE_S = 30 * 86_400.0
"""A deleted session can be restored for so long."""
MARGIN_CHANGED = "margin changed"
"""Event in the audit log: margin or alpha of a session."""


class SessionAdmin:
    """Changes sessions; each change is in the audit log, with `by`, the name of whoever made it."""

    def __init__(self, store: Store, repository: SessionRepository, progress: SessionProgress) -> None:
        self._store = store
        self._repository = repository
        self._progress = progress

    def create(self, title: str, pairs: tuple[PairRef, ...], **settings: Any) -> ReviewSession:  # noqa: ANN401  # fields of ReviewSession
        """A new session; margin and alpha are fixed with it.

        Raises:
            UsageError: no title, no pair, or a margin or alpha that makes no sense.
        """
        chosen = _title(title)
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
        with self._store.transaction():
            self._repository.add(session)
            self._store.audit("session created", session=session.id, margin=session.margin, alpha=session.alpha)
        return session

    def change(self, session: ReviewSession, *, by: str = "", **settings: Any) -> ReviewSession:  # noqa: ANN401  # fields of ReviewSession
        """Change a session; a change of margin or alpha is recorded with what it was, and the reviews by then.

        Raises:
            UsageError: the title, margin, alpha or number of reviewers makes no sense.
            Conflict: somebody changed it since it was read.
            UnknownRecord: it was deleted.
        """
        if "title" in settings:
            settings["title"] = _title(settings["title"])
        changed = dataclasses.replace(session, **settings)
        _check(changed)
        with self._store.transaction():
            self._repository.session(session.id)
            saved = self._repository.save(changed)
            if (session.margin, session.alpha) != (saved.margin, saved.alpha):
                self._store.audit(
                    MARGIN_CHANGED,
                    session=session.id,
                    before={"margin": session.margin, "alpha": session.alpha},
                    after={"margin": saved.margin, "alpha": saved.alpha},
                    reviews_then=len(self._progress.reviews(session)),
                    by=by,
                )
            other = {name for name in settings if getattr(session, name) != getattr(saved, name)} - {"margin", "alpha"}
            if other:
                self._store.audit(
                    "session changed",
                    session=session.id,
                    before={name: getattr(session, name) for name in sorted(other)},
                    after={name: getattr(saved, name) for name in sorted(other)},
                    by=by,
                )
        return saved

    def pause(self, session: ReviewSession, *, by: str = "") -> ReviewSession:
        """Take no answers until `resume`; reviewers' pages say so and go on by themselves. Raises as `change`."""
        return self.change(session, by=by, is_paused=True)

    def resume(self, session: ReviewSession, *, by: str = "") -> ReviewSession:
        """Take answers again. Raises as `change`."""
        return self.change(session, by=by, is_paused=False)

    def close(self, session: ReviewSession, *, by: str = "") -> ReviewSession:
        """End a session: no answers, nobody joins; results stay. Raises as `change`."""
        return self.change(session, by=by, is_closed=True)

    def reopen(self, session: ReviewSession, *, by: str = "") -> ReviewSession:
        """Open a session that was closed, not paused any more. Raises as `change`.

        Raises:
            UsageError: its deadline has passed.
        """
        if session.deadline is not None and time.time() > session.deadline:
            raise UsageError("The deadline of the session has passed: give it a later one, or none, first.")
        return self.change(session, by=by, is_closed=False, is_paused=False)

    def delete(self, session: ReviewSession, *, by: str = "") -> None:
        """End a session and its links; reviews stay in the store. For `RESTORABLE_S` it can be restored.

        Raises:
            Conflict: somebody changed it since it was read.
        """
        now = time.time()
        with self._store.transaction():
            self._repository.save(dataclasses.replace(session, deleted_at=now))
            self._store.audit("session deleted", session=session.id, by=by)
        for one in list(self._repository.deleted_sessions()):
            if now - (one.deleted_at or now) > RESTORABLE_S:
                self._repository.remove(one.id)

    def restore(self, identifier: str, *, by: str = "") -> ReviewSession:
        """Bring a deleted session back as it was, with its links.

        Raises:
            UnknownRecord: there is none of that id, or its time to be restored is over.
        """
        kept = self._repository.any_session(identifier)
        if kept.deleted_at is None:
            return kept
        if time.time() - kept.deleted_at > RESTORABLE_S:
            raise UnknownRecord("review session", identifier)
        with self._store.transaction():
            restored = self._repository.save(dataclasses.replace(kept, deleted_at=None))
            self._store.audit("session restored", session=identifier, by=by)
        return restored

    def withdraw(self, invitation: Invitation, *, by: str = "") -> None:
        """End an invitation; those who joined by it stay."""
        with self._store.transaction():
            self._repository.save_invitation(dataclasses.replace(invitation, is_revoked=True))
            self._store.audit("invitation revoked", session=invitation.session_id, invitation=invitation.id, by=by)

    def remove_reviewer(self, reviewer: Reviewer, *, with_scores: bool, by: str = "") -> None:
        """End a reviewer's part: their link opens nothing any more.

        With their scores, each answer gets a last revision that takes it back: the scores count nowhere, and stay in
        the store and in exports as revisions that are neither current nor independent. Without, they count on.
        """
        now = time.time()
        session = self._repository.any_session(reviewer.session_id)
        with self._store.transaction():
            removed = dataclasses.replace(reviewer, removed_at=now, has_withdrawn_scores=with_scores)
            self._repository.save_removed(removed)
            given = (
                [one for one in self._progress.reviews(session) if one.reviewer == reviewer.name] if with_scores else []
            )
            for last in {answered(one): one for one in sorted(valid(given), key=lambda one: one.revision)}.values():
                self._store.reviews.add(withdrawal(last, identifier=new_identifier("rvw"), at=now))
            self._store.audit(
                "reviewer removed", session=session.id, reviewer=reviewer.id, with_scores=with_scores, by=by
            )

    def sign_off(self, session: ReviewSession, name: str, comment: str, *, accepts: bool) -> None:
        """Record a named person's acceptance or refusal, here and in the audit log.

        Raises:
            UsageError: no name.
        """
        if not name.strip():
            raise UsageError("Say who signs off.")
        record: dict[str, Any] = {
            "name": name.strip(),
            "comment": comment.strip(),
            "accepts": accepts,
            "at": time.time(),
        }
        with self._store.transaction():
            self._repository.add_sign_off(new_identifier("sig"), session.id, record)
            for candidate in self._candidates(session):
                given = SignOff(candidate, record["name"], accepts, record["comment"], session.id)
                self._store.audit(SIGN_OFF, **given.details)

    def _candidates(self, session: ReviewSession) -> list[str]:
        """The models of arm B in the session's pairs: what is accepted, or not."""
        names = dict.fromkeys(pair.comparison_id for pair in session.pairs)
        return list(dict.fromkeys(self._store.comparisons.get(name).arms[1].model for name in names))

    def sign_offs(self, session: ReviewSession) -> list[dict[str, Any]]:
        """Who signed off, oldest first."""
        return self._repository.sign_offs(session.id)


def _title(words: str) -> str:
    title = " ".join(words.split())
    if not title or len(title) > TITLE_LIMIT:
        raise UsageError(f"Give the session a title of up to {TITLE_LIMIT} characters.")
    return title


def _check(session: ReviewSession) -> None:
    if not 0 < session.margin < 9:  # noqa: PLR2004  # the scale has nine steps
        raise UsageError("The margin is in points of the scale: give a number above 0 and below 9.")
    if not 0 < session.alpha < 0.5:  # noqa: PLR2004  # a coin decides as well
        raise UsageError("Alpha is the accepted share of false alarms: give a number above 0 and below 0.5.")
    if not 1 <= session.reviewers_wanted <= MOST_WANTED:
        raise UsageError(f"From 1 to {MOST_WANTED} reviewers can be wanted for each pair.")
