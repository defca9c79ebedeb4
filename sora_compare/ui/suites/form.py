"""What a run of a suite is to be, what it would cost, and the button that starts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.requests import SIZES
from sora_compare.endpoints.profiles import capabilities_of
from sora_compare.errors import RequestRefusedHere, SoraCompareError, UsageError
from sora_compare.suites.reading import LARGEST_SEED, LONGEST_CLIP_S, MOST_REPEATS
from sora_compare.ui.components.arms import choose_arms, render_arms
from sora_compare.ui.components.budget_cost import render_cost_of_takes
from sora_compare.ui.components.endpoint_health import render_outages
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.retirement import flag_models
from sora_compare.ui.shell.boundary import boundary
from sora_compare.ui.shell.identity import signature
from sora_compare.ui.suites.choice import counted, render_left_out
from sora_compare.ui.suites.runs import open_run

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Arm, Suite
    from sora_compare.services import Services
    from sora_compare.suites.running import Preview
    from sora_compare.ui.shell.drafts import Draft

SECONDS = (4, 8, 12)
USUAL_SECONDS, USUAL_SIZE = 8, "1280x720"
TILE = 140
STARTED = "suites/started"
LARGEST_TYPED_SEED = min(LARGEST_SEED, 2**53 - 1)
"""A browser's numbers are exact up to here."""


@dataclass(frozen=True, slots=True)
class PendingRun:
    """A run as it was asked for."""

    suite: Suite
    arms: tuple[Arm, Arm]
    seconds: int
    size: str
    seed: int
    repeats: int
    is_fresh: bool


def run_form(opened: Services, draft: Draft, suite: Suite) -> PendingRun:
    """Draw the settings of a run; every change is kept."""
    with st.grid(6, min_column_width=TILE, vertical_alignment="bottom") as grid:
        cells = [grid.cell() for _ in range(4)]
        arms = choose_arms(opened, draft)
        is_fresh = st.toggle(
            "Make new clips",
            key=draft.fill("is_fresh", False, among=(True, False)),  # noqa: FBT003  # a value to start with
            on_change=draft.save,
            help="Otherwise clips that identical requests made before are used again, which costs nothing.",
        )
    offered = [capabilities_of(opened.planner.endpoint(arm.endpoint), arm.model) for arm in arms]
    lengths = sorted({one for each in offered for one in each.seconds} or SECONDS)
    sizes = list(dict.fromkeys(one for each in offered for one in each.sizes)) or list(SIZES)
    seconds = cells[0].number_input(
        "Length (s)",
        min_value=1,
        max_value=LONGEST_CLIP_S,
        step=1,
        key=draft.fill("seconds", USUAL_SECONDS, among=range(1, LONGEST_CLIP_S + 1)),
        on_change=draft.save,
        help=f"For prompts that do not say. The models chosen make {', '.join(map(str, lengths))} s.",
    )
    size = cells[1].selectbox(
        "Size",
        sizes,
        key=draft.fill("size", USUAL_SIZE, among=sizes),
        on_change=draft.save,
        help="For prompts that do not say.",
    )
    repeats = cells[2].number_input(
        "Pairs per prompt",
        min_value=1,
        max_value=MOST_REPEATS,
        step=1,
        key=draft.fill("repeats", 1, among=range(1, MOST_REPEATS + 1)),
        on_change=draft.save,
        help="For prompts that do not say. More pairs tell chance from a difference.",
    )
    seed = cells[3].number_input(
        "Order seed",
        min_value=0,
        max_value=LARGEST_TYPED_SEED,
        step=1,
        key=draft.fill("seed", 1, among=range(LARGEST_TYPED_SEED + 1)),
        on_change=draft.save,
        help="Shuffles the order in which prompts are sent; the same number gives the same order.",
    )
    return PendingRun(suite, arms, int(seconds), str(size), int(seed), int(repeats), is_fresh)


def start_button(opened: Services, asked: PendingRun) -> None:
    """The estimate and the button. Every start gives the button a new key, so that a double click starts one run."""
    render_arms(asked.arms)
    flag_models(opened.governance, [arm.model for arm in asked.arms])
    render_outages(opened.runner, [arm.endpoint for arm in asked.arms])
    preview = _previewed(opened, asked)
    if preview is None:
        return
    if preview.run.refused:
        render_left_out(f"{counted(len(preview.run.refused), 'row')} that an arm cannot take", preview.run.refused)
    render_cost_of_takes(opened, preview.takes)
    started = st.session_state.setdefault(STARTED, 0)
    words = f"Start: {len(preview.takes)} clips"
    if st.button(words, type="primary", icon=":material/play_arrow:", key=f"suites/start/{started}"):
        with boundary():
            _start(opened, preview)


def _previewed(opened: Services, asked: PendingRun) -> Preview | None:
    try:
        return opened.suites.preview(
            asked.suite,
            asked.arms,
            seconds=asked.seconds,
            size=asked.size,
            seed=asked.seed,
            repeats=asked.repeats,
            is_fresh=asked.is_fresh,
            asked_by=signature(opened.store),
        )
    except RequestRefusedHere as error:
        st.error(f"No row of this suite can be taken. {escape_markdown(str(error))}", icon=":material/block:")
    except SoraCompareError as error:
        st.error(escape_markdown(str(error)), icon=":material/block:")
    return None


def _start(opened: Services, preview: Preview) -> None:
    if not preview.plans:
        raise UsageError("There is nothing to send.")
    with st.spinner("Getting ready"):
        opened.prepare(preview.plans[0])
        run = opened.suites.start(preview)
    st.session_state[STARTED] += 1
    open_run(run)
    st.rerun()
