"""Suites: a file of prompts sent to both arms, how far each run is, and what came of it."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.drafts import Draft
from sora_compare.ui.suite_choice import choose_suite, show_suite
from sora_compare.ui.suite_form import ask_run, offer_to_start
from sora_compare.ui.suite_list import chosen_run, show_runs
from sora_compare.ui.suite_progress import show_run

opened = services()
run = chosen_run(opened)
draft = Draft(opened.store, "suite:form")

# A new key for each run shown: the form folds away once its run has started.
with st.expander("New run", icon=":material/playlist_add:", expanded=run is None, key=f"suites/new/{run and run.id}"):
    suite = choose_suite(draft)
    if suite:
        show_suite(suite)
        offer_to_start(opened, ask_run(opened, draft, suite))

if run:
    show_run(opened, run)
show_runs(opened, shown=run)
