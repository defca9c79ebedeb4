"""Pictures that people send: read with limits, fitted to the frame."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.pictures import Picture

LARGEST_PIXELS = 40_000_000
MIME_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class NotAPhotograph(ValueError):
    """The bytes are no picture that is accepted."""


def photograph_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, PNG or WebP.

    Raises:
        NotAPhotograph: another format, damaged, or larger than accepted.
    """
    with _opened(data) as image:
        return ImageOps.exif_transpose(image).size


def read_photograph(path: Path) -> Picture:
    """The picture as height x width x 3, blue first, turned as its EXIF data say.

    Raises:
        NotAPhotograph: see `photograph_size`.
    """
    with _opened(path.read_bytes()) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        return np.ascontiguousarray(np.asarray(upright, dtype=np.uint8)[:, :, ::-1])


def covering(picture: Picture, width: int, height: int) -> Picture:
    """The picture scaled and cropped about its middle until it just covers the frame."""
    fitted = ImageOps.fit(Image.fromarray(picture), (width, height), Image.Resampling.LANCZOS)
    return np.array(fitted, dtype=np.uint8)


def _opened(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=list(MIME_TYPES))
        if image.width * image.height > LARGEST_PIXELS:
            raise NotAPhotograph(f"it has more than {LARGEST_PIXELS // 1_000_000} million pixels")
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPhotograph("it is not a readable JPEG, PNG or WebP picture") from error
    return image
