"""The machine-readable frame number of the test card: where its cells are, what they say, how to read them.

The upper half of the picture holds 8 x 4 cells, black or white, read row by row: white, black, the frame number in
20 bits with the highest first, its CRC-8 in 8 bits, black, white. The first and last two are references: half-way
between them lies the threshold, so that contrast and brightness may change. `docs/simulator.md` says the same for
readers in other languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

COLUMNS, ROWS = 8, 4
LEFT, TOP, RIGHT, BOTTOM = 0.10, 0.08, 0.90, 0.52
"""The edges of the cells, as shares of the picture's width and height."""
NUMBER_BITS, CHECK_BITS = 20, 8
CRC_POLYNOMIAL = 0x07
LEAST_CONTRAST = 40.0
"""Levels between the black and the white references below which nothing is read."""


class NoFrameNumber(ValueError):
    """The picture shows no frame number that can be trusted."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The picture shows no readable frame number: {reason}.")


def crc8(number: int) -> int:
    """CRC-8 (polynomial 0x07, from 0) of the number as three bytes, the highest first."""
    check = 0
    for byte in number.to_bytes(3, "big"):
        check ^= byte
        for _ in range(8):
            check = ((check << 1) ^ CRC_POLYNOMIAL if check & 0x80 else check << 1) & 0xFF
    return check


def cell_bits(number: int) -> list[bool]:
    """The 32 cells in reading order, True for white."""
    payload = (number << CHECK_BITS) | crc8(number)
    bits = [bool(payload >> place & 1) for place in range(NUMBER_BITS + CHECK_BITS - 1, -1, -1)]
    return [True, False, *bits, False, True]


def cell_box(index: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a cell as shares of the picture."""
    row, column = divmod(index, COLUMNS)
    wide, tall = (RIGHT - LEFT) / COLUMNS, (BOTTOM - TOP) / ROWS
    return LEFT + column * wide, TOP + row * tall, LEFT + (column + 1) * wide, TOP + (row + 1) * tall


def read_frame_number(rgb: np.ndarray) -> int:
    """The frame number shown by a test card.

    Args:
        rgb: height x width x 3 (any order of colours) or height x width, 0 to 255, at any size.

    Raises:
        NoFrameNumber: no cells there, or the checksum does not agree.
    """
    grey = rgb.mean(axis=2) if rgb.ndim > 2 else rgb  # noqa: PLR2004 - three axes mean colours
    levels = [_level(grey, index) for index in range(COLUMNS * ROWS)]
    white, black = min(levels[0], levels[-1]), max(levels[1], levels[-2])
    if white - black < LEAST_CONTRAST:
        raise NoFrameNumber("the reference cells do not stand apart")
    threshold = (white + black) / 2
    payload = 0
    for level in levels[2:-2]:
        payload = payload << 1 | (level > threshold)
    number, check = payload >> CHECK_BITS, payload & 0xFF
    if crc8(number) != check:
        raise NoFrameNumber("the checksum does not agree")
    return number


def _level(grey: np.ndarray, index: int) -> float:
    height, width = grey.shape
    left, top, right, bottom = cell_box(index)
    across, down = (right - left) / 4, (bottom - top) / 4
    rows = slice(int((top + down) * height), max(int((top + down) * height) + 1, int((bottom - down) * height)))
    columns = slice(int((left + across) * width), max(int((left + across) * width) + 1, int((right - across) * width)))
    return float(grey[rows, columns].mean())
