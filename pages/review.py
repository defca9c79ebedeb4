"""Review: play a pair, score it, go on to the next."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.library.import_report import imported_mark
from sora_compare.ui.review.review_pair import choose_pair, render_saved, review_pair
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.header import simulated_mark
from sora_compare.ui.shell.identity import name_field, reviewer

opened = services()
name = reviewer(opened.store)
render_saved()
pair = choose_pair(opened.store, name)

if pair is None:
    st.info("There is no pair to review yet: send a prompt to both arms first.", icon=":material/info:")
    st.page_link(pages.COMPARE, label="Go to Compare", icon=":material/compare:")
else:
    if not name:
        with st.container(border=True):
            name_field(opened.store, "review", "Type your name to score this pair")
    st.text(pair.comparison.prompt)
    if pair.is_simulated:
        simulated_mark()
    imported_mark((pair.a, pair.b))
    review_pair(opened, pair, name)
