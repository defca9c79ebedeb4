"""The frame lock, read from the pixels of both sides."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from tests.browser.player.conftest import RATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.player.conftest import Pair

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("rate", ["24", "30"])
def test_equal_rates_show_the_same_frame_at_every_refresh(open_pair: Callable[..., Pair], rate: str) -> None:
    pair = open_pair(f"at{rate}", f"twin{rate}").wait_painted().press("Space")
    samples = pair.watch(2)
    assert {left - right for _, left, right in samples} == {0}
    assert len({left for _, left, _ in samples}) > 3


def test_unequal_rates_show_frames_that_are_due_together(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at24", "at30").wait_painted().press("Space")
    for _, left, right in pair.watch(2):
        assert max(left / 24, right / 30) < min((left + 1) / 24, (right + 1) / 30)
    assert "24, B 30" in pair.notes()


@pytest.mark.parametrize("rate", RATES)
def test_each_step_is_one_frame_of_both(open_pair: Callable[..., Pair], rate: str) -> None:
    pair = open_pair(f"at{rate}", f"twin{rate}").wait_painted()
    for wanted in range(1, 13):
        pair.press("ArrowRight").wait_frames(wanted, wanted)
    for wanted in range(11, 5, -1):
        pair.press("ArrowLeft").wait_frames(wanted, wanted)
    pair.press("Shift+ArrowRight").wait_frames(16, 16)
    pair.press("Shift+ArrowLeft").wait_frames(6, 6)


def test_quick_steps_add_up(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press(*["ArrowRight"] * 25, *["ArrowLeft"] * 5)
    pair.wait_frames(20, 20)


def test_steps_of_unequal_rates_go_by_the_faster_side(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at24", "at60").wait_painted()
    for frame in range(1, 16):
        pair.press("ArrowRight").wait_frames(math.floor((frame + 0.5) / 60 * 24), frame)


def test_twenty_pauses_end_on_one_frame(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at2997", "twin2997").wait_painted()
    for turn in range(20):
        pair.press("Space").wait_playing()
        pair.page.wait_for_timeout(30 + 17 * (turn % 5))
        pair.press("Space").wait_playing(playing=False)
        left, right = pair.frames()
        assert left == right
        assert pair.watch(0.1)[-1][1:] == [left, right]


def test_the_frame_shown_at_a_pause_stays(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("Space")
    pair.watch(0.5)
    samples = pair.page.evaluate("""async () => {
        const samples = cards.watch(500);
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: " ", bubbles: true, composed: true}));
        return samples;
    }""")
    assert len({tuple(frames) for _, *frames in samples}) <= 2


def test_a_stalled_side_holds_the_other_and_both_go_on_together(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("Space")
    pair.page.wait_for_timeout(300)
    pair.page.evaluate("""() => {
        const video = cards.pictures()[1].closest(".pane").querySelector("video");
        video.pause();
        setTimeout(() => video.play(), 150);
    }""")
    samples = pair.watch(1.5)
    assert {left - right for _, left, right in samples} == {0}
    assert samples[-1][1] > samples[0][1] + 3


def test_an_offset_below_a_frame_moves_the_right_side(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "at60").wait_painted().press("Shift+ArrowRight")
    pair.wait_frames(5, 10)
    later = pair.root.get_by_label("A tenth of a frame later")
    for _ in range(6):
        later.click()
    pair.wait_frames(5, 11)
    assert pair.wait_reported('"event": "view"')["view"]["offset_s"] == pytest.approx(0.01, abs=1e-4)


def test_a_shorter_side_holds_its_last_frame(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "short").wait_painted().press("End")
    pair.wait_frames(89, 29)
    assert "B is shorter: it holds its last frame from 0:01.00" in pair.notes()
    pair.press("Home").wait_frames(0, 0)
    pair.press("Space")
    for _, left, right in pair.watch(2):
        assert right == min(left, 29)
    assert pair.wait_reported('"event": "end"')["drift"]["max_ms"] == 0


def test_playing_to_the_end_is_reported_as_watched(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("short", "short").wait_painted().press("Space")
    report = pair.wait_reported('"event": "end"')
    assert report["watched_to_end"]
    assert report["watched_share"] > 0.9
    assert report["drift"]["max_ms"] == 0
    assert report["drift"]["samples"] > 3
    assert pair.frames() == [29, 29]
    pair.press("Space").wait_playing()


def test_jumping_to_the_end_is_not_watching(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("short", "short").wait_painted().press("End")
    pair.wait_frames(29, 29)
    pair.press("ArrowLeft", "ArrowLeft", "Space").wait_playing().wait_reported('"event": "end"')
    pair.press("Home").wait_frames(0, 0)
    report = pair.reported()
    assert report["watched_share"] < 0.9
    assert not report["watched_to_end"]


def test_a_rate_is_exact_late_in_a_clip(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at23976", "twin23976").wait_painted().press("End")
    last = round(3 * Fraction(24000, 1001)) - 1
    pair.wait_frames(last, last)


def test_without_frame_callbacks_it_plays_and_says_coarse(
    open_pair: Callable[..., Pair], new_page: Callable[..., object]
) -> None:
    page = new_page()
    page.add_init_script("delete HTMLVideoElement.prototype.requestVideoFrameCallback")
    pair = open_pair(page=page)
    pair.root.get_by_text("Coarse lock").wait_for()
    assert "the lock is coarse" in pair.notes()
    pair.press("Space").wait_playing()
    pair.page.wait_for_function("cards.seen()[0] > 10")
    pair.press("Space")
    assert pair.wait_reported('"event": "pause"')["is_coarse"]
    left, right = pair.frames()
    assert abs(left - right) <= 1
