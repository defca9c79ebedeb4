"""Many takes through a server that does everything wrong and a runner that is killed -9 at random instants.

The server times out after taking the job, hangs, drops connections, answers 429, 500 and 502 with pages, sends answers
without end, truncated and wrong files, sticks at 99 %, lets links run out and has replicas that know no job. Three
times the store cannot be written for five seconds. What ends ambiguous, not saved or no longer watched is gone on with
as a person would; a request of which no job is found afterwards is submitted again, which a person would decide too.
`lost`: jobs made at the server of which no clip is on disk. `doubled`: jobs made beyond one for each take asked for.
`peak_rss_growth`: the most resident memory any runner ever had, against one that has just started and does nothing.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import _carrier, _rig
from benchmarks.figures import Figure
from sora_compare.domain.takes import TakeState, latest_attempts
from sora_compare.generation.actions import GO_ON
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.tables import METADATA

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
UNWRITABLE_LIVES = {2, 7, 12}
"""Lives of a runner, counted from 0, that begin with a store that cannot be written."""
UNWRITABLE_S = 5.0
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
    rule("create", "accept_then_endless", 0.03),
    rule("create", "hang", 0.03),
    rule("create", "drop", 0.03),
    rule("create", "status", 0.04, code=500, body="html"),
    rule("create", "status", 0.12, code=429, headers={"retry-after": "0.2"}),
    rule("retrieve", "status", 0.06, code=500, body="html"),
    rule("retrieve", "status", 0.03, code=502, body="html"),
    rule("retrieve", "status", 0.02, code=404),
    rule("retrieve", "replica", 0.05),
    rule("retrieve", "endless", 0.02),
    rule("retrieve", "hang", 0.02),
    rule("retrieve", "drop", 0.04),
    rule("retrieve", "wrong_type", 0.03),
    rule("retrieve", "stick_at", 0.15, progress=99),
    rule("list", "status", 0.15, code=500, body="html"),
    rule("list", "replica", 0.1),
    rule("list", "endless", 0.1),
    rule("list", "hang", 0.05),
    rule("content", "truncate", 0.1),
    rule("content", "truncate", 0.08, declared_whole=False),
    rule("content", "wrong_type", 0.1),
    rule("content", "expire_link", 0.1),
    rule("content", "replica", 0.06),
    rule("content", "hang", 0.03),
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
        runners = Runners(opened, server.base_url)
        idle = runners.idle_kb()
        for n in range(PAIRS):
            _rig.ask(opened, f"chaos {n}", CLIP)
        kills = _killed_again_and_again(runners)
        gone_on = _looked_after(runners)
        with _rig.control(server.base_url) as web:
            struck = sum(one["struck"] for one in web.get("/simulator/faults").json()["rules"])
        return [
            *_counted(opened, server.base_url),
            Figure("peak_rss_growth", runners.peak_kb / idle, "ratio", "an idle runner", runners.peak_kb / idle),
            Figure("peak_rss", runners.peak_kb / 1024, "MB"),
            *_events(kills, gone_on, struck),
        ]


class Runners:
    """Processes that carry the takes of a store, one at a time, with the most memory that any of them has had."""

    def __init__(self, opened: Services, base_url: str) -> None:
        self.opened = opened
        self.peak_kb = 0
        self._words = [sys.executable, "-m", "benchmarks._carrier", base_url, str(opened.settings.home)]

    def idle_kb(self) -> int:
        """Resident memory of a runner that has started and has nothing to do, in kB."""
        with self.start() as process:
            if process.stdout:
                process.stdout.readline()
            idle = memory_kb(process.pid, "VmRSS")
            end(process)
        return idle

    def start(self) -> subprocess.Popen[bytes]:
        """A runner; it lives until its standard input is closed."""
        return subprocess.Popen(self._words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def wait(self, process: subprocess.Popen[bytes], *, limit_s: float) -> None:
        """Until no take is open, at most so long; the runner's memory is measured meanwhile."""
        until = time.monotonic() + limit_s
        while self.opened.store.takes.open() and time.monotonic() < until:
            self.peak_kb = max(self.peak_kb, memory_kb(process.pid, "VmHWM"))
            time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> None:
    """Close a runner's standard input and wait for its end."""
    if process.stdin:
        process.stdin.close()
    process.wait()


def memory_kb(pid: int, field: str) -> int:
    """A field of Linux' /proc/PID/status in kB: `VmRSS` now, `VmHWM` at its highest; 0 when the process has ended."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0)


def _counted(opened: Services, base_url: str) -> list[Figure]:
    takes = list(opened.store.takes.list())
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


def _events(kills: int, gone_on: Counter[str], struck: int) -> list[Figure]:
    return [
        Figure("kills", kills, "count"),
        Figure("faults", struck, "count"),
        *(Figure(f"gone_on_{state}", count, "count") for state, count in sorted(gone_on.items())),
    ]


def _killed_again_and_again(runners: Runners) -> int:
    """Start runners and kill each at a random instant, until all takes have an outcome; returns the kills."""
    draw = random.Random(SEED)  # noqa: S311  # a repeatable draw, no secret
    for kills in range(KILLS):
        with runners.start() as process:
            if kills in UNWRITABLE_LIVES:
                _refuse_writes(runners.opened, is_on=True)
                runners.wait(process, limit_s=UNWRITABLE_S)
                _refuse_writes(runners.opened, is_on=False)
            runners.wait(process, limit_s=draw.uniform(*LIFE_S))
            process.kill()
        if not runners.opened.store.takes.open():
            return kills + 1
    return KILLS


def _refuse_writes(opened: Services, *, is_on: bool) -> None:
    """Let SQLite itself refuse every write of a record, for all processes, as on a full disk; or no longer."""
    with closing(sqlite3.connect(opened.settings.home / DATABASE, timeout=30)) as database:
        for event, table in itertools.product(("INSERT", "UPDATE"), METADATA.tables):
            if is_on:
                database.execute(
                    f"CREATE TRIGGER full_{event}_{table} BEFORE {event} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
                )
            else:
                database.execute(f"DROP TRIGGER full_{event}_{table}")


def _looked_after(runners: Runners) -> Counter[str]:
    """Go on with what did not end well, as a person would; counts what was gone on with."""
    opened = runners.opened
    gone_on: Counter[str] = Counter()
    with runners.start() as process:
        for round_ in range(ROUNDS):
            runners.wait(process, limit_s=600)
            for take in _unfinished(opened):
                gone_on[str(take.state)] += 1
                _tended(opened, take, is_patient=round_ < ROUNDS // 2)
            if not opened.store.takes.open():
                break
        end(process)
    return gone_on


def _tended(opened: Services, take: Take, *, is_patient: bool) -> None:
    """One decision: look again at no cost; after some rounds without a job, submit again."""
    has_job = opened.coordination.job_of(take.id) is not None
    if take.state in GO_ON and (is_patient or has_job):
        opened.actions.resume(take.id)
    elif not has_job:
        opened.actions.retry(take.id)


def _unfinished(opened: Services) -> list[Take]:
    takes: list[Take] = []
    for comparison in opened.store.comparisons.list():
        takes += latest_attempts(opened.store.takes.of(comparison.id)).values()
    return [take for take in takes if take.state is not TakeState.COMPLETED]
