"""The endpoints on the Settings page: what each is, whether it can be reached, and notices about it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.endpoints.profiles import profile_of
from sora_compare.ui.components.endpoint_health import render_outages
from sora_compare.ui.components.formats import escape_markdown, seconds
from sora_compare.ui.components.retirement import flag_models
from sora_compare.ui.settings.endpoint_form import render_changes, render_new_endpoint
from sora_compare.ui.shell.boundary import boundary

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.endpoints.client_pool import ClientPool
    from sora_compare.endpoints.endpoint_registry import EndpointRegistry
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.services import Services


def render_endpoints(opened: Services) -> None:
    """Each endpoint with a button to test the connection; keys are never shown."""
    for endpoint in opened.endpoint_registry.all().values():
        with st.container(border=True), boundary():
            _endpoint(opened, endpoint)
            render_changes(opened.endpoint_registry, endpoint)
    render_new_endpoint(opened.endpoint_registry)


def _endpoint(opened: Services, endpoint: Endpoint) -> None:
    profile = profile_of(endpoint)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape_markdown(endpoint.name)}** :gray[{escape_markdown(profile.title)}]")
        if endpoint.name == opened.settings.default_endpoint:
            st.badge("Both arms start with it", color="gray")
    st.text("Built in; starts by itself." if endpoint.is_simulator else endpoint.base_url)
    st.caption(_key(opened.endpoint_registry, endpoint))
    if profile.note:
        st.caption(f":material/info: {escape_markdown(profile.note)}")
    render_outages(opened.runner, [endpoint.name])
    if profile.retired and profile.retired <= datetime.now(UTC).date():
        st.warning(f"Switched off on {profile.retired}: takes sent here will fail.", icon=":material/event_busy:")
    if st.button("Test connection", icon=":material/network_check:", key=f"settings/test/{endpoint.name}"):
        _test(opened.client_pool, endpoint)


def _key(endpoint_registry: EndpointRegistry, endpoint: Endpoint) -> str:
    if endpoint.is_simulator:
        return "Needs no key."
    if not endpoint.key_source:
        return "No key is configured."
    refusal = endpoint_registry.key_refusal(endpoint)
    if refusal:
        return escape_markdown(refusal)
    found = "found" if endpoint_registry.has_key(endpoint) else "not set"
    return escape_markdown(f"Key from {endpoint.key_source}: {found}.")


def _test(client_pool: ClientPool, endpoint: Endpoint) -> None:
    with st.spinner("Looking"):
        found = asyncio.run(client_pool.check(endpoint.name))
    latency = f" ({seconds(found.latency_s)})" if found.latency_s is not None else ""
    text = f"{escape_markdown(found.sentence)}{latency}"
    if found.is_usable:
        st.success(text, icon=":material/check_circle:")
    else:
        st.error(text, icon=":material/error:")


def render_retirements(governance: Governance) -> None:
    """Snapshots that are or will be retired, with the environments that use them."""
    registry = governance.releases.registry
    for _, model, source in registry.calendar():
        flag_models(governance, [model], source)
