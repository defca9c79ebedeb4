"""Requests and the fingerprint under which one costs only once."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sora_compare.domain.requests import (
    Cameo,
    ClipRequest,
    ClipSettings,
    Scene,
    StoredImage,
    fingerprint,
    pixels,
)

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
UNHURRIED = settings(deadline=None, max_examples=30)
SETTINGS = st.builds(ClipSettings)
REQUESTS = st.builds(ClipRequest)
IMAGE = StoredImage("ab" * 32, "image/png", 1280, 720)
FULL = ClipSettings(
    8, "1280x720", seed=1, style="noir", tuning={"contrast": 0.5, "grain": -1.0},
    storyboard=(Scene(0.0, 8.0, "a"),), cameos=(Cameo("ada", "a poet", (IMAGE,)),), image=IMAGE,
)  # fmt: skip
OTHER: dict[str, Any] = {
    "seconds": 4, "size": "720x1280", "seed": 2, "style": "anime", "tuning": {"contrast": 0.6, "grain": -1.0},
    "storyboard": (Scene(0.0, 8.0, "b"),), "cameos": (Cameo("ada", "a poet", ()),), "image": replace(IMAGE, width=1),
}  # fmt: skip


@UNHURRIED
@given(REQUESTS, st.text(), st.integers(0, 9))
def test_the_same_request_has_the_same_fingerprint_after_a_round_trip(
    request_: ClipRequest, endpoint: str, repeat: int
) -> None:
    adapter = TypeAdapter(ClipRequest)
    again = adapter.validate_python(adapter.dump_python(request_, mode="json"))
    assert again == request_
    assert fingerprint(endpoint, again, repeat) == fingerprint(endpoint, request_, repeat)


@UNHURRIED
@given(REQUESTS, REQUESTS)
def test_different_requests_have_different_fingerprints(one: ClipRequest, other: ClipRequest) -> None:
    assert (fingerprint("e", one, 0) == fingerprint("e", other, 0)) is (one == other)


def test_what_is_equal_costs_once_however_it_is_written() -> None:
    """A storyboard from a file has 0, one from the page 0.0."""
    typed = replace(FULL, storyboard=(Scene(0, 8, "a"),), tuning={"contrast": 0.5, "grain": -1})
    assert typed == FULL
    one, other = (fingerprint("lab", ClipRequest("model", "prompt", it), 0) for it in (typed, FULL))
    assert one == other


def test_every_field_of_a_request_counts() -> None:
    asked = ClipRequest("model", "prompt", FULL)
    before = fingerprint("lab", asked, 0)
    assert set(OTHER) == {field.name for field in fields(ClipSettings)}, "a new field must count too"
    changed = [ClipRequest("model", "prompt", replace(FULL, **{name: value})) for name, value in OTHER.items()]
    others = [
        *(fingerprint("lab", one, 0) for one in changed),
        fingerprint("other", asked, 0),
        fingerprint("lab", asked, 1),
        fingerprint("lab", replace(asked, model="model2"), 0),
        fingerprint("lab", replace(asked, prompt="prompt "), 0),
    ]
    assert len({before, *others}) == 1 + len(others)


def test_the_order_in_which_dials_were_turned_does_not_count() -> None:
    turned = replace(FULL, tuning={"grain": -1.0, "contrast": 0.5})
    assert fingerprint("lab", ClipRequest("m", "p", turned), 0) == fingerprint("lab", ClipRequest("m", "p", FULL), 0)


@UNHURRIED
@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_pixels_reads_what_a_size_says(width: int, height: int) -> None:
    assert pixels(f"{width}x{height}") == (width, height)


@pytest.mark.parametrize("size", ["", "x", "1280", "1280x", "x720", "1280X720", "-1x5", "0x720", "1280x0", "1x2x3"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(size)}$"):
        pixels(size)
