"""The synchronised player: two clips locked to the frame, with one transport.

`player()` mounts it and returns what it last reported. The browser part is in the .js files beside this one.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st
from pydantic import ValidationError

from sora_compare.ui.components.player import assets
from sora_compare.ui.components.player.values import (
    Marker,
    PlayerClip,
    PlayerCommand,
    PlayerDrift,
    PlayerMissing,
    PlayerResult,
    Report,
    Sprites,
    ViewState,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Marker",
    "PlayerClip",
    "PlayerCommand",
    "PlayerDrift",
    "PlayerMissing",
    "PlayerResult",
    "Sprites",
    "ViewState",
    "player",
]

logger = logging.getLogger(__name__)

MARKER_KINDS = ("physics", "motion", "faces", "other")
LINK_PARAMETER = "view"

_mount = st.components.v2.component("sora_compare_player", html=assets.html(), css=assets.css(), js=assets.javascript())


def player(
    left: PlayerClip | PlayerMissing,
    right: PlayerClip | PlayerMissing,
    *,
    key: str,
    markers: Sequence[Marker] = (),
    view: ViewState | None = None,
    command: PlayerCommand | None = None,
    marker_kinds: Sequence[str] = MARKER_KINDS,
    link_parameter: str = LINK_PARAMETER,
    on_report: Callable[[], None] | None = None,
) -> PlayerResult:
    """Mount the player for one pair.

    The script runs again only when playback pauses or ends, markers change, or the paused view changes; in a fragment
    only the fragment runs. Put it into one where the page is heavy.

    Args:
        left: the clip on the left, or why there is none.
        right: the same for the right.
        key: names this player; its state lives in `st.session_state[key]`.
        markers: saved markers. `PlayerResult.markers` is the list as it is now: store it and pass it next time.
        view: taken when the pair is shown first and whenever it changes, such as `ViewState.from_link(…)`.
        command: carried out once per id.
        marker_kinds: what a marker can be about; the first one is proposed.
        link_parameter: query parameter into which "copy link" writes the view.
        on_report: called before the run that a report causes.
    """
    reported = _last_report(key)
    is_new = _is_new(key, reported)
    # What was just reported is newer than what the caller had when this run began.
    current = reported.markers if is_new and reported else tuple(markers)
    data = {
        "key": key,
        "left": asdict(left),
        "right": asdict(right),
        "markers": [asdict(marker) for marker in current],
        "marker_kinds": list(marker_kinds),
        "view": asdict(view) if view else None,
        "command": asdict(command) if command else None,
        "seen": reported.sequence if reported else 0,
        "link_parameter": link_parameter,
    }
    _mount(key=key, data=data, on_report_change=on_report or _nothing)
    return _result(reported, current, is_new=is_new)


def _nothing() -> None:
    """Streamlit wants a callback for a state that is set from the browser."""


def _last_report(key: str) -> Report | None:
    sent = (st.session_state.get(key) or {}).get("report")
    if not sent:
        return None
    try:
        return Report.model_validate(sent)
    except ValidationError as error:
        logger.warning("A browser reported what no player sends; it is left out (%d faults).", error.error_count())
        return None


def _is_new(key: str, reported: Report | None) -> bool:
    name = f"{key}:sequence"
    sequence = reported.sequence if reported else 0
    before = st.session_state.get(name, 0)
    st.session_state[name] = sequence
    return bool(sequence != before)


def _result(reported: Report | None, markers: tuple[Marker, ...], *, is_new: bool) -> PlayerResult:
    if not reported:
        return PlayerResult(markers=markers)
    return PlayerResult(
        markers=markers,
        event=reported.event if is_new else None,
        drift=reported.drift,
        watched_to_end=reported.watched_to_end,
        watched_share=reported.watched_share,
        is_coarse=reported.coarse,
        view=ViewState.checked(reported.view),
    )
