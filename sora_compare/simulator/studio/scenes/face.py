"""Somebody talking to the camera: lips that follow the voice, or come late under a still face."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio import sound
from sora_compare.simulator.studio.drawing.pictures import dithered, gradient
from sora_compare.simulator.studio.figures.backdrops import light_spot, vignette
from sora_compare.simulator.studio.figures.portrait import PEOPLE, Pose, body_sprite, draw_eyes, draw_mouth, head_sprite
from sora_compare.simulator.studio.voice import Speech

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

LATE_S = 0.25
"""How late the lips come with October's faults."""
BLINK_S = 0.16


class Face:
    """A head and shoulders before a room out of focus."""

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        canvas = request.canvas()
        random = request.random("look")
        self._person = PEOPLE[int(random.integers(len(PEOPLE)))]
        self.speech = Speech(request.seconds, request.random("speech"))
        self._blinks = np.cumsum(random.uniform(1.6, 3.6, 24)) - 0.6
        self._background = self._painted(canvas, random)
        self._head = head_sprite(self._person, canvas.unit)
        self._body = body_sprite(self._person, canvas.unit)

    def pose(self, t: float) -> Pose:
        """How the face is held at a time; the lips of basic realism follow the voice too late."""
        if not self._request.is_precise:
            late = t - LATE_S
            opening, rounding = self.speech.opening(late), self.speech.rounding(late)
            return Pose((0.0, -6.0), 0.0, opening, rounding * 0.4, 0.0, 0.2, (0.0, 0.0))
        opening = self.speech.opening(t)
        sway = (1.5 * math.sin(0.9 * t), -6.0 + 0.7 * math.sin(1.7 * t + 1) + 0.9 * opening)
        lift = 0.35 + 0.35 * math.sin(0.8 * t + 2) + 0.4 * opening
        gaze = (0.7 * math.sin(0.6 * t), 0.25 * math.sin(0.9 * t))
        return Pose(sway, 2.2 * math.sin(0.75 * t + 0.5), opening, self.speech.rounding(t), self._blink(t), lift, gaze)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the room, the shoulders, the head and what moves in it."""
        canvas.load(self._background)
        pose = self.pose(t)
        breath = 1.0 + (0.006 * math.sin(1.6 * t) if self._request.is_precise else 0.0)
        canvas.sprite(self._body, (pose.at[0] * 0.3, 27.0), scale=(1.0, breath))
        canvas.sprite(self._head, pose.at, turn=pose.turn)
        draw_eyes(canvas, self._person, pose)
        draw_mouth(canvas, self._person, pose)

    def sound(self, track: Track) -> None:
        """The voice in a quiet room."""
        track.add(self.speech.wave(), gain=0.5)
        track.add(sound.noise(track.seconds, 60, 500, 3), gain=0.006)

    def subject(self, t: float) -> Point:
        """The head."""
        return self.pose(t).at

    def _blink(self, t: float) -> float:
        nearest = float(np.min(np.abs(self._blinks - t)))
        return max(0.0, 1.0 - (nearest / (BLINK_S / 2)) ** 2)

    def _painted(self, canvas: Canvas, random: np.random.Generator) -> Picture:
        request, unit = self._request, canvas.unit
        picture = gradient(request.width, request.height, [(0, "#2a3a4d"), (0.6, "#4b5d6b"), (1, "#5d5a55")])
        for code in ("#ffcf87", "#ff9d6b", "#9fd3ff", "#ffe2b0", "#7fb6e6", "#ffc59a") * 3:
            x = float(random.uniform(-canvas.half_width, canvas.half_width))
            y = float(random.uniform(-canvas.half_height, canvas.half_height * 0.4))
            size = float(random.uniform(4, 11)) * unit
            light_spot(picture, canvas.place((x, y)), (size, size), code, float(random.uniform(0.1, 0.4)))
        light_spot(picture, canvas.place((-canvas.half_width * 0.8, -20)), (70 * unit, 80 * unit), "#ffe6c4", 0.35)
        vignette(picture, 0.45)
        return dithered(picture, 6)
