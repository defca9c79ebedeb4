"""Giving a name, as somebody does it who opens the app in a fresh browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def give_name(page: Page, name: str) -> None:
    page.get_by_role("button", name="Your name", exact=True).click()
    page.get_by_role("textbox", name="Your name", exact=True).fill(name)
    page.get_by_role("textbox", name="Your name", exact=True).press("Enter")
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
