"""How a canary stands: its share, its window, its guard rails, and what is missing for the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from sora_compare.domain.canaries import HOUR_S, STEPS
from sora_compare.domain.takes import Origin
from sora_compare.ui.components.formats import ago, escape_markdown
from sora_compare.ui.components.retirement import flag
from sora_compare.ui.shell.header import simulated_mark
from sora_compare.ui.versions.change_dialog import open_dialog
from sora_compare.ui.versions.change_forms import Action
from sora_compare.ui.versions.words import ICONS, goal

if TYPE_CHECKING:
    from sora_compare.domain.canaries import Canary, CanaryStatus
    from sora_compare.domain.guard_rails import Reading
    from sora_compare.releases.policy.overview import EnvironmentState, Overview

HALF = 300


def render_canary(found: Overview, one: EnvironmentState) -> None:
    """The panel of one canary that runs."""
    canary, canary_status = one.environment.canary, one.canary_status
    if canary is None or canary_status is None:
        return
    with st.container(border=True, key=f"versions/canary/{one.environment.name}"):
        _head(one, canary)
        if canary_status.broken:
            st.error(
                _paragraph(canary_status.broken)
                + ("" if canary.is_automatic else " It does not roll back by itself: you do."),
                title="A guard rail is broken",
                icon=":material/gpp_bad:",
            )
        _window(canary, canary_status)
        with st.grid(2, min_column_width=HALF) as grid:
            with grid.cell():
                _rails(canary, canary_status)
            with grid.cell():
                _next(canary, canary_status)
        _buttons(found, one, canary, canary_status)


def _paragraph(sentences: tuple[str, ...]) -> str:
    return " ".join(escape_markdown(one) for one in sentences)


def _head(one: EnvironmentState, canary: Canary) -> None:
    there = one.environment
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Canary in {escape_markdown(there.name)}**", width="content")
        for step in STEPS:
            icon = ":material/check: " if step < canary.share else ""
            st.badge(f"{icon}{step} %", color="blue" if step <= canary.share else "gray")
        has_evidence = one.canary_status is not None and any(
            r.base_n + r.candidate_n for r in one.canary_status.readings
        )
        if has_evidence and one.origin is Origin.SIMULATED:
            simulated_mark()
    st.markdown(
        f"{canary.share} % of keys use **{escape_markdown(canary.candidate)}**, the others "
        f"**{escape_markdown(there.model)}**. "
        f":gray[Started {ago(canary.started)}.]"
    )
    if one.candidate_lifecycle:
        flag(one.candidate_lifecycle)


def _window(canary: Canary, canary_status: CanaryStatus) -> None:
    hours, past = canary.window_s / HOUR_S, max(0.0, canary_status.elapsed_s) / HOUR_S
    left = max(0.0, hours - past)
    text = f"{left:.1f} h left" if left else "over"
    st.progress(min(1.0, past / hours), text=f"Window at {canary.share} %: {past:.1f} of {hours:g} h, {text}")
    if canary_status.is_overdue:
        st.warning("It is watched for more than 48 h: widen it, or stop it.", icon=":material/timer_off:")


def _rails(canary: Canary, canary_status: CanaryStatus) -> None:
    how = "a broken one rolls back by itself" if canary.is_automatic else "a broken one is told only"
    st.markdown(f"Guard rails :gray[({how})]")
    for reading in canary_status.readings:
        icon, word = _state(reading)
        st.markdown(
            f"{icon} **{str(reading.rail).capitalize()}: {word}.** "
            f"{escape_markdown(reading.sentence)}{_evidence(reading)}"
        )
    if not canary_status.readings:
        st.caption("Every guard rail is switched off.")


def _evidence(reading: Reading) -> str:
    if reading.evidence is None or reading.needed is None or reading.is_broken:
        return ""
    return f" :gray[Evidence {reading.evidence:.1f} of {reading.needed:.0f} needed. {reading.power}]"


def _state(reading: Reading) -> tuple[str, str]:
    if reading.is_broken:
        return ":red[:material/cancel:]", "broken"
    if not reading.is_enough:
        return ":gray[:material/hourglass_empty:]", "too early"
    return ":green[:material/check_circle:]", "holds"


def _next(canary: Canary, canary_status: CanaryStatus) -> None:
    st.markdown(f"Missing for {goal(canary)}")
    if canary_status.broken:
        st.markdown(":red[:material/block:] No step goes past a broken guard rail.")
    for sentence in canary_status.missing:
        st.markdown(f":gray[:material/radio_button_unchecked:] {escape_markdown(sentence)}")
    if canary_status.may_step:
        st.markdown(":green[:material/check_circle:] Nothing: window, verdict and guard rails allow it.")


def _buttons(found: Overview, one: EnvironmentState, canary: Canary, canary_status: CanaryStatus) -> None:
    words = f"Widen to {canary.next_share} %" if canary.next_share else "Lock to the candidate"
    offers: list[tuple[Action, str, str, Literal["primary", "secondary"]]] = [
        (Action.STOP, "Stop", ":material/stop_circle:", "secondary"),
        (Action.ROLLBACK, "Reset to stable", ICONS["rollback"], "primary" if canary_status.broken else "secondary"),
    ]
    if not canary_status.broken:
        text = words if canary_status.may_step else f"{words}…"
        offers.insert(
            0, (Action.STEP, text, ":material/trending_up:", "primary" if canary_status.may_step else "secondary")
        )
    with st.container(horizontal=True, gap="small"):
        for action, label, icon, kind in offers:
            key = f"versions/canary/{action}/{one.environment.name}"
            if st.button(label, icon=icon, key=key, type=kind):
                open_dialog(action, one.environment, found.revision)
