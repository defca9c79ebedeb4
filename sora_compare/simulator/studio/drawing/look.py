"""Style presets and their fine tuning, applied to planar YUV where a change of look costs next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from sora_compare.simulator.studio.drawing.mark import chroma_planes
from sora_compare.simulator.studio.presets import PRESETS, TUNABLE, Preset

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.pictures import Picture
    from sora_compare.simulator.studio.order import Order

BLACK, WHITE, NEUTRAL = 16, 235, 128
MIDDLE = 118.0


class Look:
    """One clip's look; does nothing when neither style nor tuning was asked for."""

    def __init__(self, order: Order) -> None:
        preset = PRESETS.get(order.style, Preset())
        tuning = {name: order.tuning.get(name, 0.0) for name in TUNABLE}
        self._size = (order.width, order.height)
        self._is_plain = preset == Preset() and not any(tuning.values())
        self._luma = _luma_table(preset, 1 + 0.45 * tuning["contrast"])
        saturation = preset.saturation * max(0.0, 1 + tuning["saturation"])
        warmth = preset.warmth + 14.0 * tuning["warmth"]
        self._blueness = _chroma_table(saturation, -warmth)
        self._redness = _chroma_table(saturation, warmth)
        self._bar_px = round(order.height * preset.bars / 4) * 2 if not order.height > order.width else 0
        self._sigma = preset.wash * order.height / 1000
        self._paper = _paper(order) if preset.wash else None
        self._grain = _grain(order, max(0.0, preset.grain + 12.0 * tuning["grain"]))

    def apply(self, planes: Picture, index: int) -> None:
        """Change the frame in place."""
        if self._is_plain:
            return
        height = self._size[1]
        luma = planes[:height]
        if self._sigma > 0:
            cv2.GaussianBlur(luma, (0, 0), self._sigma, luma)
        cv2.LUT(luma, self._luma, luma)
        if self._paper is not None:
            cv2.multiply(luma, self._paper, luma, 1 / 224)
        for plane, table in zip(chroma_planes(planes, *self._size), (self._blueness, self._redness), strict=True):
            plane[:] = cv2.LUT(plane, table)
        self._roughen(luma, index)
        if self._bar_px:
            self._darken_bars(planes)

    def _roughen(self, luma: Picture, index: int) -> None:
        if self._grain is None:
            return
        # The same noise at a place that jumps from frame to frame looks new each time.
        width, height = self._size
        down, across = (index * 37) % 64, (index * 53) % 64
        piece = self._grain[down : down + height, across : across + width]
        cv2.add(luma, piece, luma, dtype=cv2.CV_8U)

    def _darken_bars(self, planes: Picture) -> None:
        height, bar = self._size[1], self._bar_px
        for rows in (slice(0, bar), slice(height - bar, height)):
            planes[rows] = BLACK
        for plane in chroma_planes(planes, *self._size):
            plane[: bar // 2] = NEUTRAL
            plane[(height - bar) // 2 :] = NEUTRAL


def _luma_table(preset: Preset, tuned_contrast: float) -> np.ndarray:
    levels = np.arange(256, dtype=np.float64)
    out = MIDDLE + (levels - MIDDLE) * preset.contrast * tuned_contrast
    out = out + preset.lift * (1 - np.clip(out, 0, 255) / 255)
    if preset.steps:
        width = (WHITE - BLACK) / preset.steps
        stepped = BLACK + (np.floor((out - BLACK) / width) + 0.5) * width
        out = 0.75 * stepped + 0.25 * out
    return np.clip(np.rint(out), BLACK, WHITE).astype(np.uint8)


def _chroma_table(saturation: float, shift: float) -> np.ndarray:
    levels = np.arange(256, dtype=np.float64)
    return np.clip(np.rint(NEUTRAL + (levels - NEUTRAL) * saturation + shift), BLACK, 240).astype(np.uint8)


def _paper(order: Order) -> np.ndarray:
    random = np.random.default_rng(7)
    rough = random.standard_normal((order.height, order.width), dtype=np.float32)
    fibres = cv2.GaussianBlur(rough, (0, 0), max(0.9, order.height / 300))
    return np.asarray(np.clip(214 + 6 * fibres / fibres.std(), 0, 255), dtype=np.uint8)


def _grain(order: Order, strength: float) -> np.ndarray | None:
    if strength <= 0:
        return None
    random = np.random.default_rng(11)
    noise = random.standard_normal((order.height + 64, order.width + 64), dtype=np.float32)
    return np.asarray(np.rint(noise * strength), dtype=np.int8)
