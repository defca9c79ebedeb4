"""Results: the verdict in words, the differences, and everything behind them."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui import pages
from sora_compare.ui.results_choice import choose_evidence
from sora_compare.ui.results_models import choose_other_models
from sora_compare.ui.results_parts import render_parts
from sora_compare.ui.results_rules import render_rules
from sora_compare.ui.results_verdict import render_set_aside, render_verdict

opened = services()
selection = choose_evidence(opened)

if selection is None:
    st.info("There is nothing to show yet: send a prompt to both arms first.", icon=":material/info:")
    st.page_link(pages.COMPARE, label="Go to Compare", icon=":material/compare:")
else:
    selection = choose_other_models(opened, selection)
    analysis = opened.results.latest(selection)
    render_verdict(analysis)
    render_set_aside(opened.results.latest_set_aside(selection), opened.results.other_origins(selection))
    render_rules(opened, selection, analysis.rules)
    render_parts(opened, selection)
