"""Library: every comparison, newest first."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.library.catalogue import render_list
from sora_compare.ui.library.filters import render_filters
from sora_compare.ui.library.upload import upload_form
from sora_compare.ui.shell import pages

question = render_filters(services().store.comparisons)
upload_form(services().archive)
shown = render_list(services(), question)
if not shown and question.is_narrowed:
    st.info(
        "No comparison fits all of this: use fewer or shorter words, or any model and tag.",
        icon=":material/search_off:",
    )
elif not shown:
    st.info("There is no comparison yet: send a prompt to both arms first.", icon=":material/info:")
    st.page_link(pages.COMPARE, label="Go to Compare", icon=":material/compare:")
