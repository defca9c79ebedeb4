"""How a canary stands while it runs, and what follows: the next step, or back by itself."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sora_compare.domain.canaries import CanaryStatus, canary_status
from sora_compare.domain.guard_rails import Rail
from sora_compare.domain.outcomes import left_out_sentence
from sora_compare.domain.reviews import ASKED
from sora_compare.evidence.index.model_pairs import ModelPairsIndex
from sora_compare.evidence.observations import observe_canary
from sora_compare.releases.canary.power import noticed_after
from sora_compare.releases.canary.rails import readings
from sora_compare.releases.refusals import NoCanary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.domain.canaries import Canary
    from sora_compare.domain.guard_rails import Reading
    from sora_compare.domain.policies import Environment
    from sora_compare.domain.takes import Origin
    from sora_compare.evidence.observations import CanaryObservations
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.store.store import Store


class Verdicts(Protocol):
    """Tells the verdict on a candidate against a base: "better", "not worse", "worse" or "undecided" by criterion."""

    def __call__(self, base: str, candidate: str) -> Mapping[str, str]:
        """The words there are; a criterion without a verdict is left out."""


def no_verdicts(base: str, candidate: str) -> Mapping[str, str]:  # noqa: ARG001  # the Protocol's names
    """Nothing was decided."""
    return {}


class CanaryMonitor:
    """Looks at the canaries of a policy; the worker, the page, the command and the library all call it."""

    def __init__(
        self,
        releases: Releases,
        store: Store,
        verdicts: Verdicts = no_verdicts,
        pairs: ModelPairsIndex | None = None,
    ) -> None:
        self.releases = releases
        self.verdicts = verdicts
        self.pairs = pairs or ModelPairsIndex(store)
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
