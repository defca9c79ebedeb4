"""The two arms: an endpoint and a model for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.comparisons import Arm
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel
from sora_compare.endpoints.profiles import models_of
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from sora_compare.services import Services
    from sora_compare.ui.shell.drafts import Draft

DEFAULTS = {ArmLabel.A: DEFAULT_A, ArmLabel.B: DEFAULT_B}
COLOURS = {ArmLabel.A: "blue", ArmLabel.B: "orange"}


def arm_badge(label: ArmLabel, words: str = "") -> str:
    """Markdown for an arm in its colour, with text that is shown as it is."""
    return f":{COLOURS[label]}-badge[{label}] {escape_markdown(words)}".rstrip()


def choose_arms(opened: Services, draft: Draft) -> tuple[Arm, Arm]:
    """The arms as chosen; both start with the default endpoint and the two dated snapshots."""
    with st.popover("Arms", icon=":material/compare_arrows:", width="stretch"):
        return _arm(opened, draft, ArmLabel.A), _arm(opened, draft, ArmLabel.B)


def render_arms(arms: tuple[Arm, Arm]) -> None:
    """Both arms in one line; their endpoints too where they differ."""
    is_same = arms[0].endpoint == arms[1].endpoint
    lines = (arm_badge(arm.label, arm.model if is_same else f"{arm.model} · {arm.endpoint}") for arm in arms)
    st.markdown(" &nbsp; ".join(lines))


def _arm(opened: Services, draft: Draft, label: ArmLabel) -> Arm:
    endpoints = opened.endpoint_registry.all()
    st.markdown(f"{arm_badge(label)} **Arm {label}**")
    endpoint = st.selectbox(
        "Endpoint",
        list(endpoints),
        key=draft.fill(f"endpoint_{label}", opened.settings.default_endpoint, among=endpoints),
        on_change=draft.save,
    )
    model = st.selectbox(
        "Model",
        models_of(endpoints[endpoint]),
        key=draft.fill(f"model_{label}", DEFAULTS[label]),
        on_change=draft.save,
        accept_new_options=True,
        help="Choose one, or type any name that the endpoint knows.",
    )
    return Arm(label, endpoint, (model or DEFAULTS[label]).strip())
