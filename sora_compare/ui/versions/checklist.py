"""The migration checklist: four steps, each item with what was found, what is missing, and the way to the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import Origin
from sora_compare.releases.checklist import checklist
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.retirement import flag
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.header import simulated_mark
from sora_compare.ui.versions.words import model_words

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.releases.checklist import Checklist, ChecklistStep, Item
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.services import Services

USUAL = "production"
FIELD = 260
PLACES: dict[str, tuple[Path, str]] = {
    "compare": (pages.COMPARE, "Compare"),
    "review": (pages.REVIEW, "Review"),
    "results": (pages.RESULTS, "Results"),
    "library": (pages.LIBRARY, "Library"),
    "sessions": (pages.SESSIONS, "Sessions"),
}
"""Where an item's evidence is; the canary's stands on this page."""


def render_checklist(opened: Services) -> None:
    """The checklist for one environment and one candidate, as the store fills it.

    Raises:
        ConfigurationError: the policy cannot be read.
    """
    found = _chosen(opened.governance)
    done = sum(one.is_done for one in found.items)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"From **{escape_markdown(found.base)}** to **{escape_markdown(found.candidate)}**", width="content"
        )
        if found.origin is Origin.SIMULATED:
            simulated_mark()
    flag(opened.governance.releases.lifecycle(found.candidate))
    text = "everything is there" if found.is_done else f"{len(found.items) - done} missing"
    st.progress(done / len(found.items), text=f"{done} of {len(found.items)} items: {text}")
    for number, step in enumerate(found.steps, 1):
        _step(number, step)


def _chosen(governance: Governance) -> Checklist:
    policy, registry = governance.releases.policy, governance.releases.registry
    names = list(policy.environments)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.segmented_control(
            "Environment",
            names,
            default=USUAL if USUAL in names else names[0],
            key="versions/checklist/environment",
            required=True,
        )
        usual = checklist(governance.releases, governance.monitor, name)
        snapshots = sorted(registry.snapshots, key=lambda one: registry.snapshots[one].released, reverse=True)
        candidate = st.selectbox(
            "Candidate",
            snapshots,
            index=snapshots.index(usual.candidate) if usual.candidate in snapshots else 0,
            key=f"versions/checklist/candidate/{name}/{usual.candidate}",
            format_func=lambda one: model_words(governance, one),
            width=FIELD + 100,
        )
    if candidate == usual.candidate:
        return usual
    return checklist(governance.releases, governance.monitor, name, candidate)


def _step(number: int, step: ChecklistStep) -> None:
    done = sum(one.is_done for one in step.items)
    is_done = done == len(step.items)
    with st.expander(
        f"**{number}. {step.title}** &nbsp; :gray[{done} of {len(step.items)}]",
        type="step",
        icon=":material/check_circle:" if is_done else ":material/pending:",
        expanded=True,
    ):
        for item in step.items:
            _item(item)


def _item(item: Item) -> None:
    mark = ":green[:material/check_circle:]" if item.is_done else ":orange[:material/radio_button_unchecked:]"
    missing = f" **{escape_markdown(item.missing)}**" if item.missing else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{mark} {escape_markdown(item.title)}  \n:gray[{escape_markdown(item.found)}]{missing}", width="stretch"
        )
        if item.page in PLACES:
            path, words = PLACES[item.page]
            st.page_link(path, label=words, icon=":material/arrow_forward:", icon_position="right")
