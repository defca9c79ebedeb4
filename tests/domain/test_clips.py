"""What follows from the traits of clips."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.clips import Clip, Measurements, differences, gains, measured, needs_preview

UNHURRIED = settings(deadline=None, max_examples=60)
PLAIN = Clip(
    sha256="ab" * 32,
    bytes=1000,
    container="mp4",
    video_codec="h264",
    width=1280,
    height=720,
    fps="30",
    frames=240,
    duration_s=8.0,
    has_audio=True,
    audio_codec="aac",
    audio_rate=48_000,
    pixel_format="yuv420p",
    longest_gop=60,
)
LEVELS = st.none() | st.floats(-70, 0)


def test_the_frame_rate_is_exact() -> None:
    assert replace(PLAIN, fps="30000/1001").frame_rate == Fraction(30000, 1001)


# Loudness


@UNHURRIED
@given(LEVELS, LEVELS)
def test_gains_turn_down_the_louder_clip_and_none_up(a: float | None, b: float | None) -> None:
    gain_a, gain_b = gains(replace(PLAIN, loudness_lufs=a), replace(PLAIN, loudness_lufs=b))
    assert max(gain_a, gain_b) == 0
    assert min(gain_a, gain_b) <= 0
    if a is None or b is None:
        assert (gain_a, gain_b) == (0, 0)
    else:
        assert a + gain_a == pytest.approx(b + gain_b, abs=0.01)
        assert gains(replace(PLAIN, loudness_lufs=b), replace(PLAIN, loudness_lufs=a)) == (gain_b, gain_a)


def test_measurements_are_added_to_the_clip() -> None:
    found = measured(PLAIN, Measurements(loudness_lufs=-20.5, has_flashes=True))
    assert found == replace(PLAIN, loudness_lufs=-20.5, has_flashes=True)


# Previews


@pytest.mark.parametrize(
    "clip",
    [
        PLAIN,
        replace(PLAIN, has_audio=False, audio_codec=None),
        replace(PLAIN, video_codec="av1", audio_codec="opus"),
        replace(PLAIN, container="webm", video_codec="vp9", audio_codec="opus"),
        replace(PLAIN, container="webm", video_codec="vp8", audio_codec="vorbis", longest_gop=None),
    ],
)
def test_what_every_browser_plays_needs_no_preview(clip: Clip) -> None:
    assert needs_preview(clip) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"container": "avi"}, "browsers do not play avi files"),
        ({"container": "mov"}, "browsers do not play mov files"),
        ({"video_codec": "hevc"}, "not every browser plays hevc in mp4"),
        ({"container": "webm"}, "not every browser plays h264 in webm"),
        ({"pixel_format": "yuv444p"}, "yuv444p pixels"),
        ({"pixel_format": "yuv420p10le"}, "yuv420p10le pixels"),
        ({"audio_codec": "pcm_s16le"}, "pcm_s16le sound"),
        ({"is_variable_rate": True}, "frame rate varies"),
        ({"longest_gop": 61}, "key frames are 2.0 s apart"),
        ({"longest_gop": 240}, "key frames are 8.0 s apart"),
        ({"has_b_frames": True}, "B-frames"),
    ],
)
def test_what_browsers_stumble_over_needs_one_and_the_reason_is_said(change: dict[str, object], reason: str) -> None:
    message = needs_preview(replace(PLAIN, **change))  # type: ignore[arg-type]
    assert message is not None
    assert reason in message


# Differences


def test_equal_clips_do_not_differ() -> None:
    assert differences(PLAIN, replace(PLAIN, sha256="cd" * 32, bytes=5, frames=250, duration_s=8.4)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"width": 720, "height": 1280}, "The size differs: A 1280x720, B 720x1280."),
        ({"fps": "30000/1001"}, "The frame rate differs: A 30.000, B 29.970."),
        ({"has_audio": False}, "The sound differs: A present, B absent."),
        ({"video_codec": "vp9"}, "The video codec differs: A h264, B vp9."),
        ({"duration_s": 7.4}, "The length differs: A 8.0 s, B 7.4 s."),
    ],
)
def test_each_difference_that_can_sway_a_judgement_is_said(change: dict[str, object], sentence: str) -> None:
    assert differences(PLAIN, replace(PLAIN, **change)) == [sentence]  # type: ignore[arg-type]
