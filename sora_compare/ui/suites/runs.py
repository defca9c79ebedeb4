"""The runs there are, newest first, and which of them the page shows."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.components.formats import ago, escape_markdown
from sora_compare.ui.shell.boundary import boundary, guarded

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import SuiteRun
    from sora_compare.services import Services
    from sora_compare.suites.running import Suites

PARAMETER = "run"
CURRENT = "suites/current"
LISTED = 20


def chosen_run(suites: Suites) -> SuiteRun | None:
    """The run named in the address, else the last one of this session."""
    identifier = st.query_params.get(PARAMETER) or st.session_state.get(CURRENT)
    if not identifier:
        return None
    with boundary():
        run = suites.find(identifier)
        open_run(run)
        return run
    st.session_state.pop(CURRENT, None)
    return None


def open_run(run: SuiteRun) -> None:
    """Show this run from now on; its id goes into the address."""
    st.session_state[CURRENT] = run.id
    if st.query_params.get(PARAMETER) != run.id:
        st.query_params[PARAMETER] = run.id


def render_runs(opened: Services, *, shown: SuiteRun | None) -> None:
    """The newest runs, each with how far it is."""
    runs = list(islice(opened.store.suite_runs.list(), LISTED))
    if not runs:
        st.info("No suite has been run yet: choose one above and start it.", icon=":material/info:")
        return
    st.subheader("Runs", anchor=False)
    for run in runs:
        with st.container(border=True, horizontal=True, vertical_alignment="center"), boundary():
            _entry(opened.suites, run, is_shown=shown is not None and shown.id == run.id)


def _entry(suites: Suites, run: SuiteRun, *, is_shown: bool) -> None:
    now = suites.progress(run)
    st.markdown(f"**{escape_markdown(run.suite.name)}** :gray[{ago(run.created)} · {len(run.suite.prompts)} prompts]")
    whole = "all ended" if now.ended == now.takes else "under way"
    text = f"{now.ended} of {now.takes} clips, {whole}" if run.is_planned else "stopped before all was planned"
    st.markdown(f":gray[{text}]")
    words = "Shown above" if is_shown else "Show"
    show = guarded(partial(open_run, run))
    st.button(words, icon=":material/visibility:", key=f"suites/show/{run.id}", on_click=show, disabled=is_shown)
