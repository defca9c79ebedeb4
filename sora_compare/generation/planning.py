"""From what somebody typed to a comparison with its planned takes; nothing is sent here."""

from __future__ import annotations

import dataclasses
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.endpoints import Estimate, ValidationProblem, estimate, validate_request
from sora_compare.domain.features import validate_features
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings, fingerprint
from sora_compare.domain.takes import ArmLabel, Moments, Take, TakeState
from sora_compare.endpoints.profiles import capabilities_of
from sora_compare.errors import RequestRefusedHere

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.endpoints.endpoint_registry import EndpointRegistry

PAIRS_PER_BLOCK = 2
"""Permuted blocks: of each two pairs in a row, one begins with A and one with B."""


def arm_order(seed: str, pair: int) -> tuple[ArmLabel, ArmLabel]:
    """The arms of one pair in the order in which they are sent.

    Args:
        seed: of the draw; the same seed gives the same orders.
        pair: number of the pair within the draw, from 0.
    """
    block, place = divmod(pair, PAIRS_PER_BLOCK)
    # A fair draw that can be repeated; nothing secret depends on it.
    is_a_earlier = random.Random(f"{seed}:{block}").random() < 0.5  # noqa: S311, PLR2004  # see above
    is_a_first = is_a_earlier if place == 0 else not is_a_earlier
    return (ArmLabel.A, ArmLabel.B) if is_a_first else (ArmLabel.B, ArmLabel.A)


def in_sending_order(takes: Iterable[Take]) -> list[Take]:
    """Takes as the runner takes them up: jobs that were made come first, then pair by pair in the drawn order.

    A pair stands where its first take stands in `takes`; its other take follows, also where both are retries.
    """
    every = list(takes)
    place: dict[tuple[str, int, int], int] = {}
    for take in every:
        place.setdefault(_pair(take), len(place))
    return sorted(
        every, key=lambda one: (one.state is TakeState.PLANNED, place[_pair(one)], one.is_sent_first is False)
    )


def _pair(take: Take) -> tuple[str, int, int]:
    return take.comparison_id, take.repeat, take.attempt


Dropped = dict[ArmLabel, tuple[str, ...]]
"""Names of settings that the user chose to leave out for one arm, by arm."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A comparison and its takes, not yet kept; estimates by arm are for one take."""

    comparison: Comparison
    takes: tuple[Take, ...]
    estimates: dict[ArmLabel, Estimate]

    @property
    def dollars(self) -> float | None:
        """What all takes would cost together; None when a price is not known."""
        each = [take.estimated_dollars for take in self.takes]
        known = [dollars for dollars in each if dollars is not None]
        return sum(known) if len(known) == len(each) else None


class Planner:
    """Plans comparisons for a set of endpoints."""

    def __init__(self, endpoint_registry: EndpointRegistry) -> None:
        self._endpoint_registry = endpoint_registry

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            EndpointUnknown: none has it.
        """
        return self._endpoint_registry.get(name)

    def validate(self, arm: Arm, prompt: str, settings: ClipSettings, dropped: Dropped) -> list[ValidationProblem]:
        """Everything this arm cannot take."""
        request = ClipRequest(arm.model, prompt, without(settings, dropped.get(arm.label, ())))
        known = capabilities_of(self.endpoint(arm.endpoint), arm.model)
        return [*validate_request(request, known), *validate_features(request)]

    def estimate(self, arm: Arm, settings: ClipSettings) -> Estimate:
        """What one take of this arm would cost."""
        return estimate(settings, capabilities_of(self.endpoint(arm.endpoint), arm.model))

    def plan(
        self,
        prompt: str,
        settings: ClipSettings,
        arms: tuple[Arm, Arm],
        *,
        repeats: int = 1,
        is_fresh: bool = False,
        dropped: Dropped | None = None,
        tags: tuple[str, ...] = (),
        suite: str | None = None,
        identifier: str | None = None,
        asked_by: str = "",
        order_seed: str | None = None,
        first_pair: int = 0,
    ) -> Plan:
        """Check everything, then make the comparison and its takes.

        Args:
            prompt: what the clip should show.
            settings: of the clip.
            arms: A, then B.
            repeats: pairs to make.
            is_fresh: do not serve from the cache.
            dropped: settings to leave out for one arm.
            tags: of the prompt.
            suite: id of the suite run this belongs to.
            identifier: of the comparison, where it must be the same at every try.
            asked_by: who sends it, for the audit log.
            order_seed: draws which arm of each pair is sent first; the comparison's id when left out.
            first_pair: how many pairs of the same draw come before.

        Raises:
            RequestRefusedHere: an arm cannot take the request; nothing was kept or sent.
            EndpointUnknown: an arm names an endpoint that is not configured.
        """
        left_out = dropped or {}
        self._refuse(prompt, settings, arms, left_out)
        now = time.time()
        comparison = Comparison(
            id=identifier or new_identifier("cmp", at_s=now),
            prompt=prompt,
            settings=settings,
            arms=arms,
            created=now,
            repeats=repeats,
            tags=tags,
            suite=suite,
            asked_by=asked_by,
        )
        takes: list[Take] = []
        for repeat in range(repeats):
            order = arm_order(order_seed or comparison.id, first_pair + repeat)
            takes += self._pair(comparison, repeat, order, left_out, is_fresh=is_fresh)
        return Plan(comparison, tuple(takes), {arm.label: self.estimate(arm, settings) for arm in arms})

    def _refuse(self, prompt: str, settings: ClipSettings, arms: tuple[Arm, Arm], dropped: Dropped) -> None:
        found = {arm.label: self.validate(arm, prompt, settings, dropped) for arm in arms}
        if any(found.values()):
            raise RequestRefusedHere({label: each for label, each in found.items() if each})

    def _pair(
        self,
        comparison: Comparison,
        repeat: int,
        order: tuple[ArmLabel, ArmLabel],
        dropped: Dropped,
        *,
        is_fresh: bool,
    ) -> list[Take]:
        """The takes of one pair, in the order in which they are sent."""
        return [
            self.take(
                comparison,
                comparison.arm(label),
                repeat=repeat,
                is_fresh=is_fresh,
                is_sent_first=label is order[0],
                dropped=dropped.get(label, ()),
            )
            for label in order
        ]

    def take(
        self,
        comparison: Comparison,
        arm: Arm,
        *,
        repeat: int = 0,
        attempt: int = 0,
        is_fresh: bool = False,
        is_sent_first: bool | None = None,
        dropped: tuple[str, ...] = (),
    ) -> Take:
        """A planned take of one arm."""
        endpoint = self.endpoint(arm.endpoint)
        request = ClipRequest(arm.model, comparison.prompt, without(comparison.settings, dropped))
        now = time.time()
        return Take(
            id=new_identifier("take", at_s=now),
            comparison_id=comparison.id,
            arm=arm.label,
            endpoint=arm.endpoint,
            origin=endpoint.origin,
            request=request,
            fingerprint=fingerprint(arm.endpoint, request, repeat),
            moments=Moments(planned=now),
            repeat=repeat,
            attempt=attempt,
            is_fresh=is_fresh,
            is_sent_first=is_sent_first,
            estimated_dollars=self.estimate(arm, comparison.settings).dollars,
            dropped=dropped,
        )


_EMPTY = ClipSettings(seconds=0, size="")


def without(settings: ClipSettings, names: tuple[str, ...]) -> ClipSettings:
    """The settings with the named ones left at "not asked"."""
    return dataclasses.replace(settings, **{name: getattr(_EMPTY, name) for name in names})
