"""Whether a session can be blind: what is said of pairs whose clips differ by themselves, and the owner's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.clips.level_rules import visible_differences
from sora_compare.sessions.errors import AnswerRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.sessions.opening import Sessions

LEVEL = "Level both: reviewers see them re-encoded to the smaller size, the lower rate and the shorter length"
LEAVE = "Leave them as they are: their reviews are then not counted as blind"


def levelling_choice(pairs: list[tuple[Clip, Clip]]) -> bool:
    """Whether pairs that differ by themselves are levelled; asked only where there are any."""
    sentence = _differing(pairs)
    if not sentence:
        return False
    st.warning(f"{sentence} Such a pair cannot be blind as it is.", icon=":material/visibility:")
    return st.radio("Pairs whose clips differ by themselves", [LEVEL, LEAVE]) == LEVEL


def blinding_line(sessions: Sessions, session: ReviewSession) -> None:
    """One line on pairs of the session that differ by themselves; nothing when none does."""
    sentence = _differing(list(_clips(sessions, session)))
    if not sentence:
        return
    if session.protocol.levels_clips:
        st.caption(
            f"{sentence} Reviewers see both re-encoded to the smaller size, the lower rate and the shorter length."
        )
    else:
        st.warning(f"{sentence} Their reviews are not counted as blind.", icon=":material/visibility:")


def _clips(sessions: Sessions, session: ReviewSession) -> Iterable[tuple[Clip, Clip]]:
    for pair in session.pairs:
        try:
            a, b = sessions.scoring.clips_of(pair).values()
        except AnswerRefused:
            continue  # a pair without its clips is said elsewhere
        yield a, b


def _differing(pairs: list[tuple[Clip, Clip]]) -> str:
    found = [names for a, b in pairs if (names := visible_differences(a, b))]
    if not found:
        return ""
    what = ", ".join(dict.fromkeys(name for names in found for name in names))
    return f"The two clips differ by themselves ({what}) in {len(found)} of {len(pairs)} pairs."
