"""Who scores and signs: a name, typed once in each browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.access.browsers import BROWSER_COOKIE, browser_id, new_browser_id
from sora_compare.access.signing import token_hash
from sora_compare.domain.reviews import NAME_LIMIT
from sora_compare.ui.shell.access import whoever
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.store.store import Store

NAME, BROWSER = "identity/name", "identity/browser"


def browser() -> str:
    """Under which the name and the forms of this browser are kept: a digest of the id in its cookie.

    Where a browser keeps no cookies they belong to one tab, until it is closed or loaded again.
    """
    if BROWSER not in st.session_state:
        found = browser_id(st.context.cookies.get(BROWSER_COOKIE)) or new_browser_id()
        st.session_state[BROWSER] = token_hash(found)
    kept: str = st.session_state[BROWSER]
    return kept


def reviewer(store: Store) -> str:
    """The name given in this browser; empty when there is none."""
    if NAME not in st.session_state:
        st.session_state[NAME] = str(store.drafts.get(_draft()).get("name", ""))
    name: str = st.session_state[NAME]
    return name


def signature(store: Store) -> str:
    """Who does something that is recorded: the address of a login, which cannot be made up, else the name given."""
    return whoever().email or reviewer(store)


def name_field(store: Store, where: str, label: str = "Your name") -> None:
    """The field for the name; `where` tells two such fields of one page apart."""
    key = f"identity/{where}"
    st.session_state[key] = reviewer(store)

    @guarded
    def remember() -> None:
        name = st.session_state[key].strip()[:NAME_LIMIT]
        st.session_state[NAME] = name
        store.drafts.save(_draft(), {"name": name})

    st.text_input(
        label,
        key=key,
        max_chars=NAME_LIMIT,
        on_change=remember,
        autocomplete="name",
        help="It keeps your scores apart from other reviewers'. This browser remembers it.",
    )


def _draft() -> str:
    return f"identity:{browser()}"
