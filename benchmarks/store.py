"""How everything grows with the store: pages, start, `results`, one take and one review saved, on both databases."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._reviews import filled_store
from benchmarks._store_pages import PAGES, painted_s
from benchmarks.figures import Figure
from sora_compare.store.copying import copy_store
from sora_compare.store.home import Home
from sora_compare.store.store import open_store
from tests.store.postgres import postgres_server

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (10, 1_000, 10_000)
"""Comparisons; each has ten reviews."""
REVIEWERS = 10
TIMES = 5
BARE_WRITES = 200
PROJECT = Path(__file__).resolve().parents[1]
SQLITE, POSTGRESQL = "", "_postgresql"
SMALLEST = "the same with 10 comparisons and 100 reviews"


def figures() -> list[Figure]:
    """growth_PAGE, growth_start, growth_results_command, growth_save, growth_save_review, cold_start_s, and others."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        place = Path(folder)
        measured: dict[str, dict[int, dict[str, list[float]]]] = {SQLITE: {}, POSTGRESQL: {}}
        for size in SIZES:
            home = place / str(size)
            filled_store(home, prompts=size, reviewers=REVIEWERS).close()
            url = server.new_store_database()
            source, target = open_store(home), open_store(place / f"{size} beside", url)
            copy_store(source.database, target.database)
            source.close()
            target.close()
            for kind, its_home, its_url in ((POSTGRESQL, place / f"{size} beside", url), (SQLITE, home, "")):
                measured[kind][size] = _measured(its_home, its_url, place / "log")
        bare = _bare_sqlite(place)
    return [
        figure for kind, sizes in measured.items() for figure in (*_growth(kind, sizes), *_described(kind, sizes, bare))
    ]


def _measured(home: Path, url: str, log: Path) -> dict[str, list[float]]:
    """Seconds of everything at one size."""
    environment = {**os.environ, "SORA_COMPARE_HOME": str(home), "SORA_COMPARE_DATABASE_URL": url}
    cold, warm = [], []
    for _ in range(TIMES):
        shutil.rmtree(Home(home).cache, ignore_errors=True)
        cold.append(_results_s(environment))
        warm.append(_results_s(environment))
    side = [sys.executable, "-m", "benchmarks._store_side", str(home)]
    done = subprocess.run(side, env=environment, cwd=PROJECT, capture_output=True, check=True)
    saved: dict[str, list[float]] = json.loads(done.stdout)
    return {"cold": cold, "results_command": warm, **saved, **painted_s(home, url, log)}


def _results_s(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    words = [sys.executable, "-m", "sora_compare", "results", "--json"]
    subprocess.run(words, env=environment, cwd=PROJECT, capture_output=True, check=False)
    return time.perf_counter() - began


def _growth(kind: str, sizes: dict[int, dict[str, list[float]]]) -> Iterator[Figure]:
    few, many = sizes[SIZES[0]], sizes[SIZES[-1]]
    for name in (*PAGES, "start", "results_command", "save", "save_review"):
        ratio = statistics.median(many[name]) / statistics.median(few[name])
        yield Figure(f"growth_{name}{kind}", ratio, "ratio", SMALLEST, ratio, len(many[name]))


def _described(kind: str, sizes: dict[int, dict[str, list[float]]], bare: list[float]) -> Iterator[Figure]:
    many = sizes[SIZES[-1]]
    yield Figure(f"cold_start_s{kind}", statistics.median(many["cold"]), "s", n=TIMES)
    save = statistics.median(many["save"])
    against = save / statistics.median(bare)
    yield Figure(
        f"against_sqlite3{kind}", save * 1000, "ms", "the same bytes by bare sqlite3", against, len(many["save"])
    )
    for size, found in sizes.items():
        for name, values in found.items():
            yield Figure(f"{name}_{size}{kind}", statistics.median(values), "s", n=len(values))


def _bare_sqlite(folder: Path) -> list[float]:
    """A row of a take's size, changed and committed as durably by the standard library alone."""
    found = []
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE takes (id TEXT PRIMARY KEY, version INTEGER, details TEXT)")
        database.execute("INSERT INTO takes VALUES ('take', 0, ?)", ("x" * 1200,))
        for version in range(BARE_WRITES):
            began = time.perf_counter()
            database.execute("BEGIN IMMEDIATE")
            row = version, f"{version:01200d}", "take"
            database.execute("UPDATE takes SET version = ?, details = ? WHERE id = ?", row)
            database.execute("COMMIT")
            found.append(time.perf_counter() - began)
    return found
