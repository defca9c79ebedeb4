"""What lies behind the verdict, one part at a time: only the chosen one is computed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.results.attempts import render_cost, render_outcomes, render_timings
from sora_compare.ui.results.claims import render_claims, render_measurements, render_methods
from sora_compare.ui.results.downloads import render_downloads
from sora_compare.ui.results.people import render_disagreements, render_preference, render_reviewers
from sora_compare.ui.results.scores import render_criteria, render_tags
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.evidence.findings import Findings
    from sora_compare.evidence.selection import Selection
    from sora_compare.services import Services

PARTS: dict[str, Callable[[Findings], None]] = {
    "Criteria": render_criteria,
    "Tags": render_tags,
    "Reviewers": render_reviewers,
    "Disagreements": render_disagreements,
    "Preference": render_preference,
    "Timings": render_timings,
    "Outcomes": render_outcomes,
    "Cost": render_cost,
    "Measurements": render_measurements,
    "Claims": render_claims,
    "Methods": render_methods,
}


def render_parts(opened: Services, selection: Selection) -> None:
    """The choice of a part, and that part; nothing is computed until one is chosen."""
    parts: dict[str, Callable[[Findings], None]] = {**PARTS, "Downloads": partial(render_downloads, opened)}

    @guarded
    def draw() -> None:
        st.subheader("Look closer", anchor=False)
        chosen = st.segmented_control(
            "Look closer",
            list(parts),
            key="part",
            bind="query-params",
            label_visibility="collapsed",
            wrap=True,
        )
        if chosen:
            parts[chosen](opened.results.findings(selection))

    st.fragment(draw, key="results/parts")()
