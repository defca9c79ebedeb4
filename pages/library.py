"""Library: every comparison, newest first."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.library.catalogue import render_list
from sora_compare.ui.library.upload import upload_form
from sora_compare.ui.shell import pages

words = st.text_input(
    "Search prompts and tags",
    type="search",
    live="300ms",
    key="library/search",
    placeholder="Search prompts and tags",
    label_visibility="collapsed",
)
upload_form(services().archive)
shown = render_list(services(), words or "")
if not shown and words:
    st.info("No prompt or tag holds all of these words: use fewer or shorter ones.", icon=":material/search_off:")
elif not shown:
    st.info("There is no comparison yet: send a prompt to both arms first.", icon=":material/info:")
    st.page_link(pages.COMPARE, label="Go to Compare", icon=":material/compare:")
