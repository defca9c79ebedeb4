"""People beside machines and beside print: measurements, published claims, and the methods of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.evidence.words import interval, of_span
from sora_compare.statistics.claims import Finding, published
from sora_compare.statistics.measured import agreement_with_people
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.results.numbers import Row, numbers
from sora_compare.ui.results.scores import NOBODY

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Findings
    from sora_compare.statistics.results import Result

ICONS = {Finding.CONFIRMED: "check_circle", Finding.NOT_CONFIRMED: "cancel", Finding.CANNOT_TELL: "help"}


def render_measurements(found: Findings) -> None:
    """Whether what is measured of a clip goes with what people score."""
    rows = agreement_with_people(found.ratings, found.takes)
    if not rows:
        st.info(NOBODY, icon=":material/info:")
        return
    st.markdown(
        "**Do measurements of a clip go with its scores?** Spearman's rank correlation over clips: 1 goes along, "
        "-1 goes against, 0 has nothing to do with it. Clips of one prompt are alike, so this is for a look only."
    )
    lines: list[Row] = [
        {
            "Measurement": one.measurement,
            "Criterion": one.criterion.capitalize(),
            "Correlation": interval(one.rho.mean, one.rho.low, one.rho.high, signed=True),
            "Clips": one.n,
            "Why not known": one.reason,
        }
        for one in rows
    ]
    if all(one.rho.mean is None for one in rows):
        st.caption("No correlation can be given yet: too few clips, or nothing that differs between them.")
    numbers("measurements", lines, rows[0], is_open=True)


def render_claims(found: Findings) -> None:
    """Every published row beside ours."""
    table = published()
    st.markdown(f"**Published, unverified**: {escape_markdown(table.source)}.")
    if not set(table.models) & set(found.arms.values()):
        st.info(
            f"The claims speak of {escape_markdown(' and '.join(table.models))}, which are not among these arms.",
            icon=":material/info:",
        )
    counts = {finding: sum(one.finding is finding for one in found.claims) for finding in Finding}
    with st.container(horizontal=True):
        for finding, count in counts.items():
            st.badge(f"{count} {finding}", icon=f":material/{ICONS[finding]}:", color="gray")
    rows: list[Row] = [
        {
            "Claim": one.claim.name,
            "Model": one.model,
            "Published": one.published,
            "Measured": of_span(one.measured, one.n),
            "n": one.n,
            "Finding": str(one.finding),
            "Why": one.reason,
        }
        for one in found.claims
    ]
    numbers("claims", rows, is_open=True)


def render_methods(found: Findings) -> None:
    """Each method with its version and what it rests on."""
    trust, analysis = found.trust, found.analysis
    named: dict[str, Result | None] = {
        "preference": analysis.preference,
        "hidden repeats": trust.repeats,
        "same clip twice": trust.false_alarms,
        "sides": trust.sides,
    }
    for name, result in analysis.criteria.items():
        named |= {
            f"{name}: difference": result.difference,
            f"{name}: verdict": result.judgement,
            f"{name}: bias and inconsistency": result.people,
            f"{name}: agreement": result.agreement,
            f"{name}: how much more is needed": result.needed,
        }
    if found.attempts:
        named |= {f"outcomes {arm}": one for arm, one in found.attempts.outcomes.items()}
        named |= {f"cost {arm}": one for arm, one in found.attempts.costs.items()}
        named |= {f"total time {arm}": one for arm, one in found.attempts.durations["total_s"].items()}
    rows: list[Row] = [
        {
            "Figure": name,
            "Method": one.method,
            "Version": one.version,
            "Prompts": one.n_prompts,
            "Reviewers": one.n_reviewers,
            "Reviews": one.n_reviews,
            "Missing": one.missing,
        }
        for name, one in named.items()
        if one
    ]
    st.markdown("How each figure is made is told in `docs/statistics.md`.")
    numbers("methods", rows, is_open=True)
