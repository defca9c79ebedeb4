"""The reviewer's room: which item is next, how far they are, and what they see when they are done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.access.people import Role
from sora_compare.domain.sessions import ItemKind
from sora_compare.errors import UsageError
from sora_compare.ui.access import whoever
from sora_compare.ui.boundary import guarded
from sora_compare.ui.formats import plain
from sora_compare.ui.session_scoring import score_item

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Item, Reviewer, ReviewSession
    from sora_compare.services import Services

PRESENCE_S = 5.0
GO_BACK = "session/back"


def room(opened: Services) -> None:
    """The whole page of a reviewer."""
    person = whoever()
    if person.role is Role.NOBODY or person.reviewer_id is None:
        raise UsageError("This page is for reviewers: open the link of your invitation.")
    reviewer = opened.sessions.rooms.reviewer(person.reviewer_id)
    session = opened.sessions.joining.open_session(reviewer.session_id)
    done = set(opened.sessions.answering.answers(reviewer))
    item = _current(reviewer, done)
    _title(opened, session, reviewer, len(done))
    if item is None:
        _finished(opened, session, reviewer)
        return
    _note_presence(opened, reviewer, item)
    _explain_practice(session, reviewer, done)
    st.text(opened.store.comparison(item.pair.comparison_id).prompt)
    score_item(opened, session, reviewer, item)
    _back(reviewer, item, done)


def _current(reviewer: Reviewer, done: set[str]) -> Item | None:
    """The item gone back to, else the first without an answer."""
    asked = st.session_state.get(GO_BACK)
    items = {item.id: item for item in reviewer.items}
    if asked in items and st.session_state.get("session/saved") != asked:
        return items[asked]
    st.session_state.pop(GO_BACK, None)
    return next((item for item in reviewer.items if item.id not in done), None)


def _title(opened: Services, session: ReviewSession, reviewer: Reviewer, done: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(plain(session.title), anchor=False, width="content")
        with st.popover(plain(reviewer.name), icon=":material/person:", type="tertiary"):
            st.caption("Open this personal link on another device to go on there. Keep it to yourself.")
            token = opened.sessions.joining.personal_token(reviewer)
            st.code(
                f"{st.context.url.split('/session')[0].rstrip('/') if st.context.url else ''}/r/{token}",
                wrap_lines=True,
            )
    total = len(reviewer.items)
    st.progress(done / total if total else 1.0, text=f"{done} of {total} pairs")


def _note_presence(opened: Services, reviewer: Reviewer, item: Item) -> None:
    @guarded
    def beat() -> None:
        opened.sessions.rooms.saw(reviewer.id, {"at": time.time(), "index": item.index})

    st.fragment(beat, run_every=PRESENCE_S, key=f"session/presence/{item.id}")()


def _explain_practice(session: ReviewSession, reviewer: Reviewer, done: set[str]) -> None:
    """After a practice pair was scored, its explanation stands above the next one."""
    scored = [one for one in reviewer.items if one.kind is ItemKind.PRACTICE and one.id in done]
    if not scored or len(done) > len(scored):
        return
    told = next((one.explanation for one in session.practice if one.pair == scored[-1].pair), "")
    if told:
        st.info(plain(told), title="About the pair you just practised on", icon=":material/school:")


def _back(reviewer: Reviewer, item: Item, done: set[str]) -> None:
    before = [one for one in reviewer.items if one.index < item.index and one.id in done]
    if before and st.button("Correct the pair before", icon=":material/undo:", type="tertiary"):
        st.session_state[GO_BACK] = before[-1].id
        st.session_state.pop("session/saved", None)
        st.rerun()


def _finished(opened: Services, session: ReviewSession, reviewer: Reviewer) -> None:
    st.success("You are done: every pair is scored. Thank you.", icon=":material/task_alt:")
    if not session.protocol.reveals_at_end:
        st.caption("What was which is shown once the owner of the session decides so.")
        return
    answers = opened.sessions.answering.answers(reviewer)
    rows = []
    for item in reviewer.items:
        if item.kind is not ItemKind.PAIR:
            continue
        left, right = opened.sessions.answering.takes(item)
        given = {(score.criterion, score.arm): score.value for score in answers[item.id].scores}
        scores = " · ".join(
            f"{criterion} {_shown(given.get((criterion, left.arm)))} : {_shown(given.get((criterion, right.arm)))}"
            for criterion in session.criteria
        )
        prompt = opened.store.comparison(item.pair.comparison_id).prompt
        rows.append({"Prompt": prompt, "Left": left.request.model, "Right": right.request.model, "Your scores": scores})
    st.subheader("What was which", anchor=False)
    st.dataframe(rows, hide_index=True, alt="Each pair with the model on the left and right, and your scores")


def _shown(value: int | None) -> str:
    return "n/a" if value is None else str(value)
