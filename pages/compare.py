"""Compare: one prompt to both arms at once, their progress, then the pair."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.compare.audit_trail import render_audit
from sora_compare.ui.compare.checks import choose_dropped
from sora_compare.ui.compare.progress import render_progress
from sora_compare.ui.compare.prompt_form import prompt_form
from sora_compare.ui.compare.sending import chosen_comparison, form_place, send_button
from sora_compare.ui.components.pair_view import render_pairs
from sora_compare.ui.library.import_report import imported_mark
from sora_compare.ui.shell.drafts import Draft

opened = services()
comparison = chosen_comparison(opened.store)
draft = Draft(opened.store, "compare:form")

with form_place(is_new=comparison is None):
    asked = prompt_form(opened, draft)
    dropped = choose_dropped(opened.planner, draft, asked)
    send_button(opened, asked, dropped)

if comparison:
    st.text(comparison.prompt)
    takes = render_progress(opened, comparison)
    imported_mark(takes)
    render_pairs(opened.files, comparison, takes)
    render_audit(opened.store, comparison)
