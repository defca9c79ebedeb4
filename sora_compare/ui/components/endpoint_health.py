"""Endpoints that do not answer, said where somebody is about to send something."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.components.formats import escape_markdown, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.generation.runner import Runner


def render_outages(runner: Runner, names: Iterable[str]) -> None:
    """A warning for each of the named endpoints that could not be reached several times in a row."""
    down = runner.health.down
    for name in dict.fromkeys(names):
        if name in down:
            left = max(0.0, down[name] - time.time())
            st.warning(
                f"{escape_markdown(name)} does not answer. Nothing is sent to it for {seconds(left)}; then it is "
                "tried again. "
                "What you send meanwhile waits and is not lost.",
                icon=":material/power_off:",
            )
