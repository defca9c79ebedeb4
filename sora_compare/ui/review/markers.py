"""Markers: as the player tells them, as a draft keeps them, as a review stores them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain import reviews as domain
from sora_compare.ui.components.player import MARKER_KINDS
from sora_compare.ui.components.player import Marker as Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sora_compare.ui.components.sides import Sides
    from sora_compare.ui.shell.drafts import Draft

FIELD = "markers"


def markers_of(draft: Draft, earlier: domain.Review | None, sides: Sides) -> list[Shown]:
    """The markers as last typed, else those of the earlier review."""
    start = [asdict(one) for one in _shown(earlier.markers, sides)] if earlier else []
    kept: list[dict[str, Any]] = st.session_state[draft.fill(FIELD, start)]
    return [Shown(**one) for one in kept]


def save_markers(draft: Draft, markers: Sequence[Shown]) -> None:
    """Keep them in the draft when they changed."""
    lines = [asdict(one) for one in markers]
    if lines != st.session_state[draft.key(FIELD)]:
        st.session_state[draft.key(FIELD)] = lines
        draft.save()


def to_store(markers: Iterable[Shown], sides: Sides) -> tuple[domain.Marker, ...]:
    """For a review: what was seen stands before the note."""
    return tuple(
        domain.Marker(sides.arm(one.side), one.time_s, ": ".join(filter(None, (one.kind, one.note)))) for one in markers
    )


def _shown(markers: Iterable[domain.Marker], sides: Sides) -> list[Shown]:
    found = []
    for index, marker in enumerate(markers):
        kind, _, note = marker.text.partition(": ")
        known = (kind, note) if kind in MARKER_KINDS else ("", marker.text)
        found.append(Shown(f"kept-{index}", sides.side(marker.arm), marker.at_s, *known))
    return found
