"""On the Review page: whether the arms are hidden, why not, and the way to show which is which."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.clips.level_rules import visible_differences
from sora_compare.statistics.results import listed
from sora_compare.ui.components.arms import arm_badge
from sora_compare.ui.components.sides import SIDES, Sides
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.store.repositories.reveals import Reveals
    from sora_compare.ui.components.pairs import Pair

BLIND_HELP = (
    "Names are hidden so that your scores are about the clips. Scores that you give once you know are kept, and do not "
    "decide unless the rules on Results say so."
)


def can_hide(pair: Pair) -> bool:
    """Whether nothing but the pictures tells the two clips apart."""
    return not _differences(pair)


def render_blinding(reveals: Reveals, reviewer: str, pair: Pair, sides: Sides, *, is_revealed: bool) -> None:
    """One line above the player: hidden, or which is which."""
    if sides.is_blind:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Which model is on which side is hidden.", width="content", help=BLIND_HELP)
            if reviewer:
                st.button(
                    "Show which is which",
                    icon=":material/visibility:",
                    type="tertiary",
                    key=f"review/reveal/{pair.id}",
                    on_click=guarded(partial(reveals.note, reviewer, pair.id)),
                )
        return
    takes = zip(SIDES, sides.takes(pair), strict=True)
    st.markdown(" &nbsp; ".join(arm_badge(sides.arm(side), take.request.model) for side, take in takes))
    st.caption(_why(pair, is_revealed=is_revealed))


def _why(pair: Pair, *, is_revealed: bool) -> str:
    if is_revealed:
        return "You know which is which: scores from here on are kept, and do not decide unless the rules say so."
    return (
        f"The clips differ in {listed(_differences(pair))}, which tells them apart: these scores are not blind. "
        "A review session can level both."
    )


def _differences(pair: Pair) -> tuple[str, ...]:
    if pair.a.clip is None or pair.b.clip is None:
        return ()
    return visible_differences(pair.a.clip, pair.b.clip)
