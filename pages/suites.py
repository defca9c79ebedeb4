"""Suites: a file of prompts sent to both arms, how far each run is, and what came of it."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.shell.drafts import Draft
from sora_compare.ui.suites.choice import choose_suite, render_suite
from sora_compare.ui.suites.form import run_form, start_button
from sora_compare.ui.suites.progress import render_run
from sora_compare.ui.suites.runs import chosen_run, render_runs

opened = services()
run = chosen_run(opened.suites)
draft = Draft(opened.store, "suite:form")

# A new key for each run shown: the form folds away once its run has started.
with st.expander("New run", icon=":material/playlist_add:", expanded=run is None, key=f"suites/new/{run and run.id}"):
    suite = choose_suite(draft)
    if suite:
        render_suite(suite)
        start_button(opened, run_form(opened, draft, suite))

if run:
    render_run(opened, run)
render_runs(opened, shown=run)
