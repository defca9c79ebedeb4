"""The owner's side: what is fixed, what is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.errors import Conflict, StoreUnusable, UsageError
from sora_compare.releases.checklist import sign_offs

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services


def events(house: Services, name: str) -> list[dict[str, Any]]:
    return [one for one in house.store.audit_trail() if one["event"] == name]


def test_a_change_of_the_margin_is_recorded_with_what_it_was(house: Services, session: ReviewSession) -> None:
    changed = house.sessions.admin.change(session, margin=1.5)
    (found,) = events(house, "margin changed")
    assert found["before"] == {"margin": 0.5, "alpha": 0.05}
    assert found["after"] == {"margin": 1.5, "alpha": 0.05}
    assert found["reviews_then"] == 0
    house.sessions.admin.change(changed, title="Another title")
    assert len(events(house, "margin changed")) == 1


def test_nothing_is_kept_without_its_audit_entry(
    house: Services, session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreUnusable(Path("here"), "the disk is full")

    admin = house.sessions.admin
    monkeypatch.setattr(house.store.audit_log, "append", full)
    for act in (
        lambda: admin.change(session, margin=1.5),
        lambda: admin.delete(session),
        lambda: admin.sign_off(session, "Kim", "", accepts=True),
        lambda: admin.create("Another", session.pairs),
        lambda: house.sessions.admission.invite(session.id),
    ):
        with pytest.raises(StoreUnusable):
            act()
    repository = house.sessions.repository
    assert list(repository.sessions()) == [session]
    assert admin.sign_offs(session) == []
    assert repository.invitations(session.id) == []


def test_two_owners_do_not_overwrite_each_other(house: Services, session: ReviewSession) -> None:
    house.sessions.admin.change(session, title="First")
    with pytest.raises(Conflict):
        house.sessions.admin.change(session, title="Second")


def test_a_sign_off_is_in_the_audit_log(house: Services, session: ReviewSession) -> None:
    house.sessions.admin.sign_off(session, " Dr. Kim ", "Faces are fine.", accepts=True)
    (found,) = events(house, "sign-off")
    assert (found["approver"], found["comment"], found["is_accepted"]) == ("Dr. Kim", "Faces are fine.", True)
    assert found["session"] == session.id
    candidate = house.store.comparisons.get(session.pairs[0].comparison_id).arms[1].model
    assert sign_offs(house.store.audit_log, candidate) == {"Dr. Kim": True}, "the checklist reads it there"
    assert [one["name"] for one in house.sessions.admin.sign_offs(session)] == ["Dr. Kim"]
    with pytest.raises(UsageError, match="who signs off"):
        house.sessions.admin.sign_off(session, "  ", "", accepts=True)


@pytest.mark.parametrize(
    "problem", [{"margin": 0}, {"margin": 9.0}, {"alpha": 0.0}, {"alpha": 0.5}, {"reviewers_wanted": 0}]
)
def test_a_session_that_can_conclude_nothing_is_refused(
    problem: dict[str, Any], house: Services, session: ReviewSession
) -> None:
    with pytest.raises(UsageError):
        house.sessions.admin.create("Another", session.pairs, **problem)


@pytest.mark.parametrize("title", ["", "  ", "x" * 121])
def test_a_session_needs_a_title(title: str, house: Services, session: ReviewSession) -> None:
    with pytest.raises(UsageError, match="title"):
        house.sessions.admin.create(title, session.pairs)


def test_a_session_needs_a_pair(house: Services) -> None:
    with pytest.raises(UsageError, match="at least one pair"):
        house.sessions.admin.create("Empty", ())
