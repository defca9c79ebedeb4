"""Clips: video files named by the SHA-256 of their bytes, with what a probe read from them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.requests import ClipSettings
    from sora_compare.domain.takes import Take

GENTLE_MISMATCH = 0.5
"""Seconds by which two clips may differ in length before it is said."""
BROWSER_VIDEO = {"mp4": ("h264", "av1"), "webm": ("vp8", "vp9", "av1")}
"""Containers and codecs that Chromium, Firefox and Safari all play. HEVC "plays" in Chromium with no picture."""
BROWSER_AUDIO = ("aac", "mp3", "opus", "vorbis", "flac")
BROWSER_PIXELS = ("yuv420p", "yuvj420p")
TILE_WIDTH, MOST_TILES, SHEET_COLUMNS = 160, 60, 10
LONGEST_GOP_S = 2.0
"""A seek decodes from the key frame before: at most this much."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Traits of a clip as its probe read them.

    Attributes:
        width: in pixels as players show it, turned where the file asks for that; so is `height`.
        fps: frames per second as a fraction in text, such as "30000/1001"; the mean when the rate is variable.
        longest_gop: frames from one key frame to the next, at most.
        has_provenance: whether a C2PA manifest is in the file.
        loudness_lufs: integrated loudness per EBU R128; None for silence, for no sound and until measured.
        has_flashes: whether it may trouble people with photosensitive epilepsy; None until measured.
    """

    sha256: str
    bytes: int
    container: str
    video_codec: str
    width: int
    height: int
    fps: str
    frames: int
    duration_s: float
    has_audio: bool
    audio_codec: str | None = None
    audio_rate: int | None = None
    pixel_format: str = ""
    extension: str = ".mp4"
    loudness_lufs: float | None = None
    is_variable_rate: bool = False
    longest_gop: int | None = None
    has_b_frames: bool = False
    has_provenance: bool = False
    has_flashes: bool | None = None

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exactly."""
        return Fraction(self.fps)


@dataclass(frozen=True, slots=True)
class Measurements:
    """What only a decode of the whole clip tells; see the fields of the same name in `Clip`."""

    loudness_lufs: float | None
    has_flashes: bool


@dataclass(frozen=True, slots=True)
class SpriteSheet:
    """Layout of a sheet of hover thumbnails.

    Tiles lie row by row, each of `width` x `height` pixels; tile n shows the clip at n times `interval_s` seconds.
    """

    width: int
    height: int
    columns: int
    tiles: int
    interval_s: float


def sheet_layout(width: int, height: int, duration_s: float) -> SpriteSheet:
    """The layout of a clip's sheet: up to four tiles a second, 60 at most, spread evenly from the start."""
    tiles = max(1, min(MOST_TILES, math.ceil(duration_s * 4)))
    tile_height = max(2, round(TILE_WIDTH * height / width / 2) * 2)
    return SpriteSheet(TILE_WIDTH, tile_height, min(SHEET_COLUMNS, tiles), tiles, round(duration_s / tiles, 6))


def measured(clip: Clip, measurements: Measurements) -> Clip:
    """The clip with its measurements."""
    return replace(clip, loudness_lufs=measurements.loudness_lufs, has_flashes=measurements.has_flashes)


def gains(a: Clip, b: Clip) -> tuple[float, float]:
    """Gain in dB for each clip that makes both equally loud: the louder one is turned down, never one up.

    Both are 0 when either loudness is unknown: there is nothing to match.
    """
    if a.loudness_lufs is None or b.loudness_lufs is None:
        return 0.0, 0.0
    louder_by = round(a.loudness_lufs - b.loudness_lufs, 2)
    return (-louder_by, 0.0) if louder_by > 0 else (0.0, louder_by)


def needs_preview(clip: Clip) -> str | None:
    """Why a browser-playable copy is needed for viewing; None when the clip itself will do."""
    checks = (
        (clip.container not in BROWSER_VIDEO, f"browsers do not play {clip.container} files"),
        (
            clip.video_codec not in BROWSER_VIDEO.get(clip.container, ()),
            f"not every browser plays {clip.video_codec} in {clip.container}",
        ),
        (clip.pixel_format not in BROWSER_PIXELS, f"not every browser plays {clip.pixel_format} pixels"),
        (
            clip.audio_codec is not None and clip.audio_codec not in BROWSER_AUDIO,
            f"not every browser plays {clip.audio_codec} sound",
        ),
        (clip.is_variable_rate, "its frame rate varies, so frames cannot be matched"),
        (_gop_s(clip) > LONGEST_GOP_S, f"its key frames are {_gop_s(clip):.1f} s apart, so seeking is slow"),
        (clip.has_b_frames, "it has B-frames, which some browsers skip when stepping"),
    )
    return next((reason for is_so, reason in checks if is_so), None)


def _gop_s(clip: Clip) -> float:
    return float((clip.longest_gop or 0) / clip.frame_rate)


def differences(a: Clip, b: Clip) -> list[str]:
    """Sentences on how two clips differ in ways that can sway a judgement."""
    pairs = (
        ("size", f"{a.width}x{a.height}", f"{b.width}x{b.height}"),
        ("frame rate", f"{float(a.frame_rate):.3f}", f"{float(b.frame_rate):.3f}"),
        ("sound", "present" if a.has_audio else "absent", "present" if b.has_audio else "absent"),
        ("video codec", a.video_codec, b.video_codec),
    )
    sentences = [f"The {name} differs: A {left}, B {right}." for name, left, right in pairs if left != right]
    if abs(a.duration_s - b.duration_s) > GENTLE_MISMATCH:
        sentences.append(f"The length differs: A {a.duration_s:.1f} s, B {b.duration_s:.1f} s.")
    return sentences


LENGTH_TOLERANCE_S = 0.5
"""A last frame more or less is no other length."""
MOST_NAMED = 3


def deviations(asked: ClipSettings, clip: Clip) -> tuple[str, ...]:
    """What is different, in words such as "1280x704 instead of 1280x720"; empty when nothing is."""
    found = []
    size = f"{clip.width}x{clip.height}"
    if size != asked.size:
        found.append(f"{size} instead of {asked.size}")
    if abs(clip.duration_s - asked.seconds) > LENGTH_TOLERANCE_S:
        found.append(f"{clip.duration_s:.3g} s instead of {asked.seconds} s")
    return tuple(found)


def deviation_sentences(takes: Iterable[Take]) -> list[str]:
    """For each arm with clips that are not as asked for, how many and what they are."""
    made, other = Counter[str](), dict[str, list[tuple[str, ...]]]()
    for take in takes:
        if take.clip is None:
            continue
        made[str(take.arm)] += 1
        if take.deviations:
            other.setdefault(str(take.arm), []).append(take.deviations)
    return [
        f"{len(found)} of {made[arm]} clips of arm {arm} are not as asked for ({_most_frequent(found)}): the arms may "
        "not be comparable."
        for arm, found in sorted(other.items())
    ]


def _most_frequent(found: list[tuple[str, ...]]) -> str:
    counts = Counter(word for words in found for word in words)
    return ", ".join(word for word, _ in counts.most_common(MOST_NAMED))
