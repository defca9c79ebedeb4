"""What every benchmark prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what was measured.
        value: the measurement, in `unit`.
        unit: "s", "ms", "count", "ratio", …
        against: what ran beside it in the same run, or None.
        ratio: ours over theirs, or None where nothing ran beside it.
        n: how many measurements the value summarises.
    """

    name: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None
    n: int = 1
