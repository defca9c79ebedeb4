"""A spy in a reviewer's browser: from everything it receives for 40 pairs it cannot tell which side is which arm."""

from __future__ import annotations

import json
import logging
import os
import re
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import av
import numpy as np
import pytest
from scipy import stats

from sora_compare.clips.decoding.probe import probe
from sora_compare.clips.decoding.thumbnails import make_poster
from sora_compare.clips.files import POSTER
from sora_compare.domain.sessions import PairRef
from sora_compare.domain.takes import ArmLabel
from sora_compare.services import open_services
from sora_compare.sessions import admin
from sora_compare.settings import load
from tests.browser.conftest import WIDE
from tests.browser.spy import Facts, Spy, flat, of_body, of_headers
from tests.clips.conftest import write_clip
from tests.pages import filling
from tests.server.running import RunningApp
from tests.sessions import stock
from tests.sessions.test_scoring import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page, Request

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import Item, ReviewSession
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services

PAIRS = 40
CHANCE = 0.0001
"""How seldom guessing by a coin is taken for knowledge; there are two classifiers, so at most 1 run in 5,000."""
TOO_MANY = int(stats.binom.isf(CHANCE, PAIRS, 0.5)) + 1
SIDES = ("left", "right")
SEED = 11
OWNER_TOKEN = "the-owner-token-of-this-test"
LIMIT_MS = 60_000
PANES = """item => {
    const found = {};
    const look = root => root.querySelectorAll('*').forEach(one => {
        for (const side of ['left', 'right'])
            if (one.matches(`.pane.${side}`) && one.innerHTML.includes(`/${item}/${side}/`)
                && one.querySelector('video').readyState >= 2) {
                const video = one.querySelector('video'), canvas = one.querySelector('canvas');
                found[side] = {
                    html: one.outerHTML, text: one.innerText, duration: video.duration, width: video.videoWidth,
                    height: video.videoHeight, shown: [canvas.width, canvas.height, one.clientWidth, one.clientHeight],
                    buffered: video.buffered.length, poster: Boolean(video.poster), classes: one.className,
                };
            }
        if (one.shadowRoot) look(one.shadowRoot);
    });
    look(document);
    return found.left && found.right ? found : null;
}"""

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(300)]


def grainy(seed: list[int]) -> Callable[[int, int, int], np.ndarray[Any, Any]]:
    drawn = np.random.default_rng(seed)

    def draw(_: int, width: int, height: int) -> np.ndarray[Any, Any]:
        coarse = drawn.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
        return coarse.repeat(8, axis=0).repeat(8, axis=1)

    return draw


TRAITS: tuple[dict[str, dict[str, Any]], ...] = (
    {"a": {}, "b": {}},
    {"a": {"options": {"bf": "2"}}, "b": {}},
    {"a": {"codec": "mpeg4"}, "b": {}},
    {"a": {"size": (128, 96), "fps": 30, "frames": 20, "amplitude": 0.1}, "b": {}},
)
"""By which the arms differ in the wild: nothing, coding, codec; and size, rate, length and sound at once."""


def make_clip(opened: Services, folder: Path, number: int, arm: str) -> Clip:
    """Arm A is saved a minute before B, and names its model; only B has a poster and was measured."""
    path = folder / f"{number}{arm}.mp4"
    traits = {"size": (96, 64), "frames": 12, "options": {"bf": "0"}, **TRAITS[number % len(TRAITS)][arm]}
    write_clip(path, draw=grainy([number, ord(arm)]), **traits)
    if arm == "a":
        path = tagged(path)
    incoming = opened.files.incoming(path.stem)
    incoming.write(path.read_bytes())
    kept = opened.files.path(incoming.save(".mp4"))
    moment = 1_790_000_000 + number * 600 + (0 if arm == "a" else 60)
    os.utime(kept, (moment, moment))
    if arm == "b":
        make_poster(kept, opened.files.beside(kept.stem, POSTER))
    return probe(kept, sha256=kept.stem)


def tagged(path: Path) -> Path:
    target = path.with_name(f"tagged-{path.name}")
    with av.open(str(path)) as source, av.open(str(target), "w") as out:
        out.metadata["comment"] = "sora-2-2025-10-06" * 200
        streams = {one.index: out.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    return target


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Services]:
    opened = open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)
    yield opened
    opened.close()


@pytest.fixture
def session(beside: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReviewSession:
    """With 40 pairs to score; those that differ by themselves are levelled."""
    monkeypatch.setattr(admin.secrets, "randbits", lambda _: SEED)
    pairs = []
    for number in range(PAIRS):
        clips = {arm: make_clip(beside, tmp_path, number, arm) for arm in ("a", "b")}
        made, _ = filling.fill_pair(beside.store, clips.__getitem__, f"A ball drops, {number}", at=filling.START)
        pairs.append(PairRef(made.id))
    return stock.new_session(beside, tuple(pairs), levels_clips=True, must_watch=False)


@pytest.fixture
def app(session: ReviewSession, tmp_path: Path) -> Iterator[RunningApp]:
    assert session
    running = RunningApp(tmp_path / "home", tmp_path / "log", SORA_COMPARE_OWNER_TOKEN=OWNER_TOKEN).wait()
    yield running
    running.kill()


class Recorder:
    """Everything that a reviewer's browser receives, by side."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.start()
        page.on("requestfinished", self._finished)
        page.on("websocket", lambda one: one.on("framereceived", self._framed))

    def start(self) -> None:
        """Begin with another pair."""
        self.facts: dict[str, Facts] = {side: {} for side in SIDES}
        self.frames, self.requests, self.text = "", 0, ""

    def _framed(self, frame: str | bytes) -> None:
        self.frames += frame if isinstance(frame, str) else frame.decode("utf-8", errors="replace")

    def _finished(self, request: Request) -> None:
        if "/m/" not in request.url:
            return
        self.requests += 1
        _, _, side, *_, part = request.url.split("/m/")[1].split("/")
        answered, timing = request.response(), request.timing
        assert answered
        headers = answered.headers
        self.text += f"{request.url} {headers}"
        moments = {
            "status": answered.status,
            "order": self.requests,
            "first byte": timing["responseStart"] - timing["requestStart"],
            "whole": timing["responseEnd"] - timing["requestStart"],
        }
        parts = [*of_headers(headers), *flat("timing", moments), *flat("sizes", request.sizes())]
        self.facts[side].update({f"{part} {name}": value for name, value in parts})

    def player_data(self, side: str) -> dict[str, Any]:
        """One side in the data of the player, as its JSON came over the socket."""
        start = max(self.frames.rfind(f'"{side}":{gap}{{') for gap in ("", " "))
        assert start >= 0, "nothing of the player came over the socket"
        data: dict[str, Any]
        data, _ = json.JSONDecoder().raw_decode(self.frames[self.frames.index("{", start) :])
        assert "url" in data
        return data

    def record(self, item: Item, address: str) -> tuple[tuple[Facts, Facts], Facts]:
        """What comes of one pair, by side, and what belongs to neither side."""
        self.start()
        self.page.goto(address)
        panes = self.page.wait_for_function(PANES, arg=item.id, timeout=LIMIT_MS).json_value()
        for side in SIDES:
            data = self.player_data(side)
            assert not re.search(r"\bfps\b|\d\u00d7\d", panes[side]["text"]), "size or rate stands in the pane"
            assert (data["width"], data["height"]) == (0, 0), "the size came over the socket"
            body = self.page.request.get(urljoin(self.page.url, data["url"])).body()
            self.facts[side].update([*flat("socket", data), *flat("pane", panes[side]), *of_body(body, self.folder)])
        html, title = self.page.content(), self.page.title()
        self.text += f"{self.frames} {html} {panes} {self.page.locator('body').aria_snapshot()}"
        page = {"html": len(html), "title": title, "socket": len(self.frames), "requests": self.requests}
        return (self.facts["left"], self.facts["right"]), dict(flat("whole", page))


@dataclass
class Scene:
    """A running app with a session of 40 pairs."""

    app: RunningApp
    opened: Services
    session: ReviewSession

    def spy_on(self, page: Page, folder: Path) -> tuple[Spy, Spy]:
        """A new reviewer scores all pairs, and a spy notes what their browser receives.

        Another spy is given the date of saving too, from the files, in the header that the route sent earlier.
        """
        admission, scoring = self.opened.sessions.admission, self.opened.sessions.scoring
        reviewer = admission.join(admission.invite(self.session.id)[1], "Ana", "192.0.2.1")
        page.set_default_timeout(LIMIT_MS)
        recorder, spy, dated = Recorder(page, folder), Spy(), Spy()
        address = f"{self.app.url}/r/{admission.personal_token(reviewer)}"
        for item in reviewer.items:
            (left, right), whole = recorder.record(item, address)
            truth = 1 if item.left is ArmLabel.A else -1
            takes = scoring.takes(item)
            dates = [dict(of_headers({"last-modified": self.saved(take)})) for take in takes]
            spy.note((left, right), whole, truth)
            dated.note((left | dates[0], right | dates[1]), whole, truth)
            for take in takes:
                assert take.clip
                named = [word for word in (take.id, take.request.model, take.clip.sha256) if word in recorder.text]
                assert not named, f"the browser received {named}"
            scoring.submit(reviewer.id, item.id, answer())
        assert len(spy.truth) == PAIRS
        return spy, dated

    def saved(self, take: Take) -> str:
        """When its clip was kept, as headers have it."""
        assert take.clip
        return formatdate(self.opened.files.path(take.clip.sha256).stat().st_mtime, usegmt=True)


def test_a_spy_in_the_browser_does_no_better_than_a_coin(
    app: RunningApp, beside: Services, session: ReviewSession, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    spy, dated = Scene(app, beside, session).spy_on(new_page(WIDE), tmp_path)
    names = spy.names()
    assert not [name for name in names if "last-modified" in name]
    for kind in ("header content-length", "timing.first byte", "sizes", "socket.frames", "pane.duration", "body bytes"):
        assert any(kind in name for name in names), f"nothing of {kind} was recorded"
    guessed, control = spy.right_guesses(), dated.right_guesses()
    log.info("%d facts, right of %d: %s, with dates %s; %s", len(names), PAIRS, guessed, control, spy.collect_errors())
    assert max(guessed.values()) < TOO_MANY, f"of {PAIRS}: {guessed} by {spy.collect_errors()}"
    assert max(control.values()) >= TOO_MANY, f"the spy misses the date of saving: {control}"
