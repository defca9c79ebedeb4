"""Published claims are confirmed or refuted by answers to what they say, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.clips import Clip
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Problem, Take, TakeState
from sora_compare.statistics.claims import Checked, Finding, check, published
from tests.statistics.designs import opinions

if TYPE_CHECKING:
    from collections.abc import Sequence

OLDER, NEWER = published().models
CLIP = Clip("0" * 64, 1, "mp4", "h264", 1280, 720, "24", 192, 8.0, has_audio=False)
TOO_LONG = Problem("lab refused the request (400): Invalid value: '25'.", "invalid_value", parameter="seconds")


def _take(seconds: int, *, made_s: float | None = None, problem: Problem | None = None, **more: object) -> Take:
    details: dict[str, object] = {
        "state": TakeState.FAILED if made_s is None else TakeState.COMPLETED,
        "clip": None if made_s is None else replace(CLIP, duration_s=made_s),
        "problem": problem,
        **more,
    }
    request = ClipRequest(OLDER, "a cat", ClipSettings(seconds=seconds, size="1280x720"))
    moments = Moments(0.0, submitting=0.0, ended=1.0)
    return Take(f"t{seconds}", "c", ArmLabel.A, "lab", Origin.LIVE, request, "f", moments, **details)  # type: ignore[arg-type]


def _longest(takes: Sequence[Take]) -> Checked:
    """The row "maximum duration", 20 s, of the older model."""
    found = check(opinions(2, 2), takes, {"A": OLDER, "B": NEWER}, is_live=True)
    return next(one for one in found if one.claim.kind == "longest" and one.model == OLDER)


NO_ANSWER_ABOUT_LENGTH = {
    "an outage": _take(25, problem=Problem("lab cannot be reached (no connection in time).")),
    "a quota": _take(25, problem=Problem("lab refused the request (429).", "insufficient_quota")),
    "a key": _take(25, problem=Problem("lab refused the request (401).", "invalid_api_key")),
    "moderation": _take(25, problem=Problem("refused", "moderation_blocked"), state=TakeState.MODERATED),
    "another field": _take(25, problem=Problem("lab refused the request (400).", "invalid_value", parameter="size")),
    "given up": _take(25, state=TakeState.STOPPED_POLLING),
    "cancelled": _take(25, state=TakeState.CANCELLED),
}


@pytest.mark.parametrize("name", NO_ANSWER_ABOUT_LENGTH)
@pytest.mark.parametrize("made_s", [12.0, 20.0])
def test_what_is_no_answer_about_length_says_nothing_of_the_longest_clip(name: str, made_s: float) -> None:
    found = _longest([_take(round(made_s), made_s=made_s), NO_ANSWER_ABOUT_LENGTH[name]])
    assert (found.finding, found.measured.mean) == (Finding.CANNOT_TELL, made_s)


@pytest.mark.parametrize(
    ("takes", "finding"),
    [
        ([_take(20, made_s=20.0), _take(25, problem=TOO_LONG)], Finding.CONFIRMED),
        ([_take(20, made_s=20.0)], Finding.CANNOT_TELL),
        ([_take(25, made_s=25.0)], Finding.NOT_CONFIRMED),
        ([_take(12, made_s=12.0), _take(20, problem=TOO_LONG)], Finding.NOT_CONFIRMED),
        ([_take(20, problem=TOO_LONG)], Finding.NOT_CONFIRMED),
        ([_take(12, made_s=12.0), _take(25, problem=TOO_LONG)], Finding.CANNOT_TELL),
        ([], Finding.CANNOT_TELL),
    ],
)
def test_answers_about_length_settle_the_longest_clip(takes: list[Take], finding: Finding) -> None:
    assert _longest(takes).finding is finding


def _gravity(models: dict[str, str], shift: float) -> set[Finding]:
    ratings = opinions(30, 5, shift=shift)
    pairs = replace(ratings.pairs, tags=(("gravity",),) * len(ratings.pairs.prompts))
    found = check(replace(ratings, pairs=pairs), (), models, is_live=True)
    return {one.finding for one in found if one.claim.name == "physics: gravity"}


def test_a_claim_on_the_newer_model_is_read_from_the_arm_that_it_was() -> None:
    """With the newer model as arm A, a lead of B speaks against the claim."""
    assert _gravity({"A": OLDER, "B": NEWER}, shift=2) == {Finding.CONFIRMED}
    assert _gravity({"A": NEWER, "B": OLDER}, shift=2) == {Finding.NOT_CONFIRMED}
    assert _gravity({"A": NEWER, "B": OLDER}, shift=-2) == {Finding.CONFIRMED}


def test_a_claim_on_two_models_is_not_confirmed_by_a_third() -> None:
    assert _gravity({"A": OLDER, "B": "sora-3"}, shift=2) == {Finding.CANNOT_TELL}
