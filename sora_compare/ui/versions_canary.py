"""How a canary stands: its share, its window, its guard rails, and what is missing for the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from sora_compare.domain.canaries import HOUR_S, STEPS
from sora_compare.domain.takes import Origin
from sora_compare.ui.formats import ago, plain
from sora_compare.ui.header import simulated_mark
from sora_compare.ui.versions_asked import ask_for
from sora_compare.ui.versions_changes import Action
from sora_compare.ui.versions_flag import flag
from sora_compare.ui.versions_words import ICONS, goal

if TYPE_CHECKING:
    from sora_compare.domain.canaries import Canary, Standing
    from sora_compare.domain.guard_rails import Reading
    from sora_compare.releases.overview import EnvironmentState, Overview

HALF = 300


def show_canary(found: Overview, one: EnvironmentState) -> None:
    """The panel of one canary that runs."""
    canary, standing = one.environment.canary, one.standing
    if canary is None or standing is None:
        return
    with st.container(border=True, key=f"versions/canary/{one.environment.name}"):
        _head(one, canary)
        if standing.broken:
            st.error(
                f"{_said(standing.broken)} {'' if canary.is_automatic else 'It does not roll back by itself: you do.'}",
                title="A guard rail is broken",
                icon=":material/gpp_bad:",
            )
        _window(canary, standing)
        with st.grid(2, min_column_width=HALF) as grid:
            with grid.cell():
                _rails(canary, standing)
            with grid.cell():
                _next(canary, standing)
        _buttons(found, one, canary, standing)


def _said(sentences: tuple[str, ...]) -> str:
    return " ".join(plain(one) for one in sentences)


def _head(one: EnvironmentState, canary: Canary) -> None:
    there = one.environment
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Canary in {plain(there.name)}**", width="content")
        for step in STEPS:
            icon = ":material/check: " if step < canary.share else ""
            st.badge(f"{icon}{step} %", color="blue" if step <= canary.share else "gray")
        has_evidence = one.standing is not None and any(r.base_n + r.candidate_n for r in one.standing.readings)
        if has_evidence and one.origin is Origin.SIMULATED:
            simulated_mark()
    st.markdown(
        f"{canary.share} % of keys use **{plain(canary.candidate)}**, the others **{plain(there.model)}**. "
        f":gray[Started {ago(canary.started)}.]"
    )
    if one.candidate_lifecycle:
        flag(one.candidate_lifecycle)


def _window(canary: Canary, standing: Standing) -> None:
    hours, past = canary.window_s / HOUR_S, max(0.0, standing.elapsed_s) / HOUR_S
    left = max(0.0, hours - past)
    told = f"{left:.1f} h left" if left else "over"
    st.progress(min(1.0, past / hours), text=f"Window at {canary.share} %: {past:.1f} of {hours:g} h, {told}")
    if standing.is_overdue:
        st.warning("It is watched for more than 48 h: widen it, or stop it.", icon=":material/timer_off:")


def _rails(canary: Canary, standing: Standing) -> None:
    how = "a broken one rolls back by itself" if canary.is_automatic else "a broken one is told only"
    st.markdown(f"Guard rails :gray[({how})]")
    for reading in standing.readings:
        icon, word = _state(reading)
        st.markdown(
            f"{icon} **{str(reading.rail).capitalize()}: {word}.** {plain(reading.sentence)}{_evidence(reading)}"
        )
    if not standing.readings:
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


def _next(canary: Canary, standing: Standing) -> None:
    st.markdown(f"Missing for {goal(canary)}")
    if standing.broken:
        st.markdown(":red[:material/block:] No step goes past a broken guard rail.")
    for sentence in standing.missing:
        st.markdown(f":gray[:material/radio_button_unchecked:] {plain(sentence)}")
    if standing.may_step:
        st.markdown(":green[:material/check_circle:] Nothing: window, verdict and guard rails allow it.")


def _buttons(found: Overview, one: EnvironmentState, canary: Canary, standing: Standing) -> None:
    words = f"Widen to {canary.next_share} %" if canary.next_share else "Lock to the candidate"
    offers: list[tuple[Action, str, str, Literal["primary", "secondary"]]] = [
        (Action.STOP, "Stop", ":material/stop_circle:", "secondary"),
        (Action.ROLLBACK, "Reset to stable", ICONS["rollback"], "primary" if standing.broken else "secondary"),
    ]
    if not standing.broken:
        told = words if standing.may_step else f"{words}…"
        offers.insert(0, (Action.STEP, told, ":material/trending_up:", "primary" if standing.may_step else "secondary"))
    with st.container(horizontal=True, gap="small"):
        for action, label, icon, kind in offers:
            key = f"versions/canary/{action}/{one.environment.name}"
            if st.button(label, icon=icon, key=key, type=kind):
                ask_for(action, one.environment, found.revision)
