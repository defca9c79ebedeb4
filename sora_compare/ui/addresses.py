"""Addresses of this app as people outside see them: what is copied and sent to somebody."""

from __future__ import annotations

import streamlit as st

from sora_compare.ui.access import base_path


def address_of(path: str) -> str:
    """The full address of a path of this server, such as "/join/…"; below the base path where one is set."""
    scheme, _, rest = (st.context.url or "").partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}" if rest else ""
    return f"{origin}{base_path()}{path}"
