"""Results: what was scored, how long it took, and what became of every take."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui import pages
from sora_compare.ui.filters import choose_evidence
from sora_compare.ui.results_view import show_outcomes, show_preferences, show_scores, show_timings

evidence = choose_evidence(services().store)

if not evidence.takes:
    st.info("There is nothing to show yet: send a prompt to both arms first.", icon=":material/info:")
    st.page_link(pages.COMPARE, label="Go to Compare", icon=":material/compare:")
    st.stop()

people = {review.reviewer for review in evidence.reviews}
with st.grid(4, min_column_width=150):
    st.metric("Comparisons", len(evidence.comparisons), border=True)
    st.metric("Takes", len(evidence.takes), border=True)
    st.metric("Reviews", len(evidence.reviews), border=True)
    st.metric("Reviewers", len(people), border=True)

if evidence.reviews:
    show_scores(evidence)
    show_preferences(evidence)
else:
    st.info("Nobody has scored a pair of these yet.", icon=":material/info:")
    st.page_link(pages.REVIEW, label="Score a pair", icon=":material/rate_review:")
show_timings(evidence)
show_outcomes(evidence)
