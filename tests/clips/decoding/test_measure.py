"""Loudness and flashes, against known signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sora_compare.clips.decoding.measure import has_flashes, loudness, measure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("level_db", [-33.0, -23.0, -12.0])
def test_loudness_of_a_tone_is_its_level(make_clip: Callable[..., Path], level_db: float) -> None:
    """EBU Tech 3341, cases 1 and 2: a stereo sine of -23 or -33 dBFS reads -23 or -33 LUFS, within 0.1."""
    path = make_clip("tone.mp4", frames=48, amplitude=10 ** (level_db / 20))
    assert loudness(path) == pytest.approx(level_db, abs=0.1)


def test_silence_has_no_loudness(make_clip: Callable[..., Path]) -> None:
    assert loudness(make_clip("silent.mp4", amplitude=0.0)) is None
    assert loudness(make_clip("mute.mp4")) is None


Draw = "Callable[[int, int, int], np.ndarray[Any, Any]]"


def strobe(hertz: float, fps: int, *, share: float = 1.0, low: int = 0, high: int = 255) -> Draw:  # type: ignore[valid-type]
    def draw(index: int, width: int, height: int) -> np.ndarray[Any, Any]:
        canvas = np.full((height, width, 3), 60, np.uint8)
        canvas[: int(height * share)] = high if int(index * hertz * 2 / fps) % 2 else low
        return canvas

    return draw


def cuts(index: int, width: int, height: int) -> np.ndarray[Any, Any]:
    return np.full((height, width, 3), 30 if (index // 24) % 2 else 220, np.uint8)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_flashes_are_noticed_at_any_frame_rate(make_clip: Callable[..., Path], fps: int) -> None:
    whole = make_clip("whole.mp4", fps=fps, frames=2 * fps, draw=strobe(4, fps))
    part = make_clip("part.mp4", fps=fps, frames=2 * fps, draw=strobe(10, fps, share=0.3))
    assert has_flashes(whole)
    assert has_flashes(part)


@pytest.mark.parametrize("fps", [24, 60])
def test_cuts_small_and_faint_flicker_are_no_flashes(make_clip: Callable[..., Path], fps: int) -> None:
    drawings = (strobe(10, fps, share=0.1), strobe(10, fps, low=100, high=115), cuts)
    paths = [make_clip(f"{n}.mp4", fps=fps, frames=2 * fps, draw=draw) for n, draw in enumerate(drawings)]
    assert [has_flashes(path) for path in paths] == [False, False, False]


def test_both_are_measured_together(clip: Path) -> None:
    found = measure(clip)
    assert found.loudness_lufs == pytest.approx(-20, abs=0.2)
    assert found.has_flashes is False
