"""Before anything is sent: what an arm cannot take, and what may be left out for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.endpoints import validate_prompt
from sora_compare.domain.features import validate_features
from sora_compare.domain.requests import ClipRequest
from sora_compare.ui.components.arms import arm_badge
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Arm
    from sora_compare.domain.endpoints import ValidationProblem
    from sora_compare.generation.planning import Dropped, Planner
    from sora_compare.ui.compare.prompt_form import PromptForm
    from sora_compare.ui.shell.drafts import Draft


def choose_dropped(planner: Planner, draft: Draft, asked: PromptForm) -> Dropped:
    """Show each arm's problems, with a switch for every setting that it could do without."""
    for one in asked.problems:
        st.warning(escape_markdown(one.sentence), icon=":material/block:")
    return {arm.label: _of_arm(planner, draft, asked, arm) for arm in asked.arms}


def _of_arm(planner: Planner, draft: Draft, asked: PromptForm, arm: Arm) -> tuple[str, ...]:
    request = ClipRequest(arm.model, asked.prompt, asked.settings)
    # What is wrong whatever the arm is said once, beside the field.
    sentences = {one.sentence for one in (*validate_prompt(asked.prompt), *validate_features(request))}
    found = planner.validate(arm, asked.prompt, asked.settings, {})
    lines = [one for one in found if one.sentence not in sentences]
    if not lines:
        return ()
    with st.container(border=True, gap="small"):
        return tuple(one.field for one in lines if _is_dropped(draft, arm, one))


def _is_dropped(draft: Draft, arm: Arm, one: ValidationProblem) -> bool:
    st.markdown(f"{arm_badge(arm.label)} {escape_markdown(one.sentence)}")
    return one.is_droppable and st.toggle(
        f"Send arm {arm.label} without the {one.field}",
        key=draft.fill(f"drop_{arm.label}_{one.field}", False, among=(True, False)),  # noqa: FBT003  # a start
        on_change=draft.save,
    )
