"""The data folder and the runner on the Settings page."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.components.formats import escape_markdown, size

if TYPE_CHECKING:
    from sora_compare.services import Services


def render_data_folder(opened: Services) -> None:
    """Where everything is kept, how much room is left, and whether takes are being carried."""
    disk = shutil.disk_usage(opened.settings.home)
    st.text(str(opened.settings.home))
    st.caption(f"{size(disk.free)} of {size(disk.total)} free. Set SORA\\_COMPARE\\_HOME to use another folder.")
    runner = opened.runner.health
    if not runner.is_alive:
        st.error("The runner has ended: start the app again.", icon=":material/error:")
    elif runner.is_holder:
        st.caption(f"The runner of this app carries the takes: {runner.under_way} under way.")
    else:
        st.caption("Another app or command on this data folder carries the takes.")
    if runner.fault:
        st.caption(f":material/warning: Its last fault: {escape_markdown(runner.fault)}")
