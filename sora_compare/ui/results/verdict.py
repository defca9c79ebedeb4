"""The first screen of Results: the verdict in words, what it rests on, and the differences as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.reviews import HIGHEST_SCORE, LOWEST_SCORE
from sora_compare.evidence.words import PHRASES, of_estimate, overall
from sora_compare.statistics.analysis import RESTS_ON_ONE
from sora_compare.statistics.verdict import Verdict
from sora_compare.ui.components.charts import NEUTRAL, Gap, difference_chart
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.results.numbers import Row, numbers, rounded
from sora_compare.ui.shell import pages

if TYPE_CHECKING:
    from sora_compare.evidence.set_aside import SetAside
    from sora_compare.statistics.analysis import Analysis, CriterionResult

REACH = float(HIGHEST_SCORE - LOWEST_SCORE)
COLOURS_AND_ICONS = {
    Verdict.BETTER: ("green", ":material/check_circle:", "#2A9D5C"),
    Verdict.NOT_WORSE: ("primary", ":material/check:", "#17897F"),
    Verdict.WORSE: ("red", ":material/cancel:", "#D64545"),
    Verdict.UNDECIDED: ("yellow", ":material/hourglass_top:", "#B7791F"),
}
"""Colour of words, icon, colour in charts; the last stand out by 3:1 from both backgrounds."""
GREYED = ("gray", ":material/visibility_off:", NEUTRAL)
PERCENT = 100


def render_verdict(analysis: Analysis) -> None:
    """All of the first screen."""
    st.header(overall(analysis), anchor=False)
    st.markdown(f"**{_counted(analysis)}**")
    if not analysis.criteria:
        st.caption("Timings and outcomes below need no reviewer.")
        st.page_link(pages.REVIEW, label="Score a pair", icon=":material/rate_review:")
        return
    results = list(analysis.criteria.values())
    with st.grid(min(3, len(results)), min_column_width=260):
        for result in results:
            _card(result)
    _differences(analysis)


def render_set_aside(aside: SetAside, other_origins: str) -> None:
    """What the reviews that do not decide are, what they would change, and what other origins hold."""
    for sentence in (*aside.sentences, *filter(None, [other_origins])):
        st.caption(f":material/visibility: {escape_markdown(sentence)}")


def _counted(analysis: Analysis) -> str:
    missing = sum(one.missing for one in analysis.criteria.values())
    parts = [
        _some(analysis.n_prompts, "prompt"),
        _some(analysis.n_reviewers, "reviewer"),
        _some(analysis.n_reviews, "review"),
        *([f"{_some(missing, 'score')} missing or not applicable"] if missing else []),
    ]
    return " · ".join(parts)


def _some(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def verdict_style(result: CriterionResult) -> tuple[str, str, str]:
    """Colour of words, icon and colour in charts for a verdict; grey where reviewers agree too little."""
    return GREYED if result.agreement.is_too_low else COLOURS_AND_ICONS[result.judgement.verdict]


def _card(result: CriterionResult) -> None:
    color, icon, _ = verdict_style(result)
    agreed, judgement = result.agreement, result.judgement
    with st.container(border=True, gap="small", height="stretch"):
        st.markdown(f"**{escape_markdown(result.criterion.capitalize())}**")
        st.subheader(f":{color}[{icon} {PHRASES[judgement.verdict]}]", anchor=False)
        st.markdown(escape_markdown(_why(result)))
        for sentence in result.warnings:
            if sentence not in {agreed.reason, judgement.reason, RESTS_ON_ONE}:
                st.caption(f":material/warning: {escape_markdown(sentence)}")
        basis = f"{_some(judgement.n_prompts, 'prompt')} · {_some(judgement.n_reviewers, 'reviewer')}"
        st.caption(f"Scored on both arms: {basis} · {_some(judgement.n_reviews, 'review')}")


def _why(result: CriterionResult) -> str:
    """What the verdict means and what it would take; first why it is not to be relied on, where that is so."""
    agreed = result.agreement
    if not agreed.is_too_low:
        return f"{result.judgement.reason} {result.needed.sentence}".strip()
    is_known = agreed.alpha_ordinal is not None
    return f"Not to be relied on. {agreed.reason}" if is_known else f"{result.judgement.reason} {agreed.reason}"


def _differences(analysis: Analysis) -> None:
    compared = [one for one in analysis.criteria.values() if one.difference and one.difference.mean is not None]
    if not compared:
        st.caption("No difference can be drawn: no reviewer scored both arms of a pair.")
        return
    margin = analysis.rules.margin
    gaps = [_gap(one) for one in compared]
    text = "; ".join(f"{gap.name} {gap.words}" for gap in gaps)
    difference_chart(
        gaps,
        axis="B - A in points",
        key="results/differences",
        alt=f"Difference B minus A with 95 % intervals, to the right B is better, margin at -{margin:g}: {text}",
        reach=REACH,
        margin=margin,
    )
    st.caption(
        "Thick: 95 % interval. Thin: holds however often somebody looks; the verdict rests on it. Right of the dashed "
        f"line B is at most {margin:g} points worse, which counts as not worse."
    )
    numbers(
        "differences", [_row(one) for one in compared], *(one.difference for one in compared), compared[0].judgement
    )


def _gap(result: CriterionResult) -> Gap:
    one, judgement = result.difference, result.judgement
    assert one is not None and one.mean is not None  # noqa: S101, PT018  # as chosen above
    wide = None if judgement.low is None or judgement.high is None else (judgement.low, judgement.high)
    words = of_estimate(one, signed=True)
    return Gap(result.criterion.capitalize(), one.mean, one.low, one.high, words, verdict_style(result)[2], wide)


def _row(result: CriterionResult) -> Row:
    one, judgement = result.difference, result.judgement
    return {
        "Criterion": result.criterion.capitalize(),
        "Verdict": str(judgement.verdict),
        "B - A": rounded(one.mean if one else None),
        "95 % low": rounded(one.low if one else None),
        "95 % high": rounded(one.high if one else None),
        "Always valid low": rounded(judgement.low),
        "Always valid high": rounded(judgement.high),
        "Speaks of": str(one.scope) if one else "",
        "Share of alpha": rounded(judgement.alpha),
        "Prompts": judgement.n_prompts,
        "Reviewers": judgement.n_reviewers,
        "Reviews": judgement.n_reviews,
        "Missing": result.missing,
    }
