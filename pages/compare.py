"""Compare: one prompt to both arms at once, their progress, then the pair."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.ask import ask
from sora_compare.ui.checks import choose_dropped
from sora_compare.ui.drafts import Draft
from sora_compare.ui.endpoint_audit import show_audit
from sora_compare.ui.pair_view import show_pairs
from sora_compare.ui.progress import show_progress
from sora_compare.ui.sending import chosen_comparison, form_place, offer_to_send
from sora_compare.ui.upload_report import imported_mark

opened = services()
comparison = chosen_comparison(opened)
draft = Draft(opened.store, "compare:form")

with form_place(is_new=comparison is None):
    asked = ask(opened, draft)
    dropped = choose_dropped(opened, draft, asked)
    offer_to_send(opened, asked, dropped)

if comparison:
    st.text(comparison.prompt)
    takes = show_progress(opened, comparison)
    imported_mark(takes)
    show_pairs(opened, comparison, takes)
    show_audit(opened, comparison)
