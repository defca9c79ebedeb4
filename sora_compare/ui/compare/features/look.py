"""The dials that tune a style preset."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.requests import TUNING_DIALS
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.ui.shell.drafts import Draft

STEP = 0.1
DIAL_WIDTH = 200
"""Pixels; narrower dials go to the next line."""
MEANINGS = {
    "contrast": "-1 is flat, 1 is hard.",
    "saturation": "-1 is grey, 1 is loud.",
    "warmth": "-1 is cold and blue, 1 is warm and orange.",
    "grain": "-1 is smooth, 1 is like fast film.",
}


def choose_tuning(draft: Draft, style: str | None) -> dict[str, float]:
    """Draw the dials; those that were moved, with their values in -1..1."""
    st.markdown(
        f"Tunes the style **{escape_markdown(style)}**." if style else "Tunes the picture; a style can be chosen above."
    )
    values: dict[str, float] = {}
    with st.grid(len(TUNING_DIALS), min_column_width=DIAL_WIDTH):
        for dial in TUNING_DIALS:
            values[dial] = st.slider(
                dial.capitalize(),
                min_value=-1.0,
                max_value=1.0,
                step=STEP,
                key=draft.fill(f"tuning_{dial}", _start(draft, dial)),
                on_change=draft.save,
                format="%+.1f",
                help=f"{MEANINGS[dial]} At 0 it is not sent.",
            )
    chosen = {dial: round(value, 2) for dial, value in values.items() if round(value, 2)}
    if chosen:
        st.button("Reset", icon=":material/restart_alt:", on_click=guarded(partial(_reset, draft)))
    return chosen


def _start(draft: Draft, dial: str) -> float:
    """The value as kept, made to fit the dial."""
    kept = draft.value(f"tuning_{dial}", 0.0)
    value = min(1.0, max(-1.0, float(kept))) if isinstance(kept, int | float) else 0.0
    st.session_state[draft.key(f"tuning_{dial}")] = value
    return value


def _reset(draft: Draft) -> None:
    for dial in TUNING_DIALS:
        st.session_state[draft.key(f"tuning_{dial}")] = 0.0
    draft.save()
