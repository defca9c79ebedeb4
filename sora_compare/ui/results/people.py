"""The reviewers behind the verdict: each one's figures, where they disagree, and what they prefer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.evidence.words import number, of_estimate, of_span, side_pull, win_share
from sora_compare.statistics.beside import beside
from sora_compare.statistics.disagreements import disagreements
from sora_compare.ui.components.charts import Gap, counts_chart, difference_chart
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.pair_view import PAIR_PARAMETER
from sora_compare.ui.results.numbers import Row, numbers, rounded
from sora_compare.ui.results.scores import choose_criterion
from sora_compare.ui.results.verdict import REACH
from sora_compare.ui.shell import pages

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Findings
    from sora_compare.statistics.analysis import CriterionResult
    from sora_compare.statistics.beside import Beside
    from sora_compare.statistics.disagreements import Disagreement
    from sora_compare.statistics.results import Span

MOST_DRAWN = 30
"""Of more reviewers the chart shows those farthest from the mean; the table has all."""
MOST_NAMED = 8


def render_reviewers(found: Findings) -> None:
    """Each reviewer's own difference, bias and inconsistency, and what happens without each."""
    chosen = choose_criterion(found, "reviewers")
    if chosen is None:
        return
    other = beside(found.ratings, chosen.criterion)
    _own_differences(chosen)
    numbers("reviewers", _reviewer_rows(chosen, other), chosen.people, other.screened)
    if chosen.people.is_degenerate:
        st.caption(":material/warning: Bias and inconsistency fit one reviewer exactly: too few reviewers for that.")
    left_out = ", ".join(other.screened.rejected) or "nobody"
    st.markdown(f"**Screening** by BT.500 would leave out: {escape_markdown(left_out)}. It was not applied.")
    _without(other)
    _trust(found)


def _own_differences(chosen: CriterionResult) -> None:
    own = [(one.reviewer, one.difference, one.prompts) for one in chosen.reviewers if one.difference is not None]
    if not own:
        st.caption("No reviewer scored both arms of a pair.")
        return
    mean = sum(gap for _, gap, _ in own) / len(own)
    shown = sorted(own, key=lambda one: -abs(one[1] - mean))[:MOST_DRAWN]
    shown.sort(key=lambda one: one[1])
    gaps = [Gap(who, gap, None, None, f"{who}: {gap:+.2f} over {n} prompts") for who, gap, n in shown]
    if len(own) > MOST_DRAWN:
        st.caption(f"The {MOST_DRAWN} of {len(own)} reviewers farthest from the mean.")
    alt = f"{chosen.criterion}: mean of B minus A by reviewer: {'; '.join(gap.words for gap in gaps)}"
    difference_chart(gaps, axis="Own mean of B - A in points", key="results/reviewers", alt=alt, reach=REACH)


def _reviewer_rows(chosen: CriterionResult, other: Beside) -> list[Row]:
    screened = other.screened
    outside = dict(zip(screened.reviewers, (screened.above + screened.below).tolist(), strict=True))
    given = dict(zip(screened.reviewers, screened.scores.tolist(), strict=True))
    without = {one.reviewer: one for one in other.without}
    rows = []
    for one in chosen.reviewers:
        left = without.get(one.reviewer)
        rows.append(
            {
                "Reviewer": one.reviewer,
                "B - A": rounded(one.difference),
                "Prompts": one.prompts,
                "Bias": rounded(one.bias),
                "Inconsistency": rounded(one.inconsistency),
                "Scores": given.get(one.reviewer),
                "Far out (BT.500)": outside.get(one.reviewer),
                "B - A without them": rounded(left.estimate.mean if left else None),
                "Low without them": rounded(left.estimate.low if left else None),
                "High without them": rounded(left.estimate.high if left else None),
            }
        )
    return rows


def _without(other: Beside) -> None:
    if not other.without:
        st.caption("With one reviewer there is nobody to leave out.")
        return
    flips = [one.reviewer for one in other.without if one.flips]
    means = [one.estimate.mean for one in other.without if one.estimate.mean is not None]
    sentence = f"Without any one reviewer B - A lies between {min(means):+.2f} and {max(means):+.2f}." if means else ""
    turned = (
        f" Its sign turns without {escape_markdown(', '.join(flips[:MOST_NAMED]))}." if flips else " Its sign stays."
    )
    st.markdown(f"**Leave one out.** {sentence}{turned}")


def _trust(found: Findings) -> None:
    trust = found.trust
    rows = [
        _check("Hidden repeats: same score again", trust.repeats.exact_share, trust.repeats.pairs_of_scores),
        _check("Hidden repeats: same preference", trust.repeats.same_preference, trust.repeats.n_reviews),
        _check("Same clip twice: a difference seen", trust.false_alarms.of_scores, trust.false_alarms.n_reviews),
        _check("Votes for the left side", trust.sides.preference, trust.sides.n_reviews),
    ]
    st.markdown("**Checks hidden among the pairs**")
    if trust.sides.score.mean is not None:
        side = trust.sides.score
        value = of_estimate(side, signed=True)
        sentence = "A side pulls, by scores or by votes." if trust.sides.is_biased else "No pull of a side is seen."
        st.markdown(f"Left less right: {escape_markdown(value)} points. {sentence}")
    if trust.repeats.mean_change is not None:
        st.markdown(f"Hidden repeats change a score by {number(trust.repeats.mean_change)} points on average.")
    numbers("checks", rows, trust.repeats, trust.false_alarms, trust.sides, is_open=True)


def _check(name: str, share: Span, n: int) -> Row:
    return {"Check": name, "Share": of_span(share, n, percent=True), "n": n}


def render_disagreements(found: Findings) -> None:
    """The pairs on which reviewers differ most, each with the way to play it."""
    chosen = choose_criterion(found, "disagreements")
    if chosen is None:
        return
    plain_rows = found.ratings.without_checks()
    widest = disagreements(plain_rows, plain_rows.criteria.index(chosen.criterion))
    if not widest:
        st.info("No pair has two reviewers who see it differently.", icon=":material/info:")
        return
    st.caption("The pairs on which reviewers' B - A lies farthest apart, widest first. Play one to see why.")
    with st.grid(2, min_column_width=340):
        for one in widest:
            _disagreement(one)
    rows: list[Row] = [
        {
            "Pair": one.pair,
            "Prompt": one.prompt,
            "Spread": rounded(one.spread),
            "Reviewers": len(one.differences),
            "B - A by reviewer": _each(one),
        }
        for one in widest
    ]
    numbers("disagreements", rows)


def _disagreement(one: Disagreement) -> None:
    comparison, _, repeat = one.pair.rpartition(":")
    with st.container(border=True, gap="small", height="stretch"):
        st.text(one.prompt)
        st.caption(f"Spread {one.spread:.1f} points: {escape_markdown(_each(one))}")
        st.page_link(
            pages.REVIEW,
            label="Play this pair",
            icon=":material/play_circle:",
            query_params={PAIR_PARAMETER: f"{comparison}.{int(repeat) + 1}"},
        )


def _each(one: Disagreement) -> str:
    found = sorted(one.differences.items(), key=lambda each: each[1])
    lines = [f"{who} {gap:+g}" for who, gap in found]
    if len(lines) > MOST_NAMED:
        half = MOST_NAMED // 2
        lines = [*lines[:half], f"… {len(lines) - MOST_NAMED} more …", *lines[-half:]]
    return ", ".join(lines)


def render_preference(found: Findings) -> None:
    """Votes, and the share that B would win with sides taken out."""
    votes = found.analysis.preference
    if not votes.n_reviews:
        st.info("No review says yet which clip is better as a whole.", icon=":material/info:")
        return
    names, counts = ["A is better", "Equal", "B is better"], [votes.wins[0], votes.ties, votes.wins[1]]
    text = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    st.markdown(escape_markdown(win_share(votes)))
    if votes.win_share.mean is not None and votes.win_share.low is None:
        st.caption("Votes of one reviewer, or on one prompt, are alike: there is no interval for others.")
    counts_chart(names, counts, axis="Votes", key="results/preference", alt=f"Votes: {text}")
    rows: list[Row] = [{"Vote": name, "Reviews": count} for name, count in zip(names, counts, strict=True)]
    numbers("preference", rows, votes)
    if side_pull(votes):
        st.caption(escape_markdown(side_pull(votes)))
    st.caption(f"{votes.n_reviews:,} votes, {votes.missing:,} reviews without one.")
