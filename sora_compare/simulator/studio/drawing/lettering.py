"""Words as masks, in the face that ships inside Pillow, so that every machine draws the same letters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.pictures import Picture


@lru_cache(maxsize=64)
def _face(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size_px)


@lru_cache(maxsize=512)
def lettered(text: str, size_px: int) -> Picture:
    """The words as a mask (height x width, 0 to 255) as tight as the line is; read-only, shared."""
    face = _face(max(4, size_px))
    left, _, right, _ = face.getbbox(text)
    height = max(1, round(size_px * 1.3))
    image = Image.new("L", (max(1, int(right - left) + 2), height), 0)
    ImageDraw.Draw(image).text((1 - left, height / 2), text, fill=255, font=face, anchor="lm")
    mask = np.asarray(image, dtype=np.uint8)
    mask.setflags(write=False)
    return mask
