"""Several processes on one store, and processes that are killed: nothing acknowledged is lost, over both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from sora_compare.domain.takes import TakeState
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.tables import drafts, settings
from tests.store.filling import add_takes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store

Place = tuple[Path, str]
ROOT = Path(__file__).resolve().parents[2]
OPEN = """
import dataclasses, random, sys, time
from pathlib import Path
from sora_compare.errors import Conflict
from sora_compare.store.store import open_store
store = open_store(Path(sys.argv[1]), sys.argv[2])
me = sys.argv[3]
"""
WRITER = f"""{OPEN}
for block in range(20):
    with store.transaction():
        for number in range(40):
            store.drafts.save(f"{{me}} {{block}} {{number:03d}}", {{"by": me}})
    for number in range(40, 50):
        store.drafts.save(f"{{me}} {{block}} {{number:03d}}", {{"by": me}})
"""
RACER = f"""{OPEN}
print("ready", flush=True)
sys.stdin.readline()
won = 0
for _ in range(20):
    take = store.takes.get("take_1")
    time.sleep(random.uniform(0, 0.008))
    try:
        store.takes.save(dataclasses.replace(take, progress=(take.progress or 0) + 1))
        won += 1
    except Conflict:
        pass
print(won)
"""
ENDLESS = f"""{OPEN}
for number in range(1_000_000):
    with store.transaction():
        store.drafts.save(f"{{me}} {{number:06d}}", {{"n": number}})
        store.settings.save(f"{{me}} {{number:06d}}", {{"n": number}})
    print(f"{{me}} {{number:06d}}", flush=True)
"""
FIRST = f"""{OPEN}
store.audit("opened", who=me)
"""


def started(script: str, place: Place, name: str) -> subprocess.Popen[str]:
    folder, url = place
    arguments = [sys.executable, "-c", script, str(folder), url, name]
    return subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_first_starts_at_once_make_the_tables_once(place: Place, open_again: Callable[[], Store]) -> None:
    starts = [started(FIRST, place, str(number)) for number in range(4)]
    for one in starts:
        one.communicate()
    assert [one.returncode for one in starts] == [0] * 4
    store = open_again()
    assert sorted(one["who"] for one in store.audit_trail()) == ["0", "1", "2", "3"]
    assert store.audit_log.verify().is_intact


def test_two_processes_write_a_thousand_records_each_and_none_is_lost(
    place: Place, open_again: Callable[[], Store]
) -> None:
    writers = [started(WRITER, place, name) for name in ("one", "two")]
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    database = open_again().database
    found = [row["name"].partition(" ")[0] for row in database.rows(select(drafts.c.name))]
    assert (found.count("one"), found.count("two"), database.count(drafts)) == (1000, 1000, 2000)


def test_of_two_processes_that_change_one_take_each_change_has_one_winner(
    place: Place, store: Store, make_take: Callable[..., Take]
) -> None:
    """Every save that was acknowledged counted once: progress is the number of winners."""
    add_takes(store, make_take(id="take_1"))
    racers = [started(RACER, place, name) for name in ("one", "two")]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = [int(racer.communicate()[0]) for racer in racers]
    assert min(won) > 0
    take = store.takes.get("take_1")
    assert sum(won) >= 20
    assert (take.progress, take.version) == (sum(won), sum(won))


def test_kill_9_loses_nothing_acknowledged_and_leaves_no_half_transaction(
    place: Place, open_again: Callable[[], Store]
) -> None:
    acknowledged: list[str] = []
    for round_number in range(4):
        with started(ENDLESS, place, f"round{round_number}") as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(0.03 * round_number)
            writer.kill()
            acknowledged += [line.strip() for line in (first, *writer.stdout) if line.endswith("\n")]
    assert len(acknowledged) > 8
    # Opened before, so that a server still ending a killed client's transaction is waited for by its lock.
    store = open_again()
    with store.transaction():
        left, right = (
            [row["name"] for row in store.database.rows(select(table.c.name).where(table.c.name.like("round%")))]
            for table in (drafts, settings)
        )
    assert sorted(left) == sorted(right), "both writes of a transaction, or none"
    assert set(acknowledged) <= set(left)
    assert len(left) - len(acknowledged) <= 4, "at most the one in flight of each round"
    if not place[1]:
        with closing(sqlite3.connect(place[0] / DATABASE)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_killed_writer_holds_nobody_up(
    place: Place, open_again: Callable[[], Store], make_take: Callable[..., Take]
) -> None:
    script = f'{OPEN}\nwith store.transaction():\n    print("inside", flush=True)\n    sys.stdin.readline()\n'
    with started(script, place, "one") as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "inside\n"
        writer.kill()
    store = open_again()
    add_takes(store, make_take(id="take_1", state=TakeState.QUEUED))
    assert store.takes.open() == ["take_1"]
