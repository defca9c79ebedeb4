"""The small word SIMULATED in the corner of every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.lettering import lettered

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.pictures import Picture

WORD = "SIMULATED"
PLATE_LUMA = 24
WORD_LUMA = 225
PLATE_SHARE = 0.55
NEUTRAL = 128


class Mark:
    """Stamps the word onto planar YUV frames, after any style, so that no look can hide it."""

    def __init__(self, width: int, height: int) -> None:
        size_px = max(7, round(min(width, height) * 0.026))
        word = lettered(WORD, size_px)
        pad = max(2, size_px // 2)
        box = [min(side, extent + 2 * pad) // 2 * 2 for side, extent in zip((height, width), word.shape, strict=True)]
        plate = np.zeros(box, dtype=np.uint8)
        part = word[: max(0, box[0] - pad), : max(0, box[1] - pad)]
        plate[pad : pad + part.shape[0], pad : pad + part.shape[1]] = part
        margin = max(2, size_px // 2) // 2 * 2
        self._top, self._left = max(0, height - box[0] - margin) // 2 * 2, max(0, width - box[1] - margin) // 2 * 2
        self._letters = plate.astype(np.float32) / 255.0
        self._size = (width, height)

    def stamp(self, planes: Picture) -> None:
        """Draw the word into the frame in place."""
        tall, wide = self._letters.shape
        region = planes[self._top : self._top + tall, self._left : self._left + wide]
        dimmed = region * (1 - PLATE_SHARE) + PLATE_LUMA * PLATE_SHARE
        region[:] = (dimmed + (WORD_LUMA - dimmed) * self._letters).astype(np.uint8)
        for plane in chroma_planes(planes, *self._size):
            part = plane[self._top // 2 : (self._top + tall) // 2, self._left // 2 : (self._left + wide) // 2]
            part[:] = cv2.addWeighted(part, 1 - PLATE_SHARE, part, 0.0, NEUTRAL * PLATE_SHARE)


def chroma_planes(planes: Picture, width: int, height: int) -> list[Picture]:
    """The two colour planes of a planar YUV 4:2:0 frame as views, each half as wide and high."""
    flat = planes.reshape(-1)
    size = width * height // 4
    start = width * height
    shape = (height // 2, width // 2)
    return [flat[start : start + size].reshape(shape), flat[start + size : start + 2 * size].reshape(shape)]
