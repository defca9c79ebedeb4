"""Versions: which snapshot each environment uses, how that changes, and the evidence for it."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.boundary import boundary
from sora_compare.ui.versions_asked import show_asked
from sora_compare.ui.versions_cards import show_environments
from sora_compare.ui.versions_checklist import show_checklist
from sora_compare.ui.versions_drift import show_drift
from sora_compare.ui.versions_guide import show_guide
from sora_compare.ui.versions_lifecycle import show_lifecycle
from sora_compare.ui.versions_log import show_history

VIEWS = {
    "Checklist": show_checklist,
    "Guide": show_guide,
    "History": show_history,
    "Drift": show_drift,
    "Retirements": show_lifecycle,
}
opened = services()

with boundary():
    show_environments(opened)
    show_asked(opened)

tabs = st.tabs(list(VIEWS), key="view", on_change="rerun", bind="query-params")
for tab, draw in zip(tabs, VIEWS.values(), strict=True):
    if tab.open:
        with tab, boundary():
            draw(opened)
