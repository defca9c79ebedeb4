"""What a browser reports of the player is checked: it is not trusted, and nothing of it breaks a page."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sora_compare.ui.components.player import ViewState
from sora_compare.ui.components.player.values import MARKERS_LIMIT, NOTE_LIMIT, Report
from tests.pages.filling import player_report

MARKER = {"id": "m1", "side": "left", "time_s": 1.5, "kind": "physics", "note": "It passes through the rim."}


def report() -> dict[str, Any]:
    sent: Any = player_report([dict(MARKER)])["report"]
    return copy.deepcopy(sent)


def test_what_the_player_reports_is_taken() -> None:
    found = Report.model_validate(report())
    assert (found.markers[0].note, ViewState.checked(found.view)) == (MARKER["note"], ViewState())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event", "reboot"), ("sequence", -1), ("watched_share", 7), ("watched_share", float("nan")), ("drift", None),
        ("markers", [{**MARKER, "side": "both"}]), ("markers", [{**MARKER, "note": "x" * (NOTE_LIMIT + 1)}]),
        ("markers", [MARKER] * (MARKERS_LIMIT + 1)), ("markers", [{**MARKER, "colour": "red"}]),
        ("markers", [{**MARKER, "time_s": 1e99}]), ("colour", "red"),
    ],
)  # fmt: skip
def test_what_no_player_reports_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Report.model_validate({**report(), field: value})


def test_a_view_that_is_none_costs_no_marker() -> None:
    found = Report.model_validate({**report(), "view": {"time_s": None}})
    assert (len(found.markers), ViewState.checked(found.view)) == (1, None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_anything_a_browser_may_send_is_a_view_or_none(sent: object) -> None:
    assert ViewState.checked(sent) in {None, ViewState()}
