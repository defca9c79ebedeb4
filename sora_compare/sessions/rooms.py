"""What is kept of review sessions, over the records."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from sora_compare.domain.sessions import Invitation, ItemKind, PairRef, Reviewer, ReviewSession, Stage
from sora_compare.errors import Conflict, UnknownRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.storage.records import Records, Value

SESSIONS, INVITATIONS, REVIEWERS = "review_sessions", "invitations", "reviewers"
INVITATION_TOKENS, NAMES = "invitation_tokens", "reviewer_names"
ITEM_DRAFTS, PRESENCE = "item_drafts", "presence"
STAGES, REVEALS = "stages", "reveals"

_SESSION, _INVITATION, _REVIEWER = TypeAdapter(ReviewSession), TypeAdapter(Invitation), TypeAdapter(Reviewer)
_STAGE = TypeAdapter(Stage)


class Rooms:
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
            if self.session(session.id).version != session.version:
                raise Conflict("The session", session.id)
            saved = dataclasses.replace(session, version=session.version + 1)
            self.add(saved)
        return saved

    def session(self, identifier: str) -> ReviewSession:
        """One session.

        Raises:
            UnknownRecord: there is none, or it was deleted.
        """
        return _SESSION.validate_python(self._found(SESSIONS, identifier, "review session"))

    def sessions(self) -> Iterator[ReviewSession]:
        """Every session, newest first."""
        return (_SESSION.validate_python(value) for _, value in self.records.scan(SESSIONS, newest_first=True))

    def delete(self, identifier: str) -> None:
        """Remove a session with its invitations; its reviews and reviewers stay."""
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
        return [_INVITATION.validate_python(value) for _, value in rows]

    def invitation_of(self, token_hash: str) -> Invitation | None:
        """The invitation with that token."""
        found = self.records.get(INVITATION_TOKENS, token_hash)
        value = self.records.get(INVITATIONS, found["key"]) if found else None
        return _INVITATION.validate_python(value) if value else None

    # Reviewers

    def add_reviewer(self, reviewer: Reviewer) -> bool:
        """Keep a new reviewer; False when the name is taken. Call it inside a transaction."""
        name = f"{reviewer.session_id}:{reviewer.name.casefold()}"
        if self.records.get(NAMES, name):
            return False
        self.records.put(NAMES, name, {"reviewer": reviewer.id})
        self.records.put(REVIEWERS, reviewer.id, _REVIEWER.dump_python(reviewer, mode="json"))
        return True

    def reviewer(self, identifier: str) -> Reviewer:
        """One reviewer.

        Raises:
            UnknownRecord: there is none of that id.
        """
        return _REVIEWER.validate_python(self._found(REVIEWERS, identifier, "reviewer"))

    def reviewers(self, session_id: str) -> list[Reviewer]:
        """A session's reviewers in the order they joined."""
        rows = self.records.scan(NAMES, after=f"{session_id}:", before=f"{session_id};")
        return sorted((self.reviewer(value["reviewer"]) for _, value in rows), key=lambda one: one.number)

    def times_shown(self, session_id: str) -> dict[PairRef, int]:
        """For how many reviewers each pair was drawn so far."""
        drawn = (item.pair for one in self.reviewers(session_id) for item in one.items if item.kind is ItemKind.PAIR)
        return dict(Counter(drawn))

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

    def saw(self, reviewer_id: str, facts: Value) -> None:
        """Note where a reviewer is."""
        self.records.put(PRESENCE, reviewer_id, facts)

    def seen(self, reviewer_id: str) -> Value:
        """Where a reviewer was last; empty when never."""
        return self.records.get(PRESENCE, reviewer_id) or {}

    # What a presenter shows

    def set_stage(self, session_id: str, stage: Stage) -> None:
        """Keep what is shown now."""
        self.records.put(STAGES, session_id, _STAGE.dump_python(stage, mode="json"))

    def stage(self, session_id: str) -> Stage | None:
        """What is shown now; None when nobody presents."""
        value = self.records.get(STAGES, session_id)
        return _STAGE.validate_python(value) if value else None

    def clear_stage(self, session_id: str) -> None:
        """Nobody presents any more."""
        self.records.delete(STAGES, session_id)

    def reveal(self, session_id: str, pair: PairRef, at: float) -> None:
        """Note that everybody was shown the scores of a pair."""
        self.records.put(REVEALS, _reveal_key(session_id, pair), {"at": at})

    def is_revealed(self, session_id: str, pair: PairRef) -> bool:
        """Whether everybody was shown the scores of a pair."""
        return self.records.get(REVEALS, _reveal_key(session_id, pair)) is not None

    def _found(self, table: str, key: str, word: str) -> dict[str, Any]:
        value = self.records.get(table, key)
        if value is None:
            raise UnknownRecord(word, key)
        return value


def _reveal_key(session_id: str, pair: PairRef) -> str:
    return f"{session_id}:{pair.comparison_id}:{pair.repeat}"
