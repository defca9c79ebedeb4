"""Running a suite: every comparison is kept with its takes, and the runner carries them like any other."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import Counter
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from sora_compare.domain.comparisons import BrokenRow, Progress, SuiteRun
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import TakeState
from sora_compare.errors import EndpointUnknown, RequestRefusedHere, UnknownRecord, UsageError
from sora_compare.generation import budget

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sora_compare.domain.comparisons import Arm, Suite, SuitePrompt
    from sora_compare.domain.takes import Take
    from sora_compare.generation.budget import Budget
    from sora_compare.generation.planning import Plan, Planner
    from sora_compare.store.store import Store
MOST_CLIPS = 10_000


@dataclass(frozen=True, slots=True)
class Preview:
    """A run that is not kept yet: its plans in the order they would be sent."""

    run: SuiteRun
    plans: tuple[Plan, ...]

    @property
    def takes(self) -> list[Take]:
        """Every take it would make."""
        return [take for plan in self.plans for take in plan.takes]


class Suites:
    """Starts, resumes and tells of suite runs."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        current_budget: Callable[[], Budget],
        wake: Callable[[], None],
        pause: Callable[[str], None],
    ) -> None:
        self._store = store
        self._planner = planner
        self._budget = current_budget
        self._wake = wake
        self._pause = pause

    def preview(
        self,
        suite: Suite,
        arms: tuple[Arm, Arm],
        *,
        seconds: int,
        size: str,
        seed: int = 0,
        repeats: int = 1,
        is_fresh: bool = False,
        asked_by: str = "",
    ) -> Preview:
        """What a start would send: nothing is kept.

        Args:
            suite: as it was read.
            arms: A, then B.
            seconds: for prompts that do not say.
            size: for prompts that do not say.
            seed: shuffles the order, and draws which arm of each pair is sent first.
            repeats: pairs of each prompt that does not say.
            is_fresh: do not serve from the cache.
            asked_by: who starts it, for the audit log.

        Raises:
            RequestRefusedHere: no row can be taken.
            EndpointUnknown: an arm names an endpoint that is not configured.
            UsageError: it would make more clips than one run may.
        """
        clips = sum(one.repeats or repeats for one in suite.prompts) * len(arms)
        if clips > MOST_CLIPS:
            raise UsageError(
                f"This would make {clips:,} clips, more than {MOST_CLIPS:,} in one run: repeat less often."
            )
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
            asked_by=asked_by,
        )
        plans, refused = self._plans(run)
        return Preview(dataclasses.replace(run, refused=tuple(refused)), tuple(plans))

    def start(self, preview: Preview) -> SuiteRun:
        """Keep what was previewed and send it. Rows that an arm cannot take are reported; the others run.

        Raises:
            OverBudget: the whole suite would pass a budget; nothing of it was kept or sent.
        """
        with self._store.transaction():
            budget.check(self._store, self._budget(), preview.takes)
            run = self._promised(preview.run, preview.takes)
        return self._kept(run, preview.plans)

    def resume(self, run: SuiteRun) -> SuiteRun:
        """Plan what a stopped start left out; a run that was planned whole goes on by itself in any runner.

        Raises:
            OverBudget: what is missing would pass a budget; nothing more was kept or sent.
        """
        if run.is_planned:
            self._wake()
            return run
        kept = {one.line for one in run.suite.prompts if self._store.comparisons.has(run.comparison_id(one))}
        plans, refused = self._plans(run, kept)
        run = dataclasses.replace(run, refused=tuple(refused))
        new = [take for plan in plans for take in plan.takes]
        with self._store.transaction():
            budget.check(self._store, self._budget(), new, run=run.id)
            run = self._promised(run, [*self.takes_of(run), *new])
        return self._kept(run, plans)

    def _promised(self, run: SuiteRun, takes: Sequence[Take]) -> SuiteRun:
        """Hold the money back before the first comparison is kept, so that two sends cannot spend it twice."""
        billed = [take for take in takes if not budget.is_answered(self._store, take)]
        held = dataclasses.replace(run, promised=budget.promise(billed), promised_at=time.time())
        self._store.suite_runs.save(held)
        return held

    def _kept(self, run: SuiteRun, plans: Sequence[Plan]) -> SuiteRun:
        """Keep each comparison, unless somebody who resumed the same run kept it first."""
        for plan in plans:
            with self._store.transaction():
                if not self._store.comparisons.has(plan.comparison.id):
                    self._store.comparisons.add(plan.comparison, plan.takes)
        planned = dataclasses.replace(run, is_planned=True)
        self._store.suite_runs.save(planned)
        self._wake()
        return planned

    def send_no_more(self, run: SuiteRun) -> int:
        """Cancel the takes of which nothing was sent yet; returns how many. Those under way go on."""
        waiting = [take for take in self.takes_of(run) if take.state is TakeState.PLANNED]
        for take in waiting:
            self._pause(take.id)
        return len(waiting)

    def _plans(self, run: SuiteRun, kept: Collection[int] = ()) -> tuple[list[Plan], list[BrokenRow]]:
        """Plans of all prompts but those kept already (by line), whose pairs count in the draw of who is sent first."""
        plans: list[Plan] = []
        refused: list[BrokenRow] = []
        pairs = 0
        for prompt in _shuffled(run.suite.prompts, run.seed):
            try:
                if prompt.line not in kept:
                    plans.append(self._plan(run, prompt, pairs))
                pairs += prompt.repeats or run.repeats
            except RequestRefusedHere as error:
                refused.append(BrokenRow(prompt.line, str(error)))
                if len(refused) == len(run.suite.prompts):
                    raise
        return plans, sorted(refused, key=lambda one: one.line)

    def _plan(self, run: SuiteRun, prompt: SuitePrompt, first_pair: int) -> Plan:
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
            asked_by=run.asked_by,
            identifier=run.comparison_id(prompt),
            order_seed=str(run.seed),
            first_pair=first_pair,
        )

    def takes_of(self, run: SuiteRun) -> list[Take]:
        """Every take of the run, in the order of the suite's file."""
        order = {run.comparison_id(one): place for place, one in enumerate(run.suite.prompts)}
        return sorted(self._store.takes.of_all(order), key=lambda take: order[take.comparison_id])

    def progress(self, run: SuiteRun) -> Progress:
        """How far the run is, and an estimate of what is left from the pace so far."""
        takes = self.takes_of(run)
        return Progress(
            takes=len(takes),
            ended=sum(take.is_ended for take in takes),
            by_state=dict(sorted(Counter(str(take.state) for take in takes).items())),
            left_s=left_s(takes, self._concurrency, time.time()),
        )

    def _concurrency(self, endpoint: str) -> int:
        try:
            return self._planner.endpoint(endpoint).concurrency
        except EndpointUnknown:
            return 1

    def find(self, name: str | None = None) -> SuiteRun:
        """A run by its id, or the newest.

        Raises:
            UnknownRecord: there is none.
        """
        if name:
            return self._store.suite_runs.get(name)
        newest = next(iter(self._store.suite_runs.list()), None)
        if newest is None:
            raise UnknownRecord("suite run", "newest")
        return newest


def _shuffled(prompts: Sequence[SuitePrompt], seed: int) -> list[SuitePrompt]:
    """In an order that spreads load and time of day over the prompts."""
    order = sorted(prompts, key=lambda one: one.line)
    random.Random(seed).shuffle(order)  # noqa: S311  # nothing secret depends on it
    return order


def left_s(takes: Sequence[Take], concurrency: Callable[[str], int], now: float) -> float | None:
    """Estimated seconds until the last take ends: 0 when all have, None while nothing is known.

    Endpoints work side by side, so that the slowest decides. One endpoint needs the time of its average take for
    each round of takes that fit into it at once, less what those under way have behind them. Time in which nothing
    ran, such as a night between a stop and a resume, therefore does not count.
    """
    left = [take for take in takes if not take.is_ended]
    if not left:
        return 0.0
    needs = [_left_at(name, takes, left, concurrency(name), now) for name in {take.endpoint for take in left}]
    known = [need for need in needs if need is not None]
    return max(known) if len(known) == len(needs) else None


def _left_at(name: str, takes: Sequence[Take], left: Sequence[Take], at_once: int, now: float) -> float | None:
    lengths = [_length(take) for take in takes if take.endpoint == name and take.is_ended]
    known = [length for length in lengths if length is not None]
    if not known:
        return None
    each = mean(known)
    mine = [take for take in left if take.endpoint == name]
    behind = sum(min(each, _spent(take, now)) for take in mine)
    return max(0.0, (len(mine) * each - behind) / min(at_once, len(mine)))


def _spent(take: Take, now: float) -> float:
    start = take.moments.submitting
    return 0.0 if start is None else now - start


def _length(take: Take) -> float | None:
    start, end = take.moments.submitting, take.moments.ended
    return None if start is None or end is None or take.cached_from else end - start
