"""Transport, keys, sound and what survives a rerun."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.player.conftest import Pair

pytestmark = pytest.mark.browser

SOUNDS = """() => {
    const made = [];
    window.Audio = new Proxy(window.Audio, {
        construct: (Kind, given) => { const one = new Kind(...given); made.push(one); return one; },
    });
    window.heard = () => made.filter((one) => !one.paused).map((one) => [new URL(one.src).pathname, one.volume]);
}"""


def test_keys_drive_the_transport(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.press(".", ".", ",").wait_frames(1, 1)
    pair.press("End").wait_frames(89, 89)
    pair.press("Home").wait_frames(0, 0)
    speed = pair.root.get_by_label("Speed")
    pair.press("]")
    expect(speed).to_have_value("1.25")
    pair.press("[", "[")
    expect(speed).to_have_value("0.75")
    pair.press("Backspace")
    expect(speed).to_have_value("1")
    pair.press("k").wait_playing().press("k").wait_playing(playing=False)


def test_every_button_has_a_name_and_every_key_a_line_in_the_table(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    for button in pair.root.locator("button:visible").all():
        assert (button.get_attribute("aria-label") or button.inner_text()).strip()
    pair.press("?")
    table = pair.root.locator("dialog .keys")
    expect(table).to_be_visible()
    expect(table.locator("p")).to_have_count(32)
    expect(table).to_contain_text("Show B alone")
    pair.press("Escape")
    expect(table).to_be_hidden()


def test_no_key_fires_while_somebody_types(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.page.get_by_label("Type here").click()
    pair.page.keyboard.type("k.. l m")
    assert pair.frames() == [0, 0]
    expect(pair.root.locator(".marker-form")).to_be_hidden()
    assert pair.page.get_by_label("Type here").input_value() == "k.. l m"


def test_space_on_a_focused_button_presses_that_button(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.command("loop").focus()
    pair.press("Space")
    expect(pair.command("loop")).to_have_attribute("aria-pressed", "true")
    expect(pair.root.locator("button.play")).to_have_attribute("aria-label", "Play")


def test_slow_motion_plays_slowly_and_in_step(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.root.get_by_label("Speed").select_option("0.25")
    pair.press("Space").wait_playing()
    samples = pair.watch(1.2)
    assert {left - right for _, left, right in samples} == {0}
    assert 0 < samples[-1][1] - samples[0][1] < 14


def test_a_marked_section_loops(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.press("Shift+ArrowRight", "i").wait_frames(10, 10)
    pair.press("Shift+ArrowRight", "o").wait_frames(20, 20)
    expect(pair.command("loop")).to_have_attribute("aria-pressed", "true")
    pair.press("Home").wait_frames(0, 0)
    pair.press("Space").wait_playing()
    samples = pair.watch(1.8)[10:]
    frames = [left for _, left, _ in samples]
    assert {left - right for _, left, right in samples} == {0}
    assert set(frames) <= set(range(10, 21))
    assert sum(later < earlier for earlier, later in itertools.pairwise(frames)) >= 2


def test_one_side_is_heard_and_the_louder_one_is_turned_down(
    open_pair: Callable[..., Pair], new_page: Callable[..., Page]
) -> None:
    page = new_page()
    page.add_init_script(f"({SOUNDS})()")
    pair = open_pair("at30", "quiet", page=page).wait_painted().press("Space").wait_playing()
    page.wait_for_function("heard().length === 1 && heard()[0][0].includes('at30') && heard()[0][1] === 1")
    pair.press("s")
    page.wait_for_function("heard().length === 1 && heard()[0][0].includes('quiet')")
    assert page.evaluate("heard()[0][1]") == pytest.approx(10 ** (-12 / 20), abs=1e-3)
    pair.press("g")
    assert page.evaluate("heard()[0][1]") == 1
    pair.press("s")
    page.wait_for_function("heard().length === 0")


def test_the_sound_stays_with_the_picture(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("d", "Space").wait_playing()
    near = pair.root.locator(".readout dd", has_text=re.compile(r"^-?[0-5]?\d ms$"))
    near.wait_for()


def test_a_rerun_neither_reloads_nor_stops_it(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at25", "twin25").wait_painted()
    fetched: list[str] = []
    pair.press("Space").wait_playing()
    pair.page.wait_for_timeout(300)
    pair.page.on("request", lambda request: fetched.append(request.url) if "/clips/" in request.url else None)
    job_poller = pair.page.evaluate_handle("() => ({ samples: cards.watch(1500) })")
    for _ in range(3):
        pair.rerun()
    samples = job_poller.evaluate("async (one) => await one.samples")
    frames = [left for _, left, _ in samples]
    assert frames == sorted(frames)
    assert frames[-1] > frames[0] + 3
    assert fetched == []


def test_nothing_reaches_python_while_mounting_or_playing(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.press("Space").wait_playing()
    pair.page.wait_for_timeout(1200)
    assert pair.reported()["runs"] == 1
    pair.press("Space")
    report = pair.wait_reported('"event": "pause"')
    assert report["runs"] == 2
    assert report["view"]["time_s"] > 0.2


def test_a_command_from_python_is_carried_out_once(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.page.get_by_role("button", name="Go to one second").click()
    pair.wait_frames(30, 30)
    pair.root.locator(".stage").click()
    pair.press("ArrowRight").wait_frames(31, 31)
    pair.rerun()
    assert pair.frames() == [31, 31]


def test_two_players_do_not_disturb_each_other(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "twin30", twice="1").wait_painted()
    second = pair.page.locator(".player").nth(1)
    second.locator(".stage").click()
    pair.press("ArrowRight", "ArrowRight")
    pair.page.wait_for_function("cards.seen(1).join() === '2,2'")
    assert pair.frames() == [0, 0]
    pair.root.locator(".stage").click()
    pair.press("Space").wait_playing()
    expect(second.locator("button.play")).to_have_attribute("aria-label", "Play")
    assert {left - right for _, left, right in pair.watch(0.8)} == {0}


def test_a_flashing_clip_is_warned_of_first(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "flashing").wait_painted().press("Space")
    warning = pair.root.get_by_role("alertdialog")
    expect(warning).to_contain_text("seizures")
    assert pair.frames() == [0, 0]
    warning.get_by_role("button").click()
    pair.wait_playing()
    expect(warning).to_be_hidden()


def test_the_timeline_shows_thumbnails_and_seeks(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at25", "twin25").wait_painted()
    box = pair.root.locator(".timeline").bounding_box()
    assert box is not None
    pair.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    thumb = pair.root.locator(".thumb.left")
    expect(thumb).to_be_visible()
    expect(pair.root.locator(".thumb.right")).to_be_hidden()
    expect(pair.root.locator(".hover .at")).to_have_text(re.compile(r"^0:01\.5\d · 37$"))
    assert thumb.evaluate("one => one.style.backgroundPosition") == "100% 0%"
    pair.page.mouse.down()
    pair.page.mouse.up()
    pair.page.wait_for_function("cards.seen().every((frame) => Math.abs(frame - 37) <= 1)")
    left, right = pair.frames()
    assert left == right
