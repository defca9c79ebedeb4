"""The budget on the Settings page: limits, and what is spent of them today."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import Origin
from sora_compare.generation.budget import Budget, spent_today
from sora_compare.ui.components.formats import dollars
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.services import Services

RUN, DAY = "budget/run", "budget/day"
LEAST = 0.01
MOST = 1_000_000.0
WIDTH = 220


def render_budget(opened: Services) -> None:
    """Both limits, kept at every change, and today's sums."""
    budget = opened.budget
    st.caption(
        "What would pass a limit is refused before it is sent. Amounts are estimates from the list prices of each "
        "endpoint's models; live and simulated clips are counted apart."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _limit(opened, "Per run", RUN, budget.run_dollars, "One comparison with all its pairs, or one suite.")
        _limit(opened, "Per day", DAY, budget.day_dollars, "From midnight to midnight, UTC.")
    now = time.time()
    with st.grid("auto", min_column_width=WIDTH):
        _today(opened, Origin.LIVE, "Live clips today", now)
        _today(opened, Origin.SIMULATED, "Simulated clips today, not billed", now)


def _limit(opened: Services, label: str, key: str, value: float | None, words: str) -> None:
    if key not in st.session_state:
        st.session_state[key] = value
    st.number_input(
        label,
        min_value=LEAST,
        max_value=MOST,
        value=None,
        step=1.0,
        format="%.2f",
        key=key,
        placeholder="no limit",
        icon=":material/attach_money:",
        width=WIDTH,
        help=f"US dollars. {words} Empty for no limit.",
        on_change=guarded(partial(_keep, opened)),
    )


def _keep(opened: Services) -> None:
    opened.set_budget(Budget(st.session_state.get(RUN), st.session_state.get(DAY)))
    st.toast("The budget is kept.", icon=":material/savings:")


def _today(opened: Services, origin: Origin, words: str, now: float) -> None:
    spent = spent_today(opened.store, origin, now)
    limit = opened.budget.day_dollars
    if limit:
        st.progress(min(1.0, spent / limit), text=f"{words}: {dollars(spent)} of {dollars(limit)}")
    else:
        st.markdown(f"{words}: **{dollars(spent)}**")
