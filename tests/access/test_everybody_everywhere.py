"""Every route and every page as nobody, as a reviewer and as the owner; both are listed from the code itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import app as launcher
from sora_compare import services as composition
from sora_compare.access.people import OWNER_COOKIE, REVIEWER_COOKIE, People, Person, RequestIdentity, Role
from sora_compare.sessions.admission import JOINS_WINDOW_S, MOST_JOINS
from sora_compare.ui.shell import access, pages
from sora_compare.web import gate
from sora_compare.web.gate import OURS
from sora_compare.web.server import ROUTES, SHELL
from tests.sessions import stock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.domain.sessions import Reviewer
    from sora_compare.services import Services

OUTSIDE = "http://app.example:8501"
OPEN_TO_ALL = {"/api/owner", "/api/enter", "/api/leave", "/api/alive", "/join/{token}", "/r/{token}"}
FOR_REVIEWERS = {"/m/{reviewer}/{item}/{side}/{expires}/{mac}/{part}", "/api/sessions/leave"}
TOKEN = "a-token-of-the-owner-that-nobody-guesses"
MANY = 9
"""Pages there are at least."""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SORA_COMPARE_OWNER_TOKEN", TOKEN)
    yield composition.services()
    composition.close_services()


@pytest.fixture
def reviewer(house: Services) -> Reviewer:
    session = stock.new_session(house, stock.fill_paper_pairs(house, 1))
    _, token = house.sessions.admission.invite(session.id)
    return house.sessions.admission.join(token, "Ana", "192.0.2.1")


def web(house: Services, role: Role, reviewer: Reviewer) -> TestClient:
    """Somebody on another machine."""
    people = People(house.sessions.signing, trusts_this_machine=False, owner_token=TOKEN)
    cookies = {
        Role.OWNER: {OWNER_COOKIE: people.owner_cookie()},
        Role.REVIEWER: {REVIEWER_COOKIE: house.sessions.admission.personal_token(reviewer)},
        Role.NOBODY: {},
    }[role]
    return TestClient(
        launcher.app, base_url=OUTSIDE, cookies=cookies, follow_redirects=False, client=("192.0.2.7", 5000)
    )


def address(path: str) -> str:
    for name in ("{sha256}", "{name}"):
        path = path.replace(name, "0" * 64)
    return path.replace("{rest:path}", "nothing").replace("{", "").replace("}", "")


def test_every_address_of_ours_stands_behind_the_gate() -> None:
    assert all(route.path.startswith(OURS) for route in ROUTES)


@pytest.mark.parametrize("path", [route.path for route in ROUTES])
def test_a_route_opens_only_to_those_it_is_for(path: str, house: Services, reviewer: Reviewer) -> None:
    record = {role: web(house, role, reviewer).get(address(path)) for role in Role}
    refused = {role for role, one in record.items() if one.status_code == 403 and gate.REFUSAL in one.text}
    if path in OPEN_TO_ALL:
        assert refused == set()
    elif path in FOR_REVIEWERS:
        assert refused == {Role.NOBODY}
    else:
        assert refused == {Role.NOBODY, Role.REVIEWER}
    for role in refused:
        assert record[role].headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("role", [Role.NOBODY, Role.REVIEWER])
def test_a_page_for_the_owner_opens_to_nobody_else(
    role: Role, reviewer: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(role, reviewer_id=reviewer.id if role is Role.REVIEWER else None)
    monkeypatch.setattr(access, "whoever", lambda: person)
    every = sorted(pages.FOLDER.glob("*.py"))
    assert len(every) >= MANY
    session = AppTest.from_file(SHELL, default_timeout=60)
    session.run()
    allowed = {pages.SESSION} if role is Role.REVIEWER else set()
    for path in every:
        if path not in allowed:
            with pytest.raises(ValueError, match="Could not find a navigation page"):
                session.switch_page(str(path))
    shown = [one.value for kind in (session.title, session.info, session.error) for one in kind]
    expected = "Spring review" if role is Role.REVIEWER else "not open to you"
    assert any(expected in words for words in shown), shown
    assert not session.text_area or role is Role.REVIEWER


def test_every_page_there_is_has_its_place_in_the_navigation() -> None:
    named = {value for value in vars(pages).values() if isinstance(value, Path) and value.suffix}
    assert named == set(pages.FOLDER.glob("*.py"))


def test_the_owners_link_leaves_the_address_and_remembers(house: Services, reviewer: Reviewer) -> None:
    client = web(house, Role.NOBODY, reviewer)
    answer = client.get(f"/api/owner?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert TOKEN not in cookie
    client.cookies = answer.cookies
    assert client.get("/api/health").status_code != 403


def test_guessing_the_owners_token_is_limited(house: Services, reviewer: Reviewer) -> None:
    client = web(house, Role.NOBODY, reviewer)
    lines = [client.get(f"/api/owner?token=guess{number}").status_code for number in range(12)]
    assert lines == [403] * 10 + [429] * 2
    assert client.get(f"/api/owner?token={TOKEN}").status_code == 303, "a wrong guess locks nobody else out"


def test_too_many_joins_by_a_link_are_told_when_to_come_back(house: Services, reviewer: Reviewer) -> None:
    _, token = house.sessions.admission.invite(reviewer.session_id)
    for number in range(MOST_JOINS):
        house.sessions.admission.join(token, f"Guest {number}", "192.0.2.7")
    answer = web(house, Role.NOBODY, reviewer).post(f"/join/{token}", data={"name": "Ben"})
    assert (answer.status_code, "Try again in 10 minutes" in answer.text) == (429, True)
    assert 0 < int(answer.headers["retry-after"]) <= JOINS_WINDOW_S
    assert 'value="Ben"' in answer.text, "nothing typed is lost"


@pytest.mark.parametrize("forged", ["", "owner", "b3duZXI.x.y", "\u00e9"])
@pytest.mark.parametrize("name", [OWNER_COOKIE, REVIEWER_COOKIE])
def test_a_forged_cookie_makes_nobody_somebody(forged: str, name: str, house: Services) -> None:
    people = People(house.sessions.signing, trusts_this_machine=False, owner_token=TOKEN)
    assert people.who(RequestIdentity("192.0.2.7", {"host": "app.example"}, {name: forged})).role is Role.NOBODY
