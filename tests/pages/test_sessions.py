"""The Sessions page: what the form for a new session says before the session is created."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from sora_compare.ui.shell import pages
from tests.pages import filling
from tests.pages.conftest import PAGES
from tests.sessions import stock
from tests.sessions.test_scoring import answer, joined

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from sora_compare.domain.clips import Clip
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

NO_REPEATS = "No hidden repeats will be shown: they need at least 4 items"


@pytest.fixture(autouse=True)
def _page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAGES, "sessions", pages.SESSIONS)


def fill_pairs(app: Services, count: int) -> None:
    for number in range(count):
        make_clip = partial(_clip, app, number)
        filling.fill_pair(app.store, make_clip, f"A ball drops, {number}", at=filling.START + number)


def _clip(app: Services, number: int, arm: str) -> Clip:
    return filling.clip(app.files, f"{arm} {number}")


def warnings(page: AppTest) -> str:
    return " ".join(one.value for one in page.warning)


def captions(page: AppTest) -> str:
    return " ".join(one.value for one in page.caption)


def set_number(page: AppTest, label: str, value: int | None) -> AppTest:
    next(one for one in page.number_input if one.label == label).set_value(value).run()
    assert not page.exception
    return page


def test_a_list_too_short_for_repeats_is_said_before_the_session_is_created(app: Services, open_page: OpenPage) -> None:
    fill_pairs(app, 2)
    page = open_page("sessions")
    assert NO_REPEATS in warnings(page)
    assert "this list has 3" in warnings(page)
    assert list(app.sessions.repository.sessions()) == []
    assert NO_REPEATS not in warnings(set_number(page, "Same-clip pairs", 2))
    assert (
        "5 items besides practice: 2 pairs, 2 same-clip pairs and 1 hidden repeat, with at least 3 other items"
        in captions(page)
    )


def test_fewer_pairs_for_each_reviewer_make_a_list_too_short(app: Services, open_page: OpenPage) -> None:
    fill_pairs(app, 6)
    page = open_page("sessions")
    assert NO_REPEATS not in warnings(page)
    assert "8 items besides practice: 6 pairs, 1 same-clip pair and 1 hidden repeat" in captions(page)
    assert NO_REPEATS in warnings(set_number(page, "Pairs per reviewer (optional)", 2))
    assert NO_REPEATS not in warnings(set_number(page, "Hidden repeats", 0))


def test_a_list_too_short_is_created_without_repeats_all_the_same(app: Services, open_page: OpenPage) -> None:
    fill_pairs(app, 1)
    page = open_page("sessions")
    next(one for one in page.text_input if one.label == "Title").set_value("Spring")
    next(one for one in page.button if one.label == "Create the session").click().run()
    assert not page.exception
    (session,) = app.sessions.repository.sessions()
    reviewer = app.sessions.admission.join(app.sessions.admission.invite(session.id)[1], "Ana", "127.0.0.1")
    assert sorted(item.kind for item in reviewer.items) == ["pair", "same_clip"]


CHOICE = "Pairs whose clips differ by themselves"


@pytest.mark.parametrize("levels", [1, 0])
def test_pairs_that_differ_by_themselves_are_levelled_or_said_to_be_not_blind(
    levels: int, app: Services, open_page: OpenPage
) -> None:
    fill_pairs(app, 3)
    for take in list(app.store.takes.list())[:1]:
        assert take.clip
        app.store.takes.save(replace(take, clip=replace(take.clip, width=640)))
    page = open_page("sessions")
    assert "The two clips differ by themselves (size) in 1 of 3 pairs." in warnings(page)
    (choice,) = [one for one in page.radio if one.label == CHOICE]
    choice.set_value(choice.options[0 if levels else 1])
    next(one for one in page.text_input if one.label == "Title").set_value("Spring review")
    next(one for one in page.button if one.label == "Create the session").click().run()
    (session,) = app.sessions.repository.sessions()
    assert session.protocol.levels_clips is bool(levels)
    assert ("Their reviews are not counted as blind." in warnings(page)) is not bool(levels)
    assert ("Reviewers see both re-encoded" in captions(page)) is bool(levels)


def test_pairs_that_are_alike_ask_nothing(app: Services, open_page: OpenPage) -> None:
    fill_pairs(app, 3)
    page = open_page("sessions")
    assert [one for one in page.radio if one.label == CHOICE] == []
    assert "differ by themselves" not in warnings(page)


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception
    return page


def labels(page: AppTest) -> set[str]:
    return {one.label for one in page.button}


def test_a_session_is_paused_closed_and_opened_again(app: Services, open_page: OpenPage) -> None:
    session = stock.new_session(app, stock.fill_paper_pairs(app, 1))
    page = press(open_page("sessions"), "Pause")
    assert app.sessions.repository.session(session.id).is_paused
    assert "Pause" not in labels(page)
    press(press(page, "Resume"), "Close")
    assert app.sessions.repository.session(session.id).is_closed
    assert not {"Pause", "Resume", "Close"} & labels(page)
    press(page, "Reopen")
    assert app.sessions.repository.session(session.id).status(0) == "open"


def test_title_deadline_and_reviewers_wanted_can_be_changed(app: Services, open_page: OpenPage) -> None:
    session = stock.new_session(app, stock.fill_paper_pairs(app, 1))
    page = open_page("sessions", reviewer="Kim")
    next(one for one in page.text_input if one.label == "Title" and one.value == "Spring review").set_value("Autumn")
    wanted = [one for one in page.number_input if one.label == "Reviewers wanted per pair"]
    wanted[-1].set_value(8)
    page.date_input[-1].set_value(date(2031, 5, 1))
    press(page, "Save the changes")
    changed = app.sessions.repository.session(session.id)
    assert (changed.title, changed.reviewers_wanted) == ("Autumn", 8)
    assert datetime.fromtimestamp(changed.deadline or 0, UTC).date() == date(2031, 5, 1)
    assert "Kim" in {one.get("by") for one in app.store.audit_trail()}


def test_a_deleted_session_is_brought_back_by_undo_and_later(app: Services, open_page: OpenPage) -> None:
    pairs = stock.fill_paper_pairs(app, 1)
    other, session = stock.new_session(app, pairs), stock.new_session(app, pairs)
    page = press(open_page("sessions", session=session.id), "Delete")
    assert [one.id for one in app.sessions.repository.sessions()] == [other.id]
    press(page, "Undo")
    assert len(list(app.sessions.repository.sessions())) == 2
    assert "Undo" not in labels(page)
    press(page, "Delete")
    press(open_page("sessions"), "Restore")
    assert len(list(app.sessions.repository.sessions())) == 2


def test_the_link_that_is_shown_is_that_of_the_session_that_is_shown(app: Services, open_page: OpenPage) -> None:
    pairs = stock.fill_paper_pairs(app, 1)
    first, second = stock.new_session(app, pairs), stock.new_session(app, pairs)
    page = press(open_page("sessions", session=first.id), "Make an invitation link")
    (link,) = [one.value for one in page.code]
    choice = next(one for one in page.selectbox if one.label == "Session")
    choice.set_value(second.id).run()
    assert [one.value for one in page.code] == []
    next(one for one in page.selectbox if one.label == "Session").set_value(first.id).run()
    assert [one.value for one in page.code] == [link]
    press(page, "Withdraw")
    assert [one.value for one in page.code] == []


@pytest.mark.parametrize("withdraws", [0, 1])
def test_a_reviewer_is_removed_with_or_without_their_scores(withdraws: int, app: Services, open_page: OpenPage) -> None:
    session = stock.new_session(app, stock.fill_paper_pairs(app, 1))
    ana = joined(app, session)
    app.sessions.scoring.submit(ana.id, ana.items[0].id, answer())
    page = open_page("sessions")
    press(page, "Remove the reviewer")
    assert "Choose the reviewer" in warnings(page)
    assert app.sessions.repository.reviewers(session.id) == [ana]
    next(one for one in page.selectbox if one.label == "Reviewer").set_value(ana.id)
    choice = next(one for one in page.radio if one.label == "Their scores")
    choice.set_value(choice.options[withdraws])
    press(page, "Remove the reviewer")
    assert app.sessions.repository.reviewers(session.id) == []
    assert len(app.sessions.progress.reviews(session)) == 1 - withdraws
