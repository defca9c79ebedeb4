"""What was seen of a canary while it ran, and what follows: the next step, or back by itself."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sora_compare.domain.canaries import Standing, standing
from sora_compare.domain.guard_rails import Observed, readings
from sora_compare.domain.reviews import ASKED, counted
from sora_compare.domain.takes import MODEL_OUTCOMES, Origin, TakeState
from sora_compare.releases.refusals import NoCanary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.domain.canaries import Canary
    from sora_compare.domain.policies import Environment
    from sora_compare.domain.takes import Take
    from sora_compare.releases.changes import Releases
    from sora_compare.storage.store import Store

OUTCOME = "outcome"
"""Event of an outcome that a service reports of its own traffic."""


class Verdicts(Protocol):
    """Tells the verdict on a candidate against a base: "better", "not worse", "worse" or "undecided" by criterion."""

    def __call__(self, base: str, candidate: str) -> Mapping[str, str]:
        """The words there are; a criterion without a verdict is left out."""


def no_verdicts(base: str, candidate: str) -> Mapping[str, str]:  # noqa: ARG001  # the Protocol's names
    """Nothing was decided."""
    return {}


@dataclass(slots=True)
class _Seen:
    """Observations of one model and origin while they are gathered."""

    asked: int = 0
    completed: int = 0
    total_s: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def add(self, *, is_completed: bool, total_s: float | None) -> None:
        self.asked += 1
        self.completed += is_completed
        if is_completed and total_s is not None:
            self.total_s.append(total_s)

    def observed(self) -> Observed:
        return Observed(self.asked, self.completed, tuple(self.total_s), tuple(self.scores))


@dataclass(frozen=True, slots=True)
class Sight:
    """Base and candidate as observed since the canary began, of one origin: live where there is any."""

    base: Observed
    candidate: Observed
    origin: Origin


def sight(store: Store, environment: Environment) -> Sight:
    """Takes, reviews and reported outcomes of both models since the canary began.

    Raises:
        NoCanary: none runs there.
    """
    canary = _canary(environment)
    models = {environment.model: 0, canary.candidate: 1}
    seen = {origin: (_Seen(), _Seen()) for origin in Origin}
    takes = [take for take in store.takes_since(canary.started) if take.request.model in models]
    for take in takes:
        if take.state in MODEL_OUTCOMES and take.cached_from is None:
            one = seen[take.origin][models[take.request.model]]
            one.add(is_completed=take.state is TakeState.COMPLETED, total_s=take.timings.total_s)
    _add_scores(store, takes, models, seen)
    for entry in store.audit_log.of_event(OUTCOME, after=canary.since_entry):
        told = entry.facts
        if told.get("environment") == environment.name and told.get("model") in models:
            one = seen[Origin(told.get("origin", Origin.LIVE))][models[told["model"]]]
            one.add(is_completed=bool(told.get("is_completed")), total_s=told.get("total_s"))
            one.scores += [] if told.get("score") is None else [float(told["score"])]
    origin = Origin.LIVE if any(one.asked or one.scores for one in seen[Origin.LIVE]) else Origin.SIMULATED
    base, candidate = seen[origin]
    return Sight(base.observed(), candidate.observed(), origin)


def _add_scores(
    store: Store, takes: list[Take], models: dict[str, int], seen: dict[Origin, tuple[_Seen, _Seen]]
) -> None:
    by_id = {take.id: take for take in takes}
    for comparison in {take.comparison_id for take in takes}:
        for review in counted(store.reviews_of(comparison)):
            shown = {by_id[name].arm: by_id[name] for name in review.takes if name in by_id}
            for score in review.scores:
                take = shown.get(score.arm)
                if take and score.value is not None:
                    seen[take.origin][models[take.request.model]].scores.append(float(score.value))


class Watcher:
    """Looks at the canaries of a policy; the worker, the page, the command and the library all call it."""

    def __init__(self, releases: Releases, store: Store, verdicts: Verdicts = no_verdicts) -> None:
        self.releases = releases
        self.verdicts = verdicts
        self._store = store

    def standing(self, name: str) -> Standing:
        """How the canary of an environment stands.

        Raises:
            UnknownEnvironment, NoCanary: there is none.
        """
        return self.look(self.releases.environment(name))[0]

    def look(self, environment: Environment) -> tuple[Standing, Origin]:
        """How the canary of an environment stands, and the origin of the evidence behind it.

        Raises:
            NoCanary: there is none.
        """
        canary = _canary(environment)
        found = sight(self._store, environment)
        read = readings(canary.rails, found.base, found.candidate)
        words = self.verdicts(environment.model, canary.candidate)
        return standing(canary, self.releases.clock(), read, words, ASKED), found.origin

    def check(self, name: str) -> Standing:
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

    def check_all(self) -> dict[str, Standing]:
        """`check` of every environment in which a canary runs."""
        running = [name for name, one in self.releases.policy.environments.items() if one.canary]
        return {name: self.check(name) for name in running}


def _canary(environment: Environment) -> Canary:
    if environment.canary is None:
        raise NoCanary(environment.name)
    return environment.canary
