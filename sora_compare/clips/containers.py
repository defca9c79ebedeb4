"""What kind of file it is and whether it is whole, from its outer structure alone, without decoding."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from sora_compare.errors import NotAVideo, Truncated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD_BYTES = 4096
MOST_BOXES = 100_000
"""A fragmented clip has two boxes a fragment; more than this is no clip."""
PROVENANCE = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Type of the `uuid` box that holds a C2PA manifest (C2PA 2.1, "Embedding manifests into BMFF-based assets")."""
IMAGE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif"})
BOX_HEADER, RIFF_HEADER = 8, 12
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"

_OTHER_KINDS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"ID3", "a sound file"),
    (b"OggS", "an Ogg file"),
    (b"#EXTM3U", "a playlist"),
)


@dataclass(frozen=True, slots=True)
class Container:
    """The kind of file: its name, usual extension, libav's demuxer for it, and whether C2PA provenance is in it."""

    name: str
    extension: str
    demuxer: str
    has_provenance: bool = False


def inspect(path: Path, *, is_whole: bool = True) -> Container:
    """Read the outer structure; `is_whole=False` for a file that is still growing.

    Raises:
        NotAVideo: another kind of file; says which.
        Truncated: it ends before its own structure says it does.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        if head[4:8] == b"ftyp" and head[8:12] not in IMAGE_BRANDS:
            container, end = _mp4(file, head, size)
        elif head.startswith(EBML):
            container, end = _matroska(head)
        elif head.startswith(b"RIFF") and head[8:12] == b"AVI ":
            container, end = _avi(file, size)
        else:
            raise NotAVideo(_seems(head))
    if is_whole and end > size:
        raise Truncated(f"{size:,} of at least {end:,} bytes are there")
    return container


def _seems(head: bytes) -> str:
    if not head:
        return "it is empty"
    named = next((name for magic, name in _OTHER_KINDS if head.startswith(magic)), None)
    return f"it seems to be {named or _text_kind(head)}"


def _text_kind(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return "an HTML page"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if start.startswith(b"<"):
        return "XML"
    if head.startswith(b"RIFF"):
        return {b"WAVE": "a sound file", b"WEBP": "a WebP picture"}.get(head[8:12], "a RIFF file without video")
    if head[4:8] == b"ftyp":
        return "a HEIF or AVIF picture"
    return "text" if all(byte >= ord(" ") or byte in b"\t\r\n" for byte in head) else "data of an unknown kind"


@dataclass(frozen=True, slots=True)
class Box:
    """One top-level box: its type, where its content starts, and where it ends according to its header."""

    kind: bytes
    content: int
    end: int


def boxes(file: BinaryIO, size: int) -> Iterator[Box]:
    """Top-level boxes of an ISO base media file (ISO/IEC 14496-12, 4.2); the last may end beyond `size`."""
    start = 0
    for _ in range(MOST_BOXES):
        if size - start < BOX_HEADER:
            return
        file.seek(start)
        length, kind, long_length = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        content = start + (16 if length == 1 else 8)
        end = size if length == 0 else start + (long_length if length == 1 else length)
        yield Box(kind, content, end)
        if end < content:
            return
        start = end
    raise NotAVideo("it has too many boxes")


def _mp4(file: BinaryIO, head: bytes, size: int) -> tuple[Container, int]:
    found = list(boxes(file, size))
    end = found[-1].end
    if end <= size and not any(box.kind == b"moov" for box in found):
        raise Truncated("its index, the moov box, is not there")
    name, extension = ("mov", ".mov") if head[8:12] == b"qt  " else ("mp4", ".mp4")
    has_provenance = any(_is_provenance(file, box) for box in found)
    return Container(name, extension, "mp4", has_provenance=has_provenance), end


def _is_provenance(file: BinaryIO, box: Box) -> bool:
    if box.kind != b"uuid":
        return False
    file.seek(box.content)
    return file.read(16) == PROVENANCE


def _matroska(head: bytes) -> tuple[Container, int]:
    """Header, then one segment that holds everything else (RFC 9559); its size may be unknown."""
    segment = 4 + _vint_length(head[4:5]) + (_vint(head[4:]) or 0)
    name, extension = ("webm", ".webm") if b"webm" in head[:segment] else ("matroska", ".mkv")
    length = _vint(head[segment + 4 :]) if head[segment : segment + 4] == SEGMENT else None
    end = 0 if length is None else segment + 4 + _vint_length(head[segment + 4 :]) + length
    return Container(name, extension, "matroska"), end


def _vint_length(data: bytes) -> int:
    """Bytes of an EBML variable-size integer, told by its first byte (RFC 8794, 4)."""
    return 9 - data[0].bit_length() if data else 0


def _vint(data: bytes) -> int | None:
    """The integer; None for the reserved "unknown" (all ones)."""
    length = _vint_length(data)
    mask = (1 << (7 * length)) - 1
    value = int.from_bytes(data[:length]) & mask
    return None if value == mask else value


def _avi(file: BinaryIO, size: int) -> tuple[Container, int]:
    """RIFF chunks of at most 1 GiB, one after the other (OpenDML)."""
    start = 0
    while size - start >= RIFF_HEADER:
        file.seek(start)
        magic, length = struct.unpack("<4sI", file.read(8))
        if magic != b"RIFF":
            break
        start += 8 + length
        start += start % 2 if start < size else 0
    return Container("avi", ".avi", "avi"), start
