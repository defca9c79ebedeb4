"""Pictures that people sent, as arrays fitted to the frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from sora_compare.simulator.api.photographs import opened

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.studio.drawing.pictures import Picture


def read_photograph(path: Path) -> Picture:
    """The picture as height x width x 3, blue first, turned as its EXIF data say.

    Raises:
        NotAPhotograph: see `photograph_size`.
    """
    with opened(path.read_bytes()) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return np.ascontiguousarray(np.asarray(upright, dtype=np.uint8)[:, :, ::-1])


def covering(picture: Picture, width: int, height: int) -> Picture:
    """The picture scaled and cropped about its middle until it just covers the frame."""
    fitted = ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS)
    return np.array(fitted, dtype=np.uint8)
