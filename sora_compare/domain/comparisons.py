"""Comparisons: one prompt and its settings, sent to both arms."""

from __future__ import annotations

from dataclasses import dataclass

from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel


@dataclass(frozen=True, slots=True)
class Arm:
    """One side: an endpoint, by name, and a model."""

    label: ArmLabel
    endpoint: str
    model: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One prompt and its settings, sent to both arms; `repeats` pairs of takes.

    Attributes:
        created: seconds since the epoch.
        suite: id of the suite run it belongs to, if any.
        asked_by: who sent it, as far as it is known; for the audit log.
        version: of the stored record.
    """

    id: str
    prompt: str
    settings: ClipSettings
    arms: tuple[Arm, Arm]
    created: float
    repeats: int = 1
    tags: tuple[str, ...] = ()
    suite: str | None = None
    asked_by: str = ""
    version: int = 0

    def arm(self, label: ArmLabel) -> Arm:
        """The arm of that label."""
        return next(arm for arm in self.arms if arm.label is label)
