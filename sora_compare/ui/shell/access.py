"""Who looks at a page: the same rule as at the gate of the routes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.access.people import LOOPBACK, RequestIdentity, verified_email
from sora_compare.access.signing import token_hash
from sora_compare.services import services
from sora_compare.web.gate import people_for

if TYPE_CHECKING:
    from sora_compare.access.people import People, Person


def bound_address() -> str | None:
    """The address the server listens on; None for all of them."""
    address: str | None = st.get_option("server.address")
    return address


def bound_port() -> int:
    """The port the server listens on."""
    port: int = st.get_option("server.port")
    return port


def base_path() -> str:
    """The path below which Streamlit's own addresses lie, such as "/compare"; empty for the root."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def has_tls() -> bool:
    """Whether the server itself speaks HTTPS."""
    return bool(st.get_option("server.sslCertFile"))


def people() -> People:
    """The rule as it applies to this server."""
    opened = services()
    sessions = opened.sessions
    return people_for(opened.settings, sessions.signing, sessions.owner_token, bound_address(), sessions.ended_cookies)


def whoever() -> Person:
    """The person in front of the page that is drawn now."""
    # Streamlit tells no address for a client on this machine.
    client = st.context.ip_address or LOOPBACK
    headers = {name.lower(): value for name, value in st.context.headers.items()}
    email = verified_email(st.user) if is_logged_in() else None
    return people().who(RequestIdentity(client=client, headers=headers, cookies=st.context.cookies, email=email))


def login_id() -> str:
    """What tells the browser's login from every other: a digest of what the identity provider said, nonce and all."""
    return token_hash(json.dumps(st.user.to_dict(), sort_keys=True, default=str))


def is_logged_in() -> bool:
    """Whether the browser has a login that was not ended since, with a verified address or without."""
    return bool(getattr(st.user, "is_logged_in", False)) and not people().has_ended(login_id())
