"""A running app with test-card clips, good and bad, and a page object that speaks of a pair in verbs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import av
import pytest
from playwright.sync_api import TimeoutError as WaitedTooLong

from tests.browser.player.playground import READER, Card, address, change_facts, make_cards, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

RATES = {"23976": "24000/1001", "24": "24", "25": "25", "2997": "30000/1001", "30": "30", "60": "60"}
SMALL = {"width": 320, "height": 180}
CARDS = [
    *(Card(f"at{name}", fps, 3.0, **SMALL) for name, fps in RATES.items()),
    *(Card(f"twin{name}", fps, 3.0, seed=2, **SMALL) for name, fps in RATES.items()),
    Card("short", "30", 1.0, **SMALL),
    Card("tall", "30", 3.0, 180, 320),
    Card("flashing", "30", 3.0, **SMALL),
    Card("quiet", "30", 3.0, **SMALL),
]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("clips")
    make_cards(folder, CARDS)
    change_facts(folder, "flashing", flashes=True)
    change_facts(folder, "quiet", gain_db=-12.0)
    sprites = {"url": "/clips/sheet.png", "columns": 4, "tiles": 8, "interval_s": 0.4}
    change_facts(folder, "at25", sprites=sprites)
    spoil(folder)
    return folder


def spoil(folder: Path) -> None:
    """Bad clips, each with the facts that a probe of the good file gave."""
    known = json.loads((folder / "clips.json").read_text())["at30"]
    whole = (folder / "at30.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "noise.mp4").write_bytes(bytes(range(256)) * 200)
    with av.open(str(folder / "at30.mp4")) as source, av.open(str(folder / "sound.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    (folder / "overstated.mp4").write_bytes(whole)
    change_facts(folder, "overstated", **known | {"frames": 120, "duration_s": 4.0})
    for name in ("cut", "empty", "noise", "sound", "gone"):
        change_facts(folder, name, **known)


@pytest.fixture(scope="session")
def playground(clips: Path) -> Iterator[str]:
    with serve(clips) as base:
        yield base


class Pair:
    """One page with the player, in the words of somebody who uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".player").first
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, base: str, left: str, right: str, **asked: str) -> Pair:
        self.page.goto(address(base, left, right, **asked))
        self.root.wait_for()
        self.page.add_script_tag(content=READER)
        return self

    def wait_painted(self, sides: int = 2) -> Pair:
        self.page.wait_for_function(
            "sides => cards.pictures().filter(one => one.closest('.pane').matches('.painted')).length >= sides",
            arg=sides,
        )
        return self

    def press(self, *keys: str) -> Pair:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def command(self, name: str) -> Locator:
        return self.root.locator(f"[data-command={name}]")

    def frames(self) -> list[int]:
        """The frame numbers of both sides, read from the pixels in one animation frame."""
        return self.page.evaluate("cards.now()")

    def wait_frames(self, *frames: int) -> None:
        """Both frame numbers are read in one animation frame. The predicate must not be async: that is always true."""
        try:
            self.page.wait_for_function("wanted => cards.seen().join() === wanted.join()", arg=list(frames))
        except WaitedTooLong:
            pytest.fail(f"expected the frames {frames}, seen {self.frames()}")

    def watch(self, seconds: float) -> list[list[float]]:
        return self.page.evaluate("cards.watch", seconds * 1000)

    def wait_playing(self, *, playing: bool = True) -> Pair:
        wanted = "Pause" if playing else "Play"
        self.root.locator(f"button.play[aria-label={wanted}]").wait_for()
        return self

    def reported(self, key: str = "one") -> dict[str, Any]:
        return json.loads(self.page.locator(f".st-key-{key}-result code").inner_text())

    def wait_reported(self, what: str, key: str = "one") -> dict[str, Any]:
        """What Python got, once the text says `what`."""
        self.page.locator(f".st-key-{key}-result code", has_text=what).wait_for()
        return self.reported(key)

    def notes(self) -> str:
        return self.root.locator(".notes").inner_text()

    def notice(self, side: str) -> str:
        notice = self.root.locator(f".pane.{side} .notice:not([hidden])")
        notice.wait_for()
        return notice.inner_text()

    def rerun(self) -> None:
        runs = self.reported()["runs"]
        self.page.get_by_role("button", name="Run again").click()
        self.wait_reported(f'"runs": {runs + 1},')


@pytest.fixture
def open_pair(playground: str, new_page: Callable[..., Page]) -> Iterator[Callable[..., Pair]]:
    opened: list[Pair] = []

    def make(left: str = "at30", right: str = "twin30", *, page: Page | None = None, **asked: str) -> Pair:
        pair = Pair(page or new_page()).open(playground, left, right, **asked)
        opened.append(pair)
        return pair

    yield make
    assert [error for pair in opened for error in pair.errors] == []
