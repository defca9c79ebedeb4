"""Inviting, joining, coming back."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, NoReturn

from sora_compare.access.limits import RateLimit
from sora_compare.access.people import COOKIE_AGE_S, REVIEWER_PURPOSE
from sora_compare.access.signing import is_passphrase, new_token, passphrase_hash, token_hash
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import NAME_LIMIT
from sora_compare.domain.sessions import Invitation, Reviewer, ReviewSession, SessionStatus
from sora_compare.errors import UnknownRecord, UsageError
from sora_compare.sessions.draw import draw_items
from sora_compare.sessions.errors import (
    InvalidPassphrase,
    InvitationRefused,
    NameTaken,
    SessionPaused,
    TooManyGuesses,
    TooManyJoins,
)
from sora_compare.store.repositories.sessions import SessionOver

if TYPE_CHECKING:
    from sora_compare.access.signing import Signing
    from sora_compare.store.repositories.sessions import SessionRepository
    from sora_compare.store.store import Store

MOST_JOINS, JOINS_WINDOW_S = 60, 600.0
"""So many may join by one link from one address in so many seconds: a room full of people shares an address."""
MOST_USES = 500
"""So many one link lets in."""
WHY_OVER = {
    SessionStatus.CLOSED: "This review session is closed.",
    SessionStatus.PAST_DEADLINE: "The deadline of this review session has passed.",
}


class Admission:
    """Makes invitations and lets guests in."""

    def __init__(self, store: Store, repository: SessionRepository, signing: Signing, guesses: RateLimit) -> None:
        self._store = store
        self._repository = repository
        self._signing = signing
        self._guesses = guesses
        self._joins = RateLimit(MOST_JOINS, JOINS_WINDOW_S)

    def invite(
        self,
        session_id: str,
        *,
        passphrase: str | None = None,
        expires: float | None = None,
        is_single_use: bool = False,
    ) -> tuple[Invitation, str]:
        """A new invitation and its token; the token is not kept and cannot be shown again."""
        session = self._repository.session(session_id)
        token = new_token()
        one = Invitation(
            id=new_identifier("inv"),
            session_id=session.id,
            token_hash=token_hash(token),
            created=time.time(),
            passphrase_hash=passphrase_hash(passphrase) if passphrase else None,
            expires=expires,
            is_single_use=is_single_use,
        )
        with self._store.transaction():
            self._repository.save_invitation(one)
            self._store.audit("invitation made", session=session.id, invitation=one.id, expires=expires)
        return one, token

    def invitation(self, token: str, address: str) -> tuple[Invitation, ReviewSession]:
        """What a link opens.

        Args:
            token: from the link.
            address: of the client, for the limit on tries.

        Raises:
            TooManyGuesses: from this address; a right link opens all the same.
            InvitationRefused: forged, expired, revoked, used up, or its session is gone.
            SessionOver: closed, paused, or past its deadline.
        """
        one = self._repository.invitation_of(token_hash(token))
        if one is None:
            self._refuse_guess(address)
        if one.is_revoked:
            raise InvitationRefused("This invitation was withdrawn.")
        if one.expires is not None and time.time() > one.expires:
            raise InvitationRefused("This invitation has expired.")
        if one.is_single_use and one.uses:
            raise InvitationRefused("This invitation was for one person and has been used.")
        return one, self.open_session(one.session_id)

    def open_session(self, session_id: str) -> ReviewSession:
        """A session that takes answers.

        Raises:
            SessionOver: it is closed, past its deadline or deleted.
            SessionPaused: it is paused.
        """
        try:
            session = self._repository.session(session_id)
        except UnknownRecord as error:
            raise SessionOver("This review session was ended by its owner.") from error
        status = session.status(time.time())
        if status is SessionStatus.PAUSED:
            raise SessionPaused
        if status is not SessionStatus.OPEN:
            raise SessionOver(WHY_OVER[status])
        return session

    def join(self, token: str, name: str, address: str, passphrase: str = "") -> Reviewer:
        """Let a guest in under a name; their items are drawn now and kept.

        Raises:
            UsageError: the name is missing or too long. InvalidPassphrase. NameTaken.
            TooManyGuesses: of the passphrase, from this address. TooManyJoins: by this link, from this address.
            And what `invitation` raises.
        """
        chosen = " ".join(name.split())
        if not chosen or len(chosen) > NAME_LIMIT:
            raise UsageError(f"Type your name, up to {NAME_LIMIT} characters.")
        one, session = self.invitation(token, address)
        self._check_passphrase(one, passphrase, address)
        self._check_joins(one, address)
        with self._store.transaction():
            number = len(self._repository.everybody(session.id))
            reviewer = Reviewer(
                id=new_identifier("rev"),
                session_id=session.id,
                name=chosen,
                joined=time.time(),
                number=number,
                items=draw_items(session, number, self._repository.times_shown(session.id)),
            )
            fresh = self._repository.invitation_of(one.token_hash) or one
            if fresh.is_single_use and fresh.uses:
                raise InvitationRefused("This invitation was for one person and has been used.")
            if not self._repository.add_reviewer(reviewer):
                raise NameTaken(chosen)
            self._repository.save_invitation(dataclasses.replace(fresh, uses=fresh.uses + 1))
            self._store.audit("reviewer joined", session=session.id, reviewer=reviewer.id)
        return reviewer

    def _check_passphrase(self, one: Invitation, passphrase: str, address: str) -> None:
        if one.passphrase_hash is None:
            return
        # Counted before the slow comparison: many at once would all be let through otherwise.
        who = f"{one.id} {address}"
        wait_s = self._guesses.count(who)
        if wait_s:
            raise TooManyGuesses(wait_s)
        if not is_passphrase(passphrase, one.passphrase_hash):
            raise InvalidPassphrase
        self._guesses.forget(who)

    def _check_joins(self, one: Invitation, address: str) -> None:
        if one.uses >= MOST_USES:
            raise InvitationRefused(f"This invitation has let {MOST_USES} people in, which is as many as it can.")
        wait_s = self._joins.count(f"{one.id} {address}")
        if wait_s:
            raise TooManyJoins(wait_s)

    def personal_token(self, reviewer: Reviewer) -> str:
        """The token of the link with which this reviewer goes on elsewhere; signed, and not kept."""
        return self._signing.sign(REVIEWER_PURPOSE, reviewer.id)

    def come_back(self, personal_token: str, address: str) -> Reviewer:
        """The reviewer of a personal link, on whatever device.

        Raises:
            TooManyGuesses: from this address; a right link opens all the same.
            InvitationRefused: the link is not ours, or too old.
            SessionOver: the owner removed them.
        """
        reviewer_id = self._signing.read(REVIEWER_PURPOSE, personal_token, COOKIE_AGE_S)
        if reviewer_id is None:
            self._refuse_guess(address)
        return self._repository.reviewer(reviewer_id)

    def _refuse_guess(self, address: str) -> NoReturn:
        wait_s = self._guesses.count(address)
        if wait_s:
            raise TooManyGuesses(wait_s)
        raise InvitationRefused("This link does not open a review session.")
