"""Recorded movements: physics run once in fixed steps, then asked for any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pymunk

STEP_S = 1 / 240


@dataclass(frozen=True, slots=True)
class Contact:
    """Two things touched.

    Attributes:
        at_s: when.
        x: where, in units.
        strength: change of velocity, in units per second.
        kind: what touched, as the scene names it.
    """

    at_s: float
    x: float
    strength: float
    kind: str


def body_of(shape: pymunk.Shape) -> pymunk.Body:
    """The body that a shape belongs to; every shape of ours has one."""
    assert shape.body is not None  # noqa: S101 - never taken off
    return shape.body


class Recorder:
    """Notes where bodies are after each step."""

    def __init__(self, bodies: Sequence[pymunk.Body]) -> None:
        self._bodies = bodies
        self._rows: list[list[tuple[float, float, float]]] = []

    def note(self) -> None:
        """Note the present state."""
        self._rows.append([(body.position.x, body.position.y, body.angle) for body in self._bodies])

    def paths(self) -> list[Path]:
        """One path per body."""
        table = np.asarray(self._rows, dtype=np.float64)
        return [Path(table[:, index]) for index in range(len(self._bodies))]


class Path:
    """Where a body is at any time: steps x 3 of x, y and angle (radians)."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    def at(self, t: float) -> tuple[float, float, float]:
        """Position and angle in degrees, between two steps where `t` is; beyond the record, its end."""
        place = min(max(t / STEP_S, 0.0), len(self._rows) - 1.0)
        low = min(int(place), len(self._rows) - 2)
        share = place - low
        x, y, angle = self._rows[low] * (1.0 - share) + self._rows[low + 1] * share
        return float(x), float(y), float(np.degrees(angle))

    @property
    def rows(self) -> np.ndarray:
        """All steps, STEP_S apart."""
        return self._rows
