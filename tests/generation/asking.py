"""How tests ask for pairs and wait for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel
from tests.simulation import wait_until

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take, TakeState
    from sora_compare.services import Services

A_MODEL, B_MODEL = "sora-2-2025-10-06", "sora-2-2025-12-08"
SIZE = "96x64"


def ask(
    services: Services,
    prompt: str = "a ball",
    *,
    models: tuple[str, str] = (A_MODEL, B_MODEL),
    endpoints: tuple[str, str] = ("lab", "lab"),
    repeats: int = 1,
    is_fresh: bool = False,
    seconds: int = 1,
) -> Comparison:
    """Send one prompt to both arms."""
    arms = (Arm(ArmLabel.A, endpoints[0], models[0]), Arm(ArmLabel.B, endpoints[1], models[1]))
    settings = ClipSettings(seconds=seconds, size=SIZE)
    return services.send(services.planner.plan(prompt, settings, arms, repeats=repeats, is_fresh=is_fresh))


def takes_of(services: Services, comparison: Comparison) -> list[Take]:
    """The takes as they stand, by repeat, arm and attempt."""
    return sorted(services.store.takes.of(comparison.id), key=lambda one: (one.repeat, one.arm, one.attempt))


def ended(services: Services, comparison: Comparison, *, limit_s: float = 30.0) -> list[Take]:
    """The takes once all have their outcome."""
    wait_until(lambda: all(take.is_ended for take in takes_of(services, comparison)), limit_s=limit_s)
    return takes_of(services, comparison)


def reached(services: Services, take_id: str, *states: TakeState, limit_s: float = 30.0) -> Take:
    """The take as soon as it is in one of these states."""
    wait_until(lambda: services.store.takes.get(take_id).state in states, limit_s=limit_s)
    return services.store.takes.get(take_id)
