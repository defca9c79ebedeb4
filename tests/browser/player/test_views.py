"""Views, zoom, links, narrow screens and the theme."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from sora_compare.ui.components.player import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import NARROW  # noqa: F401 - named for readers
    from tests.browser.player.conftest import Pair

pytestmark = pytest.mark.browser

PHONE = (390, 844)


def mode(pair: Pair) -> str | None:
    return pair.root.locator(".stage").get_attribute("data-view")


def colour_at(pair: Pair, x: float, y: float) -> tuple[int, ...]:
    """What a viewer sees at a point of the stage, from a screenshot."""
    image = Image.open(io.BytesIO(pair.root.locator(".stage").screenshot())).convert("RGB")
    return image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))


def test_keys_choose_the_view(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    for key, wanted in (("2", "wipe"), ("3", "difference"), ("4", "flip"), ("1", "side")):
        pair.press(key)
        assert mode(pair) == wanted
    pair.press("b")
    assert (mode(pair), pair.root.locator(".stage").get_attribute("data-facing")) == ("flip", "right")
    pair.press("x")
    assert pair.root.locator(".stage").get_attribute("data-facing") == "left"


def test_the_wipe_line_is_dragged_and_moved_by_keys(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("2")
    line = pair.root.get_by_role("slider", name="Wipe line")
    box = pair.root.locator(".stage").bounding_box()
    assert box is not None
    pair.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
    pair.page.mouse.down()
    pair.page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 40, steps=4)
    pair.page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", "25")
    line.focus()
    pair.press("ArrowRight", "ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "29")
    assert pair.frames() == [0, 0]


def test_the_difference_of_equal_pictures_is_black(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "twin30").wait_painted()
    assert max(colour_at(pair, 0.04, 0.95)) > 100
    pair.press("3")
    assert max(colour_at(pair, 0.04, 0.95)) < 12
    pair.root.get_by_label("Amplify the difference").select_option("16")
    assert max(colour_at(pair, 0.9, 0.7)) < 60


def test_the_difference_of_unlike_frames_is_not_black(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "short").wait_painted().press("3", "End")
    pair.wait_frames(89, 29)
    bright = [colour_at(pair, 0.1 + 0.8 * (column + 0.5) / 8, 0.3) for column in range(8)]
    assert max(max(one) for one in bright) > 100


def test_flip_shows_one_side_in_place(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair("at30", "short").wait_painted().press("End", "a")
    pair.wait_frames(89, 29)
    shown = pair.root.locator(".pane.right").evaluate("one => getComputedStyle(one).opacity")
    assert shown == "0"
    pair.press("b")
    assert pair.root.locator(".pane.left").evaluate("one => getComputedStyle(one).opacity") == "0"


def test_zoom_and_pan_are_linked(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("+", "+")
    expect(pair.root.locator(".zoom-value")).to_have_text("225 %")
    box = pair.root.locator(".pane.left").bounding_box()
    assert box is not None
    pair.page.mouse.move(box["x"] + 200, box["y"] + 100)
    pair.page.mouse.down()
    pair.page.mouse.move(box["x"] + 300, box["y"] + 130, steps=3)
    pair.page.mouse.up()
    shifts = pair.root.locator("canvas").evaluate_all("all => all.map((one) => getComputedStyle(one).transform)")
    assert shifts[0] == shifts[1] != "none"
    view = pair.wait_reported('"event": "view"')["view"]
    assert view["zoom"] == pytest.approx(2.25)
    assert view["pan_x"] == pytest.approx(100 / box["width"], abs=0.01)
    pair.press("0")
    expect(pair.root.locator(".zoom-value")).to_have_text("100 %")


def test_ctrl_wheel_zooms_at_the_pointer_and_plain_wheel_scrolls(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted()
    pair.root.locator(".pane.right").hover()
    pair.page.mouse.wheel(0, -200)
    expect(pair.root.locator(".zoom-value")).to_have_text("100 %")
    pair.page.keyboard.down("Control")
    pair.page.mouse.wheel(0, -200)
    pair.page.keyboard.up("Control")
    expect(pair.root.locator(".zoom-value")).not_to_have_text("100 %")


def test_full_screen_takes_the_whole_player(open_pair: Callable[..., Pair]) -> None:
    pair = open_pair().wait_painted().press("f")
    pair.page.wait_for_function("document.fullscreenElement !== null")
    assert pair.root.evaluate("one => one.matches(':fullscreen')")
    pair.press("ArrowRight").wait_frames(1, 1)
    pair.press("f")
    pair.page.wait_for_function("document.fullscreenElement === null")


def test_a_link_restores_the_view(open_pair: Callable[..., Pair]) -> None:
    view = ViewState(time_s=1.25, mode="wipe", split=0.3, zoom=2.0, speed=0.5, heard="right", loop_from_s=0.5)
    pair = open_pair(view=view.to_link()).wait_painted()
    pair.wait_frames(37, 37)
    assert mode(pair) == "wipe"
    expect(pair.root.get_by_role("slider", name="Wipe line")).to_have_attribute("aria-valuenow", "30")
    expect(pair.root.get_by_label("Speed")).to_have_value("0.5")
    expect(pair.root.locator("[data-hear=right]")).to_have_attribute("aria-pressed", "true")
    pair.press("ArrowRight").wait_frames(38, 38)
    pair.rerun()
    assert pair.frames() == [38, 38]


def test_the_copied_link_says_what_is_seen(open_pair: Callable[..., Pair], new_page: Callable[..., Page]) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    pair = open_pair(page=page).wait_painted().press("4", "b", "ArrowRight")
    pair.wait_frames(1, 1)
    pair.press("y")
    pair.root.get_by_text("Link to this view copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    view = ViewState.from_link(parse_qs(urlsplit(link).query)["view"][0])
    assert view is not None
    assert (view.mode, view.facing, view.time_s) == ("flip", "right", pytest.approx(0.05))


@pytest.mark.parametrize("text", [None, "", "nonsense", "~" * 12, ViewState().to_link().replace("side", "sideways")])
def test_a_link_that_no_player_wrote_is_no_view(text: str | None) -> None:
    assert ViewState.from_link(text) is None


def test_a_view_survives_its_link() -> None:
    view = ViewState(
        2.5, "difference", "right", 0.25, 3.0, -0.5, 0.25, 0.1, "none", loop=True, loop_to_s=2.0, offset_s=0.0125
    )
    assert ViewState.from_link(view.to_link()) == view


def test_narrow_screens_stack_the_sides_and_keep_controls_in_reach(
    open_pair: Callable[..., Pair], new_page: Callable[..., Page]
) -> None:
    page = new_page(PHONE, has_touch=True)
    pair = open_pair(page=page).wait_painted()
    left, right = (pair.root.locator(f".pane.{side}").bounding_box() for side in ("left", "right"))
    assert left is not None
    assert right is not None
    assert right["y"] >= left["y"] + left["height"]
    for button in pair.root.locator("button:visible, select:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
        assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    pair.command("stepForward").tap()
    pair.wait_frames(1, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_theme(open_pair: Callable[..., Pair], new_page: Callable[..., Page], scheme: str) -> None:
    pair = open_pair(page=new_page(scheme=scheme)).wait_painted()
    ground, ink = pair.root.evaluate("one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]")
    page_ground = pair.page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor")
    assert ground == page_ground
    assert ink != ground
    assert pair.root.evaluate("one => getComputedStyle(one).colorScheme") == scheme
