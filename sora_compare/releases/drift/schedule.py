"""The schedule of the drift watch as the store keeps it: set by compare-and-set, each change logged once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sora_compare.errors import Conflict

if TYPE_CHECKING:
    from sora_compare.store.store import Store

SCHEDULE, SCHEDULED = "drift-schedule", "drift schedule"
DAY_S = 86_400.0


class ScheduleChanged(Conflict):
    """Somebody else set the schedule first; nothing was changed here."""

    def __init__(self) -> None:
        super().__init__("The schedule of", "the drift watch")


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is looked at by itself, every so many seconds; `alias` may be a dated snapshot too."""

    alias: str
    endpoint: str
    every_s: float = DAY_S


class ScheduleSetting:
    """The one schedule of a store; safe between threads and processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def current(self) -> Schedule | None:
        """What is watched by itself; None when nothing is, as at the start: a run costs money."""
        found = self._store.settings.get(SCHEDULE)
        return Schedule(**found) if found else None

    def set(self, chosen: Schedule | None) -> None:
        """Set it, whatever it was; the same set twice is logged once."""
        with self._store.transaction():
            if self.current != chosen:
                record = asdict(chosen) if chosen else {}
                self._store.settings.save(SCHEDULE, record)
                self._store.audit_log.append(SCHEDULED, record)

    def replace(self, seen: Schedule | None, chosen: Schedule | None) -> None:
        """Set it, if it is still what was looked at when deciding; of two who choose the same both are right.

        Raises:
            ScheduleChanged: it is another one by now; nothing was changed.
        """
        with self._store.transaction():
            if self.current not in (seen, chosen):
                raise ScheduleChanged
            self.set(chosen)
