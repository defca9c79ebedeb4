"""What a clip is to be: everything that decides its bytes, and nothing that needs a drawing library."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Realism(enum.Enum):
    """How well a model knows the world: the only thing in which two models' clips of one request differ."""

    BASIC = "basic"
    """Shows the faults that the article reports of October."""
    PRECISE = "precise"
    """Does what the article says of December."""


FPS = Fraction(30)


@dataclass(frozen=True, slots=True)
class Shot:
    """A part of the clip: the scene its prompt asks for, from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    prompt: str


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that decides a clip's bytes.

    Attributes:
        prompt: the words asked for.
        seconds: length.
        width, height: pixels, both even.
        seed: decides the composition.
        realism: decides the faults.
        fps: frames per second.
        style: a preset's name, or empty.
        tuning: contrast, saturation, warmth, grain; each -1 to 1.
        shots: the storyboard; empty for one scene.
        cameos: pictures to appear in the clip.
        reference: a picture the clip starts from.
        scene: a scene's name, instead of the one the prompt asks for.
    """

    prompt: str
    seconds: float
    width: int
    height: int
    seed: int
    realism: Realism = Realism.PRECISE
    fps: Fraction = FPS
    style: str = ""
    tuning: dict[str, float] = field(default_factory=dict)
    shots: tuple[Shot, ...] = ()
    cameos: tuple[Path, ...] = ()
    reference: Path | None = None
    scene: str = ""

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return round(self.seconds * self.fps)
