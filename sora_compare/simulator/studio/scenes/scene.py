"""What a scene is: something that draws any moment of itself and makes its sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sora_compare.simulator.studio.drawing.canvas import Canvas
from sora_compare.simulator.studio.order import Realism

if TYPE_CHECKING:
    from fractions import Fraction

    from sora_compare.simulator.studio.drawing.canvas import Point
    from sora_compare.simulator.studio.sound import Track


@dataclass(frozen=True, slots=True)
class SceneRequest:
    """What a scene is given.

    Attributes:
        width, height: pixels, both even.
        seconds: length of the scene.
        fps: frames per second.
        seed: decides the composition; never depends on the model.
        realism: decides the faults; never changes the composition.
        prompt: the words asked for.
    """

    width: int
    height: int
    seconds: float
    fps: Fraction
    seed: int
    realism: Realism
    prompt: str

    @property
    def is_precise(self) -> bool:
        """True when the physics are to be right."""
        return self.realism is Realism.PRECISE

    @property
    def is_upright(self) -> bool:
        """True for a picture taller than wide."""
        return self.height > self.width

    def random(self, purpose: str = "") -> np.random.Generator:
        """Random numbers of this composition; each purpose has its own."""
        return np.random.default_rng([self.seed & 0xFFFFFFFF, self.seed >> 32, *purpose.encode()])

    def canvas(self) -> Canvas:
        """An empty canvas of the request's size."""
        return Canvas(self.width, self.height)


class Scene(Protocol):
    """Draws the frame at any time, in any order, and makes the whole sound."""

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the moment `t` seconds after the beginning over whatever the canvas holds."""

    def sound(self, track: Track) -> None:
        """Add the scene's sound to a track of its length."""

    def subject(self, t: float) -> Point:
        """Where the thing to look at is, in units."""
