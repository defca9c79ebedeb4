"""What a person can ask of takes after they were planned."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from sora_compare.domain.takes import Take, TakeState, latest_attempts
from sora_compare.errors import UsageError
from sora_compare.generation import budget
from sora_compare.store.coordination import CANCEL, PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.generation.budget import Budget
    from sora_compare.generation.planning import Planner
    from sora_compare.generation.runner import Runner
    from sora_compare.store.coordination import Coordination
    from sora_compare.store.store import Store

GO_ON = {
    TakeState.STOPPED_POLLING: TakeState.QUEUED,
    TakeState.NOT_SAVED: TakeState.FETCHING,
    TakeState.AMBIGUOUS: TakeState.SUBMITTING,
}
"""Outcomes from which the same job can be taken up again at no cost, and where it goes on."""


class Actions:
    """Retry, go on, cancel."""

    def __init__(
        self,
        store: Store,
        coordination: Coordination,
        planner: Planner,
        runner: Runner,
        current_budget: Callable[[], Budget],
    ) -> None:
        self._store = store
        self._coordination = coordination
        self._planner = planner
        self._runner = runner
        self._budget = current_budget

    def retry(self, take_id: str, *, is_fresh: bool = False) -> Take:
        """Make a new attempt of the same arm; it may be billed. The earlier take stays as it is.

        Asked twice, by a double click or from two tabs or processes, it is made once and that one is returned.

        Args:
            take_id: the take to try again.
            is_fresh: make a new clip even where an identical request made one before.

        Raises:
            UsageError: the take is still under way.
            OverBudget: it would pass a budget; nothing was kept or sent.
        """
        take = self._store.takes.get(take_id)
        if not take.is_ended:
            raise UsageError("This take is still under way: wait for its outcome, or cancel it first.")
        comparison = self._store.comparisons.get(take.comparison_id)
        new = self._planner.take(
            comparison,
            comparison.arm(take.arm),
            repeat=take.repeat,
            attempt=take.attempt + 1,
            is_fresh=is_fresh or take.is_fresh,
            is_sent_first=take.is_sent_first,
            dropped=take.dropped,
        )
        with self._store.transaction():
            later = latest_attempts(self._store.takes.of(comparison.id))[take.repeat, take.arm]
            if later.attempt > take.attempt:
                return later
            budget.check(self._store, self._budget(), [new])
            self._store.takes.add(new)
        self._runner.wake()
        return new

    def resume(self, take_id: str) -> Take:
        """Take up the same job again: watch it, fetch its clip, or look for it. Costs nothing.

        Raises:
            UsageError: there is nothing to go on with.
        """
        take = self._store.takes.get(take_id)
        if take.state not in GO_ON:
            raise UsageError(f"This take is {take.state.replace('_', ' ')}: there is no job to go on with.")
        moments = dataclasses.replace(take.moments, ended=None)
        deadline = time.time() + self._planner.endpoint(take.endpoint).watch_limit_s
        saved = self._store.takes.save(
            dataclasses.replace(take, state=GO_ON[take.state], problem=None, moments=moments, deadline=deadline)
        )
        self._runner.wake()
        return saved

    def cancel(self, take_id: str) -> None:
        """Ask the runner to stop this take; where the endpoint cannot cancel, only the watching stops."""
        self._coordination.send_signal(take_id, CANCEL)
        self._runner.wake()

    def pause(self, take_id: str) -> None:
        """Ask the runner not to send this take; one that was sent meanwhile goes on."""
        self._coordination.send_signal(take_id, PAUSE)
        self._runner.wake()
