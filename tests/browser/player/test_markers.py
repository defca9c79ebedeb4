"""Markers: made by key or click, edited, removed, and given to Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.player.conftest import Pair

pytestmark = pytest.mark.browser


def mark(pair: Pair, key: str, note: str) -> None:
    pair.press(key)
    pair.root.get_by_label("Note", exact=True).fill(note)
    pair.press("Enter")


def test_a_marker_by_key_reaches_python(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("Shift+ArrowRight", "ArrowRight", "ArrowRight")
    pair.wait_frames(12, 12)
    mark(pair, "Shift+m", "the ball passes through the rim")
    report = pair.wait_reported('"event": "marker"')
    [marker] = report["markers"]
    assert (marker["side"], marker["time_s"], marker["kind"]) == ("right", 0.4, "physics")
    assert marker["note"] == "the ball passes through the rim"
    expect(pair.root.locator(".pin.right")).to_have_count(1)


def test_letters_in_a_note_are_no_commands_of_ours_or_streamlits(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("m")
    pair.page.keyboard.type("rc k.123")
    assert pair.root.get_by_label("Note", exact=True).input_value() == "rc k.123"
    assert pair.reported()["runs"] == 1
    expect(pair.page.get_by_role("dialog")).to_have_count(0)
    assert pair.frames() == [0, 0]
    pair.press("Escape")
    expect(pair.root.locator(".marker-form")).to_be_hidden()


def test_a_marker_is_edited_removed_and_visited(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("Shift+ArrowRight")
    pair.wait_frames(10, 10)
    mark(pair, "m", "first")
    pair.wait_reported('"note": "first"')
    pair.press("Home").wait_frames(0, 0)
    pair.root.locator(".chip").click()
    pair.wait_frames(10, 10)
    pair.root.get_by_label("Kind of marker").select_option("motion")
    pair.root.get_by_label("Note", exact=True).fill("second")
    pair.root.get_by_role("button", name="Save").click()
    [marker] = pair.wait_reported('"note": "second"')["markers"]
    assert marker["kind"] == "motion"
    pair.root.locator(".pin").click()
    pair.root.get_by_role("button", name="Remove").click()
    assert pair.wait_reported('"markers": []')["markers"] == []
    expect(pair.root.locator(".pin")).to_have_count(0)


def test_markers_quickly_after_each_other_are_all_kept(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    for number in range(4):
        pair.press("ArrowRight")
        mark(pair, "m" if number % 2 else "Shift+m", f"number {number}")
    report = pair.wait_reported("number 3")
    assert {marker["note"] for marker in report["markers"]} == {f"number {number}" for number in range(4)}
    pair.rerun()
    assert len(pair.reported()["markers"]) == 4
    expect(pair.root.locator(".chip")).to_have_count(4)


def test_marking_while_playing_pauses_there(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("Space").wait_playing()
    pair.page.wait_for_timeout(400)
    pair.command("markLeft").click()
    pair.wait_playing(playing=False)
    pair.root.get_by_label("Note", exact=True).fill("here")
    pair.press("Enter")
    [marker] = pair.wait_reported('"note": "here"')["markers"]
    assert marker["time_s"] == pytest.approx(pair.frames()[0] / 30, abs=0.002)
