"""Who was shown what a blind review hides; kept in the store, so that another tab or a restart knows it too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.store.records import Records

TABLE = "shown_to"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reviewer was shown of a pair or a session.

    Attributes:
        models: which model was which.
        scores: the scores that others gave.
    """

    models: bool = False
    scores: bool = False


class Reveals:
    """What each reviewer was shown, by the reviewer and the pair or session it was about."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def of(self, reviewer: str, about: str) -> Shown:
        """What this reviewer was shown so far."""
        kept = self._records.get(TABLE, f"{about}:{reviewer}") or {}
        return Shown(bool(kept.get("models")), bool(kept.get("scores")))

    def note(self, reviewer: str, about: str, *, scores: bool = False) -> None:
        """Note, before it is drawn, that the reviewer is shown which model was which, and others' scores or not."""
        with self._records.transaction():
            before = self.of(reviewer, about)
            now = Shown(models=True, scores=before.scores or scores)
            if now != before:
                details = {"models": now.models, "scores": now.scores, "at": time.time()}
                self._records.put(TABLE, f"{about}:{reviewer}", details)
