"""A card for machines: a frame number in black and white cells, the time, and a tick each second."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.simulator.studio import testcard
from sora_compare.simulator.studio.drawing.canvas import lay_at
from sora_compare.simulator.studio.drawing.lettering import lettered
from sora_compare.simulator.studio.drawing.pictures import colour, dithered, gradient
from sora_compare.simulator.studio.sound import beep

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track

BARS = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf"]
INK = "#f5f7fa"
TICK_S = 0.08
FLASH_S = 0.1
TICK_HZ = 1000.0
FIRST_TICK_HZ = 1500.0


class TestCard:
    """Every frame differs from its neighbours in a way a program can read (see simulator/studio/testcard.py)."""

    __test__ = False  # pytest takes classes called Test... for tests

    def __init__(self, request: SceneRequest) -> None:
        self._request = request
        self._background = self._painted_background()

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the card of the frame shown at `t`."""
        number = math.floor(t * self._request.fps + 1e-6)
        canvas.load(self._background)
        self._draw_cells(canvas, number)
        self._write(canvas, f"{number:06d}", 0.135, (0.5, 0.635))
        self._write(canvas, f"{t:07.3f} s   {float(self._request.fps):.3f} fps", 0.05, (0.5, 0.755))
        self._draw_hand(canvas, t)

    def sound(self, track: Track) -> None:
        """Tick at each full second, the first one higher."""
        for second in range(math.ceil(track.seconds)):
            track.add(beep(TICK_HZ if second else FIRST_TICK_HZ, TICK_S), float(second), gain=0.5)

    def subject(self, t: float) -> Point:
        """The sweep hand's end."""
        return 30.0 * math.sin(2 * math.pi * t), 20.0

    def _painted_background(self) -> Picture:
        request = self._request
        picture = dithered(gradient(request.width, request.height, [(0, "#3a4350"), (1, "#20262e")]), 1)
        top = round(request.height * 0.82)
        edges = np.linspace(0, request.width, len(BARS) + 1).astype(int)
        for code, left, right in zip(BARS, edges[:-1], edges[1:], strict=True):
            picture[top:, left:right] = colour(code)
        return picture

    def _draw_cells(self, canvas: Canvas, number: int) -> None:
        for index, is_white in enumerate(testcard.cell_bits(number)):
            left, top, right, bottom = testcard.cell_box(index)
            rows = slice(round(top * canvas.height), round(bottom * canvas.height))
            columns = slice(round(left * canvas.width), round(right * canvas.width))
            canvas.pixels[rows, columns] = 235 if is_white else 16

    def _write(self, canvas: Canvas, text: str, size: float, centre: Point) -> None:
        # Letters are placed one by one: each is prerendered once, whatever the number.
        size_px = max(8, round(size * min(canvas.height, canvas.width * 0.8)))
        masks = [lettered(letter, size_px) for letter in text]
        pitch = lettered("0", size_px).shape[1]
        left = round(centre[0] * canvas.width - pitch * len(text) / 2)
        top = round(centre[1] * canvas.height) - masks[0].shape[0] // 2
        for place, mask in enumerate(masks):
            x = left + place * pitch + (pitch - mask.shape[1]) // 2
            lay_at(canvas.pixels, mask, (x, top), INK)

    def _draw_hand(self, canvas: Canvas, t: float) -> None:
        into = t % 1.0
        edge = canvas.half_width * 0.94
        radius = 6.0
        centre = (-edge + radius, canvas.half_height * 0.27)
        canvas.disc(centre, radius, INK if into < FLASH_S else "#4a5563")
        canvas.ellipse(centre, (radius, radius), INK, line=0.5)
        turn = 2 * math.pi * into
        tip = (centre[0] + radius * math.sin(turn), centre[1] - radius * math.cos(turn))
        canvas.stroke([centre, tip], "#ff7a1a", 1.0)
