"""Pictures that requests carry: reference images and cameos, kept by content beside the clips."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import StoredImage, pixels
from sora_compare.errors import MEGABYTE, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.clips.files import ClipFiles

MAX_BYTES = 20 * MEGABYTE
MAX_SIDE = 8192
MIN_SIDE = 16
ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
UPRIGHT = 1
ORIENTATION = 0x0112
"""The EXIF tag that says how a camera was held."""
QUALITY = 95

# A picture of the largest size takes a quarter of a gigabyte once it is decoded: one at a time.
_one_at_a_time = Lock()


class PictureRefused(UsageError):
    """The bytes are no picture that a request can carry."""

    def __init__(self, what: str, to_do: str) -> None:
        super().__init__(f"The picture cannot be used: {what}. {to_do}")


def save_image(files: ClipFiles, content: bytes) -> StoredImage:
    """Keep a picture by its content; one that a camera took sideways is turned upright first.

    Args:
        files: where it is kept.
        content: of a JPEG, PNG or WebP file; told by the bytes, whatever its name says.

    Raises:
        PictureRefused: none of these, damaged, too large, or with too many pixels.
        NoRoom: the disk is full.
    """
    with _opened(content) as picture:
        kind = _kind(picture)
        is_upright = picture.getexif().get(ORIENTATION, UPRIGHT) == UPRIGHT
        upright = content if is_upright else _written(ImageOps.exif_transpose(picture), kind)
        width, height = picture.size if is_upright else _turned(upright)
    with files.incoming(new_identifier("img")) as incoming:
        incoming.write(upright)
        sha256 = incoming.save(ENDINGS[kind])
    return StoredImage(sha256, MIMES[kind], width, height)


def fitted(content: bytes, size: str) -> bytes:
    """The middle of a picture, scaled to exactly "WIDTHxHEIGHT", in its own format.

    Raises:
        PictureRefused: as `save_image`.
        ValueError: the size is none.
    """
    target = pixels(size)
    with _opened(content) as picture:
        upright = _coloured(ImageOps.exif_transpose(picture))
        return _written(ImageOps.fit(upright, target, Image.Resampling.LANCZOS), _kind(picture))


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    """The decoded picture, for the time of the block."""
    if len(content) > MAX_BYTES:
        raise PictureRefused(f"it is larger than {MAX_BYTES // MEGABYTE} MB", "Make it smaller.")
    if not content:
        raise PictureRefused("the file is empty", "Choose another file.")
    with _one_at_a_time, _without_warnings():
        try:
            with Image.open(io.BytesIO(content), formats=list(ENDINGS)) as picture:
                _check_sides(picture)
                picture.load()
                yield picture
        except UnidentifiedImageError:
            raise PictureRefused("it is neither JPEG, PNG nor WebP", "Save it as one of these.") from None
        except Image.DecompressionBombError:
            raise _too_many_pixels() from None
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise PictureRefused(f"the file is damaged or incomplete ({error})", "Save it again.") from error


def _check_sides(picture: Image.Image) -> None:
    if max(picture.size) > MAX_SIDE:
        raise _too_many_pixels()
    if min(picture.size) < MIN_SIDE:
        raise PictureRefused(f"it has only {picture.width}x{picture.height} pixels", "Choose a larger one.")


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(f"it is wider or higher than {MAX_SIDE:,} pixels", "Make it smaller.")


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pillow warns of large pictures; the limit above is ours and stricter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _kind(picture: Image.Image) -> str:
    return str(picture.format)


def _turned(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.size


def _coloured(picture: Image.Image) -> Image.Image:
    return picture if picture.mode in {"RGB", "RGBA"} else picture.convert("RGBA" if _is_clear(picture) else "RGB")


def _is_clear(picture: Image.Image) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _written(picture: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    coloured = _coloured(picture)
    if kind == "JPEG":
        coloured = coloured.convert("RGB")
    # Without the EXIF data: it would still say that the picture lies on its side.
    coloured.save(target, kind, quality=QUALITY, exif=b"")
    return target.getvalue()
