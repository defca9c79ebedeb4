"""Logging in by OIDC (`st.login`), for servers that list their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.errors import StreamlitAPIException

from sora_compare.access.people import ENTERED, Role
from sora_compare.services import services
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.access import is_logged_in, login_id, people
from sora_compare.ui.shell.addresses import draw_link, path_of

if TYPE_CHECKING:
    from sora_compare.access.people import Person

NOT_SET_UP = (
    "Owners are listed, but the login is not set up: fill [auth] in .streamlit/secrets.toml, as docs/sharing.md says."
)


def login_button(person: Person) -> None:
    """The way in for an owner; nothing where no owners are listed."""
    if not services().settings.owners:
        return
    if is_logged_in():
        st.warning(_why_not(person), icon=":material/no_accounts:")
        st.button("Log out", icon=":material/logout:", on_click=st.logout)
        return
    if st.button("Log in as an owner", icon=":material/login:", type="primary"):
        try:
            st.login()
        except StreamlitAPIException:
            st.error(NOT_SET_UP, icon=":material/error:")


def _why_not(person: Person) -> str:
    """Why a login does not make an owner."""
    if person.email:
        return f"You are logged in as {escape_markdown(person.email)}, who is not on the list of owners."
    address = escape_markdown(str(st.user.get("email") or "")) or "your e-mail address"
    return (
        f"You are logged in, but the identity provider does not say that {address} is verified. "
        "Verify the address there, then log out here and log in again."
    )


def remember_login(person: Person) -> None:
    """Let an owner who has just logged in have the cookie that opens clips and downloads too, and come back."""
    if person.role is not Role.OWNER or not person.email or person.cookie_id:
        return
    if st.query_params.get(ENTERED):
        st.warning(
            "This browser keeps no cookies of the app, so that clips do not play: allow them.", icon=":material/cookie:"
        )
        return
    address = path_of(f"/api/enter?ticket={people().ticket(person.email)}")
    st.html(f"<script>location.replace({address!r})</script>", unsafe_allow_javascript=True)
    st.stop()


def logout_link(person: Person) -> None:
    """In the header, for somebody who came by a login or the owner's link."""
    if not (person.email or person.cookie_id):
        return
    if person.email:
        st.caption(escape_markdown(person.email))
    login = f"?login={people().sign_login(login_id())}" if is_logged_in() else ""
    draw_link(f"/api/leave{login}", "Log out")
