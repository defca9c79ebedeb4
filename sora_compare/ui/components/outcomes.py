"""Every state of a take in words, and what a person can do about it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.snapshots import contradiction_sentence
from sora_compare.domain.takes import Take, TakeState
from sora_compare.generation.actions import GO_ON
from sora_compare.ui.components.formats import escape_markdown, seconds
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.generation.actions import Actions

WORDS = {
    TakeState.PLANNED: "Waiting for its turn",
    TakeState.SUBMITTING: "Sending",
    TakeState.QUEUED: "Queued",
    TakeState.RUNNING: "Rendering",
    TakeState.FETCHING: "Downloading",
    TakeState.COMPLETED: "Completed",
    TakeState.FAILED: "Failed",
    TakeState.MODERATED: "Refused by moderation",
    TakeState.CANCELLED: "Cancelled",
    TakeState.EXPIRED: "Expired",
    TakeState.AMBIGUOUS: "Sent or not, nobody knows",
    TakeState.NOT_SAVED: "Made, but not saved yet",
    TakeState.STOPPED_POLLING: "No longer watched",
}
ICONS = {
    TakeState.COMPLETED: ":material/check_circle:",
    TakeState.FAILED: ":material/error:",
    TakeState.MODERATED: ":material/policy:",
    TakeState.CANCELLED: ":material/cancel:",
    TakeState.EXPIRED: ":material/timer_off:",
    TakeState.AMBIGUOUS: ":material/help:",
    TakeState.NOT_SAVED: ":material/cloud_off:",
    TakeState.STOPPED_POLLING: ":material/visibility_off:",
}
ON_ITS_WAY = ":material/hourglass_top:"
FREE_ACTIONS = {
    TakeState.STOPPED_POLLING: ("Watch again", ":material/visibility:"),
    TakeState.NOT_SAVED: ("Fetch again", ":material/cloud_download:"),
    TakeState.AMBIGUOUS: ("Look for it", ":material/search:"),
}
"""For the states of GO_ON: taking up the same job, at no cost."""
assert set(FREE_ACTIONS) == set(GO_ON)  # noqa: S101 - one table per side of the same rule
PAID_WORDS = {TakeState.AMBIGUOUS: "Send again: a second charge is possible"}
FULL = 100


def status_text(take: Take) -> str:
    """The state in words, with the percentage where it is known."""
    word = "Waits for the endpoint" if take.is_unreached else WORDS[take.state]
    if take.state is TakeState.RUNNING and take.progress is not None:
        return f"{word}, {take.progress} %"
    return word


def elapsed(take: Take) -> float:
    """Seconds from the POST, or from the plan where there was none or several, to the outcome or now."""
    start = take.moments.planned if take.retries else take.moments.submitting or take.moments.planned
    return max(0.0, (take.moments.ended or time.time()) - start)


def outcome_words(take: Take) -> str:
    """Markdown for an ended take: its outcome, and how long it took."""
    took = f" in {seconds(elapsed(take))}" if take.state is TakeState.COMPLETED and not take.cached_from else ""
    return f"{ICONS[take.state]} **{WORDS[take.state]}**{took}"


def render_take(actions: Actions, take: Take) -> None:
    """One attempt: how far it is, what was noticed, and what can be done."""
    if not take.is_ended:
        st.progress(_percent(take), text=f"{ON_ITS_WAY} {status_text(take)} · {seconds(elapsed(take))}")
    _render_notes(take)
    _actions(actions, take)


def _percent(take: Take) -> int:
    if take.state is TakeState.FETCHING:
        return FULL
    known = take.progress if take.state is TakeState.RUNNING else None
    return min(FULL, max(0, known or 0))


def _render_notes(take: Take) -> None:
    if take.is_unreached:
        # Said once for both arms, above them.
        return
    if take.problem:
        st.error(escape_markdown(take.problem.sentence))
        named = {"code": take.problem.code, "request": take.problem.request_id}
        parts = [f"{name} {value}" for name, value in named.items() if value]
        if parts:
            st.caption(escape_markdown(" · ".join(parts)))
    if take.other_model:
        sentence = contradiction_sentence(take.request.model, take.other_model)
        st.warning(escape_markdown(sentence), icon=":material/swap_horiz:")
    if take.deviations:
        st.warning(f"Not as asked for: {escape_markdown(', '.join(take.deviations))}.", icon=":material/aspect_ratio:")
    if take.notice:
        st.caption(f":material/info: {escape_markdown(take.notice)}")
    if take.cached_from:
        st.caption(":material/cached: Served from an earlier identical request: nothing was sent or billed.")
    if take.dropped:
        st.caption(f":material/remove_done: Sent without: {escape_markdown(', '.join(take.dropped))}.")
    if take.attempt:
        st.caption(f"Attempt {take.attempt + 1}")


def _actions(actions: Actions, take: Take) -> None:
    if take.state is TakeState.COMPLETED:
        if take.cached_from:
            _button(take, "Make a fresh one", ":material/replay:", lambda: actions.retry(take.id, is_fresh=True))
        return
    with st.container(horizontal=True):
        if not take.is_ended:
            _button(take, "Cancel", ":material/cancel:", lambda: actions.cancel(take.id))
            return
        if take.state in FREE_ACTIONS:
            _button(take, *FREE_ACTIONS[take.state], lambda: actions.resume(take.id))
        words = PAID_WORDS.get(take.state, "Retry")
        _button(take, words, ":material/replay:", lambda: actions.retry(take.id))


def _button(take: Take, words: str, icon: str, act: Callable[[], object]) -> None:
    @guarded
    def clicked() -> None:
        act()

    st.button(words, icon=icon, key=f"{words}/{take.id}", on_click=clicked)
