"""When a job begins, how it gets on and how it ends: pure functions of the request and the clock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.simulator.api.catalogue import Model

JITTER = 0.06
"""Jobs take up to this share longer or shorter, by their seed."""
ALMOST_DONE = 99


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job leaves the queue and when it may be done, in seconds after its creation."""

    starts_s: float
    due_s: float


def draw(purpose: str, *details: object) -> float:
    """A number from 0 to 1 that the same facts always give."""
    digest = hashlib.sha256("\n".join([purpose, *map(str, details)]).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def schedule(model: Model, seconds: float, speed: float, *details: object) -> Schedule:
    """Latency and total time by the published figures, `speed` times faster.

    The published time holds for 10 s of clip; the part after the latency is taken to grow with the length.
    """
    factor = (1 + JITTER * (2 * draw("pace", model.name, *details) - 1)) / speed
    rendering = (model.ten_second_clip_s - model.first_frame_s) * seconds / 10
    return Schedule(model.first_frame_s * factor, (model.first_frame_s + rendering) * factor)


def fails(model: Model, *details: object) -> bool:
    """True for the share of requests that the model is published to fail."""
    return draw("stability", model.name, *details) >= model.success_share


def progress(plan: Schedule, age_s: float) -> int:
    """Percent done, by age alone; never 100, which only a rendered file makes true."""
    if age_s <= plan.starts_s:
        return 0
    share = (age_s - plan.starts_s) / max(plan.due_s - plan.starts_s, 1e-9)
    return min(ALMOST_DONE, int(100 * share))
