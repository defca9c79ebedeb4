"""What was seen of a canary while it ran, and what follows: the next step, or back by itself."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import ceil, inf
from statistics import fmean
from typing import TYPE_CHECKING, Any, Protocol

from sora_compare.domain.canaries import CanaryStatus, canary_status
from sora_compare.domain.guard_rails import Observation, Observed, Rail
from sora_compare.domain.outcomes import COUNTED, cause_of, cause_of_code, is_of_model, left_out_sentence
from sora_compare.domain.reviews import ASKED, counted
from sora_compare.domain.snapshots import contradicts
from sora_compare.domain.takes import ON_THE_WAY, Origin, TakeState
from sora_compare.releases.canary.power import noticed_after
from sora_compare.releases.canary.rails import ScoreGap, readings
from sora_compare.releases.refusals import NoCanary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sora_compare.domain.canaries import Canary
    from sora_compare.domain.guard_rails import Reading
    from sora_compare.domain.policies import Environment
    from sora_compare.domain.reviews import Review
    from sora_compare.domain.takes import Take
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.store.store import Store

OUTCOME = "outcome"
"""Event of an outcome that a service reports of its own traffic."""
HANGS_AFTER = 3.0
"""Times the base's 99th percentile after which a take that has no outcome counts as failed."""
FEWEST_DURATIONS = 20
"""Durations of the base under which only the endpoint's watch limit ends the waiting."""


class Verdicts(Protocol):
    """Tells the verdict on a candidate against a base: "better", "not worse", "worse" or "undecided" by criterion."""

    def __call__(self, base: str, candidate: str) -> Mapping[str, str]:
        """The words there are; a criterion without a verdict is left out."""


def no_verdicts(base: str, candidate: str) -> Mapping[str, str]:  # noqa: ARG001  # the Protocol's names
    """Nothing was decided."""
    return {}


@dataclass(slots=True)
class _Seen:
    """Observations of one origin while they are gathered."""

    observations: list[Observation] = field(default_factory=list)
    gaps: list[ScoreGap] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def observed(self, *, is_candidate: bool) -> Observed:
        side = [one for one in self.observations if one.is_candidate is is_candidate and one.is_known]
        reviewed = [one.candidate if is_candidate else one.base for one in self.gaps]
        return Observed(
            asked=len(side),
            completed=sum(one.is_completed for one in side),
            total_s=tuple(one.total_s for one in side if one.total_s is not None),
            scores=(*reviewed, *(one.score for one in side if one.score is not None)),
        )


@dataclass(frozen=True, slots=True)
class CanaryObservations:
    """Base and candidate as observed since the canary began, of one origin: live where there is any.

    `left_out` counts outcomes that are no fault of a model, by cause.
    """

    base: Observed
    candidate: Observed
    origin: Origin
    observations: tuple[Observation, ...]
    gaps: tuple[ScoreGap, ...]
    left_out: Mapping[str, int]


def observe_canary(store: Store, environment: Environment, now: float) -> CanaryObservations:
    """Takes, reviews and reported outcomes of both models since the canary began.

    Raises:
        NoCanary: none runs there.
    """
    canary = _canary(environment)
    models = {environment.model: False, canary.candidate: True}
    seen = {origin: _Seen() for origin in Origin}
    takes = [take for take in store.takes_since(canary.started) if take.request.model in models]
    for origin in Origin:
        of_origin = [take for take in takes if take.origin is origin and take.cached_from is None]
        seen[origin].observations += _observations(of_origin, environment.model, now)
        causes = (cause_of(take) for take in of_origin if take.is_ended)
        seen[origin].left_out.update(str(cause) for cause in causes if cause not in COUNTED)
    _add_gaps(store, takes, models, seen)
    for entry in store.audit_log.of_event(OUTCOME, after=canary.since_entry):
        details = entry.facts
        if details.get("environment") == environment.name and details.get("model") in models:
            one, cause = seen[Origin(details.get("origin", Origin.LIVE))], cause_of_code(details.get("code"))
            if details.get("is_completed") or cause in COUNTED:
                one.observations.append(_reported(details, entry.at, is_candidate=models[details["model"]]))
            else:
                one.left_out[str(cause)] += 1
    origin = (
        Origin.LIVE
        if any(one.is_known for one in seen[Origin.LIVE].observations) or seen[Origin.LIVE].gaps
        else Origin.SIMULATED
    )
    chosen = seen[origin]
    return CanaryObservations(
        chosen.observed(is_candidate=False),
        chosen.observed(is_candidate=True),
        origin,
        tuple(chosen.observations),
        tuple(chosen.gaps),
        dict(chosen.left_out),
    )


def _reported(details: Mapping[str, Any], at: float, *, is_candidate: bool) -> Observation:
    is_completed, total_s, score = bool(details.get("is_completed")), details.get("total_s"), details.get("score")
    return Observation(
        at - (total_s or 0.0),
        is_candidate,
        is_completed,
        total_s if is_completed else None,
        None if score is None else float(score),
        other_model=echoed if contradicts(details["model"], echoed := details.get("echoed_model")) else None,
    )


def _observations(takes: Sequence[Take], base: str, now: float) -> Iterator[Observation]:
    """Takes with an outcome of the model; those that were waited for too long count as failed, others hold a place."""
    limit_s = waiting_limit_s([take.timings.total_s for take in takes if take.request.model == base])
    for take in takes:
        is_candidate, begun = take.request.model != base, take.moments.submitting
        waited_s = 0.0 if begun is None else (take.moments.ended or now) - begun
        at = take.moments.planned if begun is None else begun
        is_with_server = take.state in ON_THE_WAY and take.state is not TakeState.PLANNED
        if waited_s > limit_s and (is_with_server or is_of_model(take)):
            yield Observation(at, is_candidate, is_completed=False, other_model=take.other_model)
        elif is_of_model(take):
            is_completed = take.state is TakeState.COMPLETED
            total_s = take.timings.total_s if is_completed else None
            yield Observation(at, is_candidate, is_completed, total_s, other_model=take.other_model)
        elif take.state in ON_THE_WAY:
            yield Observation(at, is_candidate, is_completed=False, is_known=False)


def waiting_limit_s(base_totals: Sequence[float | None]) -> float:
    """How long a take is waited for before it counts as failed; infinite until the base has enough durations."""
    totals = sorted(total for total in base_totals if total is not None)
    if len(totals) < FEWEST_DURATIONS:
        return inf
    return HANGS_AFTER * totals[ceil(0.99 * len(totals)) - 1]


def _add_gaps(store: Store, takes: list[Take], models: dict[str, bool], seen: dict[Origin, _Seen]) -> None:
    by_id = {take.id: take for take in takes}
    for comparison in {take.comparison_id for take in takes}:
        for review in counted(store.reviews_of(comparison)):
            shown = [by_id[name] for name in review.takes if name in by_id]
            gap = _gap(review, shown, models)
            if gap:
                seen[shown[0].origin].gaps.append(gap)


def _gap(review: Review, shown: Sequence[Take], models: dict[str, bool]) -> ScoreGap | None:
    """The mean scores of base and candidate; None when the two did not meet, or nothing was scored for both."""
    sides = {models[take.request.model]: take for take in shown}
    if len(sides) < len(models) or len({take.origin for take in shown}) > 1:
        return None
    given = {(score.criterion, score.arm): score.value for score in review.scores if score.value is not None}
    base, candidate = sides[False].arm, sides[True].arm
    both = [name for name, arm in given if arm == base and (name, candidate) in given]
    if not both:
        return None
    means = [fmean(given[name, arm] for name in both) for arm in (base, candidate)]
    return ScoreGap(f"{review.comparison_id}:{review.repeat}", review.reviewer, *means)


class CanaryMonitor:
    """Looks at the canaries of a policy; the worker, the page, the command and the library all call it."""

    def __init__(self, releases: Releases, store: Store, verdicts: Verdicts = no_verdicts) -> None:
        self.releases = releases
        self.verdicts = verdicts
        self._store = store

    def canary_status(self, name: str) -> CanaryStatus:
        """How the canary of an environment stands.

        Raises:
            UnknownEnvironment, NoCanary: there is none.
        """
        return self.look(self.releases.environment(name))[0]

    def look(self, environment: Environment) -> tuple[CanaryStatus, Origin]:
        """How the canary of an environment stands, and the origin of the evidence behind it.

        Raises:
            NoCanary: there is none.
        """
        canary = _canary(environment)
        now = self.releases.clock()
        found = observe_canary(self._store, environment, now)
        power = noticed_after(canary.rails, canary.share, found.base)
        read = [
            replace(one, power=power.get(one.rail, ""), sentence=_with_left_out(one, found))
            for one in readings(canary.rails, found.observations, found.gaps)
        ]
        words = self.verdicts(environment.model, canary.candidate)
        return canary_status(canary, now, read, words, ASKED), found.origin

    def check(self, name: str) -> CanaryStatus:
        """How it stands; a broken rail ends an automatic canary here and now, which is logged with the reason.

        Raises:
            UnknownEnvironment, NoCanary: there is none.
        """
        environment = self.releases.environment(name)
        found, _ = self.look(environment)
        if found.broken and _canary(environment).is_automatic:
            with suppress(NoCanary):  # somebody else ended it first
                self.releases.roll_canary_back(name, found)
        return found

    def check_all(self) -> dict[str, CanaryStatus]:
        """`check` of every environment in which a canary runs."""
        running = [name for name, one in self.releases.policy.environments.items() if one.canary]
        return {name: self.check(name) for name in running}


def _with_left_out(reading: Reading, found: CanaryObservations) -> str:
    sentence = left_out_sentence(found.left_out) if reading.rail is Rail.OUTCOMES else ""
    return f"{reading.sentence} {sentence}".strip()


def _canary(environment: Environment) -> Canary:
    if environment.canary is None:
        raise NoCanary(environment.name)
    return environment.canary
