"""A process that acts on the drift watch at a given moment: run by `test_drift_races.py`, several at once."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.domain.snapshots import ALIAS, DEFAULT_B
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.errors import Conflict
from sora_compare.releases.drift.schedule import Schedule
from tests.simulation import endpoint_at, open_with
from tests.suites.child import PATIENT

if TYPE_CHECKING:
    from sora_compare.releases.drift.watch import DriftWatch


def act(watch: DriftWatch, what: str) -> str:
    """Do it; what came of it."""
    if what == "start":
        return watch.start(ALIAS, "lab").id
    if what == "follow":
        watch.follow_schedule()
        return "followed"
    chosen = Schedule(DEFAULT_B, "lab", float(what))
    try:
        watch.replace_schedule(None, chosen)
    except Conflict:
        return "refused"
    return "set"


def main(home: str, base_url: str, what: str, moment: str) -> None:
    """Open everything, wait for the moment, act."""
    opened = open_with(Path(home), [endpoint_at(base_url)], PATIENT, Timeouts())
    sys.stderr.write("ready\n")
    time.sleep(max(0.0, float(moment) - time.time()))
    print(act(opened.drift, what))  # noqa: T201  # read by the test
    opened.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
