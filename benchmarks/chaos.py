"""Many takes through a server that does everything wrong and a runner that is killed -9 at random instants.

The server times out after taking the job, drops connections, answers 429, 500 and 502 with pages, sends truncated and
wrong files, sticks at 99 % and lets links run out. What ends ambiguous, not saved or no longer watched is gone on with
as a person would; a request of which no job is found afterwards is submitted again, which a person would decide too.
`lost`: jobs made at the server of which no clip is on disk. `doubled`: jobs made beyond one for each take asked for.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import _carrier, _rig
from benchmarks.figures import Figure
from sora_compare.domain.takes import TakeState, latest_attempts
from sora_compare.generation.actions import GO_ON

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services

PAIRS = 100
CLIP = _rig.Wanted(seconds=2, size="320x180")
SPEED = 40.0
SEED = 20_261_105
KILLS = 25
LIFE_S = (1.5, 6.0)
"""A runner lives so long, drawn evenly, before it is killed; starting it takes about a second of that."""
ROUNDS = 12
"""Times a person looks after what did not end well."""
PROJECT = Path(__file__).resolve().parent.parent
_rules = itertools.count()


def rule(on: str, fault: str, share: float, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of a rule
    """One fault that strikes a share of a route's requests; each draws for itself, alike in every run."""
    return {"on": on, "fault": fault, "p": share, "seed": SEED + next(_rules), **more}


FAULTS = [
    rule("create", "accept_then_hang", 0.08),
    rule("create", "accept_then_drop", 0.08),
    rule("create", "accept_then_status", 0.06, code=502, body="html"),
    rule("create", "drop", 0.03),
    rule("create", "status", 0.04, code=500, body="html"),
    rule("create", "status", 0.12, code=429, headers={"retry-after": "0.2"}),
    rule("retrieve", "status", 0.06, code=500, body="html"),
    rule("retrieve", "status", 0.03, code=502, body="html"),
    rule("retrieve", "status", 0.02, code=404),
    rule("retrieve", "drop", 0.04),
    rule("retrieve", "wrong_type", 0.03),
    rule("retrieve", "stick_at", 0.15, progress=99),
    rule("list", "status", 0.15, code=500, body="html"),
    rule("content", "truncate", 0.1),
    rule("content", "truncate", 0.08, declared_whole=False),
    rule("content", "wrong_type", 0.1),
    rule("content", "expire_link", 0.1),
    rule("content", "drop", 0.06),
]  # fmt: skip


def figures() -> list[Figure]:
    """The figures of `python -m benchmarks chaos`."""
    with (
        _rig.simulator(speed=SPEED) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        _rig.services(_rig.lab(server.base_url, **_carrier.endpoint_facts()), Path(folder) / "home") as opened,
    ):
        with _rig.control(server.base_url) as web:
            web.put("/simulator/faults", json={"rules": FAULTS}).raise_for_status()
        for n in range(PAIRS):
            _rig.ask(opened, f"chaos {n}", CLIP)
        kills = _killed_again_and_again(opened, server.base_url)
        gone_on = _looked_after(opened, server.base_url)
        with _rig.control(server.base_url) as web:
            struck = sum(one["struck"] for one in web.get("/simulator/faults").json()["rules"])
        return [*_counted(opened, server.base_url), *_told(kills, gone_on, struck)]


def _counted(opened: Services, base_url: str) -> list[Figure]:
    takes = list(opened.store.takes())
    slots = {(take.comparison_id, take.repeat, take.arm) for take in takes}
    saved = {
        take.job_id
        for take in takes
        if take.state is TakeState.COMPLETED and take.clip and opened.files.has(take.clip.sha256)
    }
    made = _rig.jobs_created(base_url)
    return [
        Figure("takes", len(slots), "count"),
        Figure("jobs_created", made, "count", "takes", made / len(slots)),
        Figure("clips_saved", len(saved), "count", "takes", len(saved) / len(slots)),
        Figure("lost", made - len(saved), "count"),
        Figure("doubled", made - len(slots), "count"),
    ]


def _told(kills: int, gone_on: Counter[str], struck: int) -> list[Figure]:
    return [
        Figure("kills", kills, "count"),
        Figure("faults", struck, "count"),
        *(Figure(f"gone_on_{state}", count, "count") for state, count in sorted(gone_on.items())),
    ]


def _killed_again_and_again(opened: Services, base_url: str) -> int:
    """Start runners and kill each at a random instant, until all takes have an outcome; returns the kills."""
    draw = random.Random(SEED)  # noqa: S311  # a repeatable draw, no secret
    for kills in range(KILLS):
        runner = _started(opened, base_url)
        _until_ended(opened, limit_s=draw.uniform(*LIFE_S))
        runner.kill()
        _gone(runner)
        if not opened.store.open_takes():
            return kills + 1
    return KILLS


def _looked_after(opened: Services, base_url: str) -> Counter[str]:
    """Go on with what did not end well, as a person would; counts what was gone on with."""
    gone_on: Counter[str] = Counter()
    runner = _started(opened, base_url)
    for round_ in range(ROUNDS):
        _until_ended(opened, limit_s=600)
        for take in _unfinished(opened):
            gone_on[str(take.state)] += 1
            _tended(opened, take, is_patient=round_ < ROUNDS // 2)
        if not opened.store.open_takes():
            break
    _gone(runner)
    return gone_on


def _tended(opened: Services, take: Take, *, is_patient: bool) -> None:
    """One decision: look again at no cost; after some rounds without a job, submit again."""
    has_job = opened.coordination.job_of(take.id) is not None
    if take.state in GO_ON and (is_patient or has_job):
        opened.actions.go_on(take.id)
    elif not has_job:
        opened.actions.retry(take.id)


def _unfinished(opened: Services) -> list[Take]:
    takes: list[Take] = []
    for comparison in opened.store.comparisons():
        takes += latest_attempts(opened.store.takes_of(comparison.id)).values()
    return [take for take in takes if take.state is not TakeState.COMPLETED]


def _started(opened: Services, base_url: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "benchmarks._carrier", base_url, str(opened.settings.home)]
    return subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.PIPE)


def _gone(runner: subprocess.Popen[bytes]) -> None:
    if runner.stdin:
        runner.stdin.close()
    runner.wait()


def _until_ended(opened: Services, *, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while opened.store.open_takes() and time.monotonic() < end:
        time.sleep(0.1)
