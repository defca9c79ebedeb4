"""The test card: every frame says which it is, at every rate and size, and the sound ticks with it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from sora_compare.simulator.studio.order import Order
from sora_compare.simulator.studio.presets import PRESETS
from sora_compare.simulator.studio.render import render_clip
from sora_compare.simulator.studio.testcard import NoFrameNumber, cell_bits, cell_box, crc8, read_frame_number
from tests.simulator.clips import seen

if TYPE_CHECKING:
    from pathlib import Path

RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(60)]


def card(path: Path, **changes: object) -> Path:
    details: dict[str, object] = {"prompt": "testcard", "seconds": 1.5, "width": 192, "height": 108, "seed": 1}
    render_clip(path, Order(**{**details, **changes}))  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_every_frame_tells_its_number_and_comes_at_its_time(tmp_path: Path, fps: Fraction) -> None:
    clip = seen(card(tmp_path / "card.mp4", fps=fps))
    assert [read_frame_number(frame) for frame in clip.frames] == list(range(round(1.5 * fps)))
    assert [round(float(time * fps), 3) for time in clip.times] == [float(n) for n in range(len(clip.frames))]


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1024, 1792)])
def test_it_is_read_at_full_size_and_when_shown_at_360_lines(tmp_path: Path, size: tuple[int, int]) -> None:
    clip = seen(card(tmp_path / "card.mp4", width=size[0], height=size[1], seconds=0.2))
    factor = 360 / size[1]
    for number, frame in enumerate(clip.frames):
        assert read_frame_number(frame) == number
        small = cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        assert read_frame_number(np.asarray(small)) == number


@pytest.mark.parametrize("style", PRESETS)
def test_no_style_makes_it_unreadable(tmp_path: Path, style: str) -> None:
    clip = seen(card(tmp_path / "card.mp4", style=style, seconds=0.3))
    assert [read_frame_number(frame) for frame in clip.frames] == list(range(9))


def test_the_sound_ticks_at_each_second(tmp_path: Path) -> None:
    clip = seen(card(tmp_path / "card.mp4", seconds=3.0))
    level = np.abs(clip.sound)
    for second in (1, 2):
        around = level[int((second - 0.3) * clip.rate) : int((second + 0.3) * clip.rate)]
        onset = (np.argmax(around > 0.2) / clip.rate) - 0.3
        assert abs(onset) < 0.005
    silent = np.concatenate([level[int(a * clip.rate) : int(b * clip.rate)] for a, b in ((0.3, 0.9), (1.3, 1.9))])
    assert silent.max() < 0.01


def test_a_damaged_card_is_refused_and_not_misread() -> None:
    picture = painted(cell_bits(1234))
    assert read_frame_number(picture) == 1234
    for index in range(2, 30):
        bits = cell_bits(1234)
        bits[index] = not bits[index]
        with pytest.raises(NoFrameNumber, match="checksum"):
            read_frame_number(painted(bits))


def test_what_is_no_card_is_refused() -> None:
    with pytest.raises(NoFrameNumber, match="reference"):
        read_frame_number(np.full((90, 160, 3), 128, np.uint8))


def test_the_checksum_is_the_documented_one() -> None:
    # CRC-8 (0x07, from 0) of "123" is 0xC0, as any implementation of CRC-8/SMBUS says.
    assert crc8(int.from_bytes(b"123", "big")) == 0xC0


def painted(bits: list[bool]) -> np.ndarray:
    picture = np.full((180, 320), 90, np.uint8)
    for index, is_white in enumerate(bits):
        left, top, right, bottom = cell_box(index)
        picture[round(top * 180) : round(bottom * 180), round(left * 320) : round(right * 320)] = (
            235 if is_white else 16
        )
    return picture
