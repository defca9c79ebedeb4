"""The storyboard editor: scenes with their seconds and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from sora_compare.domain.features import SAME_INSTANT_S
from sora_compare.domain.requests import PROMPT_LIMIT, Scene
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sora_compare.ui.shell.drafts import Draft

MOST_SCENES = 20
NUMBER_WIDTH = 120
"""Pixels of a field for seconds."""
TENTH = 1
FIELDS = ("start", "end", "prompt")


def choose_storyboard(draft: Draft, seconds: int) -> tuple[Scene, ...]:
    """Draw the editor; the scenes as they stand, right or wrong."""
    numbers: list[int] = st.session_state[draft.fill("scenes", [])]
    if not numbers:
        st.markdown("Divide the clip into scenes, each with its own seconds and text.")
    scenes = [_row(draft, place, number) for place, number in enumerate(numbers)]
    if scenes:
        st.html(_timeline(scenes, seconds))
    with st.container(horizontal=True):
        words = "Add scene" if scenes else "Start a storyboard"
        _button(draft, words, ":material/add:", lambda: _add(draft, seconds), is_off=len(scenes) >= MOST_SCENES)
        if scenes:
            _button(draft, "Split evenly", ":material/splitscreen_right:", lambda: _split(draft, seconds))
        if scenes and abs(scenes[-1].end - seconds) > SAME_INSTANT_S and scenes[-1].end > 0:
            _button(draft, f"Stretch to {seconds} s", ":material/expand:", lambda: _stretch(draft, seconds))
        if scenes:
            _button(draft, "Remove all", ":material/delete:", lambda: _keep(draft, []))
    return tuple(scenes)


def _row(draft: Draft, place: int, number: int) -> Scene:
    times, words = st.columns([2, 5], vertical_alignment="top")
    with times, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        start = _second(draft, f"Scene {place + 1} from", _field(number, "start"))
        end = _second(draft, f"Scene {place + 1} to", _field(number, "end"))
        remove = f"Remove scene {place + 1}"
        _button(draft, remove, ":material/close:", lambda: _remove(draft, number), is_bare=True)
    prompt = words.text_area(
        f"What scene {place + 1} shows",
        key=draft.fill(_field(number, "prompt"), ""),
        on_change=draft.save,
        height=68,
        max_chars=PROMPT_LIMIT,
    )
    return Scene(start, end, prompt.strip())


def _second(draft: Draft, label: str, field: str) -> float:
    value = st.number_input(
        label,
        min_value=0.0,
        step=0.5,
        format="%.1f",
        key=draft.fill(field, 0.0),
        on_change=draft.save,
        width=NUMBER_WIDTH,
    )
    return float(value or 0.0)


def _button(
    draft: Draft, words: str, icon: str, act: Callable[[], None], *, is_off: bool = False, is_bare: bool = False
) -> None:
    @guarded
    def clicked() -> None:
        act()
        draft.save()

    st.button(
        "" if is_bare else words,
        icon=icon,
        key=f"storyboard/{words}",
        help=words if is_bare else None,
        on_click=clicked,
        disabled=is_off,
        type="tertiary" if is_bare else "secondary",
    )


def _field(number: int, name: str) -> str:
    return f"scene{number}_{name}"


def _numbers(draft: Draft) -> list[int]:
    return list(st.session_state[draft.key("scenes")])


def _keep(draft: Draft, numbers: Sequence[int]) -> None:
    st.session_state[draft.key("scenes")] = list(numbers)


def _put(draft: Draft, number: int, **fields: object) -> None:
    for name, value in fields.items():
        st.session_state[draft.key(_field(number, name))] = value


def _add(draft: Draft, seconds: int) -> None:
    """One more scene: in the time that is left, else in the second half of the last."""
    numbers = _numbers(draft)
    new = max(numbers, default=0) + 1
    start, end = 0.0, float(seconds)
    if numbers:
        last_start, last_end = (float(draft.value(_field(numbers[-1], name), 0.0)) for name in ("start", "end"))
        start = last_end
        if start >= seconds:
            start = round((last_start + seconds) / 2, TENTH)
            _put(draft, numbers[-1], end=start)
    _put(draft, new, start=start, end=end, prompt="")
    _keep(draft, [*numbers, new])


def _remove(draft: Draft, number: int) -> None:
    _keep(draft, [one for one in _numbers(draft) if one != number])


def _split(draft: Draft, seconds: int) -> None:
    numbers = _numbers(draft)
    edges = [round(seconds * place / len(numbers), TENTH) for place in range(len(numbers) + 1)]
    for number, start, end in zip(numbers, edges, edges[1:], strict=False):
        _put(draft, number, start=start, end=end)


def _stretch(draft: Draft, seconds: int) -> None:
    numbers = _numbers(draft)
    share = seconds / float(draft.value(_field(numbers[-1], "end")))
    for number in numbers:
        times = {name: round(float(draft.value(_field(number, name))) * share, TENTH) for name in ("start", "end")}
        _put(draft, number, **times)
    _put(draft, numbers[-1], end=float(seconds))


SEGMENT = (
    "position:absolute;top:0;bottom:0;box-sizing:border-box;border:1px solid rgba(128,128,128,.7);border-radius:4px;"
    "overflow:hidden;white-space:nowrap;text-overflow:ellipsis;padding:0 6px;font-size:.75rem;"
    "line-height:1.6rem"
)


def _timeline(scenes: Sequence[Scene], seconds: int) -> Markup:
    """HTML of a bar as long as the clip, with every scene where it lies; everything in it is escaped."""
    whole = max([float(seconds), *(scene.end for scene in scenes)])
    parts = [_segment(place, scene, whole) for place, scene in enumerate(scenes, 1)]
    text = ", ".join(f"scene {n} from {one.start:g} to {one.end:g} s" for n, one in enumerate(scenes, 1))
    bar = Markup(
        '<div role="img" aria-label="{}" style="position:relative;height:1.7rem;border-radius:4px;'
        'background:repeating-linear-gradient(45deg,transparent 0 5px,rgba(213,94,0,.35) 5px 8px)">{}</div>'
    )
    return bar.format(text, Markup("").join(parts))


def _segment(place: int, scene: Scene, whole: float) -> Markup:
    left, width = 100 * scene.start / whole, max(0.0, 100 * (scene.end - scene.start) / whole)
    background = "background:canvas;color:canvastext"
    where = f"left:{left:.3f}%;width:{width:.3f}%"
    return Markup('<div style="{}">{} {}</div>').format(f"{SEGMENT};{background};{where}", place, scene.prompt)
