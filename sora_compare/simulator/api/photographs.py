"""Pictures that people send, checked before a job exists; needs no array library, so that the server starts quickly."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_PIXELS = 40_000_000
MIME_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class NotAPhotograph(ValueError):
    """The bytes are no picture that is accepted."""


def photograph_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, PNG or WebP.

    Raises:
        NotAPhotograph: another format, damaged, or larger than accepted.
    """
    with opened(data) as image:
        return ImageOps.exif_transpose(image).size


def opened(data: bytes) -> Image.Image:
    """The picture, decoded.

    Raises:
        NotAPhotograph: see `photograph_size`.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=list(MIME_TYPES))
        if image.width * image.height > LARGEST_PIXELS:
            raise NotAPhotograph(f"it has more than {LARGEST_PIXELS // 1_000_000} million pixels")
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPhotograph("it is not a readable JPEG, PNG or WebP picture") from error
    return image
