"""The evidence for a change, in its dialog: how much of the checklist is there, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import Origin
from sora_compare.releases.checklist_summary import Decision, EvidenceSummary, evidence_summary
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.header import simulated_mark

if TYPE_CHECKING:
    from sora_compare.releases.policy.opening import Governance

KEPT = "versions/evidence"
Question = tuple[str, str, Decision]


def render_evidence(governance: Governance, environment: str, model: str, decision: Decision) -> EvidenceSummary:
    """The summary of the checklist for moving the environment to the model, gathered once for each question.

    It reads every comparison of the two models: not at each letter that is typed into the dialog.
    """
    question: Question = environment, model, decision
    asked: tuple[Question, EvidenceSummary] | None = st.session_state.get(KEPT)
    if asked is None or asked[0] != question:
        asked = question, evidence_summary(governance, environment, model, decision)
        st.session_state[KEPT] = asked
    _show(asked[1])
    return asked[1]


def forget_evidence() -> None:
    """The dialog is closed: the next one looks anew."""
    st.session_state.pop(KEPT, None)


def _show(found: EvidenceSummary) -> None:
    with st.container(border=True, key="versions/evidence/box"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            icon = ":orange[:material/rule:]" if found.gaps else ":green[:material/check_circle:]"
            st.markdown(f"{icon} **Evidence: {found.done} of {found.total} items**", width="content")
            if found.origin is Origin.SIMULATED:
                simulated_mark()
        if found.gaps:
            st.markdown(f"Missing: {escape_markdown(', '.join(found.gaps))}.")
        later = f"{found.following} more {'comes' if found.following == 1 else 'come'} with the change itself. "
        st.caption(f"{later if found.following else ''}The Checklist on this page says each in full.")
