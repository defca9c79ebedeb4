"""Takes: one arm's attempt, from the plan to the saved clip or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sora_compare.domain.clips import Clip, deviations
from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.requests import ClipRequest
from sora_compare.domain.snapshots import contradicts

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_CLIP_S = 10.0
"""Timings are also given per this many seconds of clip, so that lengths can be compared."""
WHOLE_SECONDS = 1.0
"""How exact times are that a server states in whole seconds."""


class ArmLabel(StrEnum):
    """The two sides of every comparison."""

    A = "A"
    B = "B"


class Origin(StrEnum):
    """Where a take's clip comes from; the three are never mixed in one figure without saying so."""

    LIVE = "live"
    SIMULATED = "simulated"
    IMPORTED = "imported"


MOST_TELLING = (Origin.LIVE, Origin.IMPORTED, Origin.SIMULATED)
"""Where one origin has to be chosen, the first that has any evidence is; the origins are never added up."""


class TakeState(StrEnum):
    """Where a take stands; the first five are on the way, the others are outcomes."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    QUEUED = "queued"
    RUNNING = "running"
    FETCHING = "fetching"
    COMPLETED = "completed"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    AMBIGUOUS = "ambiguous"
    NOT_SAVED = "not_saved"
    STOPPED_POLLING = "stopped_watching"

    @property
    def is_outcome(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in ON_THE_WAY


ON_THE_WAY = frozenset(
    {TakeState.PLANNED, TakeState.SUBMITTING, TakeState.QUEUED, TakeState.RUNNING, TakeState.FETCHING}
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a take has no clip, as a sentence; `code` and `request_id` as the server gave them.

    `parameter` is the field of the request that the server refused, where its answer names one.
    `kind` tells whose doing it is (`domain/outcomes.py`); None where the take's state says it, or it was kept before.
    """

    sentence: str
    code: str | None = None
    request_id: str | None = None
    parameter: str | None = None
    kind: ProblemKind | None = None


@dataclass(frozen=True, slots=True)
class Moments:
    """When each step happened, in seconds since the epoch; None for what has not happened.

    Attributes:
        last_unfinished: when an answer last said that the job was not done yet.
        server_created, server_completed: by the clock of the server; only what lies between them means anything here.
    """

    planned: float
    submitting: float | None = None
    submitted: float | None = None
    first_progress: float | None = None
    completed: float | None = None
    first_frame: float | None = None
    saved: float | None = None
    ended: float | None = None
    last_unfinished: float | None = None
    server_created: float | None = None
    server_completed: float | None = None

    @property
    def server_job_s(self) -> float | None:
        """Seconds from created to completed by the server; None where it says none, or more than was waited here.

        The server's clock may be wrong by any amount, which cancels out. A span that is longer than the wait belongs to
        another job, or to a clock that was set in between.
        """
        waited = _between(self.submitting, self.completed)
        if self.server_created is None or self.server_completed is None or waited is None:
            return None
        span = self.server_completed - self.server_created
        return span if 0 <= span <= waited + WHOLE_SECONDS else None


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations in seconds; None where a step did not happen.

    Attributes:
        queued_s: submitted to first progress.
        render_s: first progress to completed, as noticed here.
        download_s: completed to saved.
        first_frame_s: the POST to the first decodable frame on disk.
        total_s: the POST to saved.
        per_10_s: total per 10 s of clip.
        job_s: the server's own time for the job, created to completed; submitted to completed where it gives none.
    """

    queued_s: float | None = None
    render_s: float | None = None
    download_s: float | None = None
    first_frame_s: float | None = None
    total_s: float | None = None
    per_10_s: float | None = None
    job_s: float | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One arm's attempt within a comparison.

    Attributes:
        repeat: number of the pair within the comparison, from 0.
        attempt: 0 for the first try of this arm and repeat; retries count up.
        endpoint: name of the endpoint it goes to.
        request: exactly what is asked.
        fingerprint: equal for requests that should cost only once.
        is_fresh: True when the user asked not to be served from the cache.
        is_sent_first: whether its pair's draw has this arm sent before the other; None where nothing was drawn.
        cached_from: the take whose clip was reused, when it was.
        request_id: x-request-id of the create.
        job_id: the id the server answered to the create; opaque.
        echoed_model: what the server says the model is; proves nothing.
        status_word: the server's own last word for the state.
        progress: percent, or None when unknown.
        retries: requests repeated because they surely were not received.
        version: of the stored record; each write checks and raises it.
    """

    id: str
    comparison_id: str
    arm: ArmLabel
    endpoint: str
    origin: Origin
    request: ClipRequest
    fingerprint: str
    moments: Moments
    repeat: int = 0
    attempt: int = 0
    state: TakeState = TakeState.PLANNED
    is_fresh: bool = False
    is_sent_first: bool | None = None
    cached_from: str | None = None
    job_id: str | None = None
    request_id: str | None = None
    echoed_model: str | None = None
    status_word: str | None = None
    progress: int | None = None
    notice: str | None = None
    problem: Problem | None = None
    clip: Clip | None = None
    retries: int = 0
    estimated_dollars: float | None = None
    deadline: float | None = None
    dropped: tuple[str, ...] = field(default=())
    version: int = 0

    @property
    def is_ended(self) -> bool:
        """Whether the take has its outcome."""
        return self.state.is_outcome

    @property
    def is_unreached(self) -> bool:
        """Whether the take waits because its endpoint cannot be reached; nothing was sent for it."""
        is_unreachable = self.problem is not None and self.problem.kind is ProblemKind.UNREACHABLE
        return self.state is TakeState.PLANNED and is_unreachable

    @property
    def other_model(self) -> str | None:
        """The model that the server says it used, where that contradicts the one asked for."""
        return self.echoed_model if contradicts(self.request.model, self.echoed_model) else None

    @property
    def deviations(self) -> tuple[str, ...]:
        """How the clip differs in size and length from what was asked for; nothing was asked of an imported one."""
        if self.clip is None or self.origin is Origin.IMPORTED:
            return ()
        return deviations(self.request.settings, self.clip)

    @property
    def timings(self) -> Timings:
        """Durations between the recorded moments; all None for a take that was not generated here."""
        if self.cached_from or self.origin is Origin.IMPORTED:
            return Timings()
        return timings(self.moments, self.clip.duration_s if self.clip else None)

    @property
    def resolution(self) -> Timings:
        """How far off each of `timings` may be, in seconds."""
        return resolution(self.moments, self.clip.duration_s if self.clip else None)


def timings(moments: Moments, clip_s: float | None) -> Timings:
    """Durations between moments, in seconds."""
    total, by_server = _between(moments.submitting, moments.saved), moments.server_job_s
    return Timings(
        queued_s=_between(moments.submitted, moments.first_progress),
        render_s=_between(moments.first_progress, moments.completed),
        download_s=_between(moments.completed, moments.saved),
        first_frame_s=_between(moments.submitting, moments.first_frame),
        total_s=total,
        per_10_s=None if total is None or not clip_s else total * PER_CLIP_S / clip_s,
        job_s=_between(moments.submitted, moments.completed) if by_server is None else by_server,
    )


def resolution(moments: Moments, clip_s: float | None) -> Timings:
    """How far off each duration may be, in seconds: the wait between two looks at the job, or a server's whole second.

    None where it is not known: takes of earlier releases did not keep when the job was last seen unfinished.
    """
    look = _between(moments.last_unfinished, moments.completed)
    stamps = (moments.server_created, moments.server_completed)
    is_whole = all(stamp is not None and stamp == int(stamp) for stamp in stamps)
    return Timings(
        queued_s=look,
        render_s=look,
        download_s=0.0,
        first_frame_s=look,
        total_s=look,
        per_10_s=None if look is None or not clip_s else look * PER_CLIP_S / clip_s,
        job_s=look if moments.server_job_s is None else WHOLE_SECONDS * is_whole,
    )


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)


def latest_attempts(takes: Iterable[Take]) -> dict[tuple[int, ArmLabel], Take]:
    """The last attempt for each (repeat, arm), in that order, whichever was sent first."""
    latest: dict[tuple[int, ArmLabel], Take] = {}
    for take in sorted(takes, key=lambda one: (one.repeat, one.arm, one.attempt)):
        latest[take.repeat, take.arm] = take
    return latest
