"""The sections of the Results page: each a chart, what it rests on, and its numbers as a table and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from sora_compare.domain.reviews import HIGHEST_SCORE, LOWEST_SCORE, Criterion
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.reports.tables import as_csv
from sora_compare.statistics import summary
from sora_compare.ui.charts import Strip, bars, steps, strip_chart
from sora_compare.ui.formats import number, seconds
from sora_compare.ui.outcomes import WORDS
from sora_compare.ui.pair_view import TIMING_WORDS
from sora_compare.ui.scoring import PREFERENCE_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.statistics.evidence import Evidence

Row = dict[str, Any]


def show_scores(evidence: Evidence) -> None:
    """Scores per criterion and arm."""
    found = [summary.scores(evidence.reviews, criterion, arm) for criterion in Criterion for arm in ArmLabel]
    st.subheader("Scores", anchor=False)
    st.caption(
        "Each faint point is one score, laid out around its value; the large one is their mean. "
        "A is a circle, B a diamond."
    )
    scored = {one.criterion for one in found if one.n}
    told = [f"{one.criterion} {one.arm} {number(one.mean)} of {one.n}" for one in found if one.n]
    strip_chart(
        [_score_strip(one) for one in found if one.criterion in scored],
        axis="Score",
        ticks=range(LOWEST_SCORE, HIGHEST_SCORE + 1),
        key="results/scores",
        alt=f"Mean score per criterion and arm, with the number of scores: {', '.join(told)}",
    )
    _table("scores", [_score_row(one) for one in found], found[0].method, found[0].version)


def _score_strip(one: summary.Scores) -> Strip:
    missing = f", {one.missing} missing" if one.missing else ""
    return Strip(
        row=one.criterion.capitalize(),
        arm=one.arm,
        values=tuple(float(value) for value in one.values),
        centre=one.mean,
        lower=None,
        upper=None,
        centre_words=number(one.mean),
        side_words=f"n {one.n}{missing}",
    )


def _score_row(one: summary.Scores) -> Row:
    return {
        "Criterion": one.criterion.capitalize(),
        "Arm": str(one.arm),
        "Mean": None if one.mean is None else round(one.mean, 2),
        "n": one.n,
        "Not applicable": one.not_applicable,
        "Not given": one.not_given,
        "Reviewers": one.reviewers,
        "Pairs": one.pairs,
    }


def show_preferences(evidence: Evidence) -> None:
    """How often each step was preferred."""
    found = summary.preferences(evidence.reviews)
    st.subheader("Preference", anchor=False)
    if not found.n:
        st.caption("No review says yet which clip is better as a whole.")
        return
    names = [PREFERENCE_WORDS[step] for step in summary.PREFERENCES]
    counts = [found.counts[step] for step in summary.PREFERENCES]
    st.caption(f"n {found.n}, {found.missing} missing.")
    alt = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    steps(names, counts, axis="Reviews", key="results/preference", alt=f"Preference, reviews per step: {alt}")
    rows = [{"Preference": name, "Reviews": count} for name, count in zip(names, counts, strict=True)]
    _table("preference", rows, found.method, found.version)


def show_timings(evidence: Evidence) -> None:
    """Durations per arm."""
    found = [summary.spread(evidence.takes, measure, arm) for measure in TIMING_WORDS for arm in ArmLabel]
    st.subheader("Timings", anchor=False)
    if not any(one.n for one in found):
        st.caption("No take has been made here yet that has timings.")
        return
    st.caption(
        "Each faint point is one take, the large one their median, the bar the middle half. Takes that did not get "
        "that far, were imported, or were served from an earlier identical request have no timing and count as missing."
    )
    told = [f"{TIMING_WORDS[one.measure]} {one.arm} {seconds(one.median)} of {one.n}" for one in found if one.n]
    strip_chart(
        [_timing_strip(one) for one in found],
        axis="Seconds",
        key="results/timings",
        alt=f"Median duration per step and arm, with the number of takes: {', '.join(told)}",
    )
    _table("timings", [_timing_row(one) for one in found], found[0].method, found[0].version)


def _timing_strip(one: summary.Spread) -> Strip:
    missing = f", {one.missing} missing" if one.missing else ""
    return Strip(
        row=TIMING_WORDS[one.measure],
        arm=one.arm,
        values=one.values,
        centre=one.median,
        lower=one.lower,
        upper=one.upper,
        centre_words=seconds(one.median),
        side_words=f"n {one.n}{missing}",
    )


def _timing_row(one: summary.Spread) -> Row:
    figures = {"Median s": one.median, "Lower quartile s": one.lower, "Upper quartile s": one.upper}
    rounded = {name: None if value is None else round(value, 3) for name, value in figures.items()}
    return {"Step": TIMING_WORDS[one.measure], "Arm": str(one.arm), **rounded, "n": one.n, "Missing": one.missing}


def show_outcomes(evidence: Evidence) -> None:
    """How the takes of each arm stand."""
    found = {arm: summary.outcomes(evidence.takes, arm) for arm in ArmLabel}
    st.subheader("Outcomes", anchor=False)
    states = [state for state in TakeState if any(state in one.counts for one in found.values())]
    cached = ", ".join(f"{arm} {one.cached}" for arm, one in found.items())
    st.caption(f"Every attempt counts. Served from an earlier identical request, and not counted here: {cached}.")
    counts = {arm: [one.counts.get(state, 0) for state in states] for arm, one in found.items()}
    told = [f"{WORDS[state]} A {a}, B {b}" for state, a, b in zip(states, *counts.values(), strict=True)]
    bars([WORDS[state] for state in states], counts, key="results/outcomes", alt=f"Takes per state: {'; '.join(told)}")
    rows = [
        {"Outcome": WORDS[state], **{str(arm): one.counts.get(state, 0) for arm, one in found.items()}}
        for state in TakeState
    ]
    first = found[ArmLabel.A]
    _table("outcomes", rows, first.method, first.version)


def _table(name: str, rows: Sequence[Row], method: str, version: str) -> None:
    with st.expander("Numbers", icon=":material/table:"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"The numbers of the chart of {name}")
        st.caption(f"Method: {method}, version {version}.")
        st.download_button(
            "Download CSV",
            as_csv(rows, rows[0]),
            file_name=f"sora-compare-{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"results/csv/{name}",
        )
