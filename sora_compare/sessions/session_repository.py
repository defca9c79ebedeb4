"""What is kept of review sessions, over the records."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from sora_compare.domain.sessions import Invitation, ItemKind, PairRef, Presentation, Reviewer, ReviewSession
from sora_compare.errors import Conflict, TamperedRecord, UnknownRecord
from sora_compare.sessions.errors import SessionOver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sora_compare.store.records import Records, Value

SESSIONS, INVITATIONS, REVIEWERS = "review_sessions", "invitations", "reviewers"
INVITATION_TOKENS, NAMES = "invitation_tokens", "reviewer_names"
ITEM_DRAFTS, PRESENCE = "item_drafts", "presence"
PRESENTATIONS, REVEALS = "stages", "reveals"

FREED = "\t"
"""Stands in no name, so that the row of a removed reviewer keeps their number and not their name."""
Kept = TypeVar("Kept")

_SESSION, _INVITATION, _REVIEWER = TypeAdapter(ReviewSession), TypeAdapter(Invitation), TypeAdapter(Reviewer)
_STAGE = TypeAdapter(Presentation)
KINDS: dict[str, TypeAdapter[Any]] = {
    SESSIONS: _SESSION,
    INVITATIONS: _INVITATION,
    REVIEWERS: _REVIEWER,
    PRESENTATIONS: _STAGE,
}


class SessionRepository:
    """Sessions, invitations, reviewers, drafts and who was seen when."""

    def __init__(self, records: Records) -> None:
        self.records = records

    # Sessions

    def add(self, session: ReviewSession) -> None:
        """Keep a new session."""
        self.records.put(SESSIONS, session.id, _SESSION.dump_python(session, mode="json"))

    def save(self, session: ReviewSession) -> ReviewSession:
        """Write a session if nobody else did since it was read.

        Raises:
            Conflict: somebody did.
        """
        with self.records.transaction():
            if self.any_session(session.id).version != session.version:
                raise Conflict("The session", session.id)
            saved = dataclasses.replace(session, version=session.version + 1)
            self.add(saved)
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
        return _read(_SESSION, SESSIONS, identifier, self._found(SESSIONS, identifier, "review session"))

    def sessions(self) -> Iterator[ReviewSession]:
        """Every session that was not deleted, newest first."""
        return (one for one in self._all_sessions() if one.deleted_at is None)

    def deleted_sessions(self) -> Iterator[ReviewSession]:
        """Sessions that were deleted and can still be restored, newest first."""
        return (one for one in self._all_sessions() if one.deleted_at is not None)

    def _all_sessions(self) -> Iterator[ReviewSession]:
        return self._readable(_SESSION, SESSIONS, self.records.scan(SESSIONS, newest_first=True))

    def remove(self, identifier: str) -> None:
        """Remove a session for good, with its invitations; its reviews and reviewers stay."""
        with self.records.transaction():
            for one in self.invitations(identifier):
                self.records.delete(INVITATION_TOKENS, one.token_hash)
                self.records.delete(INVITATIONS, f"{identifier}:{one.id}")
            self.records.delete(SESSIONS, identifier)

    # Invitations

    def save_invitation(self, one: Invitation) -> None:
        """Keep an invitation, or what changed of it."""
        with self.records.transaction():
            key = f"{one.session_id}:{one.id}"
            self.records.put(INVITATIONS, key, _INVITATION.dump_python(one, mode="json"))
            self.records.put(INVITATION_TOKENS, one.token_hash, {"key": key})

    def invitations(self, session_id: str) -> list[Invitation]:
        """A session's invitations, oldest first."""
        rows = self.records.scan(INVITATIONS, after=f"{session_id}:", before=f"{session_id};")
        return list(self._readable(_INVITATION, INVITATIONS, rows))

    def invitation_of(self, token_hash: str) -> Invitation | None:
        """The invitation with that token."""
        found = self.records.get(INVITATION_TOKENS, token_hash)
        value = self.records.get(INVITATIONS, found["key"]) if found else None
        return _read(_INVITATION, INVITATIONS, found["key"], value) if found and value else None

    # Reviewers

    def add_reviewer(self, reviewer: Reviewer) -> bool:
        """Keep a new reviewer; False when the name is taken. Call it inside a transaction."""
        name = _name_key(reviewer)
        if self.records.get(NAMES, name):
            return False
        self.records.put(NAMES, name, {"reviewer": reviewer.id})
        self._put_reviewer(reviewer)
        return True

    def save_removed(self, reviewer: Reviewer) -> None:
        """Keep a reviewer who was removed; without scores of theirs the name is free again."""
        with self.records.transaction():
            self._put_reviewer(reviewer)
            if reviewer.has_withdrawn_scores:
                self.records.delete(NAMES, _name_key(reviewer))
                self.records.put(NAMES, f"{_name_key(reviewer)}{FREED}{reviewer.id}", {"reviewer": reviewer.id})

    def _put_reviewer(self, reviewer: Reviewer) -> None:
        self.records.put(REVIEWERS, reviewer.id, _REVIEWER.dump_python(reviewer, mode="json"))

    def reviewer(self, identifier: str) -> Reviewer:
        """One reviewer.

        Raises:
            UnknownRecord: there is none of that id.
            SessionOver: the owner removed them.
            TamperedRecord: it cannot be read.
        """
        found = _read(_REVIEWER, REVIEWERS, identifier, self._found(REVIEWERS, identifier, "reviewer"))
        if found.removed_at is not None:
            raise SessionOver("The owner of this review session has removed you from it.")
        return found

    def reviewers(self, session_id: str) -> list[Reviewer]:
        """A session's reviewers in the order they joined, without those who were removed."""
        return [one for one in self.everybody(session_id) if one.removed_at is None]

    def everybody(self, session_id: str) -> list[Reviewer]:
        """Everybody who ever joined a session, in the order they joined."""
        rows = self.records.scan(NAMES, after=f"{session_id}:", before=f"{session_id};")
        named = [value["reviewer"] for _, value in rows]
        found = self._readable(_REVIEWER, REVIEWERS, ((one, self.records.get(REVIEWERS, one)) for one in named))
        return sorted(found, key=lambda one: one.number)

    def times_shown(self, session_id: str) -> dict[PairRef, int]:
        """For how many reviewers each pair was drawn so far, without those whose scores were withdrawn."""
        counted = [one for one in self.everybody(session_id) if not one.has_withdrawn_scores]
        return dict(Counter(item.pair for one in counted for item in one.items if item.kind is ItemKind.PAIR))

    # What is being answered, and who is there

    def save_draft(self, reviewer_id: str, item_id: str, draft: Value) -> None:
        """Keep an answer that is being given."""
        self.records.put(ITEM_DRAFTS, f"{reviewer_id}:{item_id}", draft)

    def draft(self, reviewer_id: str, item_id: str) -> Value:
        """The answer that was being given; empty when none was."""
        return self.records.get(ITEM_DRAFTS, f"{reviewer_id}:{item_id}") or {}

    def change_draft(self, reviewer_id: str, item_id: str, **fields: Any) -> Value:  # noqa: ANN401  # whatever JSON holds
        """Set these fields of a draft and leave the others as they are: another tab may have written them."""
        with self.records.transaction():
            before = self.draft(reviewer_id, item_id)
            draft = {**before, **fields}
            if draft != before:
                self.save_draft(reviewer_id, item_id, draft)
        return draft

    def saw(self, reviewer_id: str, details: Value) -> None:
        """Note where a reviewer is."""
        self.records.put(PRESENCE, reviewer_id, details)

    def seen(self, reviewer_id: str) -> Value:
        """Where a reviewer was last; empty when never."""
        return self.records.get(PRESENCE, reviewer_id) or {}

    # What a presenter shows

    def set_presentation(self, session_id: str, presentation: Presentation) -> None:
        """Keep what is shown now."""
        self.records.put(PRESENTATIONS, session_id, _STAGE.dump_python(presentation, mode="json"))

    def presentation(self, session_id: str) -> Presentation | None:
        """What is shown now; None when nobody presents."""
        value = self.records.get(PRESENTATIONS, session_id)
        return _read(_STAGE, PRESENTATIONS, session_id, value) if value else None

    def end_presentation(self, session_id: str) -> None:
        """Nobody presents any more."""
        self.records.delete(PRESENTATIONS, session_id)

    def reveal(self, session_id: str, pair: PairRef, at: float) -> None:
        """Note that everybody was shown the scores of a pair."""
        self.records.put(REVEALS, _reveal_key(session_id, pair), {"at": at})

    def is_revealed(self, session_id: str, pair: PairRef) -> bool:
        """Whether everybody was shown the scores of a pair."""
        return self.records.get(REVEALS, _reveal_key(session_id, pair)) is not None

    def _readable(
        self, adapter: TypeAdapter[Kept], table: str, rows: Iterable[tuple[str, Value | None]]
    ) -> Iterator[Kept]:
        """What the rows hold; one that cannot be read is noted and left out."""
        for key, value in rows:
            try:
                yield _read(adapter, table, key, value or {})
            except TamperedRecord as error:
                self.records.damaged.note(table, key, str(error))

    def check(self) -> None:
        """Read every record; `records.damaged` has those that cannot be read."""
        for table, adapter in KINDS.items():
            for _ in self._readable(adapter, table, self.records.scan(table)):
                pass

    def _found(self, table: str, key: str, word: str) -> dict[str, Any]:
        value = self.records.get(table, key)
        if value is None:
            raise UnknownRecord(word, key)
        return value


def _read(adapter: TypeAdapter[Kept], table: str, key: str, value: Value) -> Kept:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise TamperedRecord(f"{table} {key}, field {first['loc']}: {first['msg']}") from error


def _name_key(reviewer: Reviewer) -> str:
    return f"{reviewer.session_id}:{reviewer.name.casefold()}"


def _reveal_key(session_id: str, pair: PairRef) -> str:
    return f"{session_id}:{pair.comparison_id}:{pair.repeat}"
