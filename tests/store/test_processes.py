"""Several processes on one store, and processes that are killed: nothing acknowledged is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.domain.takes import TakeState
from sora_compare.store.diskcache_records import DiskcacheRecords
from sora_compare.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.takes import Take

ROOT = Path(__file__).resolve().parents[2]
OPEN = """
import dataclasses, sys
from pathlib import Path
from sora_compare.errors import Conflict
from sora_compare.store.diskcache_records import DiskcacheRecords
from sora_compare.store.store import Store
records = DiskcacheRecords(Path(sys.argv[1]))
store = Store(records)
me = sys.argv[2]
"""
WRITER = f"""{OPEN}
for block in range(20):
    with records.transaction():
        for number in range(40):
            records.put("things", f"{{me}} {{block}} {{number:03d}}", {{"by": me}})
    for number in range(40, 50):
        records.put("things", f"{{me}} {{block}} {{number:03d}}", {{"by": me}})
"""
RACER = f"""{OPEN}
import time
class Slow(DiskcacheRecords):
    def get(self, table, key):
        found = super().get(table, key)
        time.sleep(0.004)
        return found
store = Store(Slow(Path(sys.argv[1])))
take = store.take("take_1")
print("ready", flush=True)
sys.stdin.readline()
won = 0
for _ in range(20):
    take = store.take("take_1")
    try:
        store.save_take(dataclasses.replace(take, progress=(take.progress or 0) + 1))
        won += 1
    except Conflict:
        pass
print(won)
"""
ENDLESS = f"""{OPEN}
for number in range(1_000_000):
    with records.transaction():
        records.put("left", f"{{me}} {{number:06d}}", {{"n": number}})
        records.put("right", f"{{me}} {{number:06d}}", {{"n": number}})
    print(f"{{me}} {{number:06d}}", flush=True)
"""


def started(script: str, folder: Path, name: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", script, str(folder), name]
    return subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_two_processes_write_a_thousand_records_each_and_none_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    writers = [started(WRITER, folder, name) for name in ("one", "two")]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    records = DiskcacheRecords(folder)
    found = [value["by"] for _, value in records.scan("things")]
    assert (found.count("one"), found.count("two"), records.count("things")) == (1000, 1000, 2000)
    records.close()


def test_of_two_processes_that_change_one_take_each_change_has_one_winner(
    tmp_path: Path, make_take: Callable[..., Take]
) -> None:
    """Every save that was acknowledged counted once: progress is the number of winners."""
    folder = tmp_path / "records"
    store = Store(DiskcacheRecords(folder))
    store.add_take(make_take(id="take_1"))
    racers = [started(RACER, folder, name) for name in ("one", "two")]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = [int(racer.communicate()[0]) for racer in racers]
    assert min(won) > 0
    take = store.take("take_1")
    assert sum(won) >= 20
    assert (take.progress, take.version) == (sum(won), sum(won))
    store.close()


def test_kill_9_loses_nothing_acknowledged_and_leaves_no_half_transaction(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    acknowledged: list[str] = []
    for round_number in range(4):
        with started(ENDLESS, folder, f"round{round_number}") as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(0.03 * round_number)
            writer.kill()
            acknowledged += [line.strip() for line in (first, *writer.stdout) if line.endswith("\n")]
    assert len(acknowledged) > 8
    records = DiskcacheRecords(folder)
    left, right = ([key for key, _ in records.scan(table)] for table in ("left", "right"))
    assert left == right, "both writes of a transaction, or none"
    assert set(acknowledged) <= set(left)
    assert len(left) - len(acknowledged) <= 4, "at most the one in flight of each round"
    records.close()
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_killed_writer_holds_nobody_up(tmp_path: Path, make_take: Callable[..., Take]) -> None:
    folder = tmp_path / "records"
    script = f'{OPEN}\nwith records.transaction():\n    print("inside", flush=True)\n    sys.stdin.readline()\n'
    with started(script, folder, "one") as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "inside\n"
        writer.kill()
    store = Store(DiskcacheRecords(folder))
    store.add_take(make_take(id="take_1", state=TakeState.QUEUED))
    assert store.open_takes() == ["take_1"]
    store.close()
