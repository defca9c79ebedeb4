"""What was fixed before the first review, every later change, and the way to change it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.reviews import Evidence
from sora_compare.evidence.selection import session_of
from sora_compare.statistics.estimators.crossed import Scope
from sora_compare.statistics.rules import Rules
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.boundary import boundary
from sora_compare.ui.shell.identity import signature

if TYPE_CHECKING:
    from sora_compare.evidence.selection import Selection
    from sora_compare.services import Services

PERCENT = 100
SCOPE_HELP = "“Any reviewer” speaks of other people too and needs at least two; “these reviewers” of these alone."

EVIDENCE = {Evidence.INDEPENDENT: "by independent reviews", Evidence.ALL: "by all reviews"}
EVIDENCE_HELP = (
    "Independent: the last answer that was given blind, before what was which and others' scores were shown. "
    "All: the last answer, whatever the reviewer had seen."
)


def render_rules(opened: Services, selection: Selection, rules: Rules) -> None:
    """The rules in one line, later changes as warnings, and the form to change them."""
    session = session_of(opened.results.ratings(selection)) or selection.session
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"Rules{' of the session' if session else ''}: margin {rules.margin:g} points, "
            f"{PERCENT * rules.alpha:g} % for any false verdict over all criteria and looks, for {rules.scope}, "
            f"{EVIDENCE[rules.evidence]}.",
            width="content",
        )
        with st.popover("Change", icon=":material/tune:", type="tertiary"):
            _form(opened, rules, session)
    for sentence in opened.results.rules.warnings(session):
        st.warning(escape_markdown(sentence), icon=":material/edit_note:")


def _form(opened: Services, rules: Rules, session: str | None) -> None:
    counted = opened.store.reviews.count()
    if session:
        st.caption("Margin and alpha of these reviews were fixed with their session and cannot be changed here.")
    elif counted:
        st.caption(f"{counted:,} reviews are in: a change is recorded with your name and shown beside every result.")
    with st.form("results/rules", border=False):
        margin = st.number_input(
            "Margin in points", 0.0, 9.0, rules.margin, 0.1, disabled=bool(session), help="“Not worse” means within it."
        )
        alpha = st.number_input(
            "Chance of any false verdict", 0.001, 0.5, rules.alpha, 0.01, "%.3f", disabled=bool(session)
        )
        scope = st.segmented_control(
            "Verdicts speak of", list(Scope), default=rules.scope, required=True, format_func=str, help=SCOPE_HELP
        )
        evidence = st.segmented_control(
            "Reviews that decide",
            list(Evidence),
            default=rules.evidence,
            required=True,
            format_func=lambda one: str(one).capitalize(),
            help=EVIDENCE_HELP,
        )
        is_sent = st.form_submit_button("Set these rules", icon=":material/save:")
    if not is_sent:
        return
    with boundary():
        wanted = Rules(rules.margin if session else margin, rules.alpha if session else alpha, Scope(scope))
        wanted = replace(wanted, planned_reviews=rules.planned_reviews, evidence=Evidence(evidence))
        if session:
            current = opened.results.rules.current()
            wanted = replace(current, scope=wanted.scope, evidence=wanted.evidence)
        opened.results.rules.change(wanted, by=signature(opened.store))
        st.rerun()
