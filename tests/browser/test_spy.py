"""A spy in a reviewer's browser: from everything it receives for 40 pairs it cannot tell which side is which arm."""

from __future__ import annotations

import json
import os
import random
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from scipy import stats

from sora_compare.clips.files import POSTER
from sora_compare.clips.probe import probe
from sora_compare.clips.thumbnails import make_poster
from sora_compare.domain.sessions import PairRef
from sora_compare.domain.takes import ArmLabel
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.browser.conftest import WIDE
from tests.browser.spy import Facts, Spy, flat, of_body, of_headers
from tests.clips.conftest import write_clip
from tests.pages import filling
from tests.server.running import RunningApp
from tests.sessions import stock
from tests.sessions.test_answering import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import Item, Reviewer
    from sora_compare.services import Services

PAIRS = 40
CHANCE = 0.001
"""How seldom guessing by a coin is taken for knowledge."""
TOO_MANY = int(stats.binom.isf(CHANCE, PAIRS, 0.5)) + 1
SIDES = ("left", "right")
OWNER_TOKEN = "the-owner-token-of-this-test"
SOON_MS = 60_000
PANES = """() => {
    const found = {};
    const look = root => root.querySelectorAll('*').forEach(one => {
        for (const side of ['left', 'right'])
            if (one.matches(`.pane.${side}`) && one.querySelector('video').readyState >= 2) {
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

pytestmark = [pytest.mark.browser, pytest.mark.heavy, pytest.mark.timeout(300)]


def grainy(seed: int) -> Callable[[int, int, int], np.ndarray[Any, Any]]:
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
    write_clip(path, draw=grainy(random.randrange(2**32)), **traits)
    if arm == "a":
        path = tagged(path)
    incoming = opened.files.incoming(path.stem)
    incoming.write(path.read_bytes())
    kept = opened.files.path(incoming.keep(".mp4"))
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
def reviewer(beside: Services, tmp_path: Path) -> Reviewer:
    """One with 40 pairs to score; those that differ by themselves are levelled."""
    pairs = []
    for number in range(PAIRS):
        clips = {arm: make_clip(beside, tmp_path, number, arm) for arm in ("a", "b")}
        made, _ = filling.fill_pair(beside.store, clips.__getitem__, f"A ball drops, {number}", at=filling.START)
        pairs.append(PairRef(made.id))
    session = stock.new_session(beside, tuple(pairs), levels_clips=True, must_watch=False)
    return beside.sessions.joining.join(beside.sessions.joining.invite(session.id)[1], "Ana", "192.0.2.1")


@pytest.fixture
def app(reviewer: Reviewer, tmp_path: Path) -> Iterator[RunningApp]:
    assert reviewer
    running = RunningApp(tmp_path / "home", tmp_path / "log", SORA_COMPARE_OWNER_TOKEN=OWNER_TOKEN).wait()
    yield running
    running.kill()


class Ears:
    """Everything that comes to a page, by side."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.facts: dict[str, Facts] = {}
        self.frames = ""
        self.asked: list[str] = []
        page.on("requestfinished", self._finished)
        page.on("websocket", lambda one: one.on("framereceived", self._framed))

    def forget(self) -> None:
        self.facts, self.frames, self.asked = {side: {} for side in SIDES}, "", []

    def _framed(self, frame: str | bytes) -> None:
        self.frames += frame if isinstance(frame, str) else frame.decode("utf-8", errors="replace")

    def _finished(self, request: Any) -> None:  # noqa: ANN401  # a Request
        if "/m/" not in request.url:
            return
        side, part = request.url.split("/")[6], request.url.split("/")[-1]
        self.asked.append(side)
        answered, timing = request.response(), request.timing
        told = {
            "status": answered.status,
            "order": len(self.asked),
            "first byte": timing["responseStart"] - timing["requestStart"],
            "whole": timing["responseEnd"] - timing["requestStart"],
        }
        facts = [*of_headers(answered.headers), *flat("timing", told), *flat("sizes", request.sizes())]
        self.facts[side].update({f"{part} {name}": value for name, value in facts})

    def told_by_socket(self) -> None:
        """The two sides in the data of the player, as its JSON came over the socket."""
        for side in SIDES:
            start = self.frames.rfind(f'"{side}":{{')
            start = start if start >= 0 else self.frames.rfind(f'"{side}": {{')
            assert start >= 0, "the socket told nothing of the player"
            told, _ = json.JSONDecoder().raw_decode(self.frames[self.frames.index("{", start) :])
            assert "url" in told
            self.facts[side].update(flat("socket", told))


def look_at(ears: Ears, app: RunningApp, item: Item, folder: Path, *, goes_to: str) -> dict[str, Facts]:
    """One pair, as the browser gets it."""
    page = ears.page
    ears.forget()
    page.goto(goes_to)
    page.wait_for_function(PANES, timeout=SOON_MS)
    panes = page.evaluate(PANES)
    ears.told_by_socket()
    for side in SIDES:
        assert f"/{item.id}/{side}/" in panes[side]["html"], "another pair is shown"
        ears.facts[side].update(flat("pane", panes[side]))
        address = panes[side]["html"].split('src="')[1].split('"')[0]
        body = page.request.get(f"{app.url}{address}" if address.startswith("/") else address).body()
        ears.facts[side].update(of_body(body, folder))
    return ears.facts


def test_a_spy_in_the_browser_does_no_better_than_a_coin(
    app: RunningApp, beside: Services, reviewer: Reviewer, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    page, spy = new_page(WIDE), Spy()
    page.set_default_timeout(SOON_MS)
    ears = Ears(page)
    where = f"{app.url}/r/{beside.sessions.joining.personal_token(reviewer)}"
    for item in reviewer.items:
        seen = look_at(ears, app, item, tmp_path, goes_to=where)
        spy.note(seen["left"], seen["right"], 1 if item.left is ArmLabel.A else -1)
        beside.sessions.answering.submit(reviewer.id, item.id, answer())
    assert len(spy.truth) == PAIRS
    names = {name for facts in spy.seen for name in facts}
    for kind in ("header content-length", "timing.first byte", "sizes", "socket.frames", "pane.duration", "body bytes"):
        assert any(kind in name for name in names), f"the spy saw nothing of {kind}"
    guessed = spy.right_guesses()
    assert max(guessed.values()) < TOO_MANY, f"of {PAIRS}: {guessed}"
    # The same spy finds what there was to find before: the order of saving, and a poster for one arm alone.
    for leak, size in (("clip.mp4 header last-modified moment", -60.0), ("poster.jpg timing.status", -200.0)):
        found = spy.with_leak(leak, size).right_guesses()
        assert max(found.values()) == PAIRS, f"{leak}: {found}"
