"""Clips: video files named by the SHA-256 of their bytes, with what a probe read from them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

GENTLE_MISMATCH = 0.5
"""Seconds by which two clips may differ in length before it is said."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Traits of a clip as its probe read them; `fps` is a fraction in text, such as "30000/1001"."""

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

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exactly."""
        return Fraction(self.fps)


def differences(a: Clip, b: Clip) -> list[str]:
    """Sentences on how two clips differ in ways that can sway a judgement."""
    pairs = (
        ("size", f"{a.width}x{a.height}", f"{b.width}x{b.height}"),
        ("frame rate", f"{float(a.frame_rate):.3f}", f"{float(b.frame_rate):.3f}"),
        ("sound", "present" if a.has_audio else "absent", "present" if b.has_audio else "absent"),
        ("video codec", a.video_codec, b.video_codec),
    )
    said = [f"The {name} differs: A {left}, B {right}." for name, left, right in pairs if left != right]
    if abs(a.duration_s - b.duration_s) > GENTLE_MISMATCH:
        said.append(f"The length differs: A {a.duration_s:.1f} s, B {b.duration_s:.1f} s.")
    return said
