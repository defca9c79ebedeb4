"""The alias-drift watch: a fixed small suite against the alias, beside the snapshot that it should mean."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from importlib import resources
from typing import TYPE_CHECKING

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.guard_rails import Observed
from sora_compare.domain.reviews import counted
from sora_compare.domain.takes import MODEL_OUTCOMES, ArmLabel, TakeState
from sora_compare.errors import UsageError
from sora_compare.releases.drift_rules import Finding, Sample, compared
from sora_compare.suites.reading import read_suite

if TYPE_CHECKING:
    from sora_compare.domain.suites import Suite, SuiteRun
    from sora_compare.domain.takes import Take
    from sora_compare.releases.changes import Releases
    from sora_compare.storage.store import Store
    from sora_compare.suites.running import Preview, Suites

REPEATS = 2
"""Two of each: a server that repeats itself byte by byte shows any change of the model at once."""
SECONDS, SIZE = 4, "1280x720"
PREFERENCE = "drift"
EVENT, SCHEDULED = "drift", "drift schedule"
SCHEDULE = "drift-schedule"
DAY_S = 86_400.0


class NotAnAlias(UsageError):
    """Only a name that may move can drift."""

    def __init__(self, model: str, known: list[str]) -> None:
        super().__init__(f"{model} is no alias, so it cannot move. There are: {', '.join(known)}.")


class StillRunning(UsageError):
    """The run has takes without an outcome."""

    def __init__(self, run: str) -> None:
        super().__init__(f"The run {run} is still under way: ask again when it has ended.")


@dataclass(frozen=True, slots=True)
class Schedule:
    """An alias that is looked at by itself, every so many seconds."""

    alias: str
    endpoint: str
    every_s: float = DAY_S


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What one look found.

    Attributes:
        baseline: id of the run it was measured against; equal to `run` when this one became the baseline.
        expected: the snapshot that the registry says the alias means.
        findings: one per measure; empty for a new baseline.
    """

    alias: str
    endpoint: str
    expected: str
    run: str
    baseline: str
    findings: tuple[Finding, ...]
    takes: int

    @property
    def is_baseline(self) -> bool:
        """Whether this run is what later ones are measured against."""
        return self.run == self.baseline

    @property
    def alarms(self) -> tuple[str, ...]:
        """What has moved."""
        return tuple(one.sentence for one in self.findings if one.has_moved)

    @property
    def is_undecided(self) -> bool:
        """Whether there was nothing to tell from."""
        return not self.takes or (not self.is_baseline and all(one.has_moved is None for one in self.findings))


def drift_suite() -> Suite:
    """The shipped suite (`releases/data/drift.yaml`)."""
    return read_suite("drift.yaml", resources.files("sora_compare.releases").joinpath("data/drift.yaml").read_bytes())


class DriftWatch:
    """Runs the suite and compares; a run goes on in whatever process carries takes."""

    def __init__(self, store: Store, suites: Suites, releases: Releases) -> None:
        self._store = store
        self._suites = suites
        self._releases = releases

    def preview(self, alias: str, endpoint: str) -> Preview:
        """What a run would send, with its estimated cost; nothing is sent.

        Raises:
            NotAnAlias: the registry has no such alias.
            RequestRefusedHere, EndpointUnknown: it cannot be sent.
        """
        aliases = self._releases.registry.aliases
        if alias not in aliases:
            raise NotAnAlias(alias, list(aliases))
        arms = Arm(ArmLabel.A, endpoint, alias), Arm(ArmLabel.B, endpoint, self._releases.resolve(alias))
        return self._suites.preview(drift_suite(), arms, seconds=SECONDS, size=SIZE, repeats=REPEATS, is_fresh=True)

    def start(self, alias: str, endpoint: str) -> SuiteRun:
        """Send the suite to the alias (arm A) and to the snapshot it should mean (arm B), never from the cache.

        Raises:
            OverBudget: it would pass a budget; nothing was sent.
            NotAnAlias, RequestRefusedHere, EndpointUnknown: see `preview`.
        """
        run = self._suites.start(self.preview(alias, endpoint))
        self._keep(alias, endpoint, {**self._kept(alias, endpoint), "last": run.id, "at": time.time()})
        return run

    def is_due(self, alias: str, endpoint: str, every_s: float = DAY_S) -> bool:
        """Whether the last run is older than that; True before the first."""
        return time.time() - float(self._kept(alias, endpoint).get("at", 0.0)) >= every_s

    # On a schedule

    @property
    def schedule(self) -> Schedule | None:
        """What is watched by itself; None when nothing is, as at the start: a run costs money."""
        told = self._store.preference(SCHEDULE)
        return Schedule(**told) if told else None

    def set_schedule(self, chosen: Schedule | None) -> None:
        """Watch an alias from now on, or nothing.

        Raises:
            NotAnAlias: the registry has no such alias.
        """
        if chosen and chosen.alias not in self._releases.registry.aliases:
            raise NotAnAlias(chosen.alias, list(self._releases.registry.aliases))
        told = asdict(chosen) if chosen else {}
        self._store.prefer(SCHEDULE, told)
        self._releases.log.append(SCHEDULED, told)

    def follow_schedule(self) -> DriftReport | None:
        """Conclude the scheduled run that has ended, or start the next one when it is due; the report, if one was made.

        Raises:
            RequestRefusedHere, OverBudget, EndpointUnknown: the due run cannot be sent; it is due again a day later.
        """
        chosen = self.schedule
        if chosen is None:
            return None
        run = self.open_run(chosen.alias, chosen.endpoint)
        if run:
            return None if self.takes_left(run) else self.conclude(run)
        if self.is_due(chosen.alias, chosen.endpoint, chosen.every_s):
            # Noted before it is tried: a run that is refused must not be tried again every minute.
            kept = self._kept(chosen.alias, chosen.endpoint)
            self._keep(chosen.alias, chosen.endpoint, {**kept, "at": time.time()})
            self.start(chosen.alias, chosen.endpoint)
        return None

    def last_report(self, alias: str, endpoint: str) -> dict[str, object] | None:
        """What the log says of the last run that was concluded: at, run, baseline, alarms, findings, unclear, takes."""
        told = [one for one in self._releases.log.of_event(EVENT) if one.facts.get("endpoint") == endpoint]
        found = [{**one.facts, "at": one.at} for one in told if one.facts.get("model") == alias]
        return found[-1] if found else None

    def last_run(self, alias: str, endpoint: str) -> SuiteRun | None:
        """The newest run of the watch, if there is one."""
        name = self._kept(alias, endpoint).get("last")
        return self._suites.find(name) if name else None

    def open_run(self, alias: str, endpoint: str) -> SuiteRun | None:
        """The newest run when it was not compared yet: under way, or ended and waiting for `conclude`."""
        run = self.last_run(alias, endpoint)
        return run if run and self._kept(alias, endpoint).get("concluded") != run.id else None

    def takes_left(self, run: SuiteRun) -> int:
        """How many takes of the run have no outcome yet."""
        return sum(not take.is_ended for take in self._suites.takes_of(run))

    def conclude(self, run: SuiteRun, *, is_new_baseline: bool = False) -> DriftReport:
        """Compare an ended run with the baseline, log it, and tell; the first usable run becomes the baseline.

        Raises:
            StillRunning: it has takes without an outcome.
        """
        if self.takes_left(run):
            raise StillRunning(run.id)
        with self._store.records.transaction():
            # A tab and the patrol may conclude the same run at once: the second finds it done, and logs nothing.
            return self._conclude(run, is_new_baseline=is_new_baseline)

    def _conclude(self, run: SuiteRun, *, is_new_baseline: bool) -> DriftReport:
        alias, endpoint = run.arms[0].model, run.arms[0].endpoint
        sample, expected = self._sample(run), run.arms[1].model
        kept = self._kept(alias, endpoint)
        baseline = kept.get("baseline")
        findings: tuple[Finding, ...] = ()
        if sample.observed.completed and (is_new_baseline or not baseline):
            baseline = run.id
        elif baseline and baseline != run.id:
            findings = compared(self._sample(self._suites.find(baseline)), sample, expected)
        told: dict[str, object] = {**kept, "concluded": run.id, **({"baseline": baseline} if baseline else {})}
        found = DriftReport(alias, endpoint, expected, run.id, baseline or "", findings, sample.observed.completed)
        if told != kept:
            self._keep(alias, endpoint, told)
            self._log(found)
        return found

    def _log(self, found: DriftReport) -> None:
        facts = {"model": found.alias, "endpoint": found.endpoint, "run": found.run, "baseline": found.baseline}
        findings = {str(one.measure): one.sentence for one in found.findings}
        unclear = [str(one.measure) for one in found.findings if one.has_moved is None]
        told = {"alarms": list(found.alarms), "findings": findings, "unclear": unclear, "takes": found.takes}
        self._releases.log.append(EVENT, {**facts, **told})

    def _sample(self, run: SuiteRun) -> Sample:
        takes = [take for take in self._suites.takes_of(run) if take.arm is ArmLabel.A]
        told = [take for take in takes if take.state in MODEL_OUTCOMES]
        done = [take for take in told if take.state is TakeState.COMPLETED]
        seconds = tuple(take.timings.total_s for take in done if take.timings.total_s is not None)
        return Sample(
            echoed=frozenset(take.echoed_model for take in done if take.echoed_model),
            observed=Observed(len(told), len(done), seconds, self._scores(takes)),
            clips={(take.request.prompt, take.repeat): take.clip.sha256 for take in done if take.clip},
        )

    def _scores(self, takes: list[Take]) -> tuple[float, ...]:
        reviews = [one for name in {take.comparison_id for take in takes} for one in self._store.reviews_of(name)]
        scores = [score for review in counted(reviews) for score in review.scores if score.arm is ArmLabel.A]
        return tuple(float(score.value) for score in scores if score.value is not None)

    def _kept(self, alias: str, endpoint: str) -> dict[str, str]:
        return self._store.preference(f"{PREFERENCE}:{endpoint}:{alias}")

    def _keep(self, alias: str, endpoint: str, told: dict[str, object]) -> None:
        self._store.prefer(f"{PREFERENCE}:{endpoint}:{alias}", told)
