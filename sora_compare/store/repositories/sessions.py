"""Review sessions: invitations, reviewers and what they are answering, what a presenter shows, who signed off."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sora_compare.domain.sessions import Invitation, ItemKind, PairRef, Presentation, Reviewer, ReviewSession
from sora_compare.errors import Conflict, UnknownRecord, UsageError
from sora_compare.store.codec import Codec, Value, from_json, to_json
from sora_compare.store.tables import (
    invitations,
    item_drafts,
    presence,
    presentations,
    reveals,
    reviewers,
    sessions,
    sign_offs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from sora_compare.store.database import Database


class SessionOver(UsageError):
    """The session does not take answers any more; what was answered is kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} What you have answered is kept; thank you.")


class SessionRepository:
    """Sessions, invitations, reviewers, drafts, what is presented, and who was seen when."""

    codec = Codec("review session", ReviewSession, sessions)
    invitation_codec = Codec("invitation", Invitation, invitations)
    reviewer_codec = Codec("reviewer", Reviewer, reviewers)
    presentation_codec = Codec("presentation", Presentation, presentations)

    def __init__(self, database: Database) -> None:
        self._database = database

    # Sessions

    def add(self, session: ReviewSession) -> None:
        """Keep a new session."""
        self._database.run(sessions.insert(), self.codec.row(session))

    def save(self, session: ReviewSession) -> ReviewSession:
        """Write a session if nobody else did since it was read.

        Raises:
            Conflict: somebody did.
            UnknownRecord: there is none of that id.
        """
        saved = dataclasses.replace(session, version=session.version + 1)
        is_same = (sessions.c.id == session.id) & (sessions.c.version == session.version)
        with self._database.transaction() as connection:
            if not connection.execute(sessions.update().where(is_same), self.codec.row(saved)).rowcount:
                self.any_session(session.id)
                raise Conflict("The session", session.id)
        return saved

    def session(self, identifier: str) -> ReviewSession:
        """One session.

        Raises:
            UnknownRecord: there is none, or it was deleted.
            TamperedRecord: it cannot be read.
        """
        session = self.any_session(identifier)
        if session.deleted_at is not None:
            raise UnknownRecord("review session", identifier)
        return session

    def any_session(self, identifier: str) -> ReviewSession:
        """One session, deleted or not; raises as `session` does."""
        return self.codec.known(identifier, self._database.row(select(sessions).where(sessions.c.id == identifier)))

    def sessions(self) -> Iterator[ReviewSession]:
        """Every session that was not deleted, newest first."""
        return self._readable(select(sessions).where(sessions.c.deleted_at.is_(None)))

    def deleted_sessions(self) -> Iterator[ReviewSession]:
        """Sessions that were deleted and can still be restored, newest first."""
        return self._readable(select(sessions).where(sessions.c.deleted_at.is_not(None)))

    def _readable(self, query: Select[Any]) -> Iterator[ReviewSession]:
        rows = self._database.walk(query, sessions.c.id, newest_first=True)
        return self.codec.readable(rows, self._database.damaged)

    def remove(self, identifier: str) -> None:
        """Remove a session for good, with its invitations; its reviews and reviewers stay."""
        with self._database.transaction() as connection:
            connection.execute(invitations.delete().where(invitations.c.session_id == identifier))
            connection.execute(sessions.delete().where(sessions.c.id == identifier))

    # Invitations

    def save_invitation(self, one: Invitation) -> None:
        """Keep an invitation, or what changed of it."""
        self._database.put(invitations, self.invitation_codec.row(one))

    def invitations(self, session_id: str) -> list[Invitation]:
        """A session's invitations, oldest first."""
        query = select(invitations).where(invitations.c.session_id == session_id).order_by(invitations.c.id)
        return list(self.invitation_codec.readable(self._database.rows(query), self._database.damaged))

    def invitation_of(self, token_hash: str) -> Invitation | None:
        """The invitation with that token."""
        row = self._database.row(select(invitations).where(invitations.c.token_hash == token_hash))
        return self.invitation_codec.thing(row) if row else None

    # Reviewers

    def add_reviewer(self, reviewer: Reviewer) -> bool:
        """Keep a new reviewer; False when the name is taken. Call it inside a transaction."""
        key = reviewer.name.casefold()
        same = (reviewers.c.session_id == reviewer.session_id) & (reviewers.c.name_key == key)
        if self._database.value(select(reviewers.c.id).where(same)):
            return False
        self._database.run(reviewers.insert(), self.reviewer_codec.row(reviewer, name_key=key))
        return True

    def save_removed(self, reviewer: Reviewer) -> None:
        """Keep a reviewer who was removed; without scores of theirs the name is free again."""
        key = None if reviewer.has_withdrawn_scores else reviewer.name.casefold()
        self._database.put(reviewers, self.reviewer_codec.row(reviewer, name_key=key))

    def reviewer(self, identifier: str) -> Reviewer:
        """One reviewer.

        Raises:
            UnknownRecord: there is none of that id.
            SessionOver: the owner removed them.
            TamperedRecord: it cannot be read.
        """
        row = self._database.row(select(reviewers).where(reviewers.c.id == identifier))
        found = self.reviewer_codec.known(identifier, row)
        if found.removed_at is not None:
            raise SessionOver("The owner of this review session has removed you from it.")
        return found

    def reviewers(self, session_id: str) -> list[Reviewer]:
        """A session's reviewers in the order they joined, without those who were removed."""
        return [one for one in self.everybody(session_id) if one.removed_at is None]

    def everybody(self, session_id: str) -> list[Reviewer]:
        """Everybody who ever joined a session, in the order they joined."""
        query = select(reviewers).where(reviewers.c.session_id == session_id).order_by(reviewers.c.number)
        return list(self.reviewer_codec.readable(self._database.rows(query), self._database.damaged))

    def times_shown(self, session_id: str) -> dict[PairRef, int]:
        """For how many reviewers each pair was drawn so far, without those whose scores were withdrawn."""
        counted = [one for one in self.everybody(session_id) if not one.has_withdrawn_scores]
        return dict(Counter(item.pair for one in counted for item in one.items if item.kind is ItemKind.PAIR))

    # What is being answered, and who is there

    def save_draft(self, reviewer_id: str, item_id: str, draft: Value) -> None:
        """Keep an answer that is being given."""
        row = {"reviewer_id": reviewer_id, "item_id": item_id, "details": to_json(draft)}
        self._database.put(item_drafts, row)

    def draft(self, reviewer_id: str, item_id: str) -> Value:
        """The answer that was being given; empty when none was."""
        same = (item_drafts.c.reviewer_id == reviewer_id) & (item_drafts.c.item_id == item_id)
        text = self._database.value(select(item_drafts.c.details).where(same))
        return {} if text is None else from_json(text)

    def change_draft(self, reviewer_id: str, item_id: str, **fields: Any) -> Value:  # noqa: ANN401  # whatever JSON holds
        """Set these fields of a draft and leave the others as they are: another tab may have written them."""
        with self._database.transaction():
            before = self.draft(reviewer_id, item_id)
            draft = {**before, **fields}
            if draft != before:
                self.save_draft(reviewer_id, item_id, draft)
        return draft

    def saw(self, reviewer_id: str, details: Value) -> None:
        """Note where a reviewer is."""
        self._database.put(presence, {"reviewer_id": reviewer_id, "details": to_json(details)})

    def seen(self, reviewer_id: str) -> Value:
        """Where a reviewer was last; empty when never."""
        text = self._database.value(select(presence.c.details).where(presence.c.reviewer_id == reviewer_id))
        return {} if text is None else from_json(text)

    # What a presenter shows, and who signed off

    def set_presentation(self, session_id: str, presentation: Presentation) -> None:
        """Keep what is shown now."""
        self._database.put(presentations, self.presentation_codec.row(presentation, session_id=session_id))

    def presentation(self, session_id: str) -> Presentation | None:
        """What is shown now; None when nobody presents."""
        row = self._database.row(select(presentations).where(presentations.c.session_id == session_id))
        return self.presentation_codec.thing(row) if row else None

    def end_presentation(self, session_id: str) -> None:
        """Nobody presents any more."""
        self._database.run(presentations.delete().where(presentations.c.session_id == session_id))

    def reveal(self, session_id: str, pair: PairRef, at: float) -> None:
        """Note that everybody was shown the scores of a pair."""
        self._database.put(reveals, {**_key(session_id, pair), "at": at})

    def is_revealed(self, session_id: str, pair: PairRef) -> bool:
        """Whether everybody was shown the scores of a pair."""
        same = [reveals.c[name] == value for name, value in _key(session_id, pair).items()]
        return self._database.value(select(reveals.c.at).where(*same)) is not None

    def add_sign_off(self, identifier: str, session_id: str, record: Value) -> None:
        """Keep one."""
        row = {"id": identifier, "session_id": session_id, "details": to_json(record)}
        self._database.run(sign_offs.insert(), row)

    def sign_offs(self, session_id: str) -> list[Value]:
        """Those of a session, oldest first."""
        query = select(sign_offs.c.details).where(sign_offs.c.session_id == session_id).order_by(sign_offs.c.id)
        return [from_json(row["details"]) for row in self._database.rows(query)]


def _key(session_id: str, pair: PairRef) -> dict[str, object]:
    return {"session_id": session_id, "comparison_id": pair.comparison_id, "repeat": pair.repeat}
