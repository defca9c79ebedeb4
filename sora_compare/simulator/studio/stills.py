"""The thumbnail and the sprite sheet of a clip, gathered while its frames go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.simulator.studio.drawing.pictures import Picture

COLUMNS, ROWS = 5, 4
CELL_WIDTH = 256
THUMBNAIL_PLACE = 0.4
JPEG_QUALITY = 82


class Stills:
    """Picks 20 evenly spread frames, and the one two fifths in."""

    def __init__(self, frames: int) -> None:
        self._cell_at = set(np.linspace(0, frames - 1, COLUMNS * ROWS).astype(int).tolist())
        self._thumbnail_at = int(frames * THUMBNAIL_PLACE)
        self._cells: list[np.ndarray] = []
        self._thumbnail: np.ndarray | None = None

    def watch(self, frames: Iterator[Picture]) -> Iterator[Picture]:
        """Pass planar YUV frames through, keeping what is needed."""
        for index, planes in enumerate(frames):
            if index in self._cell_at:
                self._cells.append(_cell(_as_rgb(planes)))
            if index == self._thumbnail_at:
                self._thumbnail = _as_rgb(planes)
            yield planes

    def write(self, thumbnail: Path, spritesheet: Path) -> None:
        """Write the thumbnail as WebP and the sprite sheet as JPEG."""
        blank = np.zeros_like(self._cells[0])
        cells = self._cells + [blank] * (COLUMNS * ROWS - len(self._cells))
        rows = [np.hstack(cells[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(ROWS)]
        picture = self._cells[0] if self._thumbnail is None else self._thumbnail
        Image.fromarray(picture).save(thumbnail, "WEBP", quality=JPEG_QUALITY)
        Image.fromarray(np.vstack(rows)).save(spritesheet, "JPEG", quality=JPEG_QUALITY)


def _as_rgb(planes: Picture) -> np.ndarray:
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420))


def _cell(frame: np.ndarray) -> np.ndarray:
    height = max(1, round(CELL_WIDTH * frame.shape[0] / frame.shape[1]))
    return np.asarray(cv2.resize(frame, (CELL_WIDTH, height), interpolation=cv2.INTER_AREA))
