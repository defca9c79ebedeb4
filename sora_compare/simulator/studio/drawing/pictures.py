"""What a picture is here: arrays of bytes, blue first, and the few ways of making one from nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""Height x width x 3 (blue, green, red), or height x width for a mask or one plane."""
Plane: TypeAlias = NDArray[np.float32]
"""Height x width of real numbers."""
Colour: TypeAlias = tuple[int, int, int]
"""Blue, green, red, each 0 to 255."""

cv2.setNumThreads(1)


@lru_cache(maxsize=512)
def colour(code: str) -> Colour:
    """The colour written as `#rrggbb`."""
    red, green, blue = (int(code[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """`share` (0 to 1) of the second colour in the first."""
    kept = min(max(share, 0.0), 1.0)
    blue, green, red = (round(a + (b - a) * kept) for a, b in zip(first, second, strict=True))
    return blue, green, red


def as_picture(values: NDArray[np.floating]) -> Picture:
    """Real numbers clipped to 0 to 255 and rounded."""
    return np.asarray(np.clip(values + 0.5, 0, 255), dtype=np.uint8)


def gradient(width: int, height: int, stops: list[tuple[float, str]]) -> Plane:
    """A vertical gradient through (place 0 to 1, colour) stops; height x width x 3 of real numbers."""
    places = [place for place, _ in stops]
    rows = np.linspace(0.0, 1.0, height)
    columns = [np.interp(rows, places, [colour(code)[k] for _, code in stops]) for k in range(3)]
    column = np.stack(columns, axis=1).astype(np.float32)
    return np.repeat(column[:, None, :], width, axis=1)


def distance(width: int, height: int, centre: tuple[float, float], radii: tuple[float, float]) -> Plane:
    """Distance of each pixel from `centre` (pixels), 1 at the ellipse with `radii`."""
    x = (np.arange(width, dtype=np.float32) - centre[0]) / radii[0]
    y = (np.arange(height, dtype=np.float32) - centre[1]) / radii[1]
    return np.asarray(np.sqrt(x[None, :] ** 2 + y[:, None] ** 2), dtype=np.float32)


def soft_spot(width: int, height: int, centre: tuple[float, float], radii: tuple[float, float]) -> Plane:
    """A round spot of light: 1 at the centre, falling smoothly to 0 at the radii."""
    near = np.clip(1.0 - distance(width, height, centre, radii), 0.0, 1.0)
    return np.asarray(near * near * (3.0 - 2.0 * near))


def speckle(width: int, height: int, seed: int, grain_px: float, stretch: float = 1.0) -> Plane:
    """Smooth noise around 0 with deviation 1; `stretch` above 1 draws it out sideways, as wood does."""
    random = np.random.default_rng(seed)
    rough = random.standard_normal((height, width), dtype=np.float32)
    if grain_px <= 0:
        return rough
    smooth = cv2.GaussianBlur(rough, (0, 0), sigmaX=grain_px * stretch, sigmaY=grain_px)
    return np.asarray(smooth / max(float(smooth.std()), 1e-6), dtype=np.float32)


def dithered(values: Plane, seed: int) -> Picture:
    """A picture from a smooth background, with the faint noise that keeps gradients from banding."""
    random = np.random.default_rng(seed)
    noise = random.uniform(-1.0, 1.0, values.shape[:2]).astype(np.float32)
    return as_picture(values + noise[:, :, None])
