"""Results: what is said of takes whose server names another model, and whether they count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.evidence.other_models import other_model_sentences
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Results
    from sora_compare.evidence.selection import Selection


def choose_other_models(results: Results, selection: Selection) -> Selection:
    """The selection, with such takes where somebody wants them counted; nothing is shown where there are none."""
    others = results.other_models(selection)
    if not others:
        return selection
    shown = st.container()
    are_counted = st.toggle("Count takes of another model", key="results/other_models")
    with shown:
        for sentence in other_model_sentences(others, are_counted=are_counted):
            st.warning(escape_markdown(sentence), icon=":material/swap_horiz:")
    return replace(selection, is_other_model_allowed=are_counted)
