"""Pairs whose clips differ by themselves: what would tell the arms apart, and what both can be brought to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.domain.clips import Clip

LONGEST_SIDE = 1920
"""Pixels of a copy made for viewing."""
SLOWEST, FASTEST = Fraction(1), Fraction(120)
"""Frames per second of a copy; a clip that claims less or more is paced to stay within time and memory."""


@dataclass(frozen=True, slots=True)
class Level:
    """What both clips of a pair are re-encoded to.

    Attributes:
        width: in pixels, even; so is `height`.
        fps: constant frames per second, as a fraction in text.
    """

    width: int
    height: int
    fps: str
    frames: int
    has_audio: bool

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second, exactly."""
        return Fraction(self.fps)

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(self.frames / self.frame_rate)

    @property
    def name(self) -> str:
        """The level as part of a file's name."""
        sound = "sound" if self.has_audio else "silent"
        return f"{self.width}x{self.height}-{self.fps.replace('/', '_')}-{self.frames}-{sound}"


def visible_differences(a: Clip, b: Clip) -> tuple[str, ...]:
    """In what the clips differ so that a reviewer could tell the arms apart; empty when in nothing."""
    half_a_frame = 0.5 / float(max(a.frame_rate, b.frame_rate))
    checks = (
        ("size", (a.width, a.height) != (b.width, b.height)),
        ("frame rate", (a.frame_rate, a.is_variable_rate) != (b.frame_rate, b.is_variable_rate)),
        ("length", abs(a.duration_s - b.duration_s) > half_a_frame),
        ("sound", a.has_audio != b.has_audio),
    )
    return tuple(name for name, differs in checks if differs)


def can_be_blind(a: Clip, b: Clip, *, is_levelled: bool) -> bool:
    """Whether a reviewer who sees both without names has nothing but the pictures to go by."""
    return is_levelled or not visible_differences(a, b)


def common_level(a: Clip, b: Clip) -> Level:
    """The smaller width and height, the lower rate, the shorter length, and sound if both have it.

    Where the shapes differ, each clip is cut to the part that both can show.
    """
    width, height = min(a.width, b.width), min(a.height, b.height)
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    rate = min(max(min(a.frame_rate, b.frame_rate), SLOWEST), FASTEST)
    frames = max(1, int(min(a.duration_s, b.duration_s) * rate + Fraction(1, 100)))
    return Level(_even(width * scale), _even(height * scale), str(rate), frames, a.has_audio and b.has_audio)


def _even(length: float) -> int:
    return max(2, int(length / 2) * 2)
