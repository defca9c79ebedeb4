"""The environments: a card for each, and a panel for each canary that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.policies import STABLE
from sora_compare.releases.policy.overview import overview
from sora_compare.ui.components.formats import ago, escape_markdown
from sora_compare.ui.components.retirement import flag
from sora_compare.ui.shell.boundary import guarded
from sora_compare.ui.versions.canary_panel import render_canary
from sora_compare.ui.versions.change_dialog import is_asking, open_dialog
from sora_compare.ui.versions.change_forms import Action
from sora_compare.ui.versions.words import ICONS

if TYPE_CHECKING:
    from sora_compare.domain.policies import Change, Environment
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.releases.policy.overview import EnvironmentState, Overview
    from sora_compare.services import Services
    from sora_compare.settings import Settings

LOOK_S = 5.0
BESIDE = 4
"""Cards in one row."""
CARD = 270
"""Pixels; narrower cards go to the next line."""


def render_environments(opened: Services) -> None:
    """Every environment and its canary; they draw themselves anew, since others and guard rails change them too.

    Raises:
        ConfigurationError: the policy cannot be read.
    """
    first = _looked(opened.governance)
    _source(opened.settings, first)

    @guarded
    def draw() -> None:
        now = _looked(opened.governance)
        if now.revision != first.revision and not is_asking():
            # An open dialog would be taken away and come back, without what was being typed into it.
            st.rerun()
        with st.grid(min(len(now.environments), BESIDE), min_column_width=CARD):
            for one in now.environments:
                with st.container(border=True, height="stretch", key=f"versions/card/{one.environment.name}"):
                    _card(opened.settings, now, one)
        for one in now.environments:
            if one.environment.canary:
                render_canary(now, one)
            elif one.last and one.last.event == "canary rolled back":
                _rolled_back(one.last)

    st.fragment(draw, run_every=LOOK_S, key="versions/environments")()


def _looked(governance: Governance) -> Overview:
    """How everything stands, after broken rails have ended what they end."""
    releases, monitor = governance.releases, governance.monitor
    found = overview(releases, monitor)
    if any(one.canary_status and one.canary_status.broken for one in found.environments):
        monitor.check_all()
        return overview(releases, monitor)
    return found


def _source(settings: Settings, found: Overview) -> None:
    path = settings.policy_file
    kept = f"the policy file {path}" if path else "the data folder"
    roles = ", ".join(f"{role} is {model}" for role, model in found.versions.items())
    st.caption(escape_markdown(f"Revision {found.revision} of {kept}. In this policy {roles}."))


def _card(settings: Settings, found: Overview, one: EnvironmentState) -> None:
    there = one.environment
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escape_markdown(there.name)}**", width="content")
        if there.name == settings.deploy_environment:
            st.badge("This process", color="gray", help="DEPLOY_ENV names it, or nothing does and it is the default.")
    icon, word = (":material/lock:", "Locked to") if one.is_locked else (":material/alt_route:", "Follows the alias")
    today = "" if there.model == one.lifecycle.snapshot else f", today {one.lifecycle.snapshot}"
    st.markdown(f"{icon} {word} **{escape_markdown(there.model)}**{escape_markdown(today)}")
    st.caption(f"Before: {escape_markdown(there.previous)}" if there.previous else "Not moved yet.")
    flag(one.lifecycle)
    if there.canary:
        st.badge(
            f"Canary: {there.canary.share} % of keys use {escape_markdown(there.canary.candidate)}",
            icon=":material/call_split:",
        )
    else:
        _buttons(found, one)


def _rolled_back(last: Change) -> None:
    """Until somebody changes the environment again."""
    st.error(
        f"{escape_markdown(last.before)} went back to {escape_markdown(last.after)}, "
        f"{escape_markdown(ago(last.at))}. {escape_markdown(last.reason)}",
        title=f"A guard rail rolled the canary in {escape_markdown(last.environment)} back",
        icon=":material/gpp_bad:",
    )


def _why_no_undo(there: Environment) -> str | None:
    return None if there.previous else "Its model was never changed."


def _buttons(found: Overview, one: EnvironmentState) -> None:
    there = one.environment
    no_reset = "It uses the stable version already." if there.model == found.versions[STABLE] else None
    offers = [
        (Action.LOCK, "Lock to…", ":material/lock:", None),
        (Action.START, "Start canary…", ":material/call_split:", None),
        (Action.UNDO, "Undo", ICONS["undo"], _why_no_undo(there)),
        (Action.ROLLBACK, "Reset to stable", ICONS["rollback"], no_reset),
    ]
    with st.container(horizontal=True, gap="small"):
        for action, words, icon, why_not in offers:
            key = f"versions/{action}/{there.name}"
            if st.button(words, icon=icon, key=key, disabled=why_not is not None, help=why_not):
                open_dialog(action, there, found.revision)
