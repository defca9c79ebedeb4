"""Storyboards, cameos, styles, fine tuning and reference pictures: accepted in their forms, and seen in the clip."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from sora_compare.simulator.studio.presets import PRESETS
from sora_compare.simulator.studio.testcard import NoFrameNumber, read_frame_number
from tests.simulator.clips import seen
from tests.simulator.conftest import clip_of, create, finished

if TYPE_CHECKING:
    import httpx2
    import openai

DECEMBER = "sora-2-2025-12-08"
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


def picture(colour: str, size: tuple[int, int] = (128, 72), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def shows_card(frame: np.ndarray) -> bool:
    try:
        read_frame_number(frame)
    except NoFrameNumber:
        return False
    return True


def board(*scenes: tuple[float, float, str]) -> dict[str, Any]:
    return {"scenes": [{"start": start, "end": end, "prompt": prompt} for start, end, prompt in scenes]}


def downloaded(web: httpx2.Client, video_id: str) -> list[np.ndarray]:
    assert finished(web, video_id)["status"] == "completed"
    return seen(web.get(f"/videos/{video_id}/content").content).frames


def test_a_storyboard_changes_scene_at_its_seconds(web: httpx2.Client) -> None:
    scenes = board((0, 1, "testcard"), (1, 2, "a cat"), (2, 3, "testcard"))
    video = create(web, model=DECEMBER, seconds="3", storyboard=scenes)
    shown = [shows_card(frame) for frame in downloaded(web, video["id"])]
    assert shown == [True] * 30 + [False] * 30 + [True] * 30


def test_a_storyboard_needs_no_prompt_and_may_be_a_json_field_of_a_form(sdk: openai.OpenAI, web: httpx2.Client) -> None:
    scenes = json.dumps(board((0, 1, "testcard")))
    fields = {"model": DECEMBER, "seconds": "1", "size": "128x72", "storyboard": scenes}
    answer = web.post("/videos", data=fields)
    assert answer.status_code == 200, answer.text
    asked: dict[str, Any] = {"seconds": "1", "size": "128x72", "extra_body": {"storyboard": scenes}}
    made = sdk.videos.create(prompt="x", model=DECEMBER, **asked)
    assert all(shows_card(frame) for frame in downloaded(web, made.id))


@pytest.mark.parametrize(("scenes", "words"), [
    ([(0, 1, "a"), (0.5, 2, "b")], "Scene 2 overlaps"),
    ([(0, 1, "a"), (1.5, 2, "b")], "Scene 2 leaves a gap"),
    ([(0.5, 2, "a")], "Scene 1 leaves a gap"),
    ([(0, 1, "a")], "must end with the clip at 2 s"),
    ([(0, 0, "a")], "must end after it starts"),
    ([(0, 3, "a")], "from 0 to 2"),
    ([(0, 2, "")], "Describe the video"),
    ([], "1 to 25 scenes"),
])  # fmt: skip
def test_gaps_and_overlaps_are_refused(web: httpx2.Client, scenes: list[tuple[float, float, str]], words: str) -> None:
    asked = {"model": DECEMBER, "seconds": "2", "size": "128x72", "prompt": "x", "storyboard": board(*scenes)}
    answer = web.post("/videos", json=asked)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert answer.json()["error"]["param"].startswith("storyboard")


def test_a_cameos_picture_plays_in_the_clip(web: httpx2.Client) -> None:
    files = [("reference_images", ("front.png", picture("#ff00ff"), "image/png"))] * 2
    cameo = web.post("/videos/cameos", data={"name": "小橘猫", "description": "orange"}, files=files).json()
    assert (cameo["object"], cameo["name"]) == ("cameo", "小橘猫")
    plain = seen(clip_of(web, prompt="@小橘猫 plays basketball", model=DECEMBER)).frames[15]
    video = create(web, prompt="@小橘猫 plays basketball", model=DECEMBER, cameos=[cameo["id"]])
    frames = downloaded(web, video["id"])
    magenta = [int(((f[..., 0] > 180) & (f[..., 1] < 90) & (f[..., 2] > 180)).sum()) for f in (plain, frames[15])]
    assert magenta[0] == 0
    assert magenta[1] > 60
    assert not np.array_equal(frames[2], frames[28])


def test_a_cameo_must_be_known_and_named_in_the_prompt(web: httpx2.Client) -> None:
    files = [("reference_images", ("a.png", picture("red"), "image/png"))]
    cameo = web.post("/videos/cameos", data={"name": "Rex"}, files=files).json()
    asked = {"model": DECEMBER, "seconds": "1", "size": "128x72"}
    unnamed = web.post("/videos", json={**asked, "prompt": "a dog", "cameos": [cameo["id"]]})
    assert (unnamed.status_code, unnamed.json()["error"]["param"]) == (400, "prompt")
    assert "@Rex" in unnamed.json()["error"]["message"]
    unknown = web.post("/videos", json={**asked, "prompt": "@Rex", "cameos": ["cameo_0"]})
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (400, "cameos")
    bracketed = web.post("/videos", data={**asked, "prompt": "@Rex", "cameos[]": cameo["id"]})
    assert bracketed.status_code == 200, bracketed.text


@pytest.mark.parametrize(("data", "files", "param"), [
    ({"name": ""}, 1, "name"), ({"name": "two words"}, 1, "name"), ({"name": "Rex"}, 0, "reference_images"),
    ({"name": "Rex"}, 9, "reference_images"),
])  # fmt: skip
def test_a_cameo_without_name_or_pictures_is_refused(
    web: httpx2.Client, data: dict[str, str], files: int, param: str
) -> None:
    sent = [("reference_images", (f"{k}.png", picture("red"), "image/png")) for k in range(files)]
    answer = web.post("/videos/cameos", data=data, files=sent or [("x", ("x", b""))])
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_reference_picture_is_where_the_clip_starts_from(web: httpx2.Client, sdk: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"prompt": "testcard", "model": DECEMBER, "seconds": "2", "size": "128x72"}
    made = sdk.videos.create(**asked, input_reference=("start.jpg", picture("#20c020", kind="JPEG"), "image/jpeg"))
    frames = downloaded(web, made.id)
    assert frames[0][:60].reshape(-1, 3).mean(axis=0) == pytest.approx([0x20, 0xC0, 0x20], abs=8)
    assert not shows_card(frames[0])
    assert shows_card(frames[59])


@pytest.mark.parametrize(("data", "words"), [
    (picture("red", (64, 64)), "64x64; it must have the size of the video, 128x72"),
    (b"GIF89a", "not a readable JPEG, PNG or WebP"),
    (picture("red")[:60], "not a readable"),
])  # fmt: skip
def test_a_reference_picture_of_another_size_or_kind_is_refused(web: httpx2.Client, data: bytes, words: str) -> None:
    fields = {"prompt": "x", "seconds": "1", "size": "128x72"}
    answer = web.post("/videos", data=fields, files={"input_reference": ("a.png", data, "image/png")})
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
    assert answer.json()["error"]["param"] == "input_reference"


def test_every_style_looks_different(web: httpx2.Client) -> None:
    asked: dict[str, Any] = {"prompt": "a cat", "seed": 3, "size": "160x90"}
    looks = {style: seen(clip_of(web, **asked, style=style)).frames[10].astype(int) for style in ["", *PRESETS]}
    names = list(looks)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            assert np.abs(looks[first] - looks[second]).mean() > 3, (first, second)


@pytest.mark.parametrize("dial", ["contrast", "saturation", "warmth", "grain"])
def test_each_dial_changes_what_it_says(web: httpx2.Client, dial: str) -> None:
    def measured(value: float) -> float:
        asked: dict[str, Any] = {"prompt": "a cat", "seed": 3, "size": "160x90", "model": DECEMBER}
        frame = seen(clip_of(web, **asked, style_tuning={dial: value})).frames[10].astype(float)
        grey = frame.mean(axis=2)
        return {
            "contrast": float(grey.std()),
            "saturation": float((frame.max(axis=2) - frame.min(axis=2)).mean()),
            "warmth": float((frame[..., 0] - frame[..., 2]).mean()),
            "grain": float(np.abs(np.diff(grey[5:30, 90:150], axis=1)).mean()),
        }[dial]

    low, high = measured(-1.0 if dial != "grain" else 0.0), measured(1.0)
    assert high > low * 1.25
