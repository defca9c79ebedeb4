"""What a review must say, and which revision counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.reviews import ASKED, OPTIONAL, QUESTIONS, Criterion, Review, Score, current, validate
from sora_compare.domain.takes import ArmLabel

UNHURRIED = settings(deadline=None, max_examples=60)
SOUND = tuple(Score(criterion, arm, 7) for criterion in ASKED for arm in ArmLabel)


def review(**details: Any) -> Review:  # noqa: ANN401  # the fields of Review
    known: dict[str, Any] = {
        "id": "rev_1", "comparison_id": "cmp_1", "repeat": 0, "takes": ("take_1", "take_2"), "reviewer": "Ada",
        "created": 1.0, "scores": SOUND,
    }  # fmt: skip
    return Review(**{**known, **details})


def test_the_three_asked_and_the_two_optional_criteria_each_have_a_question() -> None:
    assert [one.value for one in ASKED] == ["physics", "motion", "faces"]
    assert [one.value for one in OPTIONAL] == ["clarity", "consistency"]
    assert set(QUESTIONS) == set(Criterion) == {*ASKED, *OPTIONAL}


def test_a_sound_review_has_no_problem() -> None:
    optional = tuple(Score(criterion, arm, 1) for criterion in OPTIONAL for arm in ArmLabel)
    for scores in (SOUND, SOUND + optional):
        assert validate(review(scores=scores, preference=-3, note="x" * 10_000, reviewer="x" * 80)) == []


@pytest.mark.parametrize("value", [None, 1, 10])
def test_missing_faces_are_an_answer_and_the_ends_of_the_scale_are_scores(value: int | None) -> None:
    scores = (*SOUND[:-2], Score(Criterion.FACES, ArmLabel.A, value), Score(Criterion.FACES, ArmLabel.B, value))
    assert validate(review(scores=scores)) == []


@UNHURRIED
@given(st.integers().filter(lambda value: not 1 <= value <= 10))
def test_a_score_beyond_the_scale_is_said(value: int) -> None:
    scores = (*SOUND[1:], Score(Criterion.PHYSICS, ArmLabel.A, value))
    assert validate(review(scores=scores)) == [f"The physics score for A is {value}: give a whole number from 1 to 10."]


def test_half_a_step_is_no_score() -> None:
    """The store could not read it back."""
    scores = (*SOUND[1:], Score(Criterion.PHYSICS, ArmLabel.A, 7.5))  # type: ignore[arg-type]
    assert len(validate(review(scores=scores))) == 1
    assert len(validate(review(preference=0.5))) == 1


@pytest.mark.parametrize("left_out", SOUND)
def test_every_asked_criterion_needs_both_clips(left_out: Score) -> None:
    scores = tuple(score for score in SOUND if score != left_out)
    assert validate(review(scores=scores)) == [f"Still to score for both clips: {left_out.criterion}."]


@pytest.mark.parametrize(
    ("details", "part"),
    [
        ({"preference": 4}, "preference is 4: give a step from -3 to 3"),
        ({"preference": -4}, "preference is -4"),
        ({"reviewer": " "}, "Your name is missing"),
        ({"reviewer": "x" * 81}, "more than 80 characters"),
        ({"note": "x" * 10_001}, "more than 10,000 characters"),
    ],
)
def test_each_rule_is_said(details: dict[str, Any], part: str) -> None:
    (message,) = validate(review(**details))
    assert part in message


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(validate(review(scores=(), reviewer="", preference=9, note="x" * 10_001))) == 4


@UNHURRIED
@given(st.permutations([("Ada", 0, 0), ("Ada", 0, 1), ("Ada", 0, 2), ("Ada", 1, 0), ("Grace", 0, 0)]))
def test_the_last_revision_of_each_reviewer_and_pair_counts(order: list[tuple[str, int, int]]) -> None:
    made = [
        review(reviewer=reviewer, repeat=repeat, revision=revision, created=float(repeat * 10 + revision))
        for reviewer, repeat, revision in order
    ]
    found = [(one.reviewer, one.repeat, one.revision) for one in current(made)]
    assert sorted(found) == [("Ada", 0, 2), ("Ada", 1, 0), ("Grace", 0, 0)]
    created = [one.created for one in current(made)]
    assert created == sorted(created)


def test_no_reviews_give_no_reviews() -> None:
    assert current([]) == []
