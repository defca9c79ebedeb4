"""A command that made clips ends once their pictures and measurements are made, too."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.services import Services

LIMIT_S, LIMIT_PER_TAKE_S = 60.0, 5.0
LOOK_S, SAY_EVERY_S = 0.1, 5.0


def wait_for_postprocessing(opened: Services, take_ids: Sequence[str]) -> None:
    """Wait for thumbnails, loudness and flashes of these takes' clips, up to a minute and five seconds a take.

    Blind reviews need them on both sides or on neither. What is not made in time is made by the next runner.
    """
    started = printed_at = time.monotonic()
    limit_s = LIMIT_S + LIMIT_PER_TAKE_S * len(take_ids)
    left = _unfinished(opened, take_ids)
    while left and time.monotonic() - started < limit_s:
        if time.monotonic() - printed_at > SAY_EVERY_S:
            printed_at = time.monotonic()
            sys.stderr.write(f"Thumbnails and measurements are still to be made for {len(left)} clips.\n")
        time.sleep(LOOK_S)
        left = _unfinished(opened, left)
    if left:
        sys.stderr.write(f"{len(left)} clips have no thumbnails or measurements yet: the next start makes them.\n")


def _unfinished(opened: Services, take_ids: Sequence[str]) -> list[str]:
    postprocessor = opened.runner.postprocessor
    return [one for one in take_ids if postprocessor.is_due(opened.store.takes.get(one))]
