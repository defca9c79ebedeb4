"""Storyboard, cameos, look and picture: what a prompt can carry besides its words, where an arm takes it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.features import validate_features
from sora_compare.domain.requests import ClipRequest
from sora_compare.ui.compare.features.cameos import choose_cameos
from sora_compare.ui.compare.features.look import choose_tuning
from sora_compare.ui.compare.features.picture import choose_picture
from sora_compare.ui.compare.features.storyboard import choose_storyboard
from sora_compare.ui.components.arms import arm_badge
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.domain.comparisons import Arm
    from sora_compare.domain.endpoints import Capabilities
    from sora_compare.domain.requests import ClipSettings
    from sora_compare.services import Services
    from sora_compare.ui.shell.drafts import Draft

TITLE = "Storyboard, cameos, look, picture"
TABS = {
    "Storyboard": ("takes_storyboard", ":material/view_timeline:"),
    "Cameos": ("takes_cameos", ":material/person:"),
    "Look": ("takes_tuning", ":material/palette:"),
    "Picture": ("takes_image", ":material/image:"),
}
"""Each tab with the capability it needs, and its icon."""


def choose_features(
    opened: Services,
    draft: Draft,
    settings: ClipSettings,
    prompt: str,
    *,
    arms: Sequence[Arm],
    offered: Sequence[Capabilities],
) -> ClipSettings:
    """Draw the section and return the settings with what was chosen in it; every change is kept.

    What is wrong with a feature itself, such as a gap in a storyboard, is said at once.
    """
    place = st.expander(_title(draft), icon=":material/movie_edit:", key="compare/features")
    with place:
        tabs = dict(zip(TABS, st.tabs([f"{icon} {name}" for name, (_, icon) in TABS.items()]), strict=True))
    with tabs["Storyboard"]:
        scenes = choose_storyboard(draft, settings.seconds)
    with tabs["Cameos"]:
        cameos = choose_cameos(opened, draft)
    with tabs["Look"]:
        tuning = choose_tuning(draft, settings.style)
    with tabs["Picture"]:
        image = choose_picture(opened.files, draft, settings.size)
    chosen = dataclasses.replace(settings, storyboard=scenes, cameos=cameos, tuning=tuning, image=image)
    for name, (flag, _) in TABS.items():
        with tabs[name]:
            st.caption(taken_by(arms, [getattr(one, flag) for one in offered]))
    _render_problems(ClipRequest("", prompt, chosen))
    return chosen


def _title(draft: Draft) -> str:
    scenes, cameos = len(draft.value("scenes", [])), draft.value("cameos", [])
    is_tuned = any(draft.value(f"tuning_{dial}", 0.0) for dial in ("contrast", "saturation", "warmth", "grain"))
    lines = [
        f"{scenes} scene{'s' * (scenes > 1)}" * bool(scenes),
        " ".join(f"@{name}" for name in cameos),
        "tuned" * is_tuned,
        "picture" * bool(draft.value("image")),
    ]
    return " ".join([TITLE, *(f":gray-badge[{escape_markdown(one)}]" for one in lines if one)])


def _render_problems(request: ClipRequest) -> None:
    """Below the section, so that it is seen when the section is folded away."""
    sentences = list(dict.fromkeys(escape_markdown(one.sentence) for one in validate_features(request)))
    if sentences:
        st.warning("  \n".join(sentences), icon=":material/block:")


def taken_by(arms: Sequence[Arm], takes_it: Sequence[bool]) -> str:
    """Which of the arms take a feature, in words."""
    takers = [arm_badge(arm.label, arm.model) for arm, takes in zip(arms, takes_it, strict=True) if takes]
    if len(takers) == len(arms):
        return "Both arms take it."
    return f"Only {takers[0]} takes it." if takers else "Neither arm takes it, with the models chosen."
