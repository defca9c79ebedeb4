"""Every page opens: on an empty store, a full one, one with a take in every state, and one that is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.errors import StoreUnusable
from sora_compare.store.tables import comparisons
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.outcomes import FREE_ACTIONS, WORDS
from tests.pages import filling

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.clips import Clip
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

NAMES = ("compare", "review", "results", "library", "settings")


def fill(app: Services) -> dict[str, filling.Comparison]:
    def make_clip(words: str) -> Clip:
        return filling.clip(app.files, words)

    return filling.fill(app.store, make_clip)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", NAMES)
def test_opens_on_an_empty_store_and_says_what_to_do(name: str, open_page: OpenPage) -> None:
    page = open_page(name)
    assert not page.error
    if name in {"review", "results", "library"}:
        assert "send a prompt to both arms first" in page.info[0].value
        assert page.get("page_link")


@pytest.mark.parametrize("name", NAMES)
def test_opens_on_a_full_store(name: str, app: Services, open_page: OpenPage) -> None:
    fill(app)
    page = open_page(name, reviewer="Ana")
    assert not page.error
    assert page.title[0].value == name.capitalize()


@pytest.mark.parametrize("state", list(TakeState))
def test_compare_shows_a_take_in_every_state(state: TakeState, app: Services, open_page: OpenPage) -> None:
    """Each state has words, each problem its sentence as text, and each dead end something to do."""
    found = fill(app)[state]
    page = open_page("compare", comparison=found.id)
    shown = [one.value for one in (*page.markdown, *page.caption)] + [one.text for one in page.progress]
    assert any(WORDS[state] in text for text in shown)
    buttons = {button.label for button in page.button}
    if not state.is_outcome:
        assert "Cancel" in buttons
    elif state is not TakeState.COMPLETED:
        assert escape_markdown(f"The endpoint said: {filling.HOSTILE}") in [one.value for one in page.error]
        expected = {FREE_ACTIONS[state][0]} if state in FREE_ACTIONS else {"Retry"}
        assert expected <= buttons


@pytest.mark.parametrize("name", NAMES)
def test_a_row_that_is_not_ours_gives_a_sentence(name: str, app: Services, open_page: OpenPage) -> None:
    filled = fill(app)
    spoilt = comparisons.update().where(comparisons.c.id == filled[TakeState.COMPLETED].id)
    app.store.database.run(spoilt, {"prompt": "**not** ours", "details": "{}"})
    page = open_page(name, comparison=filled["scored 0"].id)
    assert not page.error
    if name in {"review", "library"}:
        sentences = [one.value for one in page.warning if "left out" in one.value]
        assert len(sentences) == 1
        assert sentences[0].startswith("1 record of the store cannot be read and is left out: comparisons cmp")
        assert "ours" not in sentences[0]


def test_a_folder_that_is_not_ours_gives_a_sentence(
    tmp_path: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "photographs"
    foreign.mkdir()
    (foreign / "holiday.jpg").write_bytes(b"")
    monkeypatch.setenv("SORA_COMPARE_HOME", str(foreign))
    page = open_page("compare")
    expected = StoreUnusable(foreign, "it is not empty and was not made by Sora Compare")
    assert [one.value for one in page.error] == [escape_markdown(str(expected))]
    assert [one.name for one in foreign.iterdir()] == ["holiday.jpg"]


def test_an_unforeseen_fault_gives_a_reference_and_no_traceback(
    app: Services, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the inner workings")

    monkeypatch.setattr(app.store.comparisons, "list", fails)
    page = open_page("library")
    (message,) = [one.value for one in page.error]
    reference = message.split()[-1].rstrip(".")
    assert "the inner workings" not in message
    assert reference in caplog.text
    assert "the inner workings" in caplog.text


@pytest.mark.parametrize("name", ["compare", "review", "library", "results"])
def test_stored_text_is_shown_as_text(name: str, app: Services, open_page: OpenPage) -> None:
    """Markdown, HTML, formulas and icons in a prompt or a note stay what somebody typed."""
    hostile = fill(app)["hostile"]
    page = open_page(name, comparison=hostile.id, pair=f"{hostile.id}.1", reviewer="Ben <b>")
    if name in {"compare", "review"}:
        assert filling.HOSTILE in [one.value for one in page.text]
    interpreted = [
        *(one.value for kind in (page.markdown, page.caption, page.error, page.success, page.info) for one in kind),
        *(one.label for one in page.button),
        *(one.proto.popover.label for one in page.get("popover")),
    ]
    for text in interpreted:
        for code in ("<script>", "<img", "**bold**", "$x^2$", ":material/home:", "[link]", "`code`", "Ben <b>"):
            assert code not in text
    for one in page.html:
        assert "<script" not in one.value
