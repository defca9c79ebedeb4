"""What lies behind the verdict, one part at a time: only the chosen one is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.boundary import guarded
from sora_compare.ui.results_attempts import show_cost, show_outcomes, show_timings
from sora_compare.ui.results_claims import show_claims, show_measurements, show_methods
from sora_compare.ui.results_downloads import show_downloads
from sora_compare.ui.results_people import show_disagreements, show_preference, show_reviewers
from sora_compare.ui.results_scores import show_criteria, show_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.reports.evidence import Findings
    from sora_compare.reports.selection import Selection
    from sora_compare.services import Services

PARTS: dict[str, Callable[[Services, Findings], None]] = {
    "Criteria": show_criteria,
    "Tags": show_tags,
    "Reviewers": show_reviewers,
    "Disagreements": show_disagreements,
    "Preference": show_preference,
    "Timings": show_timings,
    "Outcomes": show_outcomes,
    "Cost": show_cost,
    "Measurements": show_measurements,
    "Claims": show_claims,
    "Methods": show_methods,
    "Downloads": show_downloads,
}


def show_parts(opened: Services, selection: Selection) -> None:
    """The choice of a part, and that part; nothing is computed until one is chosen."""

    @guarded
    def draw() -> None:
        st.subheader("Look closer", anchor=False)
        chosen = st.segmented_control(
            "Look closer",
            list(PARTS),
            key="part",
            bind="query-params",
            label_visibility="collapsed",
            wrap=True,
        )
        if chosen:
            PARTS[chosen](opened, opened.results.findings(selection))

    st.fragment(draw, key="results/parts")()
