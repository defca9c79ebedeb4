"""What sending would cost, per arm and together, and what the budget leaves for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.endpoints import BASE_QUOTA_SECONDS
from sora_compare.domain.takes import ArmLabel, Origin
from sora_compare.generation.budget import is_answered, spent_today
from sora_compare.ui.components.arms import arm_badge
from sora_compare.ui.components.formats import dollars, escape_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.comparisons import Arm
    from sora_compare.domain.endpoints import Estimate
    from sora_compare.domain.requests import ClipSettings
    from sora_compare.domain.takes import Take
    from sora_compare.services import Services

TILE = 150
KINDS = {Origin.LIVE: "live", Origin.SIMULATED: "simulated"}


def render_cost(opened: Services, arms: Sequence[Arm], settings: ClipSettings, repeats: int) -> None:
    """The estimate for one comparison: each arm, then both together, then the budget."""
    each = {arm.label: opened.planner.estimate(arm, settings) for arm in arms}
    is_simulated = all(opened.planner.endpoint(arm.endpoint).is_simulator for arm in arms)
    lines = [f"{arm_badge(label)} {_of_arm(one, repeats)}" for label, one in each.items()]
    known = [one.dollars for one in each.values() if one.dollars is not None]
    quota = sum(one.quota for one in each.values()) * repeats
    cost = dollars(sum(known) * repeats) if len(known) == len(each) else "the cost is unknown"
    lines += [f"Together {len(each) * repeats} clips, **{cost}**", f"Quota {quota:g}x"]
    billed = " Simulated: nothing is billed." if is_simulated else ""
    st.caption(f"{' &nbsp; '.join(lines)}.{billed}", help=_sources(each))
    render_budget_left(opened)


def _of_arm(one: Estimate, repeats: int) -> str:
    clips = f"{repeats} clips, " if repeats > 1 else ""
    cost = "price not known" if one.dollars is None else dollars(one.dollars * repeats)
    return f"{clips}{one.quota * repeats:g}x, {cost}"


def _sources(each: dict[ArmLabel, Estimate]) -> str:
    sources = list(dict.fromkeys(one.source for one in each.values()))
    return f"Prices: {escape_markdown('; '.join(sources))}. 1x is a clip of 10 s."


def render_cost_of_takes(opened: Services, takes: Sequence[Take]) -> None:
    """The estimate for takes that are planned and not kept yet, such as a whole suite."""
    answered = [take for take in takes if is_answered(opened.store, take)]
    billed = [take for take in takes if take not in answered]
    is_simulated = all(take.origin is Origin.SIMULATED for take in billed)
    figures = {
        f"Arm {label}": (_sum(mine), f"{len(mine)} new clips")
        for label in ArmLabel
        for mine in [[take for take in billed if take.arm is label]]
    }
    quota = sum(take.request.settings.seconds for take in billed) / BASE_QUOTA_SECONDS
    figures |= {
        "Together": (_sum(billed), "simulated, not billed" if is_simulated else "at list price"),
        "Quota": (f"{quota:g}x", "1x is a clip of 10 s"),
    }
    with st.grid(len(figures), min_column_width=TILE):
        for words, (figure, note) in figures.items():
            st.metric(words, figure, note, delta_color="off", delta_arrow="off")
    if answered:
        st.caption(f":material/cached: {len(answered)} more clips are there from identical requests and cost nothing.")
    render_budget_left(opened)


def _sum(takes: Sequence[Take]) -> str:
    known = [take.estimated_dollars for take in takes if take.estimated_dollars is not None]
    return f"\\${sum(known):,.2f}" if len(known) == len(takes) else "not known"


def render_budget_left(opened: Services) -> None:
    """One line about the budget, when one is set."""
    budget = opened.budget
    limits = []
    if budget.run_dollars is not None:
        limits.append(f"{dollars(budget.run_dollars)} per run")
    if budget.day_dollars is not None:
        now = time.time()
        spent = [f"{dollars(spent_today(opened.store, one, now))} {word}" for one, word in KINDS.items()]
        limits.append(f"{dollars(budget.day_dollars)} per day (spent today: {', '.join(spent)}; counted apart)")
    if limits:
        st.caption(f":material/savings: Budget: {' and '.join(limits)}.")
