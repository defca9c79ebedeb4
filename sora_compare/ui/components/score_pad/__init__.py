"""The score pad: every criterion for both sides and a preference, by keyboard in eight presses, or by touch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.reviews import HIGHEST_SCORE, LOWEST_SCORE, PREFERENCE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FOLDER = Path(__file__).parent
NOT_APPLICABLE = "n/a"
SIDES = ("Left", "Right")
PREFERENCE = "preference"
STEPS = (
    (-3, "Left much better"),
    (-2, "Left better"),
    (-1, "Left slightly better"),
    (0, "No difference"),
    (1, "Right slightly better"),
    (2, "Right better"),
    (3, "Right much better"),
)
Values = dict[str, Any]
"""Criterion to [left, right], each a score, NOT_APPLICABLE or None; and PREFERENCE to -3..3 or None."""


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion as the pad shows it; `anchors` says what the scale means."""

    id: str
    label: str
    question: str
    anchors: str = ""


_mount = st.components.v2.component(
    "sora_compare_score_pad",
    html=(FOLDER / "pad.html").read_text("utf-8"),
    css=(FOLDER / "pad.css").read_text("utf-8"),
    js=(FOLDER / "pad.js").read_text("utf-8"),
)


def score_pad(
    rows: Sequence[Row],
    *,
    key: str,
    item: str,
    values: Values,
    is_locked: bool,
    on_values: Callable[[], None],
    on_saved: Callable[[], None],
) -> None:
    """Mount the pad.

    Args:
        rows: the criteria.
        key: session key; `given(key, …)` reads what was entered.
        item: what is scored; another item starts a new pad.
        values: what the pad starts with.
        is_locked: whether scores cannot be given yet.
        on_values: called when answers changed.
        on_saved: called when the reviewer saves.
    """
    data = {
        "item": item,
        "criteria": [
            {"id": one.id, "label": one.label, "question": one.question, "anchors": one.anchors} for one in rows
        ],
        "sides": list(SIDES),
        "steps": [{"value": value, "label": label} for value, label in STEPS],
        "values": values,
        "locked": is_locked,
        "scheme": st.context.theme.type or "light",
    }
    _mount(key=key, data=data, on_values_change=on_values, on_saved_change=on_saved)


def reported(key: str, what: str) -> object:
    """What the browser sent under "values" or "saved"; anything may be in it."""
    state = st.session_state.get(key) or {}
    return state.get(what)


def checked(data: object, rows: Sequence[Row]) -> Values:
    """What was sent, with everything that does not belong left out: the browser is not trusted."""
    given: Mapping[str, Any] = data if isinstance(data, dict) else {}
    values: Values = {row.id: _pair(given.get(row.id)) for row in rows}
    preference = given.get(PREFERENCE)
    values[PREFERENCE] = preference if _is_whole(preference, -PREFERENCE_LIMIT, PREFERENCE_LIMIT) else None
    return values


def _pair(data: object) -> list[int | str | None]:
    pair = data if isinstance(data, list) and len(data) == len(SIDES) else [None, None]
    return [one if one == NOT_APPLICABLE or _is_whole(one, LOWEST_SCORE, HIGHEST_SCORE) else None for one in pair]


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
