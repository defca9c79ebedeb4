"""Running a suite: every comparison is kept with its takes, and the runner carries them like any other."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.suites import BrokenRow, Progress, Suite, SuitePrompt, SuiteRun
from sora_compare.errors import RequestRefusedHere, UnknownRecord
from sora_compare.generation import budget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sora_compare.domain.comparisons import Arm
    from sora_compare.domain.takes import Take
    from sora_compare.generation.budget import Budget
    from sora_compare.generation.planning import Plan, Planner
    from sora_compare.storage.store import Store


class Suites:
    """Starts, resumes and tells of suite runs."""

    def __init__(
        self, store: Store, planner: Planner, current_budget: Callable[[], Budget], wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._planner = planner
        self._budget = current_budget
        self._wake = wake

    def start(
        self,
        suite: Suite,
        arms: tuple[Arm, Arm],
        *,
        seconds: int,
        size: str,
        seed: int = 0,
        repeats: int = 1,
        is_fresh: bool = False,
    ) -> SuiteRun:
        """Plan a whole suite and send it. Rows that an arm cannot take are reported; the others run.

        Raises:
            OverBudget: the whole suite would pass a budget; nothing of it was kept or sent.
            RequestRefusedHere: no row can be taken.
        """
        run = SuiteRun(
            id=new_identifier("run"),
            suite=suite,
            arms=arms,
            seed=seed,
            seconds=seconds,
            size=size,
            created=time.time(),
            repeats=repeats,
            is_fresh=is_fresh,
        )
        plans, refused = self._plans(run, suite.prompts)
        run = dataclasses.replace(run, refused=tuple(refused))
        with self._store.records.transaction():
            budget.check(self._store, self._budget(), [take for plan in plans for take in plan.takes])
            self._store.keep_suite_run(run)
        return self.resume(run)

    def resume(self, run: SuiteRun) -> SuiteRun:
        """Plan what a stopped start left out; a run that was planned whole goes on by itself in any runner."""
        if not run.is_planned:
            missing = [one for one in run.suite.prompts if not self._store.has_comparison(run.comparison_id(one))]
            plans, _ = self._plans(run, missing)
            for plan in plans:
                self._store.plan(plan.comparison, plan.takes)
            run = dataclasses.replace(run, is_planned=True)
            self._store.keep_suite_run(run)
        self._wake()
        return run

    def _plans(self, run: SuiteRun, prompts: Sequence[SuitePrompt]) -> tuple[list[Plan], list[BrokenRow]]:
        plans: list[Plan] = []
        refused: list[BrokenRow] = []
        for prompt in _shuffled(prompts, run.seed):
            try:
                plans.append(self._plan(run, prompt))
            except RequestRefusedHere as error:
                refused.append(BrokenRow(prompt.line, str(error)))
                if len(refused) == len(run.suite.prompts):
                    raise
        return plans, sorted(refused, key=lambda one: one.line)

    def _plan(self, run: SuiteRun, prompt: SuitePrompt) -> Plan:
        settings = ClipSettings(
            seconds=prompt.seconds or run.seconds, size=prompt.size or run.size, seed=prompt.seed, style=prompt.style
        )
        return self._planner.plan(
            prompt.prompt,
            settings,
            run.arms,
            repeats=prompt.repeats or run.repeats,
            is_fresh=run.is_fresh,
            tags=prompt.tags,
            suite=run.id,
            identifier=run.comparison_id(prompt),
        )

    def takes_of(self, run: SuiteRun) -> list[Take]:
        """Every take of the run, in the order of the suite's file."""
        return [take for one in run.suite.prompts for take in self._store.takes_of(run.comparison_id(one))]

    def progress(self, run: SuiteRun) -> Progress:
        """How far the run is, and an estimate of what is left from the pace so far."""
        takes = self.takes_of(run)
        ended = [take for take in takes if take.is_ended]
        return Progress(
            takes=len(takes),
            ended=len(ended),
            by_state=dict(sorted(Counter(str(take.state) for take in takes).items())),
            left_s=_left_s(takes, ended),
        )

    def find(self, name: str | None = None) -> SuiteRun:
        """A run by its id, or the newest.

        Raises:
            UnknownRecord: there is none.
        """
        if name:
            return self._store.suite_run(name)
        newest = next(iter(self._store.suite_runs()), None)
        if newest is None:
            raise UnknownRecord("suite run", "newest")
        return newest


def _shuffled(prompts: Sequence[SuitePrompt], seed: int) -> list[SuitePrompt]:
    """In an order that spreads load and time of day over the prompts."""
    order = sorted(prompts, key=lambda one: one.line)
    random.Random(seed).shuffle(order)  # noqa: S311  # nothing secret depends on it
    return order


def _left_s(takes: list[Take], ended: list[Take]) -> float | None:
    """Takes left over the pace at which takes ended since the first was submitted."""
    starts = [take.moments.submitting for take in takes if take.moments.submitting]
    left = len(takes) - len(ended)
    if not left:
        return 0.0
    if not ended or not starts:
        return None
    spent_s = max(time.time() - min(starts), 0.001)
    return left * spent_s / len(ended)
