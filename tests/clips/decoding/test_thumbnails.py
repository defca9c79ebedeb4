"""Posters and sprite sheets show the frames that they claim to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from sora_compare.clips.decoding.probe import probe
from sora_compare.clips.decoding.thumbnails import make_poster, make_sprite
from sora_compare.domain.clips import sheet_layout
from sora_compare.errors import NotAVideo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def grey(index: int, width: int, height: int) -> np.ndarray[Any, Any]:
    """A frame whose brightness tells its number: 20 and 4 more for each."""
    return np.full((height, width, 3), 20 + 4 * index, np.uint8)


def shown(image: Image.Image, x: int, y: int) -> float:
    """The number of the frame at that pixel."""
    red, _, _ = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]  # three numbers for RGB
    return (red - 20) / 4


@pytest.mark.parametrize(
    ("size", "expected"), [((1280, 720), (480, 270)), ((720, 1280), (270, 480)), ((160, 96), (160, 96))]
)
def test_a_poster_is_small_and_keeps_its_shape(
    make_clip: Callable[..., Path], tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    target = tmp_path / "poster.jpg"
    assert make_poster(make_clip("a.mp4", frames=6, size=size), target) == expected
    with Image.open(target) as image:
        assert (image.format, image.size) == ("JPEG", expected)


@pytest.mark.parametrize("options", [{"g": "8"}, {"g": "250"}])
def test_a_poster_shows_the_frame_a_third_in(
    make_clip: Callable[..., Path], tmp_path: Path, options: dict[str, str]
) -> None:
    make_poster(make_clip("a.mp4", frames=48, draw=grey, options=options), tmp_path / "poster.jpg")
    with Image.open(tmp_path / "poster.jpg") as image:
        assert shown(image, 80, 48) == pytest.approx(16, abs=1)


def test_each_tile_shows_its_instant(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    path = make_clip("a.mp4", frames=48, draw=grey)
    sheet = make_sprite(path, tmp_path / "sprite.jpg", duration_s=2.0)
    assert (sheet.width, sheet.height, sheet.columns, sheet.tiles, sheet.interval_s) == (160, 96, 8, 8, 0.25)
    with Image.open(tmp_path / "sprite.jpg") as image:
        assert image.size == (8 * 160, 96)
        numbers = [shown(image, index * 160 + 80, 48) for index in range(8)]
    assert numbers == pytest.approx([0, 6, 12, 18, 24, 30, 36, 42], abs=1)


def test_a_long_clip_has_sixty_tiles_in_rows(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    path = make_clip("a.mp4", fps=2, frames=120, size=(64, 64))
    sheet = make_sprite(path, tmp_path / "sprite.jpg", duration_s=60.0)
    assert (sheet.tiles, sheet.columns, sheet.interval_s) == (60, 10, 1.0)
    with Image.open(tmp_path / "sprite.jpg") as image:
        assert image.size == (10 * sheet.width, 6 * sheet.height)


def test_a_clip_slower_than_its_tiles_shows_each_frame_for_as_long_as_it_lasts(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    path = make_clip("a.mp4", fps=2, frames=4, draw=grey)
    sheet = make_sprite(path, tmp_path / "sprite.jpg", duration_s=2.0)
    with Image.open(tmp_path / "sprite.jpg") as image:
        numbers = [shown(image, index * 160 + 80, 48) for index in range(8)]
    assert sheet.tiles == 8
    assert numbers == pytest.approx([0, 0, 1, 1, 2, 2, 3, 3], abs=0.5)


@pytest.mark.parametrize("size", [(160, 96), (96, 160), (128, 72)])
def test_the_layout_is_known_without_the_sheet(
    make_clip: Callable[..., Path], tmp_path: Path, size: tuple[int, int]
) -> None:
    path = make_clip("a.mp4", frames=30, size=size)
    clip = probe(path, sha256="")
    made = make_sprite(path, tmp_path / "sprite.jpg", duration_s=clip.duration_s)
    assert made == sheet_layout(clip.width, clip.height, clip.duration_s)
    with Image.open(tmp_path / "sprite.jpg") as image:
        assert image.size == (made.columns * made.width, -(-made.tiles // made.columns) * made.height)


def test_no_picture_is_left_for_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"<html>")
    with pytest.raises(NotAVideo):
        make_poster(tmp_path / "page", tmp_path / "poster.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["page"]
