"""What is asked of a model: the prompt and the settings of the clip."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

PROMPT_LIMIT = 4000
"""Characters; longer prompts are refused before anything is sent."""

SIZES = ("1280x720", "720x1280", "1792x1024", "1024x1792")
TUNING_DIALS = ("contrast", "saturation", "warmth", "grain")


def pixels(size: str) -> tuple[int, int]:
    """Width and height in pixels of a size such as "1280x720".

    Raises:
        ValueError: when the text is no size.
    """
    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ValueError(size)
    return int(width), int(height)


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene of a storyboard: seconds from the clip's start, and what happens."""

    start: float
    end: float
    prompt: str


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image kept beside the clips: SHA-256 of its bytes, MIME type, pixels."""

    sha256: str
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Cameo:
    """A character that a prompt can name as `@name`."""

    name: str
    description: str = ""
    images: tuple[StoredImage, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """Everything asked for besides the prompt; what is None or empty is not sent.

    Attributes:
        seconds: length of the clip.
        size: "WIDTHxHEIGHT" in pixels.
        seed: for reproducibility, where the endpoint has seeds.
        style: name of a style preset.
        tuning: fine tuning of the style, dial to value in -1..1.
        storyboard: scenes in order, without gaps.
        cameos: characters the prompt may name.
        image: reference image the clip starts from.
    """

    seconds: int
    size: str
    seed: int | None = None
    style: str | None = None
    tuning: dict[str, float] = field(default_factory=dict)
    storyboard: tuple[Scene, ...] = ()
    cameos: tuple[Cameo, ...] = ()
    image: StoredImage | None = None


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One request as an endpoint receives it."""

    model: str
    prompt: str
    settings: ClipSettings


def fingerprint(endpoint: str, request: ClipRequest, repeat: int) -> str:
    """SHA-256 that is equal exactly for the same endpoint, model, prompt, settings and repeat number.

    This is the key under which a request costs only once.
    """
    found = _as_equal({"endpoint": endpoint, "repeat": repeat, **asdict(request)})
    return hashlib.sha256(json.dumps(found, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _as_equal(value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    """The same value, written alike where Python calls it equal: 0 and 0.0 are one second, and one price."""
    if isinstance(value, dict):
        return {key: _as_equal(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_equal(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
