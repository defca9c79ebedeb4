"""Addresses of this app as people outside see them: what is copied and sent to somebody."""

from __future__ import annotations

import html

import streamlit as st

from sora_compare.ui.access import base_path


def address_of(path: str) -> str:
    """The full address of a path of this server, such as "/join/…"; below the base path where one is set."""
    scheme, _, rest = (st.context.url or "").partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}" if rest else ""
    return f"{origin}{base_path()}{path}"


def draw_link(address: str, words: str) -> None:
    """A link to one of our own routes, in this tab; Streamlit's links to other than pages open another one."""
    st.html(f'<a href="{html.escape(address)}" target="_self" style="color: inherit">{html.escape(words)}</a>')
