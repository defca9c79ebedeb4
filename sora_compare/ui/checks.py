"""Before anything is sent: what an arm cannot take, what may be left out for it, and what it all costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.capabilities import prompt_objections
from sora_compare.ui.arms import arm_badge
from sora_compare.ui.formats import dollars, plain

if TYPE_CHECKING:
    from sora_compare.domain.capabilities import Objection
    from sora_compare.domain.comparisons import Arm
    from sora_compare.generation.planning import Dropped
    from sora_compare.services import Services
    from sora_compare.ui.ask import Ask
    from sora_compare.ui.drafts import Draft


def choose_dropped(opened: Services, draft: Draft, asked: Ask) -> Dropped:
    """Show each arm's objections, with a switch for every setting that it could do without."""
    for one in asked.wrong:
        st.warning(plain(one.sentence), icon=":material/block:")
    return {arm.label: _of_arm(opened, draft, asked, arm) for arm in asked.arms}


def _of_arm(opened: Services, draft: Draft, asked: Ask, arm: Arm) -> tuple[str, ...]:
    about_prompt = {one.sentence for one in prompt_objections(asked.prompt)}
    found = opened.planner.objections(arm, asked.prompt, asked.settings, {})
    told = [one for one in found if one.sentence not in about_prompt]
    dropped = [one.field for one in told if _is_dropped(draft, arm, one)]
    return tuple(dropped)


def _is_dropped(draft: Draft, arm: Arm, one: Objection) -> bool:
    with st.container(border=True):
        st.markdown(f"{arm_badge(arm.label)} {plain(one.sentence)}")
        return one.is_droppable and st.toggle(
            f"Send arm {arm.label} without the {one.field}",
            key=draft.fill(f"drop_{arm.label}_{one.field}", False, among=(True, False)),  # noqa: FBT003  # a start
            on_change=draft.save,
        )


def show_estimate(opened: Services, asked: Ask) -> None:
    """What sending would cost, or that it is free, and how much of a quota it takes."""
    each = [opened.planner.estimate(arm, asked.settings) for arm in asked.arms]
    clips = len(each) * asked.repeats
    known = [one.dollars for one in each if one.dollars is not None]
    total = sum(known) * asked.repeats
    if len(known) < len(each):
        cost = f"{clips} clips; the cost is unknown, since no price is known for at least one of the models"
    elif all(opened.planner.endpoint(arm.endpoint).is_simulator for arm in asked.arms):
        cost = f"{clips} clips, simulated: nothing is billed (at list price {dollars(total)})"
    else:
        cost = f"{clips} clips, about {dollars(total)} ({plain(each[0].source)})"
    quota = sum(one.quota for one in each) * asked.repeats
    st.caption(f"{cost}. Quota {quota:g}x.")
