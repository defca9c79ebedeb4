"""Files with bytes after their end that no player looks at, so that their length tells nothing."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.clips.containers import boxes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BLOCK = 65_536
FREE_HEADER = 8
"""Bytes before the content of a `free` box (ISO/IEC 14496-12, 8.1.2), which players skip."""
LARGE_SIZE = 2**32
"""From which a box writes its size in 64 bits; so long a file gets a `free` box."""
LEAST_SPREAD = 65_536
SPREAD_SHARE = 8
"""The drawn part of the padding is up to this fraction (one eighth) of the file, or 64 KiB if that is more."""


def common_length(sizes: Sequence[int], seed: str) -> int:
    """The length that all files of these sizes get, in bytes: over the longest by 8 and a draw from the seed."""
    longest = max(sizes)
    spread = max(LEAST_SPREAD, longest // SPREAD_SHARE)
    return longest + FREE_HEADER + int(_generator(seed, 0).integers(spread))


@dataclass(frozen=True, slots=True)
class PaddedFile:
    """An MP4 whose last box goes on with noise, or a JPEG followed by noise (decoders stop at its end marker).

    An MP4 that does not end with its media (`mdat`) is followed by a `free` box instead.

    Attributes:
        length: in bytes, with the padding; at least 8 more than the file has.
        seed: from which the noise is drawn; the same seed gives the same bytes.
    """

    path: Path
    length: int
    seed: str

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in blocks."""
        size = self.path.stat().st_size
        field_at, field = self._longer_media(size)
        if start < size:
            yield from _replaced(self._from_file(start, min(stop, size)), start, field_at, field)
        at = max(start, size)
        while at < stop:
            block, offset = divmod(at - size, BLOCK)
            found = self._noise(block, size, has_box=bool(field))[offset : offset + stop - at]
            yield found
            at += len(found)

    def _from_file(self, start: int, stop: int) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(start)
            while start < stop:
                found = file.read(min(BLOCK, stop - start))
                if not found:
                    return
                yield found
                start += len(found)

    def _longer_media(self, size: int) -> tuple[int, bytes]:
        """Where the size of the last box is written, and what it is with the padding; no bytes unless it is `mdat`.

        Its length would tell how long the clip was without padding.
        """
        if self.path.suffix != ".mp4" or self.length >= LARGE_SIZE:
            return 0, b""
        with self.path.open("rb") as file:
            *_, last = boxes(file, size)
            file.seek(last.content - FREE_HEADER)
            header = file.read(FREE_HEADER)
        field_at = last.content - FREE_HEADER
        if header != struct.pack(">I4s", size - field_at, b"mdat"):
            return 0, b""
        return field_at, struct.pack(">I", self.length - field_at)

    def _noise(self, block: int, size: int, *, has_box: bool) -> bytes:
        noise = _generator(self.seed, block + 1).bytes(BLOCK)
        if block or has_box or self.path.suffix != ".mp4":
            return noise
        return struct.pack(">I4s", self.length - size, b"free") + noise[FREE_HEADER:]


def _replaced(blocks: Iterator[bytes], at: int, field_at: int, field: bytes) -> Iterator[bytes]:
    """The blocks, the first of them at `at`, with `field` at `field_at` in place of what was there."""
    for block in blocks:
        changed = bytearray(block)
        for place, byte in enumerate(field, field_at - at):
            if 0 <= place < len(block):
                changed[place] = byte
        yield bytes(changed)
        at += len(block)


def _generator(seed: str, block: int) -> np.random.Generator:
    return np.random.default_rng([*hashlib.sha256(seed.encode()).digest(), block])
