"""Who rated what, as a matrix: full where most cells are filled, sparse where few are."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from scipy.sparse import csr_array, diags_array  # type: ignore[import-untyped]  # scipy ships no types

from sora_compare.statistics.results import Floats, Integers

FULL_SHARE = 0.05
"""Above this share of filled cells a full matrix multiplies quicker than a sparse one."""

Matrix = Any
"""An ndarray or a csr_array; both know `@` and `.T`."""


def matrix(rows: Integers, columns: Integers, values: Floats, shape: tuple[int, int]) -> Matrix:
    """The values summed into their cells; the others are 0."""
    size = shape[0] * shape[1]
    if len(values) >= FULL_SHARE * size:
        return np.bincount(rows * shape[1] + columns, values, minlength=size).reshape(shape)
    return csr_array((values, (rows, columns)), shape=shape)


def placed(rows: Integers, columns: Integers, shape: tuple[int, int]) -> Matrix:
    """Ones in these cells, each named once."""
    if len(rows) < FULL_SHARE * shape[0] * shape[1]:
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    full = np.zeros(shape)
    full[rows, columns] = 1
    return full


def gram(incidence: Matrix, weights: Floats) -> Floats:
    """The full matrix M' diag(weights) M."""
    if isinstance(incidence, np.ndarray):
        return cast(Floats, incidence.T @ (weights[:, None] * incidence))
    return cast(Floats, (incidence.T @ (diags_array(weights) @ incidence)).toarray())
