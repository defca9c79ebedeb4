"""The life of a session on its owner's page: pause, close, change, delete with undo, and reviewers who go."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

import streamlit as st

from sora_compare.domain.sessions import SessionStatus, end_of_day
from sora_compare.sessions.admin import MOST_WANTED, RESTORABLE_S, TITLE_LIMIT
from sora_compare.ui.components.formats import ago, escape_markdown
from sora_compare.ui.components.formats import date as day_of
from sora_compare.ui.shell.boundary import boundary, collect_errors, render_collected_errors
from sora_compare.ui.shell.identity import signature

if TYPE_CHECKING:
    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services

WHERE = "sessions/admin"
DELETED = f"{WHERE}/deleted"
KEEP, WITHDRAW = "Keep their scores: they count on", "Withdraw their scores too: they count nowhere any more"
BADGES: dict[SessionStatus, tuple[str, str, Literal["green", "orange", "gray"]]] = {
    SessionStatus.OPEN: ("Open", ":material/lock_open:", "green"),
    SessionStatus.PAUSED: ("Paused", ":material/pause_circle:", "orange"),
    SessionStatus.CLOSED: ("Closed", ":material/lock:", "gray"),
    SessionStatus.PAST_DEADLINE: ("Past its deadline", ":material/event_busy:", "gray"),
}


def status_and_actions(opened: Services, session: ReviewSession) -> None:
    """Whether the session takes answers, and the buttons that change it."""
    admin, by = opened.sessions.admin, signature(opened.store)
    status = session.status(time.time())
    render_collected_errors(WHERE)

    @collect_errors(WHERE)
    def pause() -> None:
        admin.pause(session, by=by)

    @collect_errors(WHERE)
    def resume() -> None:
        admin.resume(session, by=by)

    @collect_errors(WHERE)
    def close() -> None:
        admin.close(session, by=by)

    @collect_errors(WHERE)
    def reopen() -> None:
        admin.reopen(session, by=by)

    @collect_errors(WHERE)
    def delete() -> None:
        admin.delete(session, by=by)
        st.session_state[DELETED] = session.id, session.title

    with st.container(horizontal=True, vertical_alignment="center"):
        words, icon, colour = BADGES[status]
        st.badge(words, icon=icon, color=colour)
        until = f"until the end of {day_of(session.deadline)} UTC" if session.deadline else "without a deadline"
        st.caption(f"{session.reviewers_wanted} reviewers wanted for each pair, {until}.")
        if status is SessionStatus.OPEN:
            st.button(
                "Pause", icon=":material/pause:", on_click=pause, help="Reviewers wait, and go on when you resume."
            )
        elif status is SessionStatus.PAUSED:
            st.button("Resume", icon=":material/play_arrow:", on_click=resume, type="primary")
        if status is SessionStatus.CLOSED:
            st.button("Reopen", icon=":material/lock_open:", on_click=reopen)
        else:
            st.button("Close", icon=":material/lock:", on_click=close, help="Nobody scores or joins; results stay.")
        st.button(
            "Delete", icon=":material/delete:", on_click=delete, type="tertiary", help="Reviews stay. It can be undone."
        )


def change_form(opened: Services, session: ReviewSession) -> None:
    """Title, deadline and the number of reviewers."""
    with st.form(f"{WHERE}/change/{session.id}/{session.version}", border=False):
        title = st.text_input("Title", session.title, max_chars=TITLE_LIMIT)
        first, second = st.columns(2)
        wanted = first.number_input("Reviewers wanted per pair", 1, MOST_WANTED, session.reviewers_wanted)
        ends = datetime.fromtimestamp(session.deadline, UTC).date() if session.deadline else None
        deadline = second.date_input(
            "Deadline (optional)", value=ends, help="The session takes answers until that day ends, UTC."
        )
        is_sent = st.form_submit_button("Save the changes", icon=":material/save:")
    if is_sent:
        with boundary():
            opened.sessions.admin.change(
                session,
                by=signature(opened.store),
                title=title,
                reviewers_wanted=int(wanted),
                deadline=session.deadline if deadline == ends else deadline_of(deadline),
            )
            st.rerun()


def deadline_of(day: object) -> float | None:
    """The deadline that a date field holds; None when it is empty."""
    return end_of_day(day) if isinstance(day, date) else None


def remove_reviewer_form(opened: Services, session: ReviewSession) -> None:
    """End a reviewer's part, with or without their scores."""
    reviewers = {one.id: one for one in opened.sessions.repository.reviewers(session.id)}
    if not reviewers:
        st.caption("There is nobody to remove.")
        return
    with st.form(f"{WHERE}/remove/{session.id}", border=False, clear_on_submit=True):
        chosen = st.selectbox(
            "Reviewer", list(reviewers), index=None, format_func=lambda one: escape_markdown(reviewers[one].name)
        )
        choice = st.radio("Their scores", [KEEP, WITHDRAW], index=None)
        st.caption(
            "Their link opens nothing any more, which cannot be undone. Withdrawn scores stay in exports, marked."
        )
        is_sent = st.form_submit_button("Remove the reviewer", icon=":material/person_remove:")
    if not is_sent:
        return
    if chosen is None or choice is None:
        st.warning("Choose the reviewer, and what becomes of their scores.", icon=":material/info:")
        return
    with boundary():
        opened.sessions.admin.remove_reviewer(
            reviewers[chosen], with_scores=choice == WITHDRAW, by=signature(opened.store)
        )
        st.rerun()


def render_undo(opened: Services) -> None:
    """The way back, right after a session was deleted."""
    deleted = st.session_state.get(DELETED)
    if not deleted:
        return
    identifier, title = deleted
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.text(f"“{title}” was deleted.", width="stretch")
        _restore_button(opened, identifier, "Undo")


def deleted_sessions_panel(opened: Services) -> None:
    """Sessions that were deleted and can be brought back."""
    deleted = list(opened.sessions.repository.deleted_sessions())
    if not deleted:
        return
    with st.expander(f"Deleted sessions ({len(deleted)})", icon=":material/delete:"):
        st.caption(f"A deleted session can be restored for {RESTORABLE_S / 86_400:.0f} days.")
        for one in deleted:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(f"{one.title}, deleted {ago(one.deleted_at or 0)}", width="stretch")
                _restore_button(opened, one.id, "Restore")


def _restore_button(opened: Services, identifier: str, label: str) -> None:
    @collect_errors(WHERE)
    def restore() -> None:
        opened.sessions.admin.restore(identifier, by=signature(opened.store))
        st.session_state.pop(DELETED, None)
        st.query_params["session"] = identifier

    st.button(label, icon=":material/undo:", on_click=restore, key=f"{WHERE}/{label}/{identifier}")
