"""The reviewer's room: which item is next, how far they are, and what they see when they are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.access.people import Role
from sora_compare.domain.sessions import ItemKind
from sora_compare.errors import UnknownRecord, UsageError
from sora_compare.sessions.errors import SessionPaused
from sora_compare.sessions.presenter import spread
from sora_compare.store.repositories.sessions import SessionOver
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.sessions.presentation import follow, item_presented, keep_in_touch, middle, wait_until_resumed
from sora_compare.ui.sessions.scoring import JUST_SAVED, score_item
from sora_compare.ui.shell.access import whoever
from sora_compare.ui.shell.addresses import address_of, draw_link
from sora_compare.ui.shell.boundary import sentence_of
from sora_compare.web.gate import LEAVE_SESSION

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Review
    from sora_compare.domain.sessions import Item, Reviewer, ReviewSession
    from sora_compare.services import Services
    from sora_compare.sessions.opening import Sessions

GO_BACK = "session/back"


def room(opened: Services) -> None:
    """The whole page of a reviewer."""
    person = whoever()
    if person.role is Role.NOBODY or person.reviewer_id is None:
        raise UsageError("This page is for reviewers: open the link of your invitation.")
    try:
        reviewer = opened.sessions.repository.reviewer(person.reviewer_id)
        session = opened.sessions.admission.open_session(reviewer.session_id)
    except SessionPaused as error:
        st.info(sentence_of(error), icon=":material/pause_circle:")
        wait_until_resumed(opened.sessions, reviewer)
        _leave_link()
        return
    except (UnknownRecord, SessionOver) as error:
        st.info(sentence_of(error), icon=":material/door_front:")
        _leave_link()
        return
    done = set(opened.sessions.scoring.answers(reviewer))
    presentation = opened.sessions.presenter.presentation(session.id)
    item = item_presented(reviewer, presentation) if presentation else _current(reviewer, done)
    st.session_state.pop(JUST_SAVED, None)
    _title(opened.sessions, reviewer, escape_markdown(session.title), len(done))
    keep_in_touch(opened.sessions, reviewer, presentation, item)
    if presentation:
        follow(opened, session, reviewer, presentation, item, is_scored=bool(item and item.id in done))
        return
    if item is None:
        _finished(opened, session, reviewer)
        return
    _explain_practice(session, reviewer, done)
    st.text(opened.store.comparisons.get(item.pair.comparison_id).prompt)
    score_item(opened.sessions, session, reviewer, item)
    _back(reviewer, item, done)


def _leave_link() -> None:
    """The way out of the room, for whoever opened the link in a browser with other work to do; it asks once more."""
    draw_link(LEAVE_SESSION, "Leave this session")


def _current(reviewer: Reviewer, done: set[str]) -> Item | None:
    """The item gone back to, else the first without an answer."""
    asked = st.session_state.get(GO_BACK)
    items = {item.id: item for item in reviewer.items}
    if asked in items and st.session_state.get(JUST_SAVED) != asked:
        return items[asked]
    st.session_state.pop(GO_BACK, None)
    return next((item for item in reviewer.items if item.id not in done), None)


def _title(sessions: Sessions, reviewer: Reviewer, title: str, done: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        with st.popover(escape_markdown(reviewer.name), icon=":material/person:", type="tertiary"):
            st.caption("Open this personal link on another device to go on there. Keep it to yourself.")
            token = sessions.admission.personal_token(reviewer)
            st.code(address_of(f"/r/{token}"), language=None, wrap_lines=True)
            _leave_link()
    total = len(reviewer.items)
    st.progress(done / total if total else 1.0, text=f"{done} of {total} pairs")


def _explain_practice(session: ReviewSession, reviewer: Reviewer, done: set[str]) -> None:
    """After a practice pair was scored, its explanation stands above the next one."""
    scored = [one for one in reviewer.items if one.kind is ItemKind.PRACTICE and one.id in done]
    if not scored or len(done) > len(scored):
        return
    found = next((one.explanation for one in session.practice if one.pair == scored[-1].pair), "")
    if found:
        st.info(escape_markdown(found), title="About the pair you just practised on", icon=":material/school:")


def _back(reviewer: Reviewer, item: Item, done: set[str]) -> None:
    before = [one for one in reviewer.items if one.index < item.index and one.id in done]
    if before and st.button("Correct the pair before", icon=":material/undo:", type="tertiary"):
        st.session_state[GO_BACK] = before[-1].id
        st.rerun()


def _finished(opened: Services, session: ReviewSession, reviewer: Reviewer) -> None:
    st.success("You are done: every pair is scored. Thank you.", icon=":material/task_alt:")
    if not session.protocol.reveals_at_end:
        st.caption("What was which is shown once the owner of the session decides so.")
        return
    opened.sessions.scoring.reveals.note(reviewer.id, session.id, scores=session.protocol.shows_others)
    answers = opened.sessions.scoring.answers(reviewer)
    pairs = [item for item in reviewer.items if item.kind is ItemKind.PAIR and item.id in answers]
    reviews = opened.sessions.progress.reviews(session) if session.protocol.shows_others else []
    rows = [_row(opened, session, item, answers[item.id], reviews) for item in pairs]
    st.subheader("What was which", anchor=False)
    st.dataframe(rows, hide_index=True, alt="Each pair with the model on the left and right, and the scores")


def _row(
    opened: Services, session: ReviewSession, item: Item, review: Review, everybody: list[Review]
) -> dict[str, object]:
    left, right = opened.sessions.scoring.takes(item)
    given = {(score.criterion, score.arm): score.value for score in review.scores}
    row: dict[str, object] = {
        "Prompt": opened.store.comparisons.get(item.pair.comparison_id).prompt,
        "Left": left.request.model,
        "Right": right.request.model,
        "Your scores": " · ".join(
            f"{one} {_shown(given.get((one, left.arm)))} : {_shown(given.get((one, right.arm)))}"
            for one in session.criteria
        ),
    }
    if everybody:
        found = spread(everybody, item.pair, session.criteria)
        row["Everybody, middle score"] = " · ".join(
            f"{one} {middle(found, one, left.arm)} : {middle(found, one, right.arm)}" for one in session.criteria
        )
    return row


def _shown(value: int | None) -> str:
    return "n/a" if value is None else str(value)
