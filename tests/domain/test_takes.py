"""Takes: outcomes, timings, attempts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.clips import Clip
from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.takes import (
    ON_THE_WAY,
    ArmLabel,
    Moments,
    Origin,
    Take,
    TakeState,
    Timings,
    latest_attempts,
    timings,
)

UNHURRIED = settings(deadline=None, max_examples=60)
DONE = Moments(
    planned=100.0, submitting=101.0, submitted=102.0, first_progress=105.0, completed=145.0, first_frame=146.0,
    saved=148.0, ended=149.0,
)  # fmt: skip
CLIP = Clip("ab" * 32, 1, "mp4", "h264", 1280, 720, "30", 240, 8.0, has_audio=False)


def take(**details: Any) -> Take:  # noqa: ANN401  # the fields of Take
    known: dict[str, Any] = {
        "id": "take_1", "comparison_id": "cmp_1", "arm": ArmLabel.A, "endpoint": "lab", "origin": Origin.LIVE,
        "request": ClipRequest("m", "p", ClipSettings(8, "1280x720")), "fingerprint": "f", "moments": DONE,
        "state": TakeState.COMPLETED, "clip": CLIP,
    }  # fmt: skip
    return Take(**{**known, **details})


def test_timings_are_the_spans_between_moments() -> None:
    assert take().timings == Timings(
        queued_s=3.0, render_s=40.0, download_s=3.0, first_frame_s=45.0, total_s=47.0, per_10_s=58.75, job_s=43.0
    )


@UNHURRIED
@given(st.builds(Moments), st.none() | st.floats(0.1, 100))
def test_timings_are_never_negative_and_missing_where_a_moment_is(moments: Moments, clip_s: float | None) -> None:
    """A clock may be set back between two moments."""
    found = timings(moments, clip_s)
    spans = [found.queued_s, found.render_s, found.download_s, found.first_frame_s, found.total_s]
    assert all(span is None or span >= 0 for span in spans)
    assert (found.total_s is None) is (moments.submitting is None or moments.saved is None)
    assert (found.per_10_s is None) is (found.total_s is None or clip_s is None)


def test_what_was_not_generated_here_has_no_timings() -> None:
    assert take(cached_from="take_0").timings == Timings()
    assert take(origin=Origin.IMPORTED).timings == Timings()
    assert take(origin=Origin.SIMULATED).timings == take().timings


def test_a_take_without_a_clip_has_no_time_per_length() -> None:
    found = take(clip=None, moments=replace(DONE, saved=None)).timings
    assert (found.total_s, found.per_10_s, found.render_s) == (None, None, 40.0)


@pytest.mark.parametrize("state", list(TakeState))
def test_a_state_is_on_the_way_or_an_outcome(state: TakeState) -> None:
    assert state.is_outcome is (state not in ON_THE_WAY)
    assert take(state=state).is_ended is state.is_outcome


@UNHURRIED
@given(st.permutations([(0, "A", 0), (0, "A", 1), (0, "A", 2), (0, "B", 0), (1, "A", 0), (1, "A", 1)]))
def test_the_last_attempt_of_each_arm_and_repeat_counts(order: list[tuple[int, str, int]]) -> None:
    takes = [take(repeat=repeat, arm=ArmLabel(arm), attempt=attempt) for repeat, arm, attempt in order]
    found = {(repeat, arm.value): one.attempt for (repeat, arm), one in latest_attempts(takes).items()}
    assert found == {(0, "A"): 2, (0, "B"): 0, (1, "A"): 1}


def test_a_comparison_finds_its_arms_in_any_order() -> None:
    arms = (Arm(ArmLabel.B, "lab", "new"), Arm(ArmLabel.A, "lab", "old"))
    comparison = Comparison("cmp_1", "p", ClipSettings(8, "1280x720"), arms, 1.0)
    assert (comparison.arm(ArmLabel.A).model, comparison.arm(ArmLabel.B).model) == ("old", "new")
