"""The models that the simulator serves, with the abilities and the figures that the article publishes for them."""

from __future__ import annotations

from dataclasses import dataclass

from sora_compare.simulator.studio.order import Realism

DEFAULT_MODEL = "sora-2"
DEFAULT_SECONDS = 4
DEFAULT_SIZE = "720x1280"
SIZES = ("1280x720", "720x1280", "1024x1792", "1792x1024")
BOTH_SECONDS = (4, 8, 10, 12, 15, 16, 20)


@dataclass(frozen=True, slots=True)
class Model:
    """A snapshot.

    Attributes:
        name: its dated id.
        released: Unix time of the date in its name.
        seconds: allowed lengths.
        realism: what its clips get right.
        first_frame_s: published time until the first frame.
        ten_second_clip_s: published time for a clip of 10 s.
        success_share: published share of jobs that succeed.
        has_extras: True when it takes storyboards, cameos and fine tuning of styles.
    """

    name: str
    released: int
    seconds: tuple[int, ...]
    realism: Realism
    first_frame_s: float
    ten_second_clip_s: float
    success_share: float
    has_extras: bool


OCTOBER = Model(
    name="sora-2-2025-10-06",
    released=1_759_708_800,
    seconds=BOTH_SECONDS,
    realism=Realism.BASIC,
    first_frame_s=8.0,
    ten_second_clip_s=45.0,
    success_share=0.992,
    has_extras=False,
)
DECEMBER = Model(
    name="sora-2-2025-12-08",
    released=1_765_152_000,
    seconds=(*BOTH_SECONDS, 25),
    realism=Realism.PRECISE,
    first_frame_s=6.0,
    ten_second_clip_s=40.0,
    success_share=0.995,
    has_extras=True,
)
MODELS: dict[str, Model] = {OCTOBER.name: OCTOBER, DECEMBER.name: DECEMBER, DEFAULT_MODEL: DECEMBER}
"""What may be asked for; the alias means the newest snapshot."""


def model_objects() -> list[dict[str, object]]:
    """The answer of GET /v1/models."""
    return [
        {"id": name, "object": "model", "created": model.released, "owned_by": "simulator"}
        for name, model in MODELS.items()
    ]
