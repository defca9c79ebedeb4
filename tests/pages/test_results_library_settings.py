"""Results, Library and Settings: the numbers are those of the store, and nothing is mixed unsaid."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.takes import ArmLabel, Origin, TakeState
from tests.pages import filling

if TYPE_CHECKING:
    from sora_compare.domain.clips import Clip
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage


def kept_clip(app: Services) -> Clip:
    return filling.clip(app.files, "a")


def scored(app: Services, origin: Origin, a: int, b: int, arms: tuple[Arm, Arm] = filling.ARMS) -> None:
    made = filling.comparison(f"Prompt {origin}", arms=arms)
    done = TakeState.COMPLETED
    first = filling.take(made, ArmLabel.A, done, kept_clip(app), origin=origin)
    second = filling.take(made, ArmLabel.B, done, kept_clip(app), origin=origin)
    app.store.plan(made, (first, second))
    app.store.add_review(filling.review(made, (first, second), "Ana", a, b))


def test_the_table_has_the_means_and_counts_of_the_store(app: Services, open_page: OpenPage) -> None:
    scored(app, Origin.SIMULATED, 4, 9)
    scored(app, Origin.SIMULATED, 5, 8)
    table = open_page("results").dataframe[0].value
    physics = table[table["Criterion"] == "Physics"].set_index("Arm")
    assert physics["Mean"].to_dict() == {"A": 4.5, "B": 8.5}
    assert physics["n"].to_dict() == {"A": 2, "B": 2}
    clarity = table[table["Criterion"] == "Clarity"]
    assert clarity["n"].tolist() == [0, 0]
    assert clarity["Not given"].tolist() == [2, 2]


def test_simulated_and_live_are_apart_unless_asked_and_then_it_is_said(app: Services, open_page: OpenPage) -> None:
    scored(app, Origin.SIMULATED, 1, 1)
    scored(app, Origin.LIVE, 9, 9)
    page = open_page("results")
    assert not page.warning
    assert page.metric[2].value == "1"
    choice = page.get_by_key("results/origin")
    choice.set_value("all together").run()
    assert page.warning[0].value == "These figures mix live and simulated clips: they say nothing about one of them."
    assert page.metric[2].value == "2"


def test_other_arms_are_other_figures(app: Services, open_page: OpenPage) -> None:
    scored(app, Origin.SIMULATED, 1, 1)
    other = (filling.ARMS[0], Arm(ArmLabel.B, "lab", "some-model"))
    scored(app, Origin.SIMULATED, 9, 9, other)
    page = open_page("results")
    assert len(page.selectbox(key="results/arms").options) == 2
    assert page.metric[0].value == "1"


def test_every_chart_has_words_for_those_who_cannot_see_it(app: Services, open_page: OpenPage) -> None:
    scored(app, Origin.SIMULATED, 4, 9)
    charts = open_page("results").get("plotly_chart")
    assert len(charts) == 4
    assert charts[0].proto.alt.endswith(
        "physics A 4.0 of 1, physics B 9.0 of 1, motion A 4.0 of 1, motion B 9.0 of 1, "
        "faces A 4.0 of 1, faces B 9.0 of 1"
    )


def test_outcomes_count_every_state(app: Services, open_page: OpenPage) -> None:
    filling.fill(app.store, lambda words: filling.clip(app.files, words))
    page = open_page("results")
    table = page.dataframe[3].value.set_index("Outcome")
    assert len(table) == len(TakeState)
    assert table.loc["Failed", "A"] == 1
    assert table.loc["Failed", "B"] == 0
    assert table["B"].sum() == len(TakeState) + 3


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
        app.store.plan(filling.comparison(f"Prompt {number:02}", at=filling.START + number), ())
    page = open_page("library")
    seen = [[one.value for one in page.text]]
    while not (older := next(one for one in page.button if one.label == "Older")).disabled:
        older.click().run()
        seen.append([one.value for one in page.text])
    assert [*chain.from_iterable(seen)] == [f"Prompt {number:02}" for number in reversed(range(count))]
    next(one for one in page.button if one.label == "Newer").click().run()
    assert [one.value for one in page.text] == seen[-2]


def test_settings_tests_a_connection_and_shows_no_key(
    app: Services, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", "sk-very-secret")
    page = open_page("settings")
    page.button(key="settings/test/lab").click().run()
    assert "lab cannot be reached" in page.error[0].value
    assert "sk-very-secret" not in str(page)
    assert any("retired on 2026-09-24" in one.value for one in page.markdown)
    assert str(app.settings.home) in [one.value for one in page.text]
