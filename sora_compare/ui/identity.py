"""Who scores: a name, typed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.reviews import NAME_LIMIT
from sora_compare.ui.access import whoever
from sora_compare.ui.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.storage.store import Store

NAME = "identity/name"
PARAMETER = "reviewer"
DRAFT = "identity"
PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def is_local() -> bool:
    """Whether the page is open on the machine that the app runs on: then its name is remembered in the store.

    Behind a proxy everybody seems to come from this machine; proxies say so in their headers.
    """
    return st.context.ip_address is None and not any(name in st.context.headers for name in PROXY_HEADERS)


def reviewer(store: Store) -> str:
    """The name given in this session, in the address, or on this machine before; empty when there is none."""
    if NAME not in st.session_state:
        kept = store.draft(DRAFT).get("name", "") if is_local() else ""
        st.session_state[NAME] = st.query_params.get(PARAMETER, kept)[:NAME_LIMIT].strip()
    name: str = st.session_state[NAME]
    if name and not is_local():
        st.query_params[PARAMETER] = name
    return name


def signature(store: Store) -> str:
    """Who does something that is recorded: the address of a login, which cannot be made up, else the name given."""
    return whoever().email or reviewer(store)


def ask_name(store: Store, where: str, label: str = "Your name") -> None:
    """The field for the name; `where` tells two such fields of one page apart."""
    key = f"identity/{where}"
    st.session_state[key] = reviewer(store)

    @guarded
    def remember() -> None:
        name = st.session_state[key].strip()[:NAME_LIMIT]
        st.session_state[NAME] = name
        if is_local():
            store.save_draft(DRAFT, {"name": name})

    st.text_input(
        label,
        key=key,
        max_chars=NAME_LIMIT,
        on_change=remember,
        autocomplete="name",
        help="It keeps your scores apart from other reviewers'.",
    )


def draft_owner(store: Store) -> str:
    """Whose drafts these are: everything typed on this machine belongs together, others by name."""
    return "here" if is_local() else (reviewer(store) or "guest")
