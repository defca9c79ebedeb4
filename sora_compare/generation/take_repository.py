"""How steps of a take are written down."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.takes import Problem, Take, TakeState
from sora_compare.errors import ClipError, ClipTooLarge, EndpointError, NoRoom

if TYPE_CHECKING:
    from sora_compare.store.store import Store

KIND_OF_CLIP_ERROR: dict[type[ClipError], ProblemKind] = {
    NoRoom: ProblemKind.DISK_FULL,
    ClipTooLarge: ProblemKind.TOO_LARGE,
}
"""Any other is the server's: what it gave is no clip."""


class TakeRepository:
    """Writes takes step by step, with a version check each time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.job_poller = 0
        """Jobs that are being watched: the more there are, the less often each one's progress is written."""

    def save(self, take: Take, **changes: Any) -> Take:  # noqa: ANN401  # fields of Take
        """Write changed fields, and with a new state that people ask for later its audit entry, all together.

        Nothing is written when nothing changes.

        Raises:
            Conflict: somebody else wrote this take.
        """
        changed = dataclasses.replace(take, **changes)
        if changed == take:
            return take
        with self.store.transaction():
            saved = self.store.takes.save(changed)
            if saved.state is TakeState.SUBMITTING and take.state is not TakeState.SUBMITTING:
                self.audit("take submitted", saved)
            elif saved.is_ended and not take.is_ended:
                self.audit("take ended", saved)
        return saved

    def end(self, take: Take, state: TakeState, problem: Problem | None = None) -> Take:
        """Write the outcome."""
        moments = dataclasses.replace(take.moments, ended=time.time())
        return self.save(take, state=state, problem=problem, moments=moments, notice=None)

    def audit(self, event: str, take: Take) -> None:
        """Append what happened to the audit trail: the whole request, ids and the outcome."""
        self.store.audit(
            event,
            who=self.store.comparisons.get(take.comparison_id).asked_by,
            take=take.id,
            comparison=take.comparison_id,
            arm=take.arm,
            endpoint=take.endpoint,
            model=take.request.model,
            echoed_model=take.echoed_model,
            other_model=take.other_model,
            request=dataclasses.asdict(take.request),
            job_id=take.job_id,
            request_id=take.request_id,
            state=take.state,
            problem=dataclasses.asdict(take.problem) if take.problem else None,
        )


def problem_of(error: EndpointError | ClipError) -> Problem:
    """An error as a take keeps it."""
    names = ("code", "request_id", "parameter")
    return Problem(str(error), **{name: getattr(error, name, None) for name in names}, kind=_kind_of(error))


def _kind_of(error: EndpointError | ClipError) -> ProblemKind:
    if isinstance(error, EndpointError):
        return error.kind
    return KIND_OF_CLIP_ERROR.get(type(error), ProblemKind.NO_FILE)
