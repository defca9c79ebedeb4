"""The form of a new comparison: what is typed, as far as it can be understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.endpoints import ValidationProblem, listed
from sora_compare.domain.requests import PROMPT_LIMIT, SIZES, ClipSettings, pixels
from sora_compare.endpoints.profiles import capabilities_of
from sora_compare.ui.compare.features.section import choose_features
from sora_compare.ui.components.arms import choose_arms
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from sora_compare.domain.comparisons import Arm
    from sora_compare.domain.endpoints import Capabilities
    from sora_compare.services import Services
    from sora_compare.ui.shell.drafts import Draft

SECONDS = (4, 8, 12)
USUAL_SECONDS, USUAL_SIZE = 8, "1280x720"
MOST_REPEATS = 20
TILE = 140
"""Pixels; narrower settings go to the next line."""
LONGEST_S = 3600
LARGEST_SEED = 2**31 - 1
NO_STYLE = "None"
PROMPT_HINT = "What should the clip show?"
EXAMPLES = {
    "Basketball": "A basketball player shoots; the ball rattles around the rim and drops through the net.",
    "Falling blocks": "A tower of wooden blocks is pushed over and tumbles onto the table.",
    "Water": "Water is poured from a jug into a glass until it almost overflows.",
    "Talking face": "A presenter speaks to the camera, smiles, and speaks again.",
}


@dataclass(frozen=True, slots=True)
class PromptForm:
    """What somebody wants; `problems` holds what could not be understood of it."""

    prompt: str
    settings: ClipSettings
    arms: tuple[Arm, Arm]
    repeats: int
    is_fresh: bool
    problems: tuple[ValidationProblem, ...]


def prompt_form(opened: Services, draft: Draft) -> PromptForm:
    """Draw the form and read it; every change is kept."""
    prompt = st.text_area(
        "Prompt",
        key=draft.fill("prompt", ""),
        on_change=draft.save,
        placeholder=PROMPT_HINT,
        height=96,
        help=f"What the clip should show, up to {PROMPT_LIMIT:,} characters.",
    )
    if not prompt:
        _example_buttons(draft)
    with st.grid(6, min_column_width=TILE, vertical_alignment="bottom") as grid:
        cells = [grid.cell() for _ in range(4)]
        arms = choose_arms(opened, draft)
        repeats, is_fresh = _more(draft)
    offered = [capabilities_of(opened.planner.endpoint(arm.endpoint), arm.model) for arm in arms]
    settings, problems = _settings(draft, offered, cells)
    settings = choose_features(opened, draft, settings, prompt or "", arms=arms, offered=offered)
    return PromptForm(prompt or "", settings, arms, repeats, is_fresh, tuple(problems))


def _example_buttons(draft: Draft) -> None:
    """For an empty prompt: one click fills in a prompt that shows what the two models do differently."""

    @guarded
    def fill() -> None:
        chosen = st.session_state.get("compare/example")
        if chosen:
            st.session_state[draft.key("prompt")] = EXAMPLES[chosen]
            draft.save()

    st.pills("Try an example", list(EXAMPLES), key="compare/example", on_change=fill)


def _more(draft: Draft) -> tuple[int, bool]:
    with st.popover("More", icon=":material/tune:", width="stretch"):
        repeats = st.number_input(
            "Pairs to make",
            min_value=1,
            max_value=MOST_REPEATS,
            step=1,
            key=draft.fill("repeats", 1, among=range(1, MOST_REPEATS + 1)),
            on_change=draft.save,
            help="Each pair is two more clips of the same prompt, one of each arm.",
        )
        is_fresh = st.toggle(
            "Make new clips",
            key=draft.fill("is_fresh", False, among=(True, False)),  # noqa: FBT003  # a value to start with
            on_change=draft.save,
            help="Otherwise a clip that an identical request made before is used again, which costs nothing.",
        )
    return int(repeats), is_fresh


def _settings(
    draft: Draft, offered: list[Capabilities], cells: list[DeltaGenerator]
) -> tuple[ClipSettings, list[ValidationProblem]]:
    seconds = cells[0].selectbox(
        "Length",
        _with_typed(sorted({one for each in offered for one in each.seconds} or SECONDS), draft.value("seconds")),
        key=draft.fill("seconds", USUAL_SECONDS),
        format_func=lambda one: f"{one} s",
        on_change=draft.save,
        accept_new_options=True,
    )
    size = cells[1].selectbox(
        "Size",
        _with_typed(
            list(dict.fromkeys(one for each in offered for one in each.sizes)) or list(SIZES), draft.value("size")
        ),
        key=draft.fill("size", USUAL_SIZE),
        on_change=draft.save,
        accept_new_options=True,
    )
    styles = [NO_STYLE, *dict.fromkeys(one for each in offered for one in each.styles)]
    style = cells[2].selectbox("Style", styles, key=draft.fill("style", NO_STYLE, among=styles), on_change=draft.save)
    seed = cells[3].number_input(
        "Seed",
        min_value=0,
        max_value=LARGEST_SEED,
        value=None,
        step=1,
        key=draft.fill("seed", None),
        on_change=draft.save,
        placeholder="any",
        help="The same number asks for the same clip, where an endpoint has seeds.",
    )
    whole = _whole(seconds)
    problems = [*_invalid_seconds(whole, seconds), *_invalid_size(size)]
    chosen = None if style == NO_STYLE else style
    return ClipSettings(whole or USUAL_SECONDS, str(size).strip(), seed=seed, style=chosen), problems


def _with_typed(options: Sequence[int | str], typed: int | str | None) -> list[int | str]:
    """The options, and what was typed instead of one, so that it stays."""
    return [*options, *([typed] if typed is not None and typed not in options else [])]


def _whole(seconds: int | str | None) -> int | None:
    text = str(seconds).strip().removesuffix("s").strip()
    return int(text) if text.isdecimal() and 0 < int(text) <= LONGEST_S else None


def _invalid_seconds(whole: int | None, seconds: object) -> list[ValidationProblem]:
    if whole is not None:
        return []
    return [
        ValidationProblem(
            "seconds", f"The length “{seconds}” is no whole number of seconds: choose {_listed(SECONDS)}."
        )
    ]


def _invalid_size(size: object) -> list[ValidationProblem]:
    try:
        pixels(str(size).strip())
    except ValueError:
        return [ValidationProblem("size", f"The size “{size}” is not WIDTHxHEIGHT in pixels: choose {_listed(SIZES)}.")]
    return []


def _listed(options: Sequence[object]) -> str:
    return listed([str(one) for one in options])
