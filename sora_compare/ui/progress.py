"""How the takes of a comparison stand; it moves by itself and touches nothing else on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import ArmLabel, latest_attempts
from sora_compare.ui.arms import arm_badge
from sora_compare.ui.boundary import guarded
from sora_compare.ui.formats import plain
from sora_compare.ui.outcomes import outcome_words, show_take

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services

LOOK_S = 0.7


def show_progress(opened: Services, comparison: Comparison) -> list[Take]:
    """Draw the takes and return the last attempts; while some are under way it draws itself anew.

    The page is run again once a take ends, so that the pair appears.
    """
    takes = list(latest_attempts(opened.store.takes_of(comparison.id)).values())
    under_way = sum(not take.is_ended for take in takes)

    @guarded
    def draw() -> None:
        now = list(latest_attempts(opened.store.takes_of(comparison.id)).values())
        if sum(not take.is_ended for take in now) != under_way:
            st.rerun()
        _draw(opened, comparison, now)

    st.fragment(draw, run_every=LOOK_S if under_way else None, key=f"progress/{comparison.id}")()
    return takes


def _draw(opened: Services, comparison: Comparison, takes: list[Take]) -> None:
    for column, label in zip(st.columns(2), ArmLabel, strict=True):
        arm = comparison.arm(label)
        of_arm = sorted((one for one in takes if one.arm is label), key=lambda one: one.repeat)
        with column.container(border=True):
            _headline(f"{arm_badge(label, arm.model)} :gray[· {plain(arm.endpoint)}]", of_arm[:1], comparison)
            for take in of_arm:
                if comparison.repeats > 1:
                    _headline(f"Pair {take.repeat + 1}", [take])
                show_take(opened, take)


def _headline(words: str, takes: list[Take], comparison: Comparison | None = None) -> None:
    """A line with the outcome at its end; above several pairs each has a line of its own."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown(words, width="content")
        if takes and takes[0].is_ended and not (comparison and comparison.repeats > 1):
            st.markdown(outcome_words(takes[0]), width="content")
