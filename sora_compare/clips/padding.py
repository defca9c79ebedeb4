"""Files with bytes after their end that no player looks at, so that their length tells nothing."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BLOCK = 65_536
FREE_HEADER = 8
"""Bytes before the content of a `free` box (ISO/IEC 14496-12, 8.1.2), which players skip."""
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
    """An MP4 followed by a `free` box, or a JPEG followed by noise (decoders stop at its end marker).

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
        if start < size:
            yield from self._from_file(start, min(stop, size))
        at = max(start, size)
        while at < stop:
            block, offset = divmod(at - size, BLOCK)
            found = self._noise(block, size)[offset : offset + stop - at]
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

    def _noise(self, block: int, size: int) -> bytes:
        noise = _generator(self.seed, block + 1).bytes(BLOCK)
        if block or self.path.suffix != ".mp4":
            return noise
        return struct.pack(">I4s", self.length - size, b"free") + noise[FREE_HEADER:]


def _generator(seed: str, block: int) -> np.random.Generator:
    return np.random.default_rng([*hashlib.sha256(seed.encode()).digest(), block])
