"""Takes of which the server says that it used another model than the one asked for: left out unless allowed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.snapshots import OtherModel
    from sora_compare.statistics.ratings import Ratings


def without_pairs(ratings: Ratings, others: Iterable[OtherModel]) -> Ratings:
    """The rows of pairs whose clips both come from the model asked for, as far as the servers say."""
    names = {one.pair for one in others}
    if not names:
        return ratings
    left_out = np.array([name in names for name in ratings.pairs.names], dtype=bool)
    rows = ~left_out[ratings.pair]
    return ratings if rows.all() else ratings.where(rows)


def other_model_sentences(others: Iterable[OtherModel], *, are_counted: bool) -> list[str]:
    """One warning for each arm and pair of names."""
    counts = Counter((one.arm, one.asked, one.echoed) for one in others)
    what = "counted all the same" if are_counted else "left out"
    return [
        f"{n} {'take' if n == 1 else 'takes'} of arm {arm} {'is' if n == 1 else 'are'} {what}: the server says that it "
        f"used {echoed}, not {asked}."
        for (arm, asked, echoed), n in sorted(counts.items())
    ]
