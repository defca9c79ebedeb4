"""Review sessions as reviewers and their owner meet them: by a link, blind, by keyboard, cut off and back."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from sora_compare.domain.reviews import AFTER_REVEAL, Evidence, counted
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.browser.conftest import NARROW, WIDE
from tests.server.running import RunningApp
from tests.sessions import stock
from tests.sessions.test_scoring import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services

SOON_MS = 60_000
OWNER_TOKEN = "the-owner-token-of-this-test"
ENDPOINTS = {ArmLabel.A: "north-lab", ArmLabel.B: "south-lab"}
SEVEN_SCORES = "3748295"
"""Two for each of three criteria, and a preference."""
UNLOCKED = """() => {
    const found = [];
    const look = root => root.querySelectorAll('*').forEach(one => {
        if (one.matches('.save')) found.push(one);
        if (one.shadowRoot) look(one.shadowRoot);
    });
    look(document);
    return found.some(one => !one.disabled);
}"""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Services]:
    """The same data folder, opened beside the app."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)
    yield opened
    opened.close()


@pytest.fixture
def session(beside: Services, tmp_path: Path) -> ReviewSession:
    return stock.new_session(beside, stock.fill_pairs(beside, tmp_path / "made", 2))


@pytest.fixture
def app(beside: Services, tmp_path: Path) -> Iterator[RunningApp]:
    """With an owner token, so that nobody is the owner only for being on this machine."""
    assert beside
    running = RunningApp(tmp_path / "home", tmp_path / "log", SORA_COMPARE_OWNER_TOKEN=OWNER_TOKEN).wait()
    yield running
    running.kill()


def join(page: Page, app: RunningApp, token: str, name: str) -> None:
    page.set_default_timeout(SOON_MS)
    page.goto(f"{app.url}/join/{token}")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("button", name="Save and go on", exact=True)).to_be_visible(timeout=SOON_MS)


def watch(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).first.click()
    page.wait_for_function(UNLOCKED, timeout=SOON_MS)


def test_a_pair_is_scored_by_keyboard_alone_in_eight_presses(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page]
) -> None:
    page = new_page(WIDE)
    join(page, app, beside.sessions.admission.invite(session.id)[1], "Ana")
    expect(page.get_by_role("button", name="Save and go on", exact=True)).to_be_disabled()
    watch(page)
    for key in SEVEN_SCORES:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 2 pairs")).to_be_visible(timeout=SOON_MS)
    (review,) = beside.sessions.progress.reviews(session)
    given = [score.value for score in review.scores]
    assert given == [3, 7, 4, 8, 2, 9]
    assert abs(review.preference or 0) == 1
    assert review.is_blind
    assert review.kind == "pair"


MEDIA = "bytes of "
SURE_LENGTH = 4


class Received:
    """Everything that came to a page: answers with their headers and bodies, and what its socket carried."""

    def __init__(self, page: Page) -> None:
        self.parts: list[tuple[str, bytes]] = []
        page.on("response", self._answered)
        page.on("websocket", lambda one: one.on("framereceived", self._framed))

    def _answered(self, answer: object) -> None:
        url = answer.url  # type: ignore[attr-defined]  # a Response
        self.parts.append((f"address {url}", url.encode()))
        self.parts.append((f"headers of {url}", repr(answer.headers).encode()))  # type: ignore[attr-defined]  # a Response

    def _framed(self, frame: str | bytes) -> None:
        self.parts.append(("socket", frame.encode() if isinstance(frame, str) else frame))

    def media(self) -> set[str]:
        return {
            where.removeprefix("address ") for where, _ in self.parts if where.startswith("address") and "/m/" in where
        }

    def naming(self, words: set[str]) -> list[tuple[str, str]]:
        """Which words are where; of media only long ones, since compressed pictures hold any three bytes by chance."""
        return [
            (where, word)
            for where, held in self.parts
            for word in words
            if word.encode() in held and not (where.startswith(MEDIA) and len(word) < SURE_LENGTH)
        ]


def test_nothing_a_blind_reviewer_receives_tells_which_is_which(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page]
) -> None:
    takes = [take for pair in session.pairs for take in beside.store.takes.of(pair.comparison_id)]
    for take in takes:
        beside.store.takes.save(dataclasses.replace(take, endpoint=ENDPOINTS[take.arm]))
    page = new_page(WIDE)
    received = Received(page)
    join(page, app, beside.sessions.admission.invite(session.id)[1], "Ana")
    watch(page)
    for key in SEVEN_SCORES:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 2 pairs")).to_be_visible(timeout=SOON_MS)
    received.parts.append(("page", page.content().encode()))
    for address in received.media():
        answer = page.request.get(address)
        assert answer.ok
        received.parts.append((f"{MEDIA}{address}", answer.body()))
    words = {DEFAULT_A, DEFAULT_B, "sora-2", *(pair.comparison_id for pair in session.pairs)}
    words |= {take.id for take in takes} | {take.clip.sha256 for take in takes if take.clip} | {"/clips/"}
    words |= {take.clip.sha256[:12] for take in takes if take.clip} | {session.id, "Lavf", "same_clip"}
    words |= {*ENDPOINTS.values()} | {'"arm"', '"A"', '"B"', "Arm A", "Arm B", "arm_a", "arm_b"}
    assert received.media()
    assert any(where == "socket" for where, _ in received.parts)
    assert received.naming({"A ball drops"}), "what was received is not looked at"
    assert received.naming(words) == []
    for forbidden in ("/results", "/library", "/sessions", "/review", "/settings"):
        page.goto(f"{app.url}{forbidden}")
        expect(page.get_by_text("This page is for owners.")).to_be_visible(timeout=SOON_MS)
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Go on with your review session").click()
    expect(page.get_by_role("heading", name="Spring review")).to_be_visible(timeout=SOON_MS)
    assert received.naming(words - {"same_clip"}) == []


@pytest.mark.heavy
def test_three_reviewers_at_once_and_the_owner_watching(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page]
) -> None:
    token = beside.sessions.admission.invite(session.id)[1]
    owner = new_page(WIDE)
    owner.goto(f"{app.url}/api/owner?token={OWNER_TOKEN}")
    assert OWNER_TOKEN not in owner.url
    owner.goto(f"{app.url}/sessions?session={session.id}")
    expect(owner.get_by_text("Nobody has joined yet.")).to_be_visible(timeout=SOON_MS)
    ana, ben, cem = new_page(WIDE), new_page(WIDE, "dark"), new_page(NARROW)
    for page, name in ((ana, "Ana"), (ben, "Ben"), (cem, "Cem")):
        join(page, app, token, name)
    expect(owner.get_by_text("Nobody has joined yet.")).to_be_hidden(timeout=SOON_MS)
    assert cem.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    watch(ben)
    for key in "374":
        ben.keyboard.press(key)
    (reviewer,) = [one for one in beside.sessions.repository.reviewers(session.id) if one.name == "Ben"]
    item = reviewer.items[0]
    ben.wait_for_timeout(2_000)
    assert beside.sessions.repository.draft(reviewer.id, item.id)["values"]["motion"] == [4, None]
    ben.context.close()
    back = new_page(WIDE)
    back.set_default_timeout(SOON_MS)
    back.goto(f"{app.url}/r/{beside.sessions.admission.personal_token(reviewer)}")
    assert "/r/" not in back.url
    back.wait_for_function(UNLOCKED, timeout=SOON_MS)
    back.wait_for_timeout(2_000)  # a person looks before pressing; the pad takes the focus meanwhile
    for key in "8295":
        back.keyboard.press(key)
    back.keyboard.press("Enter")
    expect(back.get_by_text("1 of 2 pairs")).to_be_visible(timeout=SOON_MS)

    watch(cem)
    for group, value in zip(("Physics", "Motion", "Faces"), ("2", "5", "n/a"), strict=True):
        for side in ("Left", "Right"):
            radios = cem.get_by_role("radiogroup", name=f"{group}, {side}")
            radios.get_by_role("radio", name=value, exact=True).click()
    cem.get_by_role("radio", name="No difference").click()
    cem.get_by_role("button", name="Save and go on", exact=True).click()
    expect(cem.get_by_text("1 of 2 pairs")).to_be_visible(timeout=SOON_MS)

    kept = {one.reviewer: [score.value for score in one.scores] for one in beside.sessions.progress.reviews(session)}
    assert kept == {"Ben": [3, 7, 4, 8, 2, 9], "Cem": [2, 2, 5, 5, None, None]}
    message = app.said()
    assert "Traceback" not in message
    for secret in (token, OWNER_TOKEN, beside.sessions.admission.personal_token(reviewer)[:40]):
        assert secret not in message
    assert re.search(r"http://127.0.0.1:\d+", message)


def test_a_session_that_ends_meanwhile_says_so_and_keeps_the_draft(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page]
) -> None:
    page = new_page(NARROW)
    join(page, app, beside.sessions.admission.invite(session.id)[1], "Ana")
    watch(page)
    for key in SEVEN_SCORES:
        page.keyboard.press(key)
    page.wait_for_timeout(1_500)
    beside.sessions.admin.delete(session)
    page.keyboard.press("Enter")
    expect(page.get_by_text("was ended by its owner").first).to_be_visible(timeout=SOON_MS)
    (reviewer,) = beside.sessions.repository.reviewers(session.id)
    assert beside.sessions.repository.draft(reviewer.id, reviewer.items[0].id)["values"]["faces"] == [2, 9]
    assert beside.sessions.progress.reviews(session) == []


def test_a_reviewers_page_follows_the_life_of_its_session_by_itself(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page]
) -> None:
    admin, page = beside.sessions.admin, new_page(NARROW)
    join(page, app, beside.sessions.admission.invite(session.id)[1], "Ana")
    paused = admin.pause(session)
    expect(page.get_by_text("This review session is paused.")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("button", name="Save and go on", exact=True)).to_be_hidden()
    admin.resume(paused)
    expect(page.get_by_role("button", name="Save and go on", exact=True)).to_be_visible(timeout=SOON_MS)
    (ana,) = beside.sessions.repository.reviewers(session.id)
    admin.remove_reviewer(ana, with_scores=False)
    expect(page.get_by_text("has removed you from it")).to_be_visible(timeout=SOON_MS)
    page.get_by_role("link", name="Leave this session").click()
    page.get_by_role("button", name="Leave the session", exact=True).click()
    expect(page.get_by_text("This page is not open to you yet.")).to_be_visible(timeout=SOON_MS)


PLAYING_AT = """() => {
    const found = [];
    const look = root => root.querySelectorAll('*').forEach(one => {
        if (one.matches('video')) found.push(one.currentTime);
        if (one.shadowRoot) look(one.shadowRoot);
    });
    look(document);
    return found.length === 2 && found.every(time => time > 0.2);
}"""


@pytest.mark.heavy
def test_a_presenter_leads_everybody_and_reveals_the_spread(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page]
) -> None:
    token = beside.sessions.admission.invite(session.id)[1]
    ana, ben = new_page(WIDE), new_page(NARROW)
    for page, name in ((ana, "Ana"), (ben, "Ben")):
        join(page, app, token, name)
    owner = new_page(WIDE)
    owner.set_default_timeout(SOON_MS)
    owner.goto(f"{app.url}/api/owner?token={OWNER_TOKEN}")
    owner.goto(f"{app.url}/sessions?session={session.id}")
    owner.get_by_text("Present to everybody").click()
    owner.get_by_role("button", name="Show this pair to everybody", exact=True).click()
    for page in (ana, ben):
        expect(page.get_by_text("The presenter leads; your player follows")).to_be_visible(timeout=SOON_MS)
    owner.get_by_role("button", name="From the start", exact=True).click()
    for page in (ana, ben):
        page.wait_for_function(PLAYING_AT, timeout=SOON_MS)
        page.wait_for_function(UNLOCKED, timeout=SOON_MS)
    expect(owner.get_by_text("0 of 2 have scored this pair.")).to_be_visible(timeout=SOON_MS)

    for page, keys in ((ana, SEVEN_SCORES), (ben, "5566774")):
        page.get_by_role("radiogroup", name="Physics, Left").get_by_role("radio").first.focus()
        for key in keys:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Your scores are saved.")).to_be_visible(timeout=SOON_MS)
    expect(owner.get_by_text("2 of 2 have scored this pair.")).to_be_visible(timeout=SOON_MS)
    assert not ana.get_by_text("Everybody's scores").is_visible(), "hidden until the reveal"

    owner.get_by_role("button", name="Reveal the scores", exact=True).click()
    for page in (ana, ben, owner):
        expect(page.get_by_text("Scores of 2 reviewers.")).to_be_visible(timeout=SOON_MS)
    assert ben.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    owner.get_by_role("button", name="Give the players back", exact=True).click()
    for page in (ana, ben):
        expect(page.get_by_text("The presenter leads; your player follows")).to_be_hidden(timeout=SOON_MS)
    assert len(beside.sessions.progress.reviews(session)) == 2
    assert "Traceback" not in app.said()


@pytest.mark.parametrize("shows_others", [False, True], ids=["own scores", "everybody's scores"])
def test_a_correction_after_what_was_which_never_replaces_the_independent_review(
    shows_others: bool,  # noqa: FBT001  # a parameter of the test
    beside: Services,
    tmp_path: Path,
    new_page: Callable[..., Page],
) -> None:
    """Seen in a browser once, known for ever: to another tab, another device and after a restart."""
    session = stock.new_session(beside, stock.fill_paper_pairs(beside, 1), must_watch=False, shows_others=shows_others)
    reviewer = beside.sessions.admission.join(beside.sessions.admission.invite(session.id)[1], "Ana", "192.0.2.1")
    (item,) = reviewer.items
    first = beside.sessions.scoring.submit(reviewer.id, item.id, answer(3, 8))
    running = RunningApp(tmp_path / "home", tmp_path / "log", SORA_COMPARE_OWNER_TOKEN=OWNER_TOKEN).wait()
    try:
        page = new_page(WIDE)
        page.goto(f"{running.url}/r/{beside.sessions.admission.personal_token(reviewer)}")
        expect(page.get_by_text("What was which")).to_be_visible(timeout=SOON_MS)
    finally:
        running.kill()
    second = beside.sessions.scoring.submit(reviewer.id, item.id, answer(1, 10))
    assert (second.is_after_reveal, second.saw_others, AFTER_REVEAL in second.flags) == (True, shows_others, True)
    reviews = beside.store.reviews.of(item.pair.comparison_id)
    assert [one.id for one in counted(reviews)] == [first.id]
    assert [one.id for one in counted(reviews, Evidence.ALL)] == [second.id]
