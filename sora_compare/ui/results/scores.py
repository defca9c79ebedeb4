"""The scores behind the verdict: means, agreement, other ways to the same difference, and tag by tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.reviews import HIGHEST_SCORE, LOWEST_SCORE
from sora_compare.domain.takes import ArmLabel
from sora_compare.evidence.words import interval, number, of_estimate
from sora_compare.statistics.beside import beside
from sora_compare.ui.components.charts import ByArm, Gap, arms_chart, difference_chart
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.results.numbers import Row, numbers, rounded
from sora_compare.ui.results.verdict import REACH, verdict_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sora_compare.evidence.findings import Findings
    from sora_compare.statistics.analysis import CriterionResult
    from sora_compare.statistics.beside import Beside

NOBODY = "Nobody has scored a pair of these yet."
SCALE = range(LOWEST_SCORE, HIGHEST_SCORE + 1)
FLIPS = "Leaving out {} turns the sign of the difference."


def choose_criterion(found: Findings, where: str) -> CriterionResult | None:
    """The criterion that a part is about; None, and said, when none has scores."""
    results = found.analysis.criteria
    if not results:
        st.info(NOBODY, icon=":material/info:")
        return None
    names = list(results)
    chosen = names[0]
    if len(names) > 1:
        chosen = st.segmented_control(
            "Criterion",
            names,
            default=names[0],
            required=True,
            format_func=str.capitalize,
            key=f"results/{where}/criterion",
            label_visibility="collapsed",
        )
    return results[chosen]


def render_criteria(found: Findings) -> None:
    """Means per arm, then one criterion in every way."""
    results = found.analysis.criteria
    if not results:
        st.info(NOBODY, icon=":material/info:")
        return
    st.markdown("**Mean scores** with 95 % intervals; A is a circle, B a diamond.")
    means = [
        ByArm(name.capitalize(), ArmLabel(arm), one.mean, one.low, one.high, number(one.mean))
        for name, result in results.items()
        for arm, one in result.arms.items()
    ]
    text = "; ".join(
        f"{name} {arm} {of_estimate(one)}" for name, result in results.items() for arm, one in result.arms.items()
    )
    arms_chart(means, axis="Score", key="results/means", alt=f"Mean score per criterion and arm: {text}", ticks=SCALE)
    estimates = [one for result in results.values() for one in result.arms.values()]
    numbers("mean scores", [row for result in results.values() for row in _mean_rows(result)], *estimates)
    chosen = choose_criterion(found, "criteria")
    if chosen:
        _one(found, chosen)


def _mean_rows(result: CriterionResult) -> list[Row]:
    return [
        {
            "Criterion": result.criterion.capitalize(),
            "Arm": arm,
            "Mean": rounded(one.mean),
            "Low": rounded(one.low),
            "High": rounded(one.high),
            "Prompts": one.n_prompts,
            "Reviewers": one.n_reviewers,
            "Reviews": one.n_reviews,
            "Missing": one.missing,
        }
        for arm, one in result.arms.items()
    ]


def _one(found: Findings, result: CriterionResult) -> None:
    name = escape_markdown(result.criterion.capitalize())
    st.markdown(f"**{name}, the difference in other ways.** The verdict rests on the last one.")
    other = beside(found.ratings, result.criterion)
    ways = _ways(result, other)
    drawn = [
        Gap(name, mean, low, high, interval(mean, low, high, signed=True), verdict_style(result)[2])
        for name, (mean, low, high) in ways.items()
        if mean is not None
    ]
    if drawn:
        text = "; ".join(f"{gap.name} {gap.words}" for gap in drawn)
        alt = f"{result.criterion}: B minus A in four ways: {text}"
        difference_chart(drawn, axis="B - A in points", key="results/ways", alt=alt, reach=REACH)
    rows: list[Row] = [
        {"Way": name, "B - A": rounded(mean), "Low": rounded(low), "High": rounded(high)}
        for name, (mean, low, high) in ways.items()
    ]
    numbers("the difference in other ways", rows, result.difference, result.judgement, other.bootstrap)
    st.caption(f"Bootstrap: {other.bootstrap.draws:,} draws of prompts and of reviewers.")
    _agreement(result)
    for sentence in result.warnings:
        if sentence != result.agreement.reason:
            st.caption(f":material/warning: {escape_markdown(sentence)}")


def _ways(result: CriterionResult, other: Beside) -> Mapping[str, tuple[float | None, float | None, float | None]]:
    judgement, boot = result.judgement, other.bootstrap
    scopes = {str(one.scope): one for one in (result.difference, result.these_reviewers) if one}
    return {
        **{scope.capitalize(): (one.mean, one.low, one.high) for scope, one in scopes.items()},
        "Two-way bootstrap": (boot.mean, boot.low, boot.high),
        "Valid at any look": (judgement.mean, judgement.low, judgement.high),
    }


def _agreement(result: CriterionResult) -> None:
    one = result.agreement
    ordinal = interval(one.alpha_ordinal, one.low, one.high)
    numeric = interval(one.alpha_interval, one.interval_low, one.interval_high)
    st.markdown(
        f"**Agreement of reviewers** (Krippendorff's alpha; 1 is perfect, 0 is chance): "
        f"ordinal {escape_markdown(ordinal)}, interval {escape_markdown(numeric)}."
    )
    if one.is_too_low:
        st.warning(escape_markdown(one.reason), icon=":material/visibility_off:")


def render_tags(found: Findings) -> None:
    """B - A on the prompts of each tag."""
    chosen = choose_criterion(found, "tags")
    if chosen is None:
        return
    tags = beside(found.ratings, chosen.criterion).tags
    if not tags:
        st.info("No prompt with a tag was scored on both arms.", icon=":material/info:")
        return
    gaps = [
        Gap(tag, one.mean, one.low, one.high, of_estimate(one, signed=True))
        for tag, one in tags.items()
        if one.mean is not None
    ]
    text = "; ".join(f"{gap.name} {gap.words}" for gap in gaps)
    st.caption("Described, not judged: with many tags some differ by chance alone.")
    alt = f"{chosen.criterion} by tag, B minus A: {text}"
    difference_chart(gaps, axis="B - A in points", key="results/tags", alt=alt, reach=REACH)
    rows: list[Row] = [
        {
            "Tag": tag,
            "B - A": rounded(one.mean),
            "Low": rounded(one.low),
            "High": rounded(one.high),
            "Speaks of": str(one.scope),
            "Prompts": one.n_prompts,
            "Reviewers": one.n_reviewers,
            "Reviews": one.n_reviews,
        }
        for tag, one in tags.items()
    ]
    numbers("tags", rows, *tags.values())
