"""Library and Settings: what is found is what is in the store, and no key is shown."""

from __future__ import annotations

import dataclasses
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.takes import ArmLabel
from tests.pages import filling

if TYPE_CHECKING:
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage


@pytest.mark.parametrize(
    ("words", "found"),
    [("ball", ["A ball drops through a hoop"]), ("FROM blocks", ["Blocks fall from a table"]), ("nothing here", [])],
)
def test_the_library_finds_words(words: str, found: list[str], app: Services, open_page: OpenPage) -> None:
    filling.fill(app.store, lambda text: filling.clip(app.files, text))
    page = open_page("library")
    page.text_input(key="library/search").set_value(words).run()
    assert [one.value for one in page.text] == found
    assert bool(page.info) is not bool(found)


def test_the_library_pages_through_everything_newest_first(app: Services, open_page: OpenPage) -> None:
    count = 30
    for number in range(count):
        app.store.comparisons.add(filling.comparison(f"Prompt {number:02}", at=filling.START + number), ())
    page = open_page("library")
    seen = [[one.value for one in page.text]]
    while not (older := next(one for one in page.button if one.label == "Older")).disabled:
        older.click().run()
        seen.append([one.value for one in page.text])
    assert [*chain.from_iterable(seen)] == [f"Prompt {number:02}" for number in reversed(range(count))]
    next(one for one in page.button if one.label == "Newer").click().run()
    assert [one.value for one in page.text] == seen[-2]


def test_the_library_narrows_and_sorts(app: Services, open_page: OpenPage) -> None:
    for number in range(30):
        arms = Arm(ArmLabel.A, "simulator", "old"), Arm(ArmLabel.B, "simulator", "new" if number % 2 else "newer")
        tags = ("even",) if number % 2 == 0 else ("odd", "third") if number % 3 == 0 else ("odd",)
        made = filling.comparison(f"Prompt {number:02}", at=filling.START + number)
        app.store.comparisons.add(dataclasses.replace(made, arms=arms, tags=tags), ())
    page = open_page("library")
    page.selectbox(key="library/model").set_value("newer").run()
    assert [one.value for one in page.text] == [f"Prompt {number:02}" for number in range(28, 5, -2)]
    page.segmented_control(key="library/order").set_value("Oldest first").run()
    assert page.text[0].value == "Prompt 00"
    page.button(key="library/pages/on").click().run()
    assert [one.value for one in page.text] == ["Prompt 24", "Prompt 26", "Prompt 28"]
    page.selectbox(key="library/tag").set_value("third").run()
    assert not page.text
    assert "fits all of this" in page.info[0].value
    page.selectbox(key="library/model").set_value(None).run()
    assert [one.value for one in page.text] == [f"Prompt {number:02}" for number in (3, 9, 15, 21, 27)]


def test_settings_tests_a_connection_and_shows_no_key(
    app: Services, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", "sk-very-secret")
    page = open_page("settings")
    page.button(key="settings/test/lab").click().run()
    assert "lab cannot be reached" in page.error[0].value
    assert "sk-very-secret" not in str(page)
    lines = [one.value.replace("\\", "") for one in (*page.markdown, *page.warning, *page.caption)]
    assert any("retired on 2026-09-24" in one for one in lines)
    assert str(app.settings.home) in [one.value for one in page.text]
