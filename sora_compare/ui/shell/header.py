"""What stands above every page: its title, the endpoint in use, the mark of simulated data, the reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell.identity import name_field, reviewer
from sora_compare.ui.shell.login import logout_link

if TYPE_CHECKING:
    from sora_compare.access.people import Person
    from sora_compare.services import Services
    from sora_compare.store.store import Store

MARK = "Simulated data"
MARK_HELP = (
    "The clips come from the built-in simulator, not from a video model: they show how the tool works and say "
    "nothing about any model."
)
ENDPOINT_HELP = "No endpoint is configured, so that new clips come from the built-in simulator. Settings tells more."


def draw_header(title: str, opened: Services, person: Person) -> None:
    """One row; on a narrow screen it wraps."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            _endpoint(opened)
            name = reviewer(opened.store)
            with st.popover(escape_markdown(name) or "Your name", icon=":material/person:", type="tertiary"):
                name_field(opened.store, "header")
                logout_link(person)
    if not opened.runner.health.is_alive:
        st.error("Clips are not being made: the runner has ended. Start the app again.", icon=":material/error:")
    elif opened.runner.health.waits_for:
        st.error(
            f"Clips wait and go on by themselves. {escape_markdown(opened.runner.health.waits_for)}",
            icon=":material/error:",
        )


def render_left_out_records(store: Store) -> None:
    """Count and name the records that the pages met and could not read."""
    sentence = store.damaged.sentence
    if sentence:
        st.warning(escape_markdown(sentence), icon=":material/broken_image:")


def _endpoint(opened: Services) -> None:
    endpoint = opened.endpoint_registry.get(opened.settings.default_endpoint)
    if endpoint.is_simulator:
        st.badge("Simulator", icon=":material/science:", color="violet", help=ENDPOINT_HELP)
    else:
        st.badge(
            escape_markdown(endpoint.name), icon=":material/dns:", color="gray", help=escape_markdown(endpoint.base_url)
        )


def simulated_mark() -> None:
    """The mark beside anything that the simulator made."""
    st.badge(MARK, icon=":material/science:", color="violet", help=MARK_HELP)
