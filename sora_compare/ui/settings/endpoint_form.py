"""Adding, changing and removing an endpoint. A key is never typed here: only where it comes from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.endpoints import SIMULATOR, Endpoint
from sora_compare.endpoints.profiles import profiles
from sora_compare.errors import ConfigurationError, SoraCompareError
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.settings.endpoint_models import edit_models, models_from, render_models
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Capabilities
    from sora_compare.endpoints.endpoint_registry import EndpointRegistry

NEW = "new"
FIELDS = "endpoints/field"
FIELD_TILE, NUMBER_TILE = 260, 150
KEPT = "endpoints/kept"
"""Counts what was kept: after each, the table of models starts from what is kept then."""
KEY_HELP = (
    "env:NAME for an environment variable whose name ends in _KEY, secrets:NAME for an entry of "
    ".streamlit/secrets.toml. Empty for no key. The key itself is never stored."
)
START = Endpoint(name="", base_url="", key_source="", profile="generic")


def render_new_endpoint(endpoint_registry: EndpointRegistry) -> None:
    """The form for one more endpoint, folded away."""
    with st.expander("Add an endpoint", icon=":material/add:", key=f"endpoints/add/{_kept()}"):
        _form(endpoint_registry, START, NEW)


def render_changes(endpoint_registry: EndpointRegistry, endpoint: Endpoint) -> None:
    """For one endpoint: its limits and models, and the form to change it where it was added here."""
    is_editable = endpoint_registry.is_editable(endpoint.name)
    words = "Change" if is_editable else "Limits and models"
    icon = ":material/edit:" if is_editable else ":material/tune:"
    with st.expander(words, icon=icon, key=f"endpoints/change/{endpoint.name}/{_kept()}"):
        if is_editable:
            _form(endpoint_registry, endpoint, f"of {endpoint.name}")
            return
        _limits(endpoint)
        shown = _models(endpoint)
        if shown:
            render_models(shown)
        if not endpoint.is_simulator:
            st.caption(
                "It comes from the environment or from secrets.toml. To say more of its models here, add an endpoint "
                "with the same address under another name."
            )


def _kept() -> int:
    count: int = st.session_state.setdefault(KEPT, 0)
    return count


def _models(endpoint: Endpoint) -> dict[str, Capabilities]:
    """The endpoint's own table over that of its profile."""
    profile = profiles().get(endpoint.profile)
    return {**(profile.models if profile else {}), **endpoint.models}


def _limits(endpoint: Endpoint) -> None:
    per_minute = (
        f"{endpoint.requests_per_minute} requests a minute" if endpoint.requests_per_minute else "no rate limit"
    )
    st.caption(
        f"{endpoint.concurrency} clips at once · {per_minute} · asked every {endpoint.poll_interval_s:g} s · "
        f"watched for up to {endpoint.watch_limit_s:g} s"
    )


def _form(endpoint_registry: EndpointRegistry, endpoint: Endpoint, where: str) -> None:
    is_new = where == NEW
    with st.grid(2, min_column_width=FIELD_TILE):
        name = st.text_input(
            "Name",
            key=_field(where, "name", endpoint.name),
            disabled=not is_new,
            max_chars=60,
            placeholder="studio",
            persist_state="session",
        )
        base_url = st.text_input(
            "Base URL",
            key=_field(where, "base_url", endpoint.base_url),
            placeholder="https://host/v1",
            persist_state="session",
        )
        source = _key_source(endpoint, where)
        profile = _profile(endpoint, where)
    numbers = _numbers(endpoint, where)
    typed = replace(numbers, name=name.strip(), base_url=base_url.strip(), key_source=source, profile=profile)
    note = profiles()[profile].note
    st.caption(
        f":material/info: {escape_markdown(note)}" if note else "What each model takes; rows win over the profile's."
    )
    start = endpoint.models or profiles()[profile].models
    rows = edit_models(start, f"endpoints/models/{where}/{profile}/{_kept()}")
    with st.container(horizontal=True):
        words = "Add" if is_new else "Keep changes"
        is_kept = st.button(words, type="primary", icon=":material/save:", key=f"endpoints/keep/{where}")
        if not is_new:
            with st.popover("Remove", icon=":material/delete:"):
                st.markdown("Its clips stay. Takes under way stop being watched.")
                remove = guarded(partial(_remove, endpoint_registry, endpoint.name, where))
                st.button("Remove it", key=f"endpoints/remove/{where}", on_click=remove)
    if is_kept:
        _keep(endpoint_registry, typed, rows, where)


def _field(where: str, name: str, value: object) -> str:
    """A field's session key, filled. Kept in the session alone: an address or a source may be a key by mistake."""
    key = f"{FIELDS}/{where}/{name}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def _forget_fields(where: str) -> None:
    for key in [key for key in st.session_state.to_dict() if str(key).startswith(f"{FIELDS}/{where}/")]:
        del st.session_state[key]
    st.session_state[KEPT] += 1


def _key_source(endpoint: Endpoint, where: str) -> str:
    source = st.text_input(
        "Where its key comes from",
        key=_field(where, "key_source", endpoint.key_source),
        placeholder="env:STUDIO_KEY",
        help=KEY_HELP,
        persist_state="session",
    )
    return source.strip()


def _profile(endpoint: Endpoint, where: str) -> str:
    offered = {name: one.title for name, one in profiles().items() if name != SIMULATOR}
    return st.selectbox(
        "Profile",
        list(offered),
        key=_field(where, "profile", endpoint.profile),
        format_func=lambda one: f"{offered[one]} ({one})",
        help="How this kind of server wants to be spoken to, and what its models take unless the table says otherwise.",
        persist_state="session",
    )


def _numbers(endpoint: Endpoint, where: str) -> Endpoint:
    with st.grid(4, min_column_width=NUMBER_TILE):
        at_once = st.number_input(
            "Clips at once", min_value=1, max_value=500, key=_field(where, "concurrency", endpoint.concurrency)
        )
        per_minute = st.number_input(
            "Requests a minute",
            min_value=1,
            max_value=10_000,
            value=None,
            key=_field(where, "per_minute", endpoint.requests_per_minute),
            placeholder="no limit",
            help="Of requests that make a clip. Empty for no limit.",
        )
        poll_s = st.number_input(
            "Ask every (s)",
            min_value=0.1,
            max_value=600.0,
            key=_field(where, "poll_s", float(endpoint.poll_interval_s)),
            help="Seconds between two questions how a clip stands.",
        )
        watch_s = st.number_input(
            "Watch for (s)",
            min_value=10.0,
            max_value=86_400.0,
            key=_field(where, "watch_s", float(endpoint.watch_limit_s)),
            help="After this many seconds the watching stops and says so; the clip may still come.",
        )
    return replace(
        endpoint,
        concurrency=int(at_once),
        requests_per_minute=int(per_minute) if per_minute else None,
        poll_interval_s=float(poll_s),
        watch_limit_s=float(watch_s),
    )


def _keep(endpoint_registry: EndpointRegistry, typed: Endpoint, rows: list[dict[str, Any]], where: str) -> None:
    try:
        if where == NEW and typed.name in endpoint_registry.all():
            raise ConfigurationError(f"There is an endpoint called “{typed.name}” already: choose another name.")
        endpoint_registry.save(replace(typed, models=models_from(rows)))
    except SoraCompareError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    _forget_fields(where)
    st.toast(f"{escape_markdown(typed.name)} is kept.", icon=":material/check_circle:")
    st.rerun()


def _remove(endpoint_registry: EndpointRegistry, name: str, where: str) -> None:
    endpoint_registry.remove(name)
    _forget_fields(where)
