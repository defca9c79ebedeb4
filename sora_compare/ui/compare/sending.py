"""Sending a comparison, and which comparison the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.errors import SoraCompareError, UsageError
from sora_compare.ui.components.arms import render_arms
from sora_compare.ui.components.budget_cost import render_cost
from sora_compare.ui.components.endpoint_health import render_outages
from sora_compare.ui.components.retirement import flag_models
from sora_compare.ui.shell.boundary import boundary
from sora_compare.ui.shell.identity import signature

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.generation.planning import Dropped, Plan
    from sora_compare.services import Services
    from sora_compare.store.store import Store
    from sora_compare.ui.compare.prompt_form import PromptForm

PARAMETER = "comparison"
CURRENT = "compare/current"
SENT = "compare/sent"


def chosen_comparison(store: Store) -> Comparison | None:
    """The comparison named in the address, else the last one of this session."""
    identifier = st.query_params.get(PARAMETER) or st.session_state.get(CURRENT)
    if not identifier:
        return None
    with boundary():
        comparison = store.comparisons.get(identifier)
        render_from_now_on(comparison)
        return comparison
    st.session_state.pop(CURRENT, None)
    return None


def render_from_now_on(comparison: Comparison) -> None:
    """Let the page show this comparison."""
    st.session_state[CURRENT] = comparison.id
    if st.query_params.get(PARAMETER) != comparison.id:
        st.query_params[PARAMETER] = comparison.id


def form_place(*, is_new: bool) -> DeltaGenerator:
    """Where the form stands: open on a new page, folded away above a comparison."""
    if is_new:
        return st.container(border=True)
    return st.expander("New comparison", icon=":material/add:")


def send_button(opened: Services, asked: PromptForm, dropped: Dropped) -> None:
    """The estimate and the button. Every send gives the button a new key, so that a double click sends once."""
    sent = st.session_state.setdefault(SENT, 0)
    found, button = st.columns([3, 1], vertical_alignment="center")
    with found:
        render_arms(asked.arms)
        flag_models(opened.governance, [arm.model for arm in asked.arms])
        render_outages(opened.runner, [arm.endpoint for arm in asked.arms])
        render_cost(opened, asked.arms, asked.settings, asked.repeats)
        _render_cached(opened, asked, dropped)
    is_clicked = button.button(
        "Send to both", type="primary", icon=":material/send:", key=f"compare/send/{sent}", width="stretch"
    )
    if is_clicked:
        with boundary():
            _send(opened, _plan(opened, asked, dropped))


def _plan(opened: Services, asked: PromptForm, dropped: Dropped) -> Plan:
    if asked.problems:
        raise UsageError(" ".join(one.sentence for one in asked.problems))
    return opened.planner.plan(
        asked.prompt.strip(),
        asked.settings,
        asked.arms,
        repeats=asked.repeats,
        is_fresh=asked.is_fresh,
        dropped=dropped,
        asked_by=signature(opened.store),
    )


def _send(opened: Services, plan: Plan) -> None:
    with st.spinner("Getting ready"):
        opened.prepare(plan)
    st.session_state[SENT] += 1
    render_from_now_on(opened.send(plan))
    st.rerun()


def _render_cached(opened: Services, asked: PromptForm, dropped: Dropped) -> None:
    if asked.is_fresh:
        return
    try:
        takes = _plan(opened, asked, dropped).takes
    except SoraCompareError:
        return
    known = sum(opened.store.takes.answer_to(take.fingerprint) is not None for take in takes)
    if known:
        st.caption(
            f":material/cached: {known} of {len(takes)} clips are there from an identical request and cost nothing. "
            "For new ones switch on “Make new clips” under More."
        )
