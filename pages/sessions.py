"""Sessions: invite reviewers, watch how far they are, pause or end the session, sign off."""

import streamlit as st

from sora_compare.services import services
from sora_compare.ui.sessions.admin import (
    change_form,
    deleted_sessions_panel,
    remove_reviewer_form,
    render_undo,
    status_and_actions,
)
from sora_compare.ui.sessions.blinding import blinding_line
from sora_compare.ui.sessions.form import new_session
from sora_compare.ui.sessions.owner import choose_session, invitations, live_view, sign_off
from sora_compare.ui.sessions.presenter import presenter

opened = services()
render_undo(opened)
session = choose_session(opened.sessions)

with st.expander("New session", icon=":material/add:", expanded=session is None):
    new_session(opened)

if session is not None:
    status_and_actions(opened, session)
    blinding_line(opened.sessions, session)
    with st.expander("Change title, deadline or reviewers wanted", icon=":material/edit:"):
        change_form(opened, session)
    st.subheader("Invitations", anchor=False)
    invitations(opened, session)
    st.subheader("Live", anchor=False)
    live_view(opened, session)
    with st.expander("Remove a reviewer", icon=":material/person_remove:"):
        remove_reviewer_form(opened, session)
    with st.expander("Present to everybody", icon=":material/co_present:"):
        presenter(opened, session)
    st.subheader("Sign-off", anchor=False)
    sign_off(opened.sessions, session)

deleted_sessions_panel(opened)
