"""The window and the guard rails of a canary that is about to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.canaries import HOUR_S, LONGEST_WINDOW_S, SHORTEST_WINDOW_S, STEPS
from sora_compare.domain.guard_rails import GuardRails, Observed
from sora_compare.releases.canary.power import noticed_after

if TYPE_CHECKING:
    from sora_compare.ui.shell.drafts import Draft

USUAL = GuardRails()
SHORTEST_H, LONGEST_H = int(SHORTEST_WINDOW_S / HOUR_S), int(LONGEST_WINDOW_S / HOUR_S)
CELL = 150
DRAWN_S = 5.0
"""Within this a browser has drawn the fields. One that was late would send "off" for rails that nobody switched off."""


def choose_window_s(draft: Draft) -> float:
    """How long each step is observed, in seconds."""
    hours = st.slider(
        "Observe each step for (hours)",
        SHORTEST_H,
        LONGEST_H,
        key=draft.fill("window_h", SHORTEST_H, among=range(SHORTEST_H, LONGEST_H + 1)),
        on_change=draft.save,
    )
    return hours * HOUR_S


def choose_rails(draft: Draft) -> GuardRails:
    """The limits; an empty one is switched off."""
    with (
        st.expander("Guard rails", icon=":material/fence:"),
        st.grid(2, min_column_width=CELL, vertical_alignment="bottom"),
    ):
        points = _limit(draft, "failure_points", "More failures, in points", 100 * (USUAL.failure_rise or 0), 1.0)
        slowdown = _limit(draft, "slowdown", "Slower, times the base", USUAL.slowdown or 0, 0.05)
        drop = _limit(draft, "score_drop", "Lower scores, in points", USUAL.score_drop or 0, 0.1)
        least = st.number_input(
            "Takes per side to go on",
            1,
            100_000,
            key=draft.fill("least", USUAL.least, again_s=DRAWN_S),
            on_change=draft.save,
            help="With fewer the canary is not widened. A rail breaks as soon as the evidence is clear.",
        )
        is_model_checked = st.toggle(
            "Same model as asked for",
            key=draft.fill("is_model_checked", USUAL.is_model_checked, again_s=DRAWN_S),
            on_change=draft.save,
            help="One take whose server names another model than the candidate breaks this rail.",
        )
    rise = None if points is None else points / 100
    rails = GuardRails(rise, slowdown, drop, int(least), is_model_checked)
    sentences = noticed_after(rails, STEPS[0], Observed()).values()
    if sentences:
        st.caption(f"At {STEPS[0]} % of keys: {' '.join(sentences)} A sound candidate is rolled back in 5 % at most.")
    return rails


def _limit(draft: Draft, field: str, label: str, usual: float, step: float) -> float | None:
    return st.number_input(
        label,
        min_value=0.0,
        max_value=100.0,
        value=None,
        step=step,
        key=draft.fill(field, usual, again_s=DRAWN_S),
        on_change=draft.save,
        placeholder="off",
        help="How much is allowed. Empty switches it off.",
    )
