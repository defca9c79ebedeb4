"""Pictures for requests: what they are is told by their bytes, and hostile ones are refused with a sentence."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from sora_compare.clips.files import ClipFiles
from sora_compare.clips.images import MAX_BYTES, ORIENTATION, PictureRefused, fitted, save_image

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> ClipFiles:
    return ClipFiles(tmp_path / "clips")


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", orientation: int = 1) -> bytes:
    image = Image.new(mode, size, 90 if mode in {"L", "P"} else (200, 40, 40, 128)[: len(mode)])
    image.paste(0 if mode in {"L", "P"} else (0, 0, 0, 0)[: len(mode)], (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    target = io.BytesIO()
    image.save(target, kind, **({"exif": exif} if orientation > 1 else {}))
    return target.getvalue()


def refusal(files: ClipFiles, content: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        save_image(files, content)
    return str(caught.value)


@pytest.mark.parametrize(("kind", "mime", "ending"), [
    ("JPEG", "image/jpeg", ".jpg"),
    ("PNG", "image/png", ".png"),
    ("WEBP", "image/webp", ".webp"),
])  # fmt: skip
def test_each_kind_is_kept_as_it_is(files: ClipFiles, kind: str, mime: str, ending: str) -> None:
    content = picture(kind)
    kept = save_image(files, content)
    assert (kept.mime, kept.width, kept.height) == (mime, 64, 48)
    assert files.path(kept.sha256).read_bytes() == content
    assert files.path(kept.sha256).suffix == ending
    assert save_image(files, content) == kept


def test_a_picture_that_lies_on_its_side_is_turned_upright(files: ClipFiles) -> None:
    kept = save_image(files, picture("JPEG", (64, 48), orientation=6))
    assert (kept.width, kept.height) == (48, 64)
    with Image.open(files.path(kept.sha256)) as upright:
        assert upright.size == (48, 64)
        assert upright.getexif().get(ORIENTATION, 1) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<html>not found</html>", "neither JPEG, PNG nor WebP"),
        (b"GIF89a" + bytes(100), "neither JPEG, PNG nor WebP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "neither JPEG, PNG nor WebP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "neither JPEG, PNG nor WebP"),
        (b"\xff\xd8\xff" + bytes(20), "neither JPEG, PNG nor WebP"),
        (b"x" * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_picture(files: ClipFiles, content: bytes, words: str) -> None:
    assert words in refusal(files, content)
    assert not list(files.root.rglob("*.part"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_that_ends_too_soon(files: ClipFiles, kind: str) -> None:
    content = picture(kind, (400, 300))
    assert "damaged or incomplete" in refusal(files, content[: len(content) * 2 // 3])


@pytest.mark.parametrize("size", [(8193, 16), (16, 8193), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_few_bytes_that_say_they_are_huge(files: ClipFiles, size: tuple[int, int]) -> None:
    """A decompression bomb: the header alone decides, nothing is decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    assert "wider or higher than 8,192" in refusal(files, bomb)


def test_a_picture_too_small_to_show_anything(files: ClipFiles) -> None:
    assert "only 8x8 pixels" in refusal(files, picture(size=(8, 8)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(90, 60), (60, 90), (30, 30)])
def test_fitted_has_exactly_the_size_asked(files: ClipFiles, kind: str, size: tuple[int, int]) -> None:
    kept = save_image(files, fitted(picture(kind, size), "48x32"))
    assert (kept.width, kept.height) == (48, 32)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "P"), ("PNG", "L"), ("PNG", "RGBA"), ("JPEG", "L"), ("JPEG", "CMYK")]
)
def test_fitted_takes_every_kind_of_colour(files: ClipFiles, kind: str, mode: str) -> None:
    assert save_image(files, fitted(picture(kind, mode=mode), "32x32")).width == 32


def test_fitted_keeps_the_middle() -> None:
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste((0, 0, 255), (100, 0, 200, 100))
    source = io.BytesIO()
    wide.save(source, "PNG")
    with Image.open(io.BytesIO(fitted(source.getvalue(), "50x50"))) as middle:
        colours = middle.getcolors()
    assert colours is not None
    # Scaling looks a little beyond the edge of what is kept.
    assert all(colour[2] > 200 for _, colour in colours)  # type: ignore[index]  # RGB


def test_fitted_refuses_what_is_no_size() -> None:
    with pytest.raises(ValueError, match="wide"):
        fitted(picture(), "wide")
