"""Results: the verdict in words, the differences, and everything behind them."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.results.choice import choose_evidence
from sora_compare.ui.results.other_models import choose_other_models
from sora_compare.ui.results.parts import render_parts
from sora_compare.ui.results.rules import render_rules
from sora_compare.ui.results.verdict import render_set_aside, render_verdict
from sora_compare.ui.shell import pages

opened = services()
selection = choose_evidence(opened)

if selection is None:
    st.info("There is nothing to show yet: send a prompt to both arms first.", icon=":material/info:")
    st.page_link(pages.COMPARE, label="Go to Compare", icon=":material/compare:")
else:
    selection = choose_other_models(opened.results, selection)
    analysis = opened.results.latest(selection)
    render_verdict(analysis)
    render_set_aside(opened.results.latest_set_aside(selection), opened.results.other_origins(selection))
    render_rules(opened, selection, analysis.rules)
    render_parts(opened, selection)
