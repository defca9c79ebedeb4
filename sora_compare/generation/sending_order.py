"""Which arm of a pair is sent first: drawn in blocks of two, so that neither arm has the earlier place more often.

Both arms are sent at the same time all the same; what is drawn is which of the two requests leaves a moment earlier.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sora_compare.domain.takes import ArmLabel, Take, TakeState

if TYPE_CHECKING:
    from collections.abc import Iterable

PAIRS_PER_BLOCK = 2
"""Permuted blocks: of each two pairs in a row, one begins with A and one with B."""


def arm_order(seed: str, pair: int) -> tuple[ArmLabel, ArmLabel]:
    """The arms of one pair in the order in which they are sent.

    Args:
        seed: of the draw; the same seed gives the same orders.
        pair: number of the pair within the draw, from 0.
    """
    block, place = divmod(pair, PAIRS_PER_BLOCK)
    # A fair draw that can be repeated; nothing secret depends on it.
    is_a_earlier = random.Random(f"{seed}:{block}").random() < 0.5  # noqa: S311, PLR2004  # see above
    is_a_first = is_a_earlier if place == 0 else not is_a_earlier
    return (ArmLabel.A, ArmLabel.B) if is_a_first else (ArmLabel.B, ArmLabel.A)


def in_sending_order(takes: Iterable[Take]) -> list[Take]:
    """Takes as the runner takes them up: jobs that were made come first, then pair by pair in the drawn order.

    A pair stands where its first take stands in `takes`; its other take follows, also where both are retries.
    """
    every = list(takes)
    place: dict[tuple[str, int, int], int] = {}
    for take in every:
        place.setdefault(_pair(take), len(place))
    return sorted(
        every, key=lambda one: (one.state is TakeState.PLANNED, place[_pair(one)], one.is_sent_first is False)
    )


def _pair(take: Take) -> tuple[str, int, int]:
    return take.comparison_id, take.repeat, take.attempt
