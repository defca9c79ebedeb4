"""What the checklist misses, in one line: said before a lock, a canary's start or its widening, and kept in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sora_compare.domain.takes import Origin
from sora_compare.evidence.origins import not_counted
from sora_compare.releases.checklist import checklist

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.releases.checklist import Checklist
    from sora_compare.releases.policy.opening import Governance


class Decision(StrEnum):
    """What is to be decided."""

    LOCK = "lock"
    START = "start"
    STEP = "step"


FOLLOWING: dict[Decision, tuple[str, ...]] = {
    Decision.LOCK: ("everybody",),
    Decision.START: ("canary", "window", "everybody"),
    Decision.STEP: ("everybody",),
}
"""Items that the change itself brings about: they are open before it, and speak against nothing."""
GAPS = {
    "prompts": "too few prompts",
    "differences": "no notes on differences",
    "speed": "too few timed pairs",
    "errors": "error rate not validated",
    "retries": "too few takes for the retries",
    "sign_off": "no sign-off",
    "standards": "standards open",
    "rehearsal": "no rollback tried",
    "canary": "no canary",
    "window": "no step observed for its whole window",
    "everybody": "not everybody uses it",
}
VERDICT = "verdict_"


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """How much of the checklist there is for moving to a candidate.

    Attributes:
        done, total: items of the checklist.
        gaps: what is missing, in few words each.
        following: how many open items the change itself brings about.
        origin: of the takes behind it.
        other_origins: pairs of other origins, which do not count.
    """

    candidate: str
    done: int
    total: int
    gaps: tuple[str, ...]
    following: int
    origin: Origin
    other_origins: Mapping[str, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Such as "13 of 14 items, physics undecided"; simulated evidence is called so."""
        lines = [f"{self.done} of {self.total} items", *self.gaps]
        if self.following:
            lines.append(f"{self.following} {'comes' if self.following == 1 else 'come'} with the change")
        kind = " (simulated takes)" if self.origin is Origin.SIMULATED else ""
        others = not_counted(self.other_origins, "pair")
        return ", ".join(lines) + kind + (f". {others}".removesuffix(".") if others else "")


def evidence_summary(governance: Governance, environment: str, model: str, decision: Decision) -> EvidenceSummary:
    """What is known about moving an environment to a model; of an alias, about the snapshot that it means today.

    Raises:
        UnknownEnvironment: the policy has none of that name.
    """
    candidate = governance.releases.resolve(model)
    found = checklist(governance.releases, governance.monitor, environment, candidate)
    words = governance.monitor.verdicts(found.base, found.candidate)
    missing = [one.key for one in found.items if not one.is_done]
    gaps = tuple(_gap(key, words) for key in missing if key not in FOLLOWING[decision])
    following = sum(key in FOLLOWING[decision] for key in missing)
    return EvidenceSummary(
        candidate, _done(found), len(found.items), gaps, following, found.origin, found.other_origins
    )


def _done(found: Checklist) -> int:
    return sum(one.is_done for one in found.items)


def _gap(key: str, words: Mapping[str, str]) -> str:
    if not key.startswith(VERDICT):
        return GAPS[key]
    criterion = key.removeprefix(VERDICT)
    return f"{criterion} {words.get(criterion, 'without a verdict')}"
