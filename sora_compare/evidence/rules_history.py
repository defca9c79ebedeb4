"""Margin, error rate, scope and evidence as they were fixed, and every change since."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import Evidence
from sora_compare.errors import UnknownRecord
from sora_compare.sessions.admin import MARGIN_CHANGED
from sora_compare.statistics.estimators.crossed import Scope
from sora_compare.statistics.rules import Rules, RulesChange, shared_warnings, warnings

if TYPE_CHECKING:
    from sora_compare.store.store import Store

NAME = "verdict_rules"
EVENT = "rules changed"
LEVELLED = (
    "Where the clips of a pair differed in size, rate, length or sound, reviewers saw both re-encoded to the smaller "
    "size, the lower rate and the shorter length."
)


class RulesHistory:
    """The rules that hold outside sessions; sessions carry their own margin and alpha."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._repository = store.sessions

    def current(self) -> Rules:
        """The rules that hold now: the shipped ones until somebody set others."""
        history = self.history()
        return history[-1].rules if history else Rules()

    def history(self) -> tuple[RulesChange, ...]:
        """Every change, oldest first."""
        kept = self._store.settings.get(NAME).get("changes", [])
        return tuple(_read(one) for one in kept)

    def holding(self, session: str | None) -> Rules:
        """The rules that a session fixed; outside sessions, and of one that was deleted, the current ones."""
        current = self.current()
        try:
            fixed = self._repository.session(session or "")
        except UnknownRecord:
            return current
        return replace(current, margin=fixed.margin, alpha=fixed.alpha)

    def warnings(self, session: str | None) -> tuple[str, ...]:
        """A sentence for each change made after the first review that it concerns, and on levelled clips."""
        if not session:
            return warnings(self.history())
        changes = [one.facts for one in self._store.audit_log.of_event(MARGIN_CHANGED)]
        sentences = [
            f"The session's rules were changed after {found['reviews_then']} reviews: margin "
            f"{found['before']['margin']:g} to {found['after']['margin']:g}, alpha {found['before']['alpha']:g} to "
            f"{found['after']['alpha']:g}."
            for found in changes
            if found.get("session") == session and found["reviews_then"]
        ]
        # Scope and evidence are nobody's session's: they hold for all.
        return (*sentences, *shared_warnings(self.history()), *self._levelling(session))

    def _levelling(self, session: str) -> tuple[str, ...]:
        try:
            levels_clips = self._repository.session(session).protocol.levels_clips
        except UnknownRecord:
            return ()
        return (LEVELLED,) if levels_clips else ()

    def change(self, rules: Rules, *, by: str = "") -> None:
        """Set other rules from now on; the change is kept, shown with every result, and put into the audit trail."""
        change = RulesChange(rules, time.time(), by, self._store.reviews.count())
        with self._store.transaction():
            self._store.settings.save(NAME, {"changes": [_to_record(one) for one in (*self.history(), change)]})
            self._store.audit(EVENT, **_to_record(change))


def _to_record(change: RulesChange) -> dict[str, object]:
    return {"rules": asdict(change.rules), "at": change.at, "by": change.by, "reviews": change.reviews}


def _read(kept: dict[str, object]) -> RulesChange:
    rules = dict(kept["rules"])  # type: ignore[call-overload]  # written by `_to_record`
    evidence = Evidence(rules.get("evidence", Evidence.INDEPENDENT))
    found = Rules(**{**rules, "scope": Scope(rules["scope"]), "evidence": evidence})
    return RulesChange(found, kept["at"], kept["by"], kept["reviews"])  # type: ignore[arg-type]  # see above
