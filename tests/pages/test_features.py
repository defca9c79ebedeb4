"""Storyboard, cameos, look and picture on Compare: what is typed stays, what is wrong is said, nothing is dropped."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sora_compare.domain.requests import Scene
from sora_compare.generation.budget import Budget
from sora_compare.ui.compare.features.shelf import Shelf

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage

PREFIX = "compare:form/"


@pytest.fixture(autouse=True)
def _no_simulator(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.simulator, "base_url", lambda: "http://127.0.0.1:9/v1")


def picture(size: tuple[int, int] = (1280, 720), kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, (200, 60, 40)).save(target, kind)
    return target.getvalue()


def typed(page: AppTest, prompt: str) -> AppTest:
    return page.text_area(key=f"{PREFIX}prompt").set_value(prompt).run()


def click(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception
    return page


def drop(page: AppTest, *fields: str) -> AppTest:
    for field in fields:
        page.toggle(key=f"{PREFIX}drop_A_{field}").set_value(True).run()  # the switch is on
    return page


def warnings(page: AppTest) -> str:
    return " ".join(one.value for one in page.warning).replace("\\", "")


def sent(app: Services) -> dict[str, Take]:
    (made,) = app.store.comparisons.list()
    return {str(take.arm): take for take in app.store.takes.of(made.id)}


def with_storyboard(page: AppTest) -> AppTest:
    click(click(page, "Start a storyboard"), "Add scene")
    page.text_area(key=f"{PREFIX}scene1_prompt").set_value("A ball bounces").run()
    return page.text_area(key=f"{PREFIX}scene2_prompt").set_value("A flag waves").run()


class TestStoryboard:
    def test_scenes_reach_the_arm_that_takes_them_and_the_other_says_what_it_went_without(
        self, app: Services, open_page: OpenPage
    ) -> None:
        page = with_storyboard(typed(open_page("compare"), "Two scenes"))
        assert not warnings(page)
        click(page, "Send to both")
        assert "does not take a storyboard" in page.error[0].value
        assert not list(app.store.comparisons.list())
        click(drop(page, "storyboard"), "Send to both")
        takes = sent(app)
        assert takes["B"].request.settings.storyboard == (Scene(0, 4, "A ball bounces"), Scene(4, 8, "A flag waves"))
        assert (takes["A"].request.settings.storyboard, takes["A"].dropped) == ((), ("storyboard",))
        assert any("Sent without: storyboard" in one.value for one in page.caption)

    def test_gaps_and_overlaps_are_said_at_once_and_put_right_with_a_click(self, open_page: OpenPage) -> None:
        page = with_storyboard(typed(open_page("compare"), "Two scenes"))
        page.number_input(key=f"{PREFIX}scene1_end").set_value(3.0).run()
        assert "a gap of 1 s" in warnings(page)
        page.number_input(key=f"{PREFIX}scene1_end").set_value(5.0).run()
        assert "an overlap of 1 s" in warnings(page)
        click(page, "Split evenly")
        assert not warnings(page)

    def test_another_length_is_followed_with_a_click(self, open_page: OpenPage) -> None:
        page = with_storyboard(typed(open_page("compare"), "Two scenes"))
        page.selectbox(key=f"{PREFIX}seconds").select(12).run()
        assert "The last scene ends at 8 s, the clip at 12 s" in warnings(page)
        click(page, "Stretch to 12 s")
        assert not warnings(page)
        assert page.number_input(key=f"{PREFIX}scene2_start").value == 6.0

    def test_a_removed_scene_leaves_a_gap_that_is_said(self, open_page: OpenPage) -> None:
        page = with_storyboard(typed(open_page("compare"), "Two scenes"))
        page.button(key="storyboard/Remove scene 1").click().run()
        assert "The first scene starts at 4 s" in warnings(page)
        click(page, "Remove all")
        assert not warnings(page)

    def test_it_is_there_again_in_another_session(self, open_page: OpenPage) -> None:
        with_storyboard(typed(open_page("compare"), "Two scenes"))
        again = open_page("compare")
        assert again.text_area(key=f"{PREFIX}scene2_prompt").value == "A flag waves"


class TestCameos:
    def make(self, page: AppTest, name: str = "mia", content: bytes | None = None) -> AppTest:
        page.text_input(key=f"{PREFIX}cameo_name").set_value(name).run()
        page.text_area(key=f"{PREFIX}cameo_description").set_value("A woman with red hair").run()
        if content is not None:
            page.file_uploader(key=f"cameos/upload/{page.session_state['cameos/uploads']}").upload(
                "a.png", content
            ).run()
        return click(page, "Keep this cameo")

    def test_made_named_and_sent(self, app: Services, open_page: OpenPage) -> None:
        page = self.make(typed(open_page("compare"), "Somebody walks"), content=picture((64, 64)))
        assert "never names @mia" in warnings(page)
        click(page, "Write @mia into the prompt")
        assert page.text_area(key=f"{PREFIX}prompt").value == "Somebody walks @mia"
        click(drop(page, "cameos"), "Send to both")
        takes = sent(app)
        (cameo,) = takes["B"].request.settings.cameos
        assert (cameo.name, cameo.description, cameo.images[0].width) == ("mia", "A woman with red hair", 64)
        assert (takes["A"].request.settings.cameos, takes["A"].dropped) == ((), ("cameos",))

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("mia", None, "has no picture"),
            ("m i a", picture((64, 64)), "cannot be a cameo's name"),
            ("mia", b"<html>", "neither JPEG, PNG nor WebP"),
        ],
    )
    def test_what_cannot_be_kept_is_said_and_stays_typed(
        self, app: Services, open_page: OpenPage, name: str, content: bytes | None, words: str
    ) -> None:
        page = self.make(open_page("compare"), name, content)
        assert words in page.error[0].value.replace("\\", "")
        assert page.text_input(key=f"{PREFIX}cameo_name").value == name
        assert page.text_area(key=f"{PREFIX}cameo_description").value == "A woman with red hair"
        assert Shelf(app.store).all() == {}

    def test_kept_cameos_are_offered_again_and_can_be_forgotten(self, app: Services, open_page: OpenPage) -> None:
        self.make(open_page("compare"), content=picture((64, 64)))
        again = open_page("compare")
        assert again.multiselect(key=f"{PREFIX}cameos").options == ["@mia"]
        again.button(key="cameos/forget/mia").click().run()
        assert Shelf(app.store).all() == {}
        assert not again.exception


class TestLookAndPicture:
    def test_moved_dials_are_sent_and_others_are_not(self, app: Services, open_page: OpenPage) -> None:
        page = typed(open_page("compare"), "A ball")
        page.slider(key=f"{PREFIX}tuning_warmth").set_value(0.4).run()
        page.slider(key=f"{PREFIX}tuning_grain").set_value(-0.3).run()
        page.slider(key=f"{PREFIX}tuning_grain").set_value(0.0).run()
        click(drop(page, "tuning"), "Send to both")
        assert sent(app)["B"].request.settings.tuning == {"warmth": 0.4}
        assert sent(app)["A"].dropped == ("tuning",)

    def test_a_picture_of_another_size_is_cropped_with_a_click(self, app: Services, open_page: OpenPage) -> None:
        page = typed(open_page("compare"), "A ball")
        page.file_uploader(key="picture/0").upload("a.jpg", picture((900, 600), "JPEG")).run()
        assert "they must be equal" in warnings(page)
        click(page, "Send to both")
        assert not list(app.store.comparisons.list())
        click(page, "Crop to 1280x720")
        assert not warnings(page)
        click(page, "Send to both")
        image = sent(app)["A"].request.settings.image
        assert image is not None
        assert (image.width, image.height, image.mime) == (1280, 720, "image/jpeg")
        with Image.open(app.files.path(image.sha256)) as kept:
            assert kept.size == (1280, 720)

    def test_what_is_no_picture_is_said(self, open_page: OpenPage) -> None:
        page = open_page("compare")
        page.file_uploader(key="picture/0").upload("a.png", b"GIF89a").run()
        assert "neither JPEG, PNG nor WebP" in page.error[0].value

    def test_a_picture_can_be_removed(self, app: Services, open_page: OpenPage) -> None:
        page = typed(open_page("compare"), "A ball")
        page.file_uploader(key="picture/0").upload("a.png", picture()).run()
        click(click(page, "Remove"), "Send to both")
        assert sent(app)["A"].request.settings.image is None


def test_a_budget_that_would_be_passed_leaves_everything_typed(app: Services, open_page: OpenPage) -> None:
    app.set_budget(Budget(run_dollars=0.5))
    page = drop(with_storyboard(typed(open_page("compare"), "Two scenes")), "storyboard")
    click(page, "Send to both")
    assert "more than the budget of" in page.error[0].value
    assert not list(app.store.comparisons.list())
    assert page.text_area(key=f"{PREFIX}prompt").value == "Two scenes"
    assert page.text_area(key=f"{PREFIX}scene1_prompt").value == "A ball bounces"


def test_a_seed_can_be_taken_away_again(app: Services, open_page: OpenPage) -> None:
    page = typed(open_page("compare"), "A ball")
    page.number_input(key=f"{PREFIX}seed").set_value(11).run()
    page.number_input(key=f"{PREFIX}seed").set_value(None).run()
    click(page, "Send to both")
    assert sent(app)["A"].request.settings.seed is None
