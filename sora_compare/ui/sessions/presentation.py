"""The reviewer's side of presenter mode: the page turns to the presenter's pair, and the player follows."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.sessions import ItemKind
from sora_compare.sessions.errors import SessionPaused
from sora_compare.store.repositories.sessions import SessionOver
from sora_compare.ui.sessions.scoring import score_item
from sora_compare.ui.sessions.spread_chart import SpreadRow, spread_chart
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Criterion
    from sora_compare.domain.sessions import Item, Presentation, Reviewer, ReviewSession
    from sora_compare.domain.takes import ArmLabel
    from sora_compare.services import Services
    from sora_compare.sessions.opening import Sessions
    from sora_compare.sessions.presenter import Spread

PRESENCE_S = 5.0
FOLLOWING_S = 1.0
"""How often a page asks for cues: seldom until somebody presents, then often."""
SEEN = "session/seen"


def keep_in_touch(sessions: Sessions, reviewer: Reviewer, presentation: Presentation | None, item: Item | None) -> None:
    """Tell now and then that the reviewer is here, and draw the page again when the presenter has done something."""
    shown = presentation.id if presentation else None
    every = FOLLOWING_S if presentation else PRESENCE_S

    @guarded
    def beat() -> None:
        now = time.time()
        if now - st.session_state.get(SEEN, 0.0) >= PRESENCE_S * 0.9:
            st.session_state[SEEN] = now
            sessions.repository.saw(reviewer.id, {"at": now, "index": item.index if item else len(reviewer.items)})
        there = sessions.presenter.presentation(reviewer.session_id)
        if (there.id if there else None) != shown or _is_shut(sessions, reviewer):
            st.rerun()

    st.fragment(beat, run_every=every, key=f"session/touch/{every:g}")()


def wait_until_resumed(sessions: Sessions, reviewer: Reviewer) -> None:
    """Draw the page again once the session takes answers, or is over."""

    @guarded
    def look() -> None:
        try:
            sessions.admission.open_session(reviewer.session_id)
        except SessionPaused:
            return
        except SessionOver:
            pass
        st.rerun()

    st.fragment(look, run_every=PRESENCE_S, key="session/paused")()


def _is_shut(sessions: Sessions, reviewer: Reviewer) -> bool:
    """Whether the session has been paused, closed or deleted, or the reviewer removed, since the page was drawn."""
    try:
        sessions.admission.open_session(sessions.repository.reviewer(reviewer.id).session_id)
    except SessionOver:
        return True
    return False


def item_presented(reviewer: Reviewer, presentation: Presentation) -> Item | None:
    """This reviewer's own showing of the presenter's pair; None when it is not among theirs."""
    return next((one for one in reviewer.items if one.kind is ItemKind.PAIR and one.pair == presentation.pair), None)


def follow(
    opened: Services,
    session: ReviewSession,
    reviewer: Reviewer,
    presentation: Presentation,
    item: Item | None,
    *,
    is_scored: bool,
) -> None:
    """The presenter's pair with a player that follows, and the scores once they are revealed."""
    st.badge("The presenter leads; your player follows", icon=":material/co_present:", color="blue")
    if item is None:
        st.info(
            "The pair that is shown now is not among yours. Wait here, or look on with somebody.",
            icon=":material/hourglass_empty:",
        )
        return
    st.text(opened.store.comparisons.get(item.pair.comparison_id).prompt)
    if presentation.is_revealed:
        st.subheader("Everybody's scores", anchor=False)
        found = opened.sessions.presenter.spread(session, presentation.pair)
        render_spread(
            found, session, (("Left", item.left), ("Right", _other(item))), key=f"session/spread/{presentation.id}"
        )
    elif is_scored:
        st.success("Your scores are saved. They can be changed until the reveal.", icon=":material/task_alt:")
    score_item(opened.sessions, session, reviewer, item)


def _other(item: Item) -> ArmLabel:
    return next(arm for arm in type(item.left) if arm is not item.left)


def render_spread(
    found: Spread, session: ReviewSession, sides: tuple[tuple[str, ArmLabel], tuple[str, ArmLabel]], *, key: str
) -> None:
    """Every score by criterion and side; the sides are called as the caller says."""
    if not found.reviewers:
        st.caption("Nobody has scored this pair yet.")
        return
    rows = [
        SpreadRow(criterion.capitalize(), name, found.scores.get((criterion, arm), ()))
        for criterion in session.criteria
        for name, arm in sides
    ]
    people = "one reviewer" if found.reviewers == 1 else f"{found.reviewers} reviewers"
    st.caption(f"Scores of {people}. Large: the middle score.")
    spread_chart(rows, sides=tuple(name for name, _ in sides), key=key)


def middle(found: Spread, criterion: Criterion, arm: ArmLabel) -> str:
    """The middle score of everybody, as a word."""
    values = found.scores.get((criterion, arm), ())
    return f"{statistics.median(values):g}" if values else "n/a"
