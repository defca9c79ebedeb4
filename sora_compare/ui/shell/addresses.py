"""Addresses of this app as people outside see them: what is copied and sent to somebody."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from sora_compare.ui.shell.access import base_path


def path_of(path: str) -> str:
    """A path of this server as this app's pages name it; below the base path where one is set."""
    return f"{base_path()}{path}"


def address_of(path: str) -> str:
    """The full address of a path of this server, such as "/join/…"; below the base path where one is set."""
    scheme, _, rest = (st.context.url or "").partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}" if rest else ""
    return f"{origin}{path_of(path)}"


def draw_link(path: str, words: str) -> None:
    """A link to one of our own routes, in this tab; Streamlit's links to other than pages open another one."""
    link = Markup('<a href="{}" target="_self" style="color: inherit">{}</a>')
    st.html(link.format(path_of(path), words))
