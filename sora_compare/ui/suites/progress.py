"""One run of a suite: how far it is, what is left, what came of each prompt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.domain.takes import ArmLabel, TakeState, latest_attempts
from sora_compare.ui.components.arms import render_arms
from sora_compare.ui.components.formats import ago, escape_markdown, excerpt, seconds
from sora_compare.ui.components.outcomes import WORDS
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.boundary import boundary, guarded
from sora_compare.ui.shell.header import simulated_mark
from sora_compare.ui.suites.choice import counted, render_left_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.comparisons import Progress, SuitePrompt, SuiteRun
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from sora_compare.store.store import Store
    from sora_compare.suites.running import Suites

LOOK_S = 1.0
TAKES_PER_LOOK = 300
"""A run of more takes is looked at less often, so that looking never takes more than a small share of the time."""
COLOURS = {TakeState.COMPLETED: "green", TakeState.FAILED: "red", TakeState.MODERATED: "orange"}
TABLE_HEIGHT = 420


def render_run(opened: Services, run: SuiteRun) -> None:
    """Draw the run; while takes are under way its progress draws itself anew, and nothing else does."""
    now = opened.suites.progress(run)
    is_under_way = now.ended < now.takes
    with st.container(border=True):
        st.subheader(escape_markdown(run.suite.name), anchor=False)
        parts = [f"{len(run.suite.prompts)} prompts", f"order seed {run.seed}", run.id]
        st.caption(escape_markdown(f"Started {ago(run.created)} · {' · '.join(parts)}"))
        with st.container(horizontal=True, vertical_alignment="center"):
            render_arms(run.arms)
            if SIMULATOR in {arm.endpoint for arm in run.arms}:
                simulated_mark()

        @guarded
        def draw() -> None:
            current = opened.suites.progress(run)
            if is_under_way and current.ended == current.takes:
                st.rerun()
            _draw(opened.store, run, current)

        look_s = LOOK_S * max(1.0, now.takes / TAKES_PER_LOOK)
        st.fragment(draw, run_every=look_s if is_under_way else None, key=f"suites/progress/{run.id}")()
        _actions(opened.suites, run, now)
        left_out = (*run.suite.broken, *run.refused)
        if left_out:
            render_left_out(f"{counted(len(left_out), 'row')} left out", left_out)


def _draw(store: Store, run: SuiteRun, now: Progress) -> None:
    share = now.ended / now.takes if now.takes else 0.0
    st.progress(share, text=f"{now.ended} of {now.takes} clips{_left(now)}")
    states = {TakeState(state): count for state, count in now.by_state.items()}
    with st.container(horizontal=True, gap="small"):
        for state, count in states.items():
            st.badge(f"{count} {WORDS[state].lower()}", color=COLOURS.get(state, "gray"))  # type: ignore[arg-type]  # names of colours
    rows = [_row(one, store, run) for one in run.suite.prompts]
    st.dataframe(
        [row for row in rows if row],
        height=TABLE_HEIGHT if len(rows) > 10 else "auto",  # noqa: PLR2004  # about what fits into that height
        hide_index=True,
        column_config={
            "Prompt": st.column_config.TextColumn(width="large"),
            "Pair": st.column_config.LinkColumn(display_text="Open"),
        },
        key=f"suites/table/{run.id}",
        alt="What came of each prompt of the run",
    )


def _left(now: Progress) -> str:
    if now.ended == now.takes:
        return ""
    return " · estimating what is left" if now.left_s is None else f" · about {seconds(now.left_s)} left"


def _row(one: SuitePrompt, store: Store, run: SuiteRun) -> dict[str, Any] | None:
    takes = store.takes.of(run.comparison_id(one))
    if not takes:
        return None
    states = {label: _words(takes, label) for label in ArmLabel}
    link = f"./?comparison={run.comparison_id(one)}"
    return {
        "Pair": link,
        "Prompt": excerpt(one.prompt, 200),
        **{f"Arm {label}": found for label, found in states.items()},
        "Tags": ", ".join(one.tags),
        "Line": one.line,
    }


def _words(takes: Iterable[Take], label: ArmLabel) -> str:
    states = [take.state for (_, arm), take in sorted(latest_attempts(takes).items()) if arm is label]
    record = {state: states.count(state) for state in states}
    return ", ".join(f"{WORDS[state].lower()}{f' ({count})' if count > 1 else ''}" for state, count in record.items())


def _send_no_more(suites: Suites, run: SuiteRun) -> None:
    suites.send_no_more(run)


def _actions(suites: Suites, run: SuiteRun, now: Progress) -> None:
    if not run.is_planned:
        st.warning(
            "This run was stopped while it was being planned. What was planned goes on; the rest waits for you.",
            icon=":material/pause_circle:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        resume = f"suites/resume/{run.id}"
        if not run.is_planned and st.button("Resume", type="primary", icon=":material/resume:", key=resume):
            with boundary():
                suites.resume(run)
                st.rerun()
        if TakeState.PLANNED in now.by_state:
            stop = guarded(partial(_send_no_more, suites, run))
            st.button(
                "Send no more",
                icon=":material/stop_circle:",
                key=f"suites/stop/{run.id}",
                help="Cancels what was not sent yet. What is under way goes on.",
                on_click=stop,
            )
        st.page_link(pages.RESULTS, label="Results", icon=":material/bar_chart:")
        st.page_link(pages.REVIEW, label="Review the pairs", icon=":material/rate_review:")
