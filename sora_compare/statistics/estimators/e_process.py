"""Evidence that one arm's values are larger, that may be looked at after every observation.

Observations, in the order in which they began, are cut into blocks of `BLOCK` neighbours, whatever their arms.
Within a block, given how many are the candidate's, every assignment of the arms to the values is equally likely when
both models are alike, since keys are assigned to arms by a hash. With w = exp(strength * rank), the product of w over
the candidate's values, divided by its mean over all assignments, therefore has expectation 1, whatever the
distribution; the mean over assignments is the elementary symmetric polynomial of the w, over the number of
assignments. The product over blocks is a non-negative martingale, and so is a mixture over strengths: it ever reaches
1 / alpha with probability alpha at most (Ville 1939). Only neighbours are compared, so a load that rises with time
while the candidate's share widens is no evidence.

Sources: Ville (1939); Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic
confidence sequences"; Waudby-Smith and Ramdas (2024), "Estimating means of bounded random variables by betting";
Ramdas, Grünwald, Vovk and Shafer (2023), "Game-theoretic statistics and safe anytime-valid inference".
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import comb, exp, fsum, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "1"
BLOCK = 10
"""Observations compared with each other; the evidence moves when a block is full."""
STRENGTHS = (0.5, 1.0, 2.0, 4.0)
"""How much larger the candidate's values might be, in ranks from 0 to 1, or in log odds where values are 0 or 1."""


def evidence(values: Sequence[float | None], is_candidate: Sequence[bool]) -> float:
    """The evidence against "alike or smaller", 1 with too little to tell; reject at 1 / alpha.

    Args:
        values: one an observation, in the order in which they began; None where it is not known yet: its block waits.
        is_candidate: whether each is the candidate's.
    """
    blocks = []
    for at in range(0, len(values) - BLOCK + 1, BLOCK):
        known = tuple(value for value in values[at : at + BLOCK] if value is not None)
        if len(known) == BLOCK:
            blocks.append(growth_of_block(known, tuple(is_candidate[at : at + BLOCK])))
    logs = [fsum(block[place] for block in blocks) for place in range(len(STRENGTHS))]
    top = max(logs)
    # A mixture beyond what a float holds is decided all the same.
    return exp(min(700.0, top + log(fsum(exp(one - top) for one in logs) / len(logs))))


@lru_cache(maxsize=8192)
def growth_of_block(values: tuple[float, ...], chosen: tuple[bool, ...]) -> tuple[float, ...]:
    """Log of a block's ratio at each of `STRENGTHS`; kept, since a full block never changes."""
    ranks = mid_ranks(values)
    return tuple(_log_ratio(ranks, chosen, strength) for strength in STRENGTHS)


def mid_ranks(values: Sequence[float]) -> list[float]:
    """Ranks of a block from 0 to 1; equal values share the mean of theirs, and two values only become 0 and 1."""
    counts = Counter(values)
    if len(counts) == 2:  # noqa: PLR2004  # such as failed or not
        return [float(value == max(counts)) for value in values]
    places: dict[float, float] = {}
    below = 0
    for value in sorted(counts):
        places[value] = (below + (counts[value] - 1) / 2) / max(1, len(values) - 1)
        below += counts[value]
    return [places[value] for value in values]


def _log_ratio(ranks: Sequence[float], chosen: Sequence[bool], strength: float) -> float:
    picked = sum(chosen)
    if picked in {0, len(ranks)}:
        return 0.0
    sums = [1.0, *([0.0] * picked)]
    for rank in ranks:
        weight = exp(strength * rank)
        for size in range(picked, 0, -1):
            sums[size] += weight * sums[size - 1]
    mean = sums[picked] / comb(len(ranks), picked)
    return strength * fsum(rank for rank, is_in in zip(ranks, chosen, strict=True) if is_in) - log(mean)
