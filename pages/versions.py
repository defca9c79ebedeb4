"""Versions: which snapshot each environment uses, how that changes, and the evidence for it."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.shell.boundary import boundary
from sora_compare.ui.versions.change_dialog import render_pending
from sora_compare.ui.versions.checklist import render_checklist
from sora_compare.ui.versions.drift import render_drift
from sora_compare.ui.versions.environment_cards import render_environments
from sora_compare.ui.versions.guide import render_guide
from sora_compare.ui.versions.lifecycle import render_lifecycle
from sora_compare.ui.versions.log import render_history

VIEWS = {
    "Checklist": render_checklist,
    "Guide": render_guide,
    "History": render_history,
    "Drift": render_drift,
    "Retirements": render_lifecycle,
}
opened = services()

with boundary():
    render_environments(opened)
    render_pending(opened)

tabs = st.tabs(list(VIEWS), key="view", on_change="rerun", bind="query-params")
for tab, draw in zip(tabs, VIEWS.values(), strict=True):
    if tab.open:
        with tab, boundary():
            draw(opened)
