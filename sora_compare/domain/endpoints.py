"""Endpoints as data: a server speaking /v1/videos, and what its models can take, checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sora_compare.domain.requests import PROMPT_LIMIT, pixels
from sora_compare.domain.takes import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.requests import ClipRequest, ClipSettings

BASE_QUOTA_SECONDS = 10
"""A clip of this length counts once against a quota (source: the article, F6)."""


@dataclass(frozen=True, slots=True)
class Price:
    """List price in US dollars per second of clip, and where the figure comes from."""

    per_second: float
    source: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one model accepts; an empty tuple of seconds or sizes means "anything"."""

    seconds: tuple[int, ...] = ()
    sizes: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    takes_seed: bool = True
    takes_tuning: bool = False
    takes_storyboard: bool = False
    takes_cameos: bool = False
    takes_image: bool = False
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class ValidationProblem:
    """One thing an arm cannot take.

    Attributes:
        field: the setting's name.
        sentence: what cannot be done and what could be done instead.
        is_droppable: whether the arm could be asked without this setting.
    """

    field: str
    sentence: str
    is_droppable: bool = False


def validate_prompt(prompt: str) -> list[ValidationProblem]:
    """What is wrong with the prompt itself, whatever the model."""
    if not prompt.strip():
        return [ValidationProblem("prompt", "The prompt is empty: describe what the clip should show.")]
    if len(prompt) > PROMPT_LIMIT:
        over = len(prompt) - PROMPT_LIMIT
        return [
            ValidationProblem(
                "prompt",
                f"The prompt has {len(prompt):,} characters, {over:,} more than the {PROMPT_LIMIT:,} allowed: "
                "shorten it.",
            )
        ]
    return []


def validate_request(request: ClipRequest, capabilities: Capabilities) -> list[ValidationProblem]:
    """Everything this model cannot take of the request; empty when it can be sent as it is."""
    found = [rule(request, capabilities) for rule in _LIMITS]
    return [
        *validate_prompt(request.prompt),
        *(one for one in found if one),
        *_features(request, capabilities),
    ]


def _seconds(request: ClipRequest, capabilities: Capabilities) -> ValidationProblem | None:
    seconds = request.settings.seconds
    if seconds > 0 and (not capabilities.seconds or seconds in capabilities.seconds):
        return None
    allowed = listed([str(s) for s in capabilities.seconds]) if capabilities.seconds else "1 or more"
    return ValidationProblem("seconds", f"{request.model} cannot make {seconds} s clips: choose {allowed} s.")


def _size(request: ClipRequest, capabilities: Capabilities) -> ValidationProblem | None:
    size = request.settings.size
    if size in capabilities.sizes or (not capabilities.sizes and is_size(size)):
        return None
    if not capabilities.sizes:
        return ValidationProblem("size", f"“{size}” is no size: write width and height in pixels, such as 1280x720.")
    return ValidationProblem(
        "size",
        f"{request.model} cannot make clips of {request.settings.size}: choose {listed(capabilities.sizes)}.",
    )


def is_size(text: str) -> bool:
    """Whether the text is a size such as "1280x720"."""
    try:
        pixels(text)
    except ValueError:
        return False
    return True


def _style(request: ClipRequest, capabilities: Capabilities) -> ValidationProblem | None:
    style = request.settings.style
    if style is None or style in capabilities.styles:
        return None
    offered = f"choose {listed(capabilities.styles)}, or none" if capabilities.styles else "leave it out"
    return ValidationProblem(
        "style", f"{request.model} does not know the style “{style}”: {offered}.", is_droppable=True
    )


_LIMITS: tuple[Callable[[ClipRequest, Capabilities], ValidationProblem | None], ...] = (_seconds, _size, _style)

_FEATURES: tuple[tuple[str, str, str, Callable[[ClipSettings], bool]], ...] = (
    ("seed", "takes_seed", "a seed", lambda s: s.seed is not None),
    ("tuning", "takes_tuning", "fine tuning of the style", lambda s: bool(s.tuning)),
    ("storyboard", "takes_storyboard", "a storyboard", lambda s: bool(s.storyboard)),
    ("cameos", "takes_cameos", "cameos", lambda s: bool(s.cameos)),
    ("image", "takes_image", "a reference image", lambda s: s.image is not None),
)


def _features(request: ClipRequest, capabilities: Capabilities) -> list[ValidationProblem]:
    return [
        ValidationProblem(
            name,
            f"{request.model} does not take {words}: leave it out for this arm, or choose another model.",
            is_droppable=True,
        )
        for name, flag, words, is_asked in _FEATURES
        if is_asked(request.settings) and not getattr(capabilities, flag)
    ]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one take would cost: dollars (None when no price is known) and quota units."""

    dollars: float | None
    quota: float
    source: str


def estimate(settings: ClipSettings, capabilities: Capabilities) -> Estimate:
    """Price per second times seconds; quota is seconds over 10 (1x, 1.5x, 2x, 2.5x in the article)."""
    price = capabilities.price
    dollars = None if price is None else round(price.per_second * settings.seconds, 4)
    source = price.source if price else "no price is known for this model"
    return Estimate(dollars, settings.seconds / BASE_QUOTA_SECONDS, source)


def listed(words: list[str] | tuple[str, ...]) -> str:
    """Words in a row for a sentence: 4, 8 or 12."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One named server.

    Attributes:
        name: what arms and people call it.
        base_url: ends in /v1; empty for the built-in simulator, whose address is known once it runs.
        key_source: where its key comes from: "env:NAME", "secrets:NAME", or "" for no key. Never the key.
        profile: name of the dialect profile (endpoints/data/profiles.toml).
        models: capabilities per model, over those of the profile.
        poll_interval_s: seconds between two status requests for one job.
        watch_limit_s: after this many seconds of watching one job, watching stops and says so.
        concurrency: jobs in flight at once.
        requests_per_minute: of creates; None for no limit.
    """

    name: str
    base_url: str
    key_source: str = ""
    profile: str = "generic"
    models: dict[str, Capabilities] = field(default_factory=dict)
    poll_interval_s: float = 10.0
    watch_limit_s: float = 3600.0
    concurrency: int = 4
    requests_per_minute: int | None = None

    @property
    def is_simulator(self) -> bool:
        """Whether it is the built-in simulator."""
        return self.name == SIMULATOR

    @property
    def origin(self) -> Origin:
        """Where its takes come from."""
        return Origin.SIMULATED if self.is_simulator else Origin.LIVE
