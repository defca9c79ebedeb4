"""How the takes of a comparison stand; it moves by itself and touches nothing else on the page."""

from __future__ import annotations

import dataclasses
import time
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.domain.takes import ArmLabel, latest_attempts
from sora_compare.ui.compare.sending import render_from_now_on
from sora_compare.ui.components.arms import arm_badge
from sora_compare.ui.components.formats import escape_markdown, seconds
from sora_compare.ui.components.outcomes import outcome_words, render_take
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services

LOOK_S = 0.7


def render_progress(opened: Services, comparison: Comparison) -> list[Take]:
    """Draw the takes and return the last attempts; while some are under way it draws itself anew.

    The page is run again once a take ends, so that the pair appears.
    """
    takes = list(latest_attempts(opened.store.takes.of(comparison.id)).values())
    under_way = sum(not take.is_ended for take in takes)

    @guarded
    def draw() -> None:
        now = list(latest_attempts(opened.store.takes.of(comparison.id)).values())
        if sum(not take.is_ended for take in now) != under_way:
            st.rerun()
        _draw(opened, comparison, now)

    st.fragment(draw, run_every=LOOK_S if under_way else None, key=f"progress/{comparison.id}")()
    return takes


def _draw(opened: Services, comparison: Comparison, takes: list[Take]) -> None:
    unreached = next((take for take in takes if take.is_unreached), None)
    if unreached:
        _render_unreached(opened, comparison, unreached)
    for column, label in zip(st.columns(2), ArmLabel, strict=True):
        arm = comparison.arm(label)
        of_arm = sorted((one for one in takes if one.arm is label), key=lambda one: one.repeat)
        with column.container(border=True):
            _headline(f"{arm_badge(label, arm.model)} :gray[· {escape_markdown(arm.endpoint)}]", of_arm[:1], comparison)
            for take in of_arm:
                if comparison.repeats > 1:
                    _headline(f"Pair {take.repeat + 1}", [take])
                render_take(opened.actions, take)


def _render_unreached(opened: Services, comparison: Comparison, take: Take) -> None:
    """What is wrong with the endpoint, since when, and the ways out; once for both arms."""
    since = seconds(time.time() - comparison.created)
    st.error(
        f"{escape_markdown(take.notice or '')} Asked for {since} ago; nothing was sent.", icon=":material/cloud_off:"
    )
    with st.container(horizontal=True):
        if st.button("Change endpoint", icon=":material/dns:", key=f"unreached/endpoint/{comparison.id}"):
            st.switch_page(pages.SETTINGS)
        if not any(arm.endpoint == SIMULATOR for arm in comparison.arms):
            st.button(
                "Use the simulator",
                icon=":material/science:",
                key=f"unreached/simulator/{comparison.id}",
                on_click=guarded(partial(_simulate, opened, comparison)),
            )
        st.button(
            "Stop",
            icon=":material/cancel:",
            key=f"unreached/stop/{comparison.id}",
            on_click=guarded(partial(_stop, opened, comparison)),
        )


def _stop(opened: Services, comparison: Comparison) -> None:
    for take in opened.store.takes.of(comparison.id):
        if not take.is_ended:
            opened.actions.cancel(take.id)


def _simulate(opened: Services, comparison: Comparison) -> None:
    """Ask the built-in simulator for the same, and let go of this comparison."""
    a, b = (dataclasses.replace(arm, endpoint=SIMULATOR) for arm in comparison.arms)
    plan = opened.planner.plan(
        comparison.prompt,
        comparison.settings,
        (a, b),
        repeats=comparison.repeats,
        tags=comparison.tags,
        asked_by=comparison.asked_by,
    )
    opened.prepare(plan)
    _stop(opened, comparison)
    render_from_now_on(opened.send(plan))


def _headline(words: str, takes: list[Take], comparison: Comparison | None = None) -> None:
    """A line with the outcome at its end; above several pairs each has a line of its own."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(words, width="content")
        if takes and takes[0].is_ended and not (comparison and comparison.repeats > 1):
            st.markdown(outcome_words(takes[0]), width="content")
