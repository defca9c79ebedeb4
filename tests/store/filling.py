"""What tests of the store put into it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store


def comparison(**details: Any) -> Comparison:  # noqa: ANN401  # the fields of Comparison
    """A comparison; what is not given does not matter to the test."""
    arms = (Arm(ArmLabel.A, "simulator", "old"), Arm(ArmLabel.B, "simulator", "new"))
    known: dict[str, Any] = {
        "id": new_identifier("cmp"), "prompt": "a ball falls", "settings": ClipSettings(8, "1280x720"), "arms": arms,
        "created": 1.0,
    }  # fmt: skip
    return Comparison(**{**known, **details})


def add_takes(store: Store, *takes: Take) -> list[Take]:
    """Keep takes, each in a slot of its own, with the comparisons they name."""
    kept = []
    for take in takes:
        if not store.comparisons.has(take.comparison_id):
            store.comparisons.add(comparison(id=take.comparison_id), [])
        kept.append(dataclasses.replace(take, repeat=len(store.takes.of(take.comparison_id))))
        store.takes.add(kept[-1])
    return kept
