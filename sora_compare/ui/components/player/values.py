"""What goes into the player and what comes back; nothing here knows arms or models, only the labels it is given."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Side = Literal["left", "right"]
Heard = Literal["left", "right", "none"]
ViewMode = Literal["side", "wipe", "difference", "flip"]
Event = Literal["pause", "marker", "end", "view"]
"""Why the player told Python something: playback paused, markers changed, both clips ended, the paused view changed."""

LINK_SEPARATOR = "~"
LONGEST_S = 36_000
MARKERS_LIMIT, NAME_LIMIT, NOTE_LIMIT = 1_000, 100, 10_000
"""Of what a browser reports: far more than anybody types, and bounded."""


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

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: Annotated[str, Field(max_length=NAME_LIMIT)]
    side: Side
    time_s: Annotated[float, Field(ge=0, le=LONGEST_S)]
    kind: Annotated[str, Field(max_length=NAME_LIMIT)] = ""
    note: Annotated[str, Field(max_length=NOTE_LIMIT)] = ""


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything a link must restore, apart from the pair itself.

    Attributes:
        split: the wipe line, 0 (left edge) to 1.
        pan_x: shift of the zoomed pictures as a share of the picture's width; so is `pan_y` of its height.
        loop_from_s: where the looped section begins on the timeline; None is the start, and so for `loop_to_s`.
        offset_s: the right side is shown this much further into its clip than the left.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)

    time_s: Annotated[float, Field(ge=0, le=LONGEST_S)] = 0.0
    mode: ViewMode = "side"
    facing: Side = "left"
    split: Annotated[float, Field(ge=0, le=1)] = 0.5
    zoom: Annotated[float, Field(ge=1, le=16)] = 1.0
    pan_x: Annotated[float, Field(ge=-8, le=8)] = 0.0
    pan_y: Annotated[float, Field(ge=-8, le=8)] = 0.0
    speed: Annotated[float, Field(ge=0.1, le=2)] = 1.0
    heard: Heard = "left"
    loop: bool = False
    loop_from_s: Annotated[float, Field(ge=0, le=LONGEST_S)] | None = None
    loop_to_s: Annotated[float, Field(ge=0, le=LONGEST_S)] | None = None
    offset_s: Annotated[float, Field(ge=-2, le=2)] = 0.0

    def to_link(self) -> str:
        """The state as one short text for a query parameter."""
        return LINK_SEPARATOR.join(_as_text(value) for value in asdict(self).values())

    @classmethod
    def from_link(cls, text: str | None) -> ViewState | None:
        """The state a link carries; None for no text and for text that no player wrote."""
        parts = (text or "").split(LINK_SEPARATOR)
        names = [one.name for one in fields(cls)]
        return cls.checked({name: part or None for name, part in zip(names, parts, strict=False)}, of=len(parts))

    @classmethod
    def checked(cls, data: object, of: int | None = None) -> ViewState | None:
        """The state from outside; None where it is none, or where it has not all of `of` fields."""
        if of not in {None, len(fields(cls))}:
            return None
        try:
            return _VIEW_STATES.validate_python(data)
        except ValidationError:
            return None


_VIEW_STATES = TypeAdapter(ViewState)


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


class Report(BaseModel):
    """What a browser sends, checked: it is not trusted."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    sequence: Annotated[int, Field(ge=0)]
    event: Event
    markers: Annotated[tuple[Marker, ...], Field(max_length=MARKERS_LIMIT)]
    drift: PlayerDrift
    coarse: bool
    watched_share: Annotated[float, Field(ge=0, le=1)]
    watched_to_end: bool
    view: Any = None


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
