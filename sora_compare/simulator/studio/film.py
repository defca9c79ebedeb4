"""A clip as a whole: its shots one after the other, the cameos that appear, the picture it starts from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from sora_compare.simulator.studio.drawing.cameo import CameoPortrait
from sora_compare.simulator.studio.drawing.canvas import Canvas
from sora_compare.simulator.studio.drawing.prints import covering, read_photograph
from sora_compare.simulator.studio.scenes import SCENES, scene_for
from sora_compare.simulator.studio.scenes.scene import Scene, SceneRequest
from sora_compare.simulator.studio.sound import SAMPLE_RATE, Track

if TYPE_CHECKING:
    import numpy as np

    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.order import Order, Shot

HELD_S = 0.7
"""How long the reference picture is shown before the scene comes through."""
CROSSFADE_S = 0.8


@dataclass(frozen=True, slots=True)
class _Part:
    start_s: float
    end_s: float
    scene: Scene


class Film:
    """Draws any frame of the clip and makes its soundtrack."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._parts = [_part(order, shot) for shot in order.shots] or [_whole(order)]
        self._canvas = Canvas(order.width, order.height)
        self._portraits = [
            CameoPortrait(path, place, order.width, order.height) for place, path in enumerate(order.cameos)
        ]
        self._reference = self._read_reference()

    def frame(self, t: float) -> Picture:
        """The frame at `t` seconds as height x width x 3, blue first; used again for the next frame."""
        part = next((one for one in self._parts if t < one.end_s - 1e-9), self._parts[-1])
        part.scene.draw(self._canvas, t - part.start_s)
        self._canvas.zoom()
        for portrait in self._portraits:
            portrait.draw(self._canvas, part.scene.subject(t - part.start_s), t)
        self._lay_reference(t)
        return self._canvas.pixels

    def soundtrack(self) -> np.ndarray:
        """The sound of all parts, n x 2, each cut to its part."""
        whole = Track(self._order.seconds)
        for part in self._parts:
            track = Track(part.end_s - part.start_s)
            part.scene.sound(track)
            begin = round(part.start_s * SAMPLE_RATE)
            end = min(begin + len(track.samples), len(whole.samples))
            whole.samples[begin:end] = track.samples[: end - begin]
        return whole.mastered()

    def _read_reference(self) -> Picture | None:
        if self._order.reference is None:
            return None
        return covering(read_photograph(self._order.reference), self._order.width, self._order.height)

    def _lay_reference(self, t: float) -> None:
        if self._reference is None or t >= HELD_S + CROSSFADE_S:
            return
        share = min(1.0, max(0.0, 1.0 - (t - HELD_S) / CROSSFADE_S))
        weight = 0.5 - 0.5 * math.cos(math.pi * share)
        cv2.addWeighted(self._reference, weight, self._canvas.pixels, 1.0 - weight, 0.0, self._canvas.pixels)


def _part(order: Order, shot: Shot) -> _Part:
    name = scene_for(shot.prompt, order.seed)
    request = _request(order, shot.prompt, shot.end_s - shot.start_s)
    return _Part(shot.start_s, shot.end_s, SCENES[name](request))


def _whole(order: Order) -> _Part:
    name = order.scene or scene_for(order.prompt, order.seed)
    return _Part(0.0, order.seconds, SCENES[name](_request(order, order.prompt, order.seconds)))


def _request(order: Order, prompt: str, seconds: float) -> SceneRequest:
    return SceneRequest(
        width=order.width,
        height=order.height,
        seconds=seconds,
        fps=order.fps,
        seed=order.seed,
        realism=order.realism,
        prompt=prompt,
    )
