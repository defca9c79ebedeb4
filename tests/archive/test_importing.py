"""Existing clips as takes: from a folder or a manifest, each refusal a sentence, nothing twice."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import pytest

from sora_compare.archive.reading import Found, LeftOut, ModelNotNamed
from sora_compare.archive.reading import find as find_as_named
from sora_compare.cli import main
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.takes import ArmLabel, Origin, TakeState
from sora_compare.errors import UsageError
from tests.clips.conftest import _write_tone, write_clip

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.archive.importing import ImportReport
    from sora_compare.services import Services
    from tests.conftest import OpenServices


MODELS = {ArmLabel.A: "model-a", ArmLabel.B: "model-b"}


def find(path: Path) -> list[Found | LeftOut]:
    """As with `--model-a model-a --model-b model-b`."""
    return find_as_named(path, MODELS)


@pytest.fixture
def services(opened: OpenServices) -> Services:
    return opened(Endpoint("lab", "http://127.0.0.1:9/v1"), with_runner=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "clips to bring"
    made.mkdir()
    return made


def clip(path: Path, frames: int = 12) -> Path:
    return write_clip(path, frames=frames, size=(96, 64))


def left_out(report: ImportReport) -> dict[str, str]:
    return {one.where: one.sentence for one in report.left_out}


class TestFolder:
    def test_names_tell_prompt_arm_and_model(self, services: Services, folder: Path) -> None:
        clip(folder / "a red ball.A.mp4")
        clip(folder / "a red ball_b.mp4", frames=13)
        clip(folder / "a cat sora-2-2025-12-08.mp4", frames=14)
        (folder / "a cat.txt").write_text("A cat wakes up\n")
        (folder / "notes.md").write_text("not looked at")
        report = services.archive.import_clips(find(folder))
        assert (report.kept, report.already, report.left_out) == (3, 0, [])
        by_prompt = {one.prompt: one for one in services.store.comparisons.list()}
        assert set(by_prompt) == {"a red ball", "A cat wakes up"}
        takes = services.store.takes.of(by_prompt["a red ball"].id)
        assert {take.arm for take in takes} == {ArmLabel.A, ArmLabel.B}
        assert {take.origin for take in takes} == {Origin.IMPORTED}
        assert {take.state for take in takes} == {TakeState.COMPLETED}
        (cat,) = services.store.takes.of(by_prompt["A cat wakes up"].id)
        assert (cat.arm, cat.request.model) == (ArmLabel.B, "sora-2-2025-12-08")

    def test_bytes_are_kept_and_audited_and_timings_are_unknown(self, services: Services, folder: Path) -> None:
        source = clip(folder / "a ball.A.mp4").read_bytes()
        services.archive.import_clips(find(folder))
        (take,) = services.store.takes.list()
        assert take.clip is not None
        assert services.files.path(take.clip.sha256).read_bytes() == source
        assert services.files.thumbnail(take.clip.sha256).is_file()
        assert take.timings.total_s is None
        (event,) = services.store.audit_trail()
        assert (event["event"], event["take"]) == ("take imported", take.id)

    def test_the_same_clips_again_change_nothing(self, services: Services, folder: Path) -> None:
        clip(folder / "a ball.A.mp4")
        services.archive.import_clips(find(folder))
        again = services.archive.import_clips(find(folder))
        assert (again.kept, again.already, again.comparisons) == (0, 1, [])
        assert len(list(services.store.takes.list())) == 1

    def test_the_same_clip_twice_at_once_comes_in_once(self, services: Services, folder: Path) -> None:
        first = clip(folder / "a ball.A.mp4")
        (folder / "a ball-A.mp4").write_bytes(first.read_bytes())
        report = services.archive.import_clips(find(folder))
        assert (report.kept, report.already) == (1, 1)

    def test_several_clips_of_one_arm_become_pairs(self, services: Services, folder: Path) -> None:
        for number, name in enumerate(["x.A", "x_A", "x.B", "x_B", "x B"]):
            clip(folder / f"{name}.mp4", frames=12 + number)
        services.archive.import_clips(find(folder))
        (comparison,) = services.store.comparisons.list()
        assert comparison.repeats == 3
        takes = services.store.takes.of(comparison.id)
        assert sorted((take.arm, take.repeat) for take in takes) == [("A", 0), ("A", 1), ("B", 0), ("B", 1), ("B", 2)]

    def test_each_refusal_is_a_sentence_and_the_others_come_in(self, services: Services, folder: Path) -> None:
        whole = clip(folder / "good.A.mp4", frames=48).read_bytes()
        (folder / "page.A.mp4").write_bytes(b"<!doctype html><title>404</title>")
        (folder / "cut.A.mp4").write_bytes(whole[: len(whole) // 2])
        (folder / "nothing.A.mp4").write_bytes(b"")
        (folder / "noise.A.mp4").write_bytes(bytes(range(256)) * 40)
        (folder / "no side.mp4").write_bytes(whole)
        write_clip(folder / "fine.B.webm", frames=12, size=(96, 64), codec="libvpx-vp9")
        report = services.archive.import_clips(find(folder))
        assert report.kept == 2
        found = left_out(report)
        assert set(found) == {"page.A.mp4", "cut.A.mp4", "nothing.A.mp4", "noise.A.mp4", "no side.mp4"}
        assert "HTML" in found["page.A.mp4"]
        assert "incomplete" in found["cut.A.mp4"]
        assert "empty" in found["nothing.A.mp4"]
        assert "rename it" in found["no side.mp4"]
        assert all(sentence.endswith(".") for sentence in found.values())
        assert not list(services.files.root.rglob("*.part"))

    def test_sound_alone_is_no_video(self, services: Services, folder: Path) -> None:
        with av.open(str(folder / "song.A.mp4"), "w") as out:
            sound = out.add_stream("aac", rate=48_000, layout="stereo")
            _write_tone(out, sound, Fraction(1), 0.2)
        report = services.archive.import_clips(find(folder))
        assert "not a video" in left_out(report)["song.A.mp4"]

    def test_nothing_to_bring(self, folder: Path) -> None:
        with pytest.raises(UsageError, match="holds no video"):
            find(folder)
        with pytest.raises(UsageError, match="cannot be read"):
            find(folder / "none.csv")


class TestModels:
    """A clip counts as evidence for its model: nobody but the user may say which that is."""

    def test_without_a_model_nothing_comes_in(self, services: Services, folder: Path) -> None:
        clip(folder / "a ball.A.mp4")
        clip(folder / "a cat sora-2-2025-12-08.mp4", frames=13)
        with pytest.raises(ModelNotNamed, match=r"a ball\.A\.mp4 .*--model-a MODEL \("):
            services.archive.import_clips(find_as_named(folder))
        assert not list(services.store.takes.list())

    def test_a_model_of_the_arm_is_for_clips_that_name_none(self, services: Services, folder: Path) -> None:
        clip(folder / "a ball.A.mp4")
        clip(folder / "a ball.B.mp4", frames=13)
        clip(folder / "a cat sora-2-2025-12-08.mp4", frames=14)
        services.archive.import_clips(find(folder))
        models = {(take.request.prompt, take.request.model) for take in services.store.takes.list()}
        assert models == {("a ball", "model-a"), ("a ball", "model-b"), ("a cat", "sora-2-2025-12-08")}

    def test_an_arm_without_a_clip_gets_no_snapshot(self, services: Services, folder: Path) -> None:
        clip(folder / "a cat sora-2-2025-12-08.mp4")
        services.archive.import_clips(find_as_named(folder))
        (comparison,) = services.store.comparisons.list()
        assert [arm.model for arm in comparison.arms] == ["unknown", "sora-2-2025-12-08"]

    def test_two_models_in_one_arm_do_not_share_a_comparison(self, services: Services, folder: Path) -> None:
        clip(folder / "1.mp4")
        clip(folder / "2.mp4", frames=13)
        (folder / "m.csv").write_text("file,prompt,model,arm\n1.mp4,a ball,veo,A\n2.mp4,a ball,kling,A\n")
        report = services.archive.import_clips(find_as_named(folder / "m.csv"))
        assert "of kling" in left_out(report)["line 3"]
        again = services.archive.import_clips(find_as_named(folder / "m.csv"))
        assert (again.kept, again.already, again.left_out) == (1, 1, [])
        assert {one.arm(ArmLabel.A).model for one in services.store.comparisons.list()} == {"veo", "kling"}

    @pytest.mark.parametrize(("flags", "code"), [((), 2), (("--model-b", "veo"), 2), (("--model-a", "veo"), 0)])
    def test_on_the_command_line(
        self,
        tmp_path: Path,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        *,
        flags: tuple[str, ...],
        code: int,
    ) -> None:
        monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
        clip(folder / "a ball.A.mp4")
        assert main(["import", str(folder), *flags]) == code
        found = capsys.readouterr().err
        assert ("nothing was brought in: evidence must name its model. Give --model-a MODEL" in found) is bool(code)


class TestManifest:
    def write(self, folder: Path, *rows: object, name: str = "m.jsonl") -> Path:
        path = folder / name
        path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows))
        return path

    def test_rows_with_arm_model_and_tags(self, services: Services, folder: Path) -> None:
        clip(folder / "1.mp4")
        clip(folder / "2.mp4", frames=13)
        rows = "file;prompt;model;arm;tags\n1.mp4;a ball;veo;a;Gravity, light\n2.mp4;a ball;sora-2-2025-12-08;;\n"
        report = services.archive.import_clips(find(self.write(folder, rows, name="m.csv")))
        assert report.kept == 2
        (comparison,) = services.store.comparisons.list()
        assert comparison.tags == ("gravity", "light")
        models = {take.arm: take.request.model for take in services.store.takes.of(comparison.id)}
        assert models == {ArmLabel.A: "veo", ArmLabel.B: "sora-2-2025-12-08"}

    def test_each_broken_row_is_named_by_its_line(self, services: Services, folder: Path) -> None:
        clip(folder / "1.mp4")
        good = {"file": "1.mp4", "prompt": "a ball", "arm": "A"}
        manifest = self.write(
            folder,
            good,
            "{broken",
            {"prompt": "a"},
            {**good, "file": "gone.mp4"},
            {**good, "arm": "C"},
            {**good, "prompt": "x" * 4001},
            {**good, "file": "../../etc/passwd"},
            {**good, "file": "/etc/passwd"},
            {**good, "file": "a\0b"},
            {**good, "file": "x" * 300},
            {**good, "prompt": "half \ud83d"},
            [1],
        )
        report = services.archive.import_clips(find(manifest))
        assert report.kept == 1
        found = left_out(report)
        assert set(found) == {f"line {n}" for n in range(2, 13)}
        assert "no file gone.mp4" in found["line 4"]
        assert "needs an arm" in found["line 5"]
        assert "outside the manifest's folder" in found["line 7"]
        assert "outside the manifest's folder" in found["line 8"]

    def test_a_link_out_of_the_folder_is_outside(self, folder: Path, tmp_path: Path) -> None:
        secret = clip(tmp_path / "secret.mp4")
        (folder / "1.mp4").symlink_to(secret)
        (found,) = find(self.write(folder, {"file": "1.mp4", "prompt": "a", "arm": "A"}))
        assert isinstance(found, LeftOut)
        assert "outside" in found.sentence

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("m.csv", b"prompt,arm\na,A\n", "among them “file”"),
            ("m.csv", "file,prompt\nKäse.mp4,a\n".encode("latin-1"), "not UTF-8"),
            ("m.xlsx", b"PK", "no manifest"),
            ("m.jsonl", b" " * 5_000_001, "larger than 5 MB"),
        ],
    )
    def test_manifests_that_cannot_be_used(self, folder: Path, name: str, content: bytes, words: str) -> None:
        (folder / name).write_bytes(content)
        with pytest.raises(UsageError, match=words):
            find(folder / name)
