"""The style presets by name: numbers only, so that checking a request needs no drawing library."""

from __future__ import annotations

from dataclasses import dataclass

TUNABLE = ("contrast", "saturation", "warmth", "grain")


@dataclass(frozen=True, slots=True)
class Preset:
    """A look. Contrast and saturation are factors; warmth and grain are in levels of 255.

    Attributes:
        lift: levels added to the shadows.
        steps: brightness levels to reduce to, 0 for all.
        wash: blur in thousandths of the height, under which a paper's grain shows.
        bars: share of the height taken by black bars, above and below together.
    """

    contrast: float = 1.0
    saturation: float = 1.0
    warmth: float = 0.0
    grain: float = 0.0
    lift: float = 0.0
    steps: int = 0
    wash: float = 0.0
    bars: float = 0.0


PRESETS: dict[str, Preset] = {
    "cinematic": Preset(contrast=1.14, saturation=0.86, warmth=5.0, grain=2.0, bars=0.13),
    "documentary": Preset(contrast=0.92, saturation=0.72, grain=4.0, lift=8.0),
    "anime": Preset(contrast=1.12, saturation=1.5, steps=9),
    "watercolour": Preset(contrast=0.8, saturation=0.95, lift=26.0, wash=4.5),
    "noir": Preset(contrast=1.28, saturation=0.0, grain=5.0),
    "vivid": Preset(contrast=1.12, saturation=1.65, warmth=1.5),
}
