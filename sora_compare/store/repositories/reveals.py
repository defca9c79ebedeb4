"""Who was shown what a blind review hides; kept in the store, so that another tab or a restart knows it too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sora_compare.store.codec import from_json, to_json
from sora_compare.store.tables import shown

if TYPE_CHECKING:
    from sora_compare.store.database import Database


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

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, reviewer: str, about: str) -> Shown:
        """What this reviewer was shown so far of a pair or session."""
        query = select(shown.c.details).where((shown.c.about == about) & (shown.c.reviewer == reviewer))
        text = self._database.value(query)
        kept = {} if text is None else from_json(text)
        return Shown(bool(kept.get("models")), bool(kept.get("scores")))

    def note(self, reviewer: str, about: str, *, scores: bool = False) -> None:
        """Note, before it is drawn, that the reviewer is shown which model was which, and others' scores or not."""
        with self._database.transaction():
            before = self.of(reviewer, about)
            now = Shown(models=True, scores=before.scores or scores)
            if now != before:
                details = {"models": now.models, "scores": now.scores, "at": time.time()}
                self._database.put(shown, {"about": about, "reviewer": reviewer, "details": to_json(details)})
