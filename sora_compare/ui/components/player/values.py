"""What goes into the player and what comes back; nothing here knows arms or models, only the labels it is given."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Side = Literal["left", "right"]
Heard = Literal["left", "right", "none"]
ViewMode = Literal["side", "wipe", "difference", "flip"]
Event = Literal["pause", "marker", "end", "view"]
"""Why the player told Python something: playback paused, markers changed, both clips ended, the paused view changed."""

LINK_SEPARATOR = "~"

T = TypeVar("T", bound=str)


@dataclass(frozen=True, slots=True)
class Sprites:
    """A sheet of hover thumbnails: tiles lie row by row, tile n shows the clip at n times `interval_s` seconds."""

    url: str
    columns: int
    tiles: int
    interval_s: float


@dataclass(frozen=True, slots=True)
class PlayerClip:
    """A clip that can be shown.

    Attributes:
        url: served with byte ranges; a query that changes while the path stays does not load the clip again.
        fps: constant frame rate as a fraction in text, such as "30000/1001".
        label: what the side is called on screen, such as "A" or "Left".
        gain_db: for matched loudness; the side with the greater gain plays at full volume, the other below it.
        original_url: where the bytes as received can be downloaded, or None.
        flashes: whether a warning comes before playing.
        color: CSS colour of the side; None takes the theme's.
        hides_details: whether size and frame rate do not stand under the picture.
    """

    url: str
    fps: str
    frames: int
    duration_s: float
    width: int
    height: int
    has_audio: bool
    label: str
    gain_db: float = 0.0
    poster_url: str | None = None
    sprites: Sprites | None = None
    original_url: str | None = None
    flashes: bool = False
    color: str | None = None
    hides_details: bool = False


@dataclass(frozen=True, slots=True)
class PlayerMissing:
    """A side that cannot be shown; the reason, a clause without full stop, stands in its place."""

    label: str
    reason: str
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """Something seen at one instant of one side; `time_s` counts in that side's own clip."""

    id: str
    side: Side
    time_s: float
    kind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything a link must restore, apart from the pair itself.

    Attributes:
        split: the wipe line, 0 (left edge) to 1.
        pan_x: shift of the zoomed pictures as a share of the picture's width; so is `pan_y` of its height.
        loop_from_s: where the looped section begins on the timeline; None is the start, and so for `loop_to_s`.
        offset_s: the right side is shown this much further into its clip than the left.
    """

    time_s: float = 0.0
    mode: ViewMode = "side"
    facing: Side = "left"
    split: float = 0.5
    zoom: float = 1.0
    pan_x: float = 0.0
    pan_y: float = 0.0
    speed: float = 1.0
    heard: Heard = "left"
    loop: bool = False
    loop_from_s: float | None = None
    loop_to_s: float | None = None
    offset_s: float = 0.0

    def to_link(self) -> str:
        """The state as one short text for a query parameter."""
        return LINK_SEPARATOR.join(_as_text(value) for value in asdict(self).values())

    @classmethod
    def from_link(cls, text: str | None) -> ViewState | None:
        """The state a link carries; None for no text and for text that no player wrote."""
        parts = (text or "").split(LINK_SEPARATOR)
        names = list(asdict(cls()))
        if len(parts) != len(names):
            return None
        try:
            return cls._checked(dict(zip(names, parts, strict=True)))
        except ValueError:
            return None

    @classmethod
    def from_report(cls, reported: Mapping[str, Any]) -> ViewState:
        """The state as the browser reported it."""
        return cls(**{name: reported[name] for name in asdict(cls())})

    @classmethod
    def _checked(cls, parts: dict[str, str]) -> ViewState:
        return cls(
            time_s=_number(parts["time_s"], 0, 36_000),
            mode=_choice(parts["mode"], ("side", "wipe", "difference", "flip")),
            facing=_choice(parts["facing"], ("left", "right")),
            split=_number(parts["split"], 0, 1),
            zoom=_number(parts["zoom"], 1, 16),
            pan_x=_number(parts["pan_x"], -8, 8),
            pan_y=_number(parts["pan_y"], -8, 8),
            speed=_number(parts["speed"], 0.1, 2),
            heard=_choice(parts["heard"], ("left", "right", "none")),
            loop=_choice(parts["loop"], ("true", "false")) == "true",
            loop_from_s=_number(parts["loop_from_s"], 0, 36_000) if parts["loop_from_s"] else None,
            loop_to_s=_number(parts["loop_to_s"], 0, 36_000) if parts["loop_to_s"] else None,
            offset_s=_number(parts["offset_s"], -2, 2),
        )


@dataclass(frozen=True, slots=True)
class PlayerCommand:
    """An order to the player. It is carried out once for each `id`, however often the script runs with it.

    Attributes:
        delay_s: how long the player waits before it plays, so that several start together; it seeks at once.
    """

    id: str
    seek_s: float | None = None
    play: bool | None = None
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PlayerDrift:
    """How far apart the two pictures were while playing, in ms, sampled once per screen refresh.

    Attributes:
        clock_p95_ms: how far apart the decoders' clocks were; the frame lock keeps that from being seen.
        samples: 0 as long as nothing was played.
    """

    p50_ms: float = 0.0
    p95_ms: float = 0.0
    max_ms: float = 0.0
    clock_p95_ms: float = 0.0
    samples: int = 0


@dataclass(frozen=True, slots=True)
class PlayerResult:
    """What the player last reported.

    Attributes:
        event: why it reported, only in the run that the report caused; None in every other run.
        watched_to_end: whether at least nine tenths of the timeline were played and the end was reached, on every
            side there is.
        watched_share: share of the timeline that was played, 0 to 1.
        is_coarse: whether the browser could not report single frames.
        view: None until something was reported.
    """

    markers: tuple[Marker, ...] = ()
    event: Event | None = None
    drift: PlayerDrift = field(default_factory=PlayerDrift)
    watched_to_end: bool = False
    watched_share: float = 0.0
    is_coarse: bool = False
    view: ViewState | None = None


def _as_text(value: float | str | bool | None) -> str:  # noqa: FBT001 - it writes down whatever value a field has
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(text: str, low: float, high: float) -> float:
    number = float(text)
    if not low <= number <= high:
        raise ValueError(text)
    return number


def _choice(text: str, choices: tuple[T, ...]) -> T:
    return choices[choices.index(text)]
