"""A process that starts a suite and is killed in the middle of it: `child.py HOME BASE_URL MODE`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sora_compare.domain.comparisons import Arm, Suite, SuitePrompt
from sora_compare.domain.takes import ArmLabel
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.generation.limits import RetryPolicy
from sora_compare.store.repositories.comparisons import ComparisonRepository
from tests.simulation import endpoint_at, open_with

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take

PROMPTS = 12
ARMS = (Arm(ArmLabel.A, "lab", "sora-2-2025-10-06"), Arm(ArmLabel.B, "lab", "sora-2-2025-12-08"))
PLANNING_GAP_S = 0.05
PATIENT = RetryPolicy(lease_s=1.5, renew_s=0.3, inbox_s=0.05)
"""The lease of a killed process runs out soon; downloads keep their usual time, since the machine may be busy."""


class SlowComparisons(ComparisonRepository):
    """Takes its time between two comparisons, so that there is a middle to be killed in."""

    def add(self, comparison: Comparison, takes: Iterable[Take]) -> None:
        super().add(comparison, takes)
        time.sleep(PLANNING_GAP_S)


def suite() -> Suite:
    return Suite("killed.csv", tuple(SuitePrompt(n + 2, f"ball number {n}", ("gravity",)) for n in range(PROMPTS)))


def start(home: Path, base_url: str, *, with_runner: bool) -> Any:  # noqa: ANN401  # a run
    opened = open_with(home, [endpoint_at(base_url)], PATIENT, Timeouts())
    if with_runner:
        opened.runner.start()
    else:
        opened.store.comparisons = SlowComparisons(opened.store.database, opened.store.takes)
    preview = opened.suites.preview(suite(), ARMS, seconds=4, size="1280x720", seed=7)
    return opened.suites.start(preview)


if __name__ == "__main__":
    start(Path(sys.argv[1]), sys.argv[2], with_runner=sys.argv[3] == "running")
    time.sleep(600)
