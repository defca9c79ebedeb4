"""Margin, error rate and scope as they were fixed, and every change since."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from sora_compare.statistics.crossed import Scope
from sora_compare.statistics.rules import Rules, RulesChange

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.storage.store import Store

NAME = "verdict_rules"
EVENT = "rules changed"


class RulesBook:
    """The rules that hold outside sessions; sessions carry their own margin and alpha."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def current(self) -> Rules:
        """The rules that hold now: the shipped ones until somebody set others."""
        history = self.history()
        return history[-1].rules if history else Rules()

    def history(self) -> tuple[RulesChange, ...]:
        """Every change, oldest first."""
        kept = self._store.preference(NAME).get("changes", [])
        return tuple(_read(one) for one in kept)

    def change(self, rules: Rules, *, by: str = "") -> None:
        """Set other rules from now on; the change is kept, shown with every result, and put into the audit trail."""
        change = RulesChange(rules, time.time(), by, self._store.reviews_counted())
        self._store.prefer(NAME, {"changes": [_told(one) for one in (*self.history(), change)]})
        self._store.audit(EVENT, **_told(change))


def rules_of(session: ReviewSession) -> Rules:
    """The rules that a session fixed."""
    return Rules(margin=session.margin, alpha=session.alpha)


def _told(change: RulesChange) -> dict[str, object]:
    return {"rules": asdict(change.rules), "at": change.at, "by": change.by, "reviews": change.reviews}


def _read(kept: dict[str, object]) -> RulesChange:
    rules = dict(kept["rules"])  # type: ignore[call-overload]  # written by `_told`
    return RulesChange(Rules(**{**rules, "scope": Scope(rules["scope"])}), kept["at"], kept["by"], kept["reviews"])  # type: ignore[arg-type]  # see above
