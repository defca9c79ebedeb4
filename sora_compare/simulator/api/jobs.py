"""A job: what was asked, when, and how it stands at a given moment."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sora_compare.simulator.api.catalogue import MODELS
from sora_compare.simulator.api.timing import Schedule, progress
from sora_compare.simulator.studio.order import Order, Shot

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.simulator.api.catalogue import Model

Status: TypeAlias = Literal["queued", "in_progress", "completed", "failed"]
ERRORS = {
    "moderation_blocked": "Your request was blocked by our moderation system.",
    "video_generation_failed": "The video could not be generated. The simulator lets as many requests fail as the "
    "published stability says; send this one again with another seed.",
    "internal_error": "The simulator could not render this video.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, after every check.

    Attributes:
        model: the snapshot's name; an alias is resolved before.
        seed: given, or made from the request.
        shots: (start, end, prompt) of a storyboard.
        cameos: ids.
        reference: name of the stored picture, or empty.
    """

    model: str
    prompt: str
    seconds: int
    width: int
    height: int
    seed: int
    style: str = ""
    tuning: dict[str, float] = field(default_factory=dict)
    shots: tuple[tuple[float, float, str], ...] = ()
    cameos: tuple[str, ...] = ()
    reference: str = ""

    @property
    def size(self) -> str:
        """As the API writes it."""
        return f"{self.width}x{self.height}"

    @property
    def profile(self) -> Model:
        """The snapshot."""
        return MODELS[self.model]

    def order(self, references: Path, cameos: tuple[Path, ...], scene: str = "") -> Order:
        """What to render; the model decides nothing but the realism."""
        return Order(
            prompt=self.prompt,
            seconds=float(self.seconds),
            width=self.width,
            height=self.height,
            seed=self.seed,
            realism=self.profile.realism,
            style=self.style,
            tuning=dict(self.tuning),
            shots=tuple(Shot(*shot) for shot in self.shots),
            cameos=cameos,
            reference=references / self.reference if self.reference else None,
            scene=scene,
        )


def seed_of(prompt: str, seconds: int, size: str) -> int:
    """The seed of a request that gives none: the same words and settings give the same clip, whatever the model."""
    digest = hashlib.sha256(f"{prompt}\n{seconds}\n{size}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is kept on disk; how it stands follows from it and the clock.

    Attributes:
        id: opaque to clients.
        number: order of creation.
        created_at: Unix time.
        lifetime_s: how long the content stays.
        plan: when it starts and is due.
        failure: the error code it ends with, decided at creation, or set when rendering fails; empty otherwise.
        rendered_at: Unix time of the finished file, or None while there is none.
    """

    id: str
    number: int
    created_at: float
    lifetime_s: float
    request: Request
    plan: Schedule
    failure: str = ""
    rendered_at: float | None = None

    @property
    def done_at(self) -> float:
        """When the job ends: not before it is due, and not before its file is there."""
        due = self.created_at + self.plan.due_s
        if self.failure:
            return due if self.rendered_at is None else max(due, self.rendered_at)
        return math.inf if self.rendered_at is None else max(due, self.rendered_at)

    @property
    def expires_at(self) -> float:
        """When the content is gone; never, while there is none."""
        return self.done_at + self.lifetime_s

    def status(self, now: float) -> Status:
        """How the job stands."""
        if now >= self.done_at:
            return "failed" if self.failure else "completed"
        return "queued" if now - self.created_at < self.plan.starts_s else "in_progress"

    def is_unfinished(self, now: float) -> bool:
        """True while the job waits or runs."""
        return now < self.done_at

    def needs_rendering(self) -> bool:
        """True when a file has to be made."""
        return not self.failure and self.rendered_at is None

    def as_video(self, now: float) -> dict[str, Any]:
        """The API's video object."""
        status = self.status(now)
        is_over = status in {"completed", "failed"}
        percent = 100 if status == "completed" else progress(self.plan, min(now, self.done_at) - self.created_at)
        return {
            "id": self.id,
            "object": "video",
            "model": self.request.model,
            "status": status,
            "progress": percent,
            "created_at": int(self.created_at),
            "completed_at": int(self.done_at) if is_over else None,
            "expires_at": int(self.expires_at) if status == "completed" else None,
            "size": self.request.size,
            "seconds": str(self.request.seconds),
            "prompt": self.request.prompt,
            "remixed_from_video_id": None,
            "seed": self.request.seed,
            "error": {"code": self.failure, "message": ERRORS[self.failure]} if status == "failed" else None,
        }

    def to_dict(self) -> dict[str, Any]:
        """What is written to disk."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Job:
        """A job as it was written.

        Raises:
            KeyError, TypeError, ValueError: when the data are not a job.
        """
        request = dict(data["request"])
        request["shots"] = tuple((float(a), float(b), str(words)) for a, b, words in request["shots"])
        request["cameos"] = tuple(request["cameos"])
        return cls(**{**data, "request": Request(**request), "plan": Schedule(**data["plan"])})
