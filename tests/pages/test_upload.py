"""Bringing clips in on the Library page: marked as imported everywhere, every refusal a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.takes import ArmLabel, Origin
from tests.clips.conftest import write_clip

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest
    from streamlit.testing.v1.element_tree import Button

    from sora_compare.services import Services
    from tests.pages.conftest import OpenPage


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder: Path = tmp_path_factory.mktemp("clips")
    return [write_clip(folder / f"{n}.mp4", frames=12 + n, size=(96, 64)).read_bytes() for n in range(3)]


def upload(page: AppTest, **files: bytes) -> AppTest:
    for name, content in files.items():
        page.file_uploader(key="upload/files/0").upload(name.replace("__", "."), content)
    page.run()
    return page


def import_clips(page: AppTest, *, model: str = "veo-3") -> AppTest:
    """Press the button, once the models are typed where they are asked for."""
    for field in [one for one in page.text_input if one.key and "model/0/" in one.key and model]:
        field.set_value(model)
    page.run()
    next(one for one in page.button if one.label.startswith("Bring")).click().run(timeout=60)
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    kinds = ("markdown", "success", "error", "info", "caption")
    return " ".join(str(one.value) for kind in kinds for one in page.get(kind))


def test_a_pair_comes_in_by_its_names_and_is_marked_everywhere(
    app: Services, open_page: OpenPage, clips: list[bytes]
) -> None:
    page = upload(open_page("library"), **{"a ball__A__mp4": clips[0], "a ball__B__mp4": clips[1]})
    import_clips(page)
    assert "2 clips came in, marked as imported" in texts(page)
    (comparison,) = app.store.comparisons.list()
    takes = app.store.takes.of(comparison.id)
    assert {(take.arm, take.origin) for take in takes} == {
        (ArmLabel.A, Origin.IMPORTED),
        (ArmLabel.B, Origin.IMPORTED),
    }
    assert comparison.prompt == "a ball"
    for shown in (page, open_page("compare", comparison=comparison.id), open_page("review")):
        assert "Imported" in texts(shown)


def button(page: AppTest) -> Button:
    return next(one for one in page.button if one.label.startswith("Bring"))


def test_nothing_comes_in_before_the_models_are_typed(app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
    """The grey placeholder is an example and never the value."""
    page = upload(open_page("library"), **{"a ball__A__mp4": clips[0], "a ball__B__mp4": clips[1]})
    assert button(page).disabled
    assert "Say which model made the clips of arm A and B" in texts(page)
    fields = {arm: page.text_input(key=f"upload/model/0/{arm}") for arm in ArmLabel}
    assert all("*" in field.label for field in fields.values())
    fields[ArmLabel.A].set_value("veo-3").run()
    assert button(page).disabled
    assert "clips of arm B" in texts(page)
    page.text_input(key="upload/model/0/B").set_value("kling-2").run()
    assert not button(page).disabled
    import_clips(page, model="")
    assert {take.arm: take.request.model for take in app.store.takes.list()} == {"A": "veo-3", "B": "kling-2"}


def test_a_file_that_names_its_model_needs_no_other(app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
    page = upload(open_page("library"), **{"a cat sora-2-2025-12-08__mp4": clips[0]})
    import_clips(page, model="")
    (take,) = app.store.takes.list()
    assert take.request.model == "sora-2-2025-12-08"


def test_prompt_arm_and_model_by_hand(app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
    page = upload(open_page("library"), one__mp4=clips[0])
    page.text_area(key="upload/prompt/0").set_value("A ball falls").run()
    row = next(one.key for one in page.text_input if one.key and one.key.endswith("/model"))
    page.text_input(key=row).set_value("veo-3")
    page.get_by_key(row.replace("/model", "/arm")).set_value(ArmLabel.B)
    import_clips(page, model="")
    (take,) = app.store.takes.list()
    assert (take.request.prompt, take.arm, take.request.model) == ("A ball falls", ArmLabel.B, "veo-3")


def test_refusals_are_sentences_and_the_others_come_in(app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
    broken = {"page__A__mp4": b"<html>gone</html>", "cut__A__mp4": clips[0][: len(clips[0]) // 2], "none__A__mp4": b""}
    page = import_clips(upload(open_page("library"), good__A__mp4=clips[0], **broken))
    assert len(list(app.store.takes.list())) == 1
    found = page.error[0].value
    assert all(f"**{name}\\.A\\.mp4** is left out" in found for name in ("page", "cut", "none"))
    assert "HTML" in found
    assert page.file_uploader(key="upload/files/0").value  # still there, to be put right


def test_without_a_prompt_nothing_comes_in(app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
    page = import_clips(upload(open_page("library"), one__mp4=clips[0]))
    assert "one\\.mp4 has no prompt" in page.error[0].value
    assert not list(app.store.takes.list())


def test_the_same_clip_again_is_said(app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
    import_clips(upload(open_page("library"), **{"a ball__A__mp4": clips[0]}))
    page = import_clips(upload(open_page("library"), **{"a ball__A__mp4": clips[0]}))
    assert "there already" in texts(page)
    assert len(list(app.store.takes.list())) == 1


class TestManifest:
    def bring(self, page: AppTest, manifest: bytes, *files: tuple[str, bytes], model: str = "veo-3") -> AppTest:
        page.get_by_key("upload/how").set_value("A manifest with its files").run()
        page.file_uploader(key="upload/manifest/0").upload("m.csv", manifest)
        for name, content in files:
            page.file_uploader(key="upload/manifest_files/0").upload(name, content)
        page.run()
        return import_clips(page, model=model)

    def test_rows_name_the_uploaded_files(self, app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
        table = b"file,prompt,arm,tags\n1.mp4,a ball,A,gravity\n2.mp4,a ball,B,\n3.mp4,a ball,B,\n"
        page = self.bring(open_page("library"), table, ("1.mp4", clips[0]), ("2.mp4", clips[1]))
        assert len(list(app.store.takes.list())) == 2
        assert "no file 3\\.mp4" in page.error[0].value

    def test_rows_without_a_model_are_refused(self, app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
        table = b"file,prompt,arm,model\n1.mp4,a ball,A,veo-3\n2.mp4,a ball,B,\n"
        page = self.bring(open_page("library"), table, ("1.mp4", clips[0]), ("2.mp4", clips[1]), model="")
        assert "evidence must name its model" in page.error[0].value
        assert not list(app.store.takes.list())

    def test_a_manifest_that_is_none(self, app: Services, open_page: OpenPage, clips: list[bytes]) -> None:
        page = self.bring(open_page("library"), b"name\nx\n", ("1.mp4", clips[0]))
        assert "among them “file”" in page.error[0].value
        assert not list(app.store.takes.list())

    def test_two_files_of_one_name(self, open_page: OpenPage, clips: list[bytes]) -> None:
        table = b"file,prompt,arm\n1.mp4,a ball,A\n"
        page = self.bring(open_page("library"), table, ("1.mp4", clips[0]), ("1.mp4", clips[1]))
        assert "Two files are called 1\\.mp4" in page.error[0].value
