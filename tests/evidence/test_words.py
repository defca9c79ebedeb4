"""Figures in words: what is not known is not printed."""

from __future__ import annotations

import pytest

from sora_compare.evidence.findings import of_ratings
from sora_compare.evidence.words import interval, of_span, side_pull, win_share
from sora_compare.reports.report_text import as_text
from sora_compare.statistics.estimators.votes import preference
from sora_compare.statistics.ratings import table
from sora_compare.statistics.results import Span
from tests.statistics.estimators.test_proportions import votes

Score = float | None


def both(scores: dict[tuple[str, str], tuple[Score, Score]]) -> str:
    """The report in text of scores by prompt and reviewer."""
    rows = [(p, r, arm, "physics", one) for (p, r), pair in scores.items() for arm, one in zip("AB", pair, strict=True)]
    return as_text(of_ratings(table(rows)))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.74, "+0.42 [+0.10, +0.74]"),
        (0.1, None, "+0.42 (at least +0.10)"),
        (None, 0.74, "+0.42 (at most +0.74)"),
        (None, None, "+0.42 (no interval)"),
    ],
)
def test_an_edge_that_is_not_known_is_left_out(low: Score, high: Score, words: str) -> None:
    assert interval(0.42, low, high, signed=True) == words


def test_too_few_are_counted() -> None:
    assert of_span(Span(41.0, None, None), 4) == "41.00 (n = 4, too few for an interval)"
    assert of_span(Span(41.0, 41.0, 41.0), 9) == "41.00 (n = 9, nothing varied)"
    assert of_span(Span(1.0, None, None), 8, percent=True) == "100.0 % (n = 8, too few for an interval)"


def test_the_text_says_why_there_is_no_interval() -> None:
    assert "B - A +1.00 (n = 9, nothing varied)" in both(
        {(f"p{n}", f"r{m}"): (5, 6) for n in range(3) for m in range(3)}
    )
    assert "B - A +1.50 (n = 1 prompt, too few for an interval)" in both({("p", "r"): (5, 6), ("p", "s"): (5, 7)})
    assert "not known" not in both({("p", "r"): (5, 6)})


def test_ties_are_no_share_and_a_unanimous_vote_no_pull() -> None:
    ties = preference(votes([(n, n, 0) for n in range(3)]))
    assert win_share(ties) == "3 ties and no winner: there is no share."
    unanimous = preference(votes([(r, p, 1) for r in range(3) for p in range(5)]))
    assert win_share(unanimous) == (
        "Of votes with a winner B would win 100.0 % [29.2 %, 100.0 %], counted as 3 independent votes of 15."
    )
    assert side_pull(unanimous) == ""
