"""Clips that are missing, damaged or no pictures: said for that side, while the other plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.player.conftest import Pair

pytestmark = pytest.mark.browser

SAID = {
    "gone": "the file is missing, damaged, or of a kind this browser cannot play",
    "empty": "the file is missing, damaged, or of a kind this browser cannot play",
    "noise": "the file is missing, damaged, or of a kind this browser cannot play",
    "sound": "this file has no picture",
    "missing": "its file is no longer on disk",
}


@pytest.mark.parametrize(
    ("name", "side"),
    [("gone", "left"), ("empty", "right"), ("noise", "left"), ("sound", "right"), ("missing", "left")],
)
def test_the_bad_side_says_why_and_the_other_plays(open_pair: Callable[..., Pair], name: str, side: str) -> None:
    pair = open_pair(*((name, "at30") if side == "left" else ("at30", name))).wait_painted(1)
    label, good = ("A", 1) if side == "left" else ("B", 0)
    assert f"{label} cannot be shown: {SAID[name]}" in pair.notice(side)
    expect(pair.root.get_by_role("button", name="Wipe")).to_be_disabled()
    pair.press("ArrowRight")
    pair.page.wait_for_function("good => cards.seen()[good] === 1", arg=good)
    pair.press("Space")
    pair.page.wait_for_function("good => cards.seen()[good] > 5", arg=good)


def test_two_bad_sides_leave_nothing_to_play(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("gone", "missing")
    assert "A cannot be shown" in pair.notice("left")
    assert "B cannot be shown" in pair.notice("right")
    pair.press("Space", "ArrowRight", "2")
    expect(pair.root.locator("button.play")).to_have_attribute("aria-label", "Play")
    expect(pair.root.get_by_text("Nothing to play")).to_be_visible()


def test_a_clip_cut_short_says_so_and_the_other_goes_on(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "cut").wait_painted()
    pair.press("Space").wait_reported('"event": "end"')
    assert pair.frames()[0] == 89
    message = pair.notes() + pair.root.locator(".pane.right .notice").inner_text()
    assert "cut short" in message


def test_a_clip_that_ends_before_its_time_holds_its_last_frame(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("short", "overstated").wait_painted().press("Space")
    pair.wait_reported('"event": "end"')
    assert pair.frames() == [29, 89]
    assert "B stops at 0:03.00: the file is cut short." in pair.notes()


def test_sides_of_other_shapes_share_one_box(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "tall").wait_painted().press("Shift+ArrowRight")
    pair.wait_frames(10, 10)
    left, right = (pair.root.locator(f".pane.{side}").bounding_box() for side in ("left", "right"))
    assert left is not None
    assert right is not None
    assert (left["width"], left["height"]) == pytest.approx((right["width"], right["height"]))
