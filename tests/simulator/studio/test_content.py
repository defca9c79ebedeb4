"""The files: what they are, and how they are handed out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import av
import pytest
from PIL import Image

from tests.simulator.clips import boxes, seen
from tests.simulator.conftest import clip_of, create, finished

if TYPE_CHECKING:
    import httpx2


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return {}


@pytest.fixture
def video(web: httpx2.Client, kept: dict[str, str]) -> str:
    if "id" not in kept:
        kept["id"] = finished(web, create(web, seconds="2", size="320x180")["id"])["id"]
    return kept["id"]


def test_a_clip_is_what_was_asked_for_and_plays_everywhere(web: httpx2.Client, video: str) -> None:
    answer = web.get(f"/videos/{video}/content")
    assert answer.headers["content-type"] == "video/mp4"
    kinds = boxes(answer.content)
    assert kinds.index("moov") < kinds.index("mdat")
    clip = seen(answer.content)
    assert clip.codecs == ("h264", "aac")
    assert clip.pixel_format == "yuv420p"
    assert clip.duration_s == 2.0
    assert [float(time) for time in clip.times] == pytest.approx([n / 30 for n in range(60)])
    assert {frame.shape for frame in clip.frames} == {(180, 320, 3)}
    assert len(clip.sound) / clip.rate == pytest.approx(2.0, abs=0.03)


def test_a_clip_names_neither_the_model_nor_the_time(web: httpx2.Client) -> None:
    data = clip_of(web, model="sora-2-2025-10-06")
    assert b"sora" not in data
    assert b"2025-" not in data
    assert b"Lavf" not in data


def test_a_clip_can_be_stepped_through_frame_by_frame(web: httpx2.Client, video: str) -> None:
    """A key frame each second and no B-frames: every player can step and seek exactly."""
    with av.open(io.BytesIO(web.get(f"/videos/{video}/content").content)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        assert [packet.pts for packet in packets] == [packet.dts for packet in packets]
        assert [place for place, packet in enumerate(packets) if packet.is_keyframe] == [0, 30]


@pytest.mark.parametrize(("ask", "start", "end"), [("0-99", 0, 99), ("100-", 100, None), ("-50", -50, None)])
def test_ranges_are_answered_with_206(web: httpx2.Client, video: str, ask: str, start: int, end: int | None) -> None:
    whole = web.get(f"/videos/{video}/content").content
    part = web.get(f"/videos/{video}/content", headers={"Range": f"bytes={ask}"})
    assert part.status_code == 206
    first = start if start >= 0 else len(whole) + start
    last = end if end is not None else len(whole) - 1
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    assert part.content == whole[first : last + 1]


def test_a_range_beyond_the_end_is_416(web: httpx2.Client, video: str) -> None:
    answer = web.get(f"/videos/{video}/content", headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416


def test_a_thumbnail_and_a_sprite_sheet_come_with_it(web: httpx2.Client, video: str) -> None:
    thumbnail = web.get(f"/videos/{video}/content", params={"variant": "thumbnail"})
    assert thumbnail.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(thumbnail.content)).size == (320, 180)
    sheet = web.get(f"/videos/{video}/content", params={"variant": "spritesheet"})
    assert sheet.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(sheet.content)).size == (5 * 256, 4 * 144)


def test_an_unknown_variant_is_refused(web: httpx2.Client, video: str) -> None:
    answer = web.get(f"/videos/{video}/content", params={"variant": "gif"})
    assert answer.status_code == 400
    assert "'spritesheet'" in answer.json()["error"]["message"]


def test_the_same_request_gives_the_same_bytes_and_another_seed_others(web: httpx2.Client) -> None:
    first = clip_of(web, prompt="a cat", seed=1)
    assert clip_of(web, prompt="a cat", seed=1) == first
    assert clip_of(web, prompt="a cat", seed=2) != first
    assert clip_of(web, prompt="a cat", seed=1, model="sora-2-2025-10-06") != first
    unseeded = clip_of(web, prompt="a cat")
    assert clip_of(web, prompt="a cat") == unseeded
