"""How quickly results follow from very many reviews: everything of the first screen, intervals and verdicts too."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import choix
import numpy as np
import pandas as pd

from benchmarks._results_page import NOTHING, VERDICT, opened_s
from benchmarks._reviews import a_review, aggregated, as_frame, comparison_id, filled_store
from benchmarks.figures import Figure
from sora_compare.evidence.findings import Results
from sora_compare.statistics.estimators.preference import LEFT_WINS, RIGHT_WINS, Votes, strengths
from sora_compare.store.cache import LocalCache
from sora_compare.store.home import open_home

if TYPE_CHECKING:
    from collections.abc import Callable

REVIEWERS = 100
PROMPTS, FEW_PROMPTS = 1000, 100
TIMES = 5
VOTES, ITEMS, VOTERS = 250_000, 20, 2_000


def figures() -> list[Figure]:
    """refresh, cold, growth, rebuild, votes, page_s."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_tables(Path(folder)), _votes(), *_page(Path(folder))]


def _tables(folder: Path) -> list[Figure]:
    store = filled_store(folder / "many", prompts=PROMPTS, reviewers=REVIEWERS)
    frame, cache = as_frame(store), LocalCache(folder / "cache")
    frame.to_parquet(folder / "reviews.parquet")
    results = Results(store, cache)
    rebuild_s = _timed(results.analysis)
    results.index.save()

    def after_one(number: int) -> Callable[[], object]:
        store.reviews.add(a_review(comparison_id(number), REVIEWERS + number, [[5, 6]] * 3, number))
        return results.analysis

    refresh = [(_timed(after_one(number)), _timed(lambda: aggregated(frame))) for number in range(TIMES)]
    cold = [
        (_timed(lambda: Results(store, cache).analysis()), _timed(lambda: aggregated(_read(folder))))
        for _ in range(TIMES)
    ]
    few = Results(filled_store(folder / "few", prompts=FEW_PROMPTS, reviewers=REVIEWERS))
    few.analysis()
    growth = [(_timed(results.analysis), _timed(few.analysis)) for _ in range(TIMES)]
    return [
        _figure("refresh", refresh, "pandas aggregating the same rows in memory"),
        _figure("cold", cold, "pandas reading Parquet and aggregating"),
        _figure("growth", growth, "a tenth of the reviews"),
        Figure("rebuild", rebuild_s, "s", n=PROMPTS * REVIEWERS),
    ]


def _read(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "reviews.parquet")


def _page(folder: Path) -> list[Figure]:
    """The median opening of Results until its verdict shows, beside the same page of an empty store."""
    home = open_home(folder / "home")
    filled_store(home.root, prompts=PROMPTS, reviewers=REVIEWERS).close()
    ours = opened_s(home.root, VERDICT, folder / "log")
    theirs = opened_s(folder / "empty", NOTHING, folder / "log")
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [Figure("page_s", statistics.median(ours), "s", "the same page of an empty store", ratio, len(ours))]


def _votes() -> Figure:
    draw = np.random.default_rng(1)
    strength = draw.normal(0, 0.8, ITEMS)
    left = draw.integers(0, ITEMS, VOTES)
    right = (left + draw.integers(1, ITEMS, VOTES)) % ITEMS
    is_left = draw.random(VOTES) < 1 / (1 + np.exp(strength[right] - strength[left]))
    outcome, voters = np.where(is_left, LEFT_WINS, RIGHT_WINS), draw.integers(0, VOTERS, VOTES)
    votes = Votes(left, right, outcome, voters, ITEMS, VOTERS)
    names = [f"model {number}" for number in range(ITEMS)]
    winners, losers = np.where(is_left, left, right), np.where(is_left, right, left)
    pairs = list(zip(winners.tolist(), losers.tolist(), strict=True))
    # The quickest that choix has: one spectral step, rougher than the maximum likelihood that ours reaches.
    timed = [
        (_timed(lambda: strengths(votes, names)), _timed(lambda: choix.lsr_pairwise(ITEMS, pairs)))
        for _ in range(TIMES)
    ]
    return _figure("votes", timed, "choix.lsr_pairwise, without intervals")


def _figure(name: str, timed: list[tuple[float, float]], against: str) -> Figure:
    """The least disturbed run of each side; they ran in turn."""
    ours, theirs = (min(side) for side in zip(*timed, strict=True))
    return Figure(name, ours, "s", against, ours / theirs, len(timed))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
