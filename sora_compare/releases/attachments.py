"""Pictures given to `generate_video`: a path, bytes, an open file, or the SDK's (name, bytes, type)."""

from __future__ import annotations

import hashlib
import io
from os import PathLike
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from sora_compare.domain.requests import Cameo, StoredImage
from sora_compare.errors import UsageError


class Attachments:
    """Pictures by their hash while one request is made."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    def content(self, image: StoredImage) -> bytes:
        """The bytes of a picture that was added."""
        return self._content[image.sha256]

    def add(self, data: Any) -> StoredImage:  # noqa: ANN401  # whatever a caller passed
        """One picture.

        Raises:
            UsageError: it cannot be read, or is no picture.
        """
        content = _content(data)
        try:
            with Image.open(io.BytesIO(content)) as picture:
                mime, size = Image.MIME.get(picture.format or "", ""), picture.size
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
            raise UsageError("The reference image is no picture that can be read: give a JPEG, PNG or WebP.") from error
        digest = hashlib.sha256(content).hexdigest()
        self._content[digest] = content
        return StoredImage(digest, mime, *size)

    def cameo(self, data: Any) -> Cameo:  # noqa: ANN401  # whatever a caller passed
        """A character given as {"name": …, "description": …, "reference_images": […]}.

        Raises:
            UsageError: it is something else.
        """
        if not isinstance(data, dict) or not isinstance(data.get("name"), str):
            raise UsageError('Give each cameo as {"name": …, "description": …, "reference_images": [paths]}.')
        images = tuple(self.add(one) for one in data.get("reference_images", ()))
        return Cameo(data["name"], str(data.get("description", "")), images)


def _content(data: Any) -> bytes:  # noqa: ANN401  # whatever a caller passed
    if isinstance(data, tuple) and len(data) > 1:
        data = data[1]
    if isinstance(data, (bytes, bytearray)):
        return bytes(data)
    read = getattr(data, "read", None)
    if callable(read):
        return bytes(read())
    if not isinstance(data, (str, PathLike)):
        raise UsageError("Give the reference image as a path, as bytes, or as an open file.")
    try:
        return Path(data).read_bytes()
    except OSError as error:
        raise UsageError(f"The reference image {data} cannot be read ({error.strerror}).") from error
