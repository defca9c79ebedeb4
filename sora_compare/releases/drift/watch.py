"""The drift watch: a fixed small suite against an alias or a snapshot, beside the snapshot that it should mean."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.outcomes import is_of_model
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.errors import UsageError
from sora_compare.evidence.observations import observed_of, scores_of
from sora_compare.releases.drift.rules import Finding, Sample, compared
from sora_compare.releases.drift.schedule import DAY_S, Schedule, ScheduleSetting
from sora_compare.releases.refusals import UnknownSnapshot
from sora_compare.suites.reading import read_suite

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Suite, SuiteRun
    from sora_compare.domain.takes import Take
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.store.store import Store
    from sora_compare.suites.running import Preview, Suites

REPEATS = 2
"""Two of each: a server that repeats itself byte by byte shows any change of the model at once."""
SECONDS, SIZE = 4, "1280x720"
PREFERENCE = "drift"
EVENT = "drift"


class StillRunning(UsageError):
    """The run has takes without an outcome."""

    def __init__(self, run: str) -> None:
        super().__init__(f"The run {run} is still under way: ask again when it has ended.")


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What one look found.

    Attributes:
        alias: what was looked at: an alias, or a dated snapshot.
        baseline: id of the run it was measured against; equal to `run` when this one became the baseline.
        expected: the snapshot that the registry says it means; a dated one means itself.
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
    """The shipped suite (`releases/drift/suite.yaml`)."""
    return read_suite("drift.yaml", resources.files("sora_compare.releases.drift").joinpath("suite.yaml").read_bytes())


class DriftWatch:
    """Runs the suite and compares; a run goes on in whatever process carries takes."""

    def __init__(self, store: Store, suites: Suites, releases: Releases) -> None:
        self._store = store
        self._suites = suites
        self._releases = releases
        self._setting = ScheduleSetting(store)

    def preview(self, alias: str, endpoint: str) -> Preview:
        """What a run would send, with its estimated cost; nothing is sent.

        Args:
            alias: an alias, or a dated snapshot: its server may change what it serves under that name.
            endpoint: where it is served.

        Raises:
            UnknownSnapshot: the registry does not know it.
            RequestRefusedHere, EndpointUnknown: it cannot be sent.
        """
        self._check_known(alias)
        arms = Arm(ArmLabel.A, endpoint, alias), Arm(ArmLabel.B, endpoint, self._releases.resolve(alias))
        return self._suites.preview(drift_suite(), arms, seconds=SECONDS, size=SIZE, repeats=REPEATS, is_fresh=True)

    def _check_known(self, model: str) -> None:
        registry = self._releases.registry
        if not registry.knows(model):
            raise UnknownSnapshot(model, [*registry.aliases, *registry.snapshots])

    def start(self, alias: str, endpoint: str) -> SuiteRun:
        """Send the suite to the alias (arm A) and to the snapshot it should mean (arm B), never from the cache.

        Of several tabs or processes that start at once one sends; the others get the run that is under way.

        Raises:
            OverBudget: it would pass a budget; nothing was sent.
            UnknownSnapshot, RequestRefusedHere, EndpointUnknown: see `preview`.
        """
        preview = self.preview(alias, endpoint)
        with self._store.transaction():
            run = self._under_way(alias, endpoint)
            if run is None:
                run = self._suites.start(preview)
                self._keep(alias, endpoint, {**self._kept(alias, endpoint), "last": run.id, "at": time.time()})
        # The runner was woken before the run could be seen by it: what is planned whole is only woken again.
        return self._suites.resume(run)

    def _under_way(self, alias: str, endpoint: str) -> SuiteRun | None:
        """The run whose takes have not all ended; one that waits for `conclude` is concluded."""
        run = self.open_run(alias, endpoint)
        if run and not self.takes_left(run):
            self._conclude(run, is_new_baseline=False)
            return None
        return run

    def is_due(self, alias: str, endpoint: str, every_s: float = DAY_S) -> bool:
        """Whether the last run is older than that; True before the first."""
        return time.time() - float(self._kept(alias, endpoint).get("at", 0.0)) >= every_s

    # On a schedule

    @property
    def schedule(self) -> Schedule | None:
        """What is watched by itself; None when nothing is."""
        return self._setting.current

    def set_schedule(self, chosen: Schedule | None) -> None:
        """Watch this from now on, or nothing, whatever was watched before.

        Raises:
            UnknownSnapshot: the registry does not know what is to be watched.
        """
        if chosen:
            self._check_known(chosen.alias)
        self._setting.set(chosen)

    def replace_schedule(self, seen: Schedule | None, chosen: Schedule | None) -> None:
        """The same, if the schedule is still the one that was looked at when deciding.

        Raises:
            UnknownSnapshot: see `set_schedule`.
            ScheduleChanged: it is another one by now; nothing was changed.
        """
        if chosen:
            self._check_known(chosen.alias)
        self._setting.replace(seen, chosen)

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
        if self._claim(chosen):
            self.start(chosen.alias, chosen.endpoint)
        return None

    def _claim(self, chosen: Schedule) -> bool:
        """Whether it is this process that starts the run which is due: noted at once, so that no other does.

        And before it is tried: a run that is refused must not be tried again every minute.
        """
        alias, endpoint = chosen.alias, chosen.endpoint
        with self._store.transaction():
            is_mine = self.schedule == chosen and self.is_due(alias, endpoint, chosen.every_s)
            if is_mine:
                self._keep(alias, endpoint, {**self._kept(alias, endpoint), "at": time.time()})
        return is_mine

    def last_report(self, alias: str, endpoint: str) -> dict[str, object] | None:
        """What the log says of the last run that was concluded: at, run, baseline, alarms, findings, unclear, takes."""
        lines = [one for one in self._releases.log.of_event(EVENT) if one.facts.get("endpoint") == endpoint]
        found = [{**one.facts, "at": one.at} for one in lines if one.facts.get("model") == alias]
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
        with self._store.transaction():
            # A tab and the scheduler may conclude the same run at once: the second finds it done, and logs nothing.
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
        record: dict[str, object] = {**kept, "concluded": run.id, **({"baseline": baseline} if baseline else {})}
        found = DriftReport(alias, endpoint, expected, run.id, baseline or "", findings, sample.observed.completed)
        if record != kept:
            self._keep(alias, endpoint, record)
            self._log(found)
        return found

    def _log(self, found: DriftReport) -> None:
        details = {"model": found.alias, "endpoint": found.endpoint, "run": found.run, "baseline": found.baseline}
        findings = {str(one.measure): one.sentence for one in found.findings}
        unclear = [str(one.measure) for one in found.findings if one.has_moved is None]
        record = {"alarms": list(found.alarms), "findings": findings, "unclear": unclear, "takes": found.takes}
        self._releases.log.append(EVENT, {**details, **record})

    def _sample(self, run: SuiteRun) -> Sample:
        takes = [take for take in self._suites.takes_of(run) if take.arm in _watched(run)]
        done = [take for take in takes if is_of_model(take) and take.state is TakeState.COMPLETED]
        return Sample(
            echoed=frozenset(take.echoed_model for take in done if take.echoed_model),
            observed=observed_of(takes, scores_of(self._store, takes, _watched(run))),
            clips={_clip_name(take): take.clip.sha256 for take in done if take.clip},
        )

    def _kept(self, alias: str, endpoint: str) -> dict[str, str]:
        return self._store.settings.get(f"{PREFERENCE}:{endpoint}:{alias}")

    def _keep(self, alias: str, endpoint: str, data: dict[str, object]) -> None:
        self._store.settings.save(f"{PREFERENCE}:{endpoint}:{alias}", data)


def _watched(run: SuiteRun) -> tuple[ArmLabel, ...]:
    """Arms that are what is watched: of a dated snapshot, which means itself, both."""
    a, b = run.arms
    return (a.label, b.label) if a.model == b.model else (a.label,)


def _clip_name(take: Take) -> tuple[str, int]:
    return take.request.prompt, take.repeat + (REPEATS if take.arm is ArmLabel.B else 0)
