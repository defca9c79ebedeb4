"""What the takes say without any reviewer: timings, outcomes; and cost against quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from sora_compare.domain.outcomes import left_out_sentence
from sora_compare.domain.takes import ArmLabel
from sora_compare.evidence.words import (
    duration_gap,
    interval,
    of_span,
    sending_sentence,
    timing_sentences,
    unpriced_sentence,
)
from sora_compare.reports.report_tables import TIMINGS
from sora_compare.statistics.results import Span, listed
from sora_compare.ui.components.charts import ByArm, Cloud, Gap, arms_chart, cloud_chart, difference_chart
from sora_compare.ui.components.formats import seconds
from sora_compare.ui.results.numbers import Row, numbers, rounded, spanned
from sora_compare.ui.results.scores import SCALE

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Attempts, Findings
    from sora_compare.statistics.durations import Durations
    from sora_compare.statistics.outcomes import Shares

NO_TAKE = "No take of these has an outcome that says anything of its model yet."
SHARES = {
    "Completed": "completed",
    "Refused": "refused",
    "Failed": "failed",
    "Timed out": "timed_out",
    "Sent again": "retried",
}
MOST_POINTS = 400
PERCENT = 100


def render_timings(found: Findings) -> None:
    """Medians with intervals, the paired difference, and the slow end."""
    attempts = found.attempts
    if attempts is None or not any(one.n for arms in attempts.durations.values() for one in arms.values()):
        st.info("No take of these has timings: they were imported, or none got that far.", icon=":material/info:")
        return
    st.markdown("**Median seconds** with distribution-free 95 % intervals; A is a circle, B a diamond.")
    medians = [
        ByArm(words.capitalize(), arm, one.median.mean, one.median.low, one.median.high, seconds(one.median.mean))
        for measure, words in TIMINGS.items()
        for arm, one in attempts.durations[measure].items()
        if one.n
    ]
    text = "; ".join(f"{one.row} {one.arm} {one.words}" for one in medians)
    arms_chart(medians, axis="Seconds", key="results/timings", alt=f"Median seconds per step and arm: {text}")
    every = [one for arms in attempts.durations.values() for one in arms.values()]
    rows = [
        _timing_row(words, one) for measure, words in TIMINGS.items() for one in attempts.durations[measure].values()
    ]
    numbers("timings", rows, *every)
    _paired(attempts)
    below = [TIMINGS[measure] for measure, one in attempts.paired.items() if one.is_below_resolution]
    if below:
        st.caption(f"Below the resolution, and so no difference: {listed(below)}.")
    for sentence in filter(None, (*timing_sentences(attempts), sending_sentence(attempts.sent_first))):
        st.caption(sentence)


def _timing_row(words: str, one: Durations) -> Row:
    return {
        "Step": words,
        "Arm": str(one.arm),
        **spanned("Median", one.median),
        **spanned("90th percentile", one.p90),
        **spanned("95th percentile", one.p95),
        "Exact to": rounded(one.resolution_s),
        "Takes": one.n,
        "Missing": one.missing,
    }


def _paired(attempts: Attempts) -> None:
    st.markdown("**How much quicker B is on the same prompt**, median over prompts.")
    known = {TIMINGS[measure]: one for measure, one in attempts.paired.items() if one.difference.mean is not None}
    if not known:
        st.caption("No prompt has timings of both arms.")
        return
    gaps = []
    for words, one in known.items():
        span = one.difference
        quicker, low, high = (None if edge is None else 0.0 - edge for edge in (span.mean, span.high, span.low))
        record = of_span(Span(quicker, low, high), one.n_prompts, signed=True)
        if one.is_below_resolution:
            record = duration_gap(one)
        gaps.append(Gap(words.capitalize(), quicker or 0.0, low, high, record))
    alt = f"Seconds by which B is quicker, median over prompts: {_all_words(gaps)}"
    difference_chart(gaps, axis="Seconds that B is quicker", key="results/paired", alt=alt)
    rows: list[Row] = [
        {"Step": words, **spanned("B - A", one.difference), "Prompts": one.n_prompts, "Without both arms": one.missing}
        for words, one in known.items()
    ]
    numbers("timings by prompt", rows, *known.values())


def _all_words(gaps: list[Gap]) -> str:
    return "; ".join(f"{gap.name} {gap.words}" for gap in gaps)


def render_outcomes(found: Findings) -> None:
    """What became of the takes."""
    attempts = found.attempts
    if attempts is None or not any(one.n for one in attempts.outcomes.values()):
        st.info(NO_TAKE, icon=":material/info:")
        _render_left_out(attempts)
        return
    st.markdown("**Share of takes** with exact 95 % intervals; A is a circle, B a diamond.")
    drawn = [
        ByArm(words, arm, *_percent(one, name), f"{_percent(one, name)[0]:.1f} %")
        for words, name in SHARES.items()
        for arm, one in attempts.outcomes.items()
        if one.n
    ]
    text = "; ".join(f"{one.row} {one.arm} {one.words}" for one in drawn)
    arms_chart(drawn, axis="% of takes", key="results/outcomes", alt=f"Share of takes per outcome and arm: {text}")
    numbers("outcomes", [_outcome_row(one) for one in attempts.outcomes.values()], *attempts.outcomes.values())
    for arm, one in attempts.outcomes.items():
        if one.n and not one.completed.mean:
            st.warning(f"No take of arm {arm} completed: its quality cannot be compared.", icon=":material/error:")
        if not one.n:
            st.caption(f"Arm {arm}: {NO_TAKE}")
    _render_left_out(attempts)


def _render_left_out(attempts: Attempts | None) -> None:
    for arm, one in attempts.outcomes.items() if attempts else ():
        if one.left_out:
            st.caption(f"Arm {arm}: {left_out_sentence(one.left_out)}")


def _percent(one: Shares, name: str) -> tuple[float, float | None, float | None]:
    span = getattr(one, name)
    low, high = (None if edge is None else PERCENT * edge for edge in (span.low, span.high))
    return PERCENT * (span.mean or 0.0), low, high


def _outcome_row(one: Shares) -> Row:
    record = {words: getattr(one, name) for words, name in SHARES.items()}
    shares = {words: of_span(span, one.n, percent=True) for words, span in record.items()}
    counts = ", ".join(f"{state.replace('_', ' ')} {n}" for state, n in one.counts.items())
    return {"Arm": str(one.arm), "Takes": one.n, **shares, "Counts": counts or "none"}


def render_cost(found: Findings) -> None:
    """List price against mean score, clip by clip."""
    attempts = found.attempts
    if attempts is None or all(one.spent is None for one in attempts.costs.values()):
        st.info("No take of these has a known price.", icon=":material/info:")
        return
    clouds = [_cloud(found, arm) for arm in ArmLabel]
    if any(cloud.points for cloud in clouds):
        st.markdown("**Price against score**: each faint point is one clip, the large one its arm's mean.")
        text = "; ".join(
            f"{cloud.arm} {cloud.centre[0]:.2f} dollars, score {cloud.centre[1]:.2f}, {len(cloud.points)} clips"
            for cloud in clouds
            if cloud.centre
        )
        cloud_chart(
            clouds,
            across="Dollars for the clip, list price",
            up="Mean score",
            key="results/cost",
            alt=f"Price of a clip against its mean score: {text}",
            ticks=SCALE,
        )
    else:
        st.caption("No clip with a known price has a score yet.")
    rows: list[Row] = [
        {
            "Arm": str(arm),
            "Dollars, list price": rounded(one.spent),
            "Completed clips with a price": one.priced_completed,
            "Per completed clip": rounded(one.per_completed),
            "Clips accepted": interval(one.accepted.mean, one.accepted.low, one.accepted.high, percent=True),
            **spanned("Per accepted clip", one.per_accepted),
            "Takes without a price": one.unpriced,
        }
        for arm, one in attempts.costs.items()
    ]
    bar = attempts.costs[ArmLabel.A].bar
    st.caption(
        f"A clip is accepted from a mean score of {bar:g}. List prices are estimates, not a bill. "
        f"{unpriced_sentence(attempts.costs.values())}"
    )
    numbers("cost", rows, *attempts.costs.values(), is_open=True)


def _cloud(found: Findings, arm: ArmLabel) -> Cloud:
    """Price and mean score of each clip of the arm; of very many, some evenly spread over them."""
    rows, side = found.ratings.without_checks(), list(ArmLabel).index(arm)
    scores = rows.scores[:, side]
    there = ~np.isnan(scores)
    size = len(rows.pairs.names)
    counts = np.bincount(rows.pair, there.sum(axis=0), size)
    totals = np.bincount(rows.pair, np.nansum(scores, axis=0), size)
    means = {rows.pairs.names[pair]: totals[pair] / counts[pair] for pair in np.flatnonzero(counts)}
    points = [
        (take.estimated_dollars, float(means[name]))
        for take in found.takes
        if take.arm == arm
        and take.clip
        and take.estimated_dollars is not None
        and (name := f"{take.comparison_id}:{take.repeat}") in means
    ]
    if not points:
        return Cloud(arm, (), None)
    centre = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
    step = -(-len(points) // MOST_POINTS)
    return Cloud(arm, points[::step], centre)
