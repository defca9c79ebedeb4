"""`sessions`: what an owner does with a session, by command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.services import open_services
from sora_compare.settings import load
from tests.commands.terminal import is_one_sentence, run
from tests.sessions import stock
from tests.sessions.test_scoring import HERE, answer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def session(home: Path) -> str:
    """The id of a session that Ana has scored, joined by its one invitation."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)
    made = stock.new_session(opened, stock.fill_paper_pairs(opened, 1))
    _, token = opened.sessions.admission.invite(made.id)
    ana = opened.sessions.admission.join(token, "Ana", HERE)
    opened.sessions.scoring.submit(ana.id, ana.items[0].id, answer())
    opened.close()
    return made.id


def test_a_session_goes_through_its_life(home: Path, session: str) -> None:
    assert [one["status"] for one in run("sessions", "list", "--json", home=home).document] == ["open"]
    for verb, status in (("pause", "paused"), ("resume", "open"), ("close", "closed"), ("reopen", "open")):
        assert run("sessions", verb, session, "--json", home=home).document["status"] == status
    changed = run("sessions", "change", session, "--deadline=2020-01-31", "--wanted=7", "--json", home=home).document
    assert (changed["status"], changed["reviewers_wanted"]) == ("past its deadline", 7)
    assert changed["deadline"] == "2020-01-31T23:59:59+00:00"
    assert run("sessions", "change", session, "--deadline", "none", "--json", home=home).document["status"] == "open"
    assert run("sessions", "delete", session, "--json", home=home).document["status"] == "deleted"
    assert run("sessions", "list", "--json", home=home).document == []
    assert run("sessions", "restore", session, "--by", "Kim", "--json", home=home).document["status"] == "open"


def test_an_invitation_and_a_reviewer_are_ended(home: Path, session: str) -> None:
    shown = run("sessions", "show", session, home=home)
    assert "Ana: 1 of 1" in shown.out
    found = run("sessions", "show", session, "--json", home=home).document
    assert (found["reviews"], [one["uses"] for one in found["invitations"]]) == (1, [1])
    (invitation,) = found["invitations"]
    after = run("sessions", "withdraw", session, invitation["id"], "--json", home=home).document
    assert after["invitations"][0]["is_withdrawn"] is True
    removed = run("sessions", "remove-reviewer", session, "ana", "--withdraw-scores", "--json", home=home).document
    assert (removed["reviewers"], removed["reviews"]) == ([], 0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("pause", "ses_nowhere"), "There is no review session"),
        (("change", "{}"), "Say what to change"),
        (("change", "{}", "--deadline=tomorrow"), "is no day: write it as"),
        (("change", "{}", "--wanted=0"), "From 1 to 100"),
        (("withdraw", "{}", "inv_nowhere"), "There is no invitation"),
        (("remove-reviewer", "{}", "Eve", "--keep-scores"), "There is no reviewer"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(words: tuple[str, ...], sentence: str, home: Path, session: str) -> None:
    found = run("sessions", *(word.format(session) for word in words), home=home)
    assert (found.code, found.out) == (2, "")
    assert sentence in found.err
    assert is_one_sentence(found.err)
