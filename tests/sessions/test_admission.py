"""Invitations: who gets in, and what everybody else is told."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sora_compare.access.limits import MOST_GUESSES
from sora_compare.errors import UsageError
from sora_compare.sessions.admission import MOST_JOINS, MOST_USES
from sora_compare.sessions.errors import (
    InvalidPassphrase,
    InvitationRefused,
    NameTaken,
    SessionOver,
    TooManyGuesses,
    TooManyJoins,
)
from sora_compare.store.tables import invitations, reviewers, sessions

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services

HERE = "192.0.2.1"


def test_a_guest_comes_in_by_a_link_and_goes_on_by_the_personal_one(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    _, token = admission.invite(session.id)
    reviewer = admission.join(token, "  Ana   Li ", HERE)
    assert reviewer.name == "Ana Li"
    assert len(reviewer.items) == len(session.pairs)
    assert admission.come_back(admission.personal_token(reviewer), HERE) == reviewer


@pytest.mark.parametrize("forged", ["", "x", "a" * 5000, "../../x", "\u202e"])
def test_a_forged_link_opens_nothing(forged: str, house: Services, session: ReviewSession) -> None:
    house.sessions.admission.invite(session.id)
    with pytest.raises(InvitationRefused):
        house.sessions.admission.join(forged, "Ana", HERE)
    with pytest.raises(InvitationRefused):
        house.sessions.admission.come_back(forged, HERE)


def test_an_expired_a_withdrawn_and_a_used_link_say_so(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    _, expired = admission.invite(session.id, expires=time.time() - 1)
    with pytest.raises(InvitationRefused, match="expired"):
        admission.join(expired, "Ana", HERE)
    withdrawn, token = admission.invite(session.id)
    house.sessions.admin.withdraw(withdrawn)
    with pytest.raises(InvitationRefused, match="withdrawn"):
        admission.join(token, "Ana", HERE)
    _, single = admission.invite(session.id, is_single_use=True)
    admission.join(single, "Ana", HERE)
    with pytest.raises(InvitationRefused, match="has been used"):
        admission.join(single, "Ben", HERE)


def test_a_withdrawn_link_keeps_those_who_joined(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    one, token = admission.invite(session.id)
    reviewer = admission.join(token, "Ana", HERE)
    house.sessions.admin.withdraw(one)
    assert admission.come_back(admission.personal_token(reviewer), HERE) == reviewer


@pytest.mark.parametrize("again", ["Ana", "ANA", " ana ", "aNa"])
def test_a_name_is_taken_however_it_is_written(again: str, house: Services, session: ReviewSession) -> None:
    _, token = house.sessions.admission.invite(session.id)
    house.sessions.admission.join(token, "Ana", HERE)
    with pytest.raises(NameTaken, match="in this session already"):
        house.sessions.admission.join(token, again, HERE)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_is_needed(name: str, house: Services, session: ReviewSession) -> None:
    _, token = house.sessions.admission.invite(session.id)
    with pytest.raises(UsageError, match="Type your name"):
        house.sessions.admission.join(token, name, HERE)


def test_a_wrong_passphrase_is_refused_and_tries_are_limited(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    _, token = admission.invite(session.id, passphrase="open")
    for _ in range(MOST_GUESSES):
        with pytest.raises(InvalidPassphrase):
            admission.join(token, "Ana", HERE, "shut")
    with pytest.raises(TooManyGuesses, match="5 minutes"):
        admission.join(token, "Ana", HERE, "open")
    _, other = admission.invite(session.id, passphrase="open")
    assert admission.join(other, "Ben", HERE, "open").name == "Ben", "another link is not closed by that"
    assert admission.join(token, "Cem", "192.0.2.2", "open").name == "Cem", "nor is this one to others"


def test_passphrases_tried_at_the_same_time_are_limited_too(house: Services, session: ReviewSession) -> None:
    _, token = house.sessions.admission.invite(session.id, passphrase="open")

    def guess(_: int) -> type[Exception]:
        with pytest.raises((InvalidPassphrase, TooManyGuesses)) as refused:
            house.sessions.admission.join(token, "Ana", HERE, "shut")
        return refused.type

    with ThreadPoolExecutor(2 * MOST_GUESSES) as pool:
        lines = list(pool.map(guess, range(2 * MOST_GUESSES)))
    assert lines.count(InvalidPassphrase) == MOST_GUESSES


def test_those_who_know_the_passphrase_are_not_counted(house: Services, session: ReviewSession) -> None:
    _, token = house.sessions.admission.invite(session.id, passphrase="open")
    for number in range(MOST_GUESSES + 1):
        house.sessions.admission.join(token, f"Guest {number}", HERE, "open")


def test_guessing_links_from_one_address_is_limited(house: Services, session: ReviewSession) -> None:
    _, token = house.sessions.admission.invite(session.id)
    for _ in range(MOST_GUESSES):
        with pytest.raises(InvitationRefused):
            house.sessions.admission.invitation("guess", HERE)
    with pytest.raises(TooManyGuesses):
        house.sessions.admission.invitation("guess", HERE)
    assert house.sessions.admission.invitation(token, HERE)[1] == session, "who has a link does not guess"


def test_joins_by_one_link_from_one_address_are_limited(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    _, token = admission.invite(session.id)
    for number in range(MOST_JOINS):
        admission.join(token, f"Guest {number}", HERE)
    with pytest.raises(TooManyJoins, match="Try again in 10 minutes"):
        admission.join(token, "Ana", HERE)
    assert admission.join(token, "Ana", "192.0.2.2").name == "Ana"


def test_a_link_lets_in_so_many_people_and_no_more(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    one, token = admission.invite(session.id)
    house.sessions.repository.save_invitation(replace(one, uses=MOST_USES))
    with pytest.raises(InvitationRefused, match=f"let {MOST_USES} people in"):
        admission.join(token, "Ana", HERE)


def test_a_session_that_ended_takes_nobody_in(house: Services, session: ReviewSession) -> None:
    _, token = house.sessions.admission.invite(session.id)
    closed = house.sessions.admin.change(session, is_closed=True)
    with pytest.raises(SessionOver, match="closed"):
        house.sessions.admission.join(token, "Ana", HERE)
    late = house.sessions.admin.change(closed, is_closed=False, deadline=time.time() - 1)
    with pytest.raises(SessionOver, match="deadline"):
        house.sessions.admission.join(token, "Ana", HERE)
    house.sessions.admin.delete(late)
    with pytest.raises(SessionOver, match="ended by its owner"):
        house.sessions.admission.join(token, "Ana", HERE)


def test_neither_tokens_nor_passphrases_are_kept(house: Services, session: ReviewSession) -> None:
    admission = house.sessions.admission
    _, token = admission.invite(session.id, passphrase="open sesame")
    reviewer = admission.join(token, "Ana", HERE, "open sesame")
    personal = admission.personal_token(reviewer)
    kept = json.dumps([house.store.database.rows(table.select()) for table in (sessions, invitations, reviewers)])
    kept += json.dumps(list(house.store.audit_trail()))
    for secret in (token, personal, "open sesame"):
        assert secret not in kept
