"""Figures against sums done by hand."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from sora_compare.domain.reviews import Criterion, Review, Score
from sora_compare.domain.takes import ArmLabel, Origin, TakeState
from sora_compare.statistics import summary
from sora_compare.statistics.evidence import Matchup, by_matchup, of_origin
from tests.pages import filling

A, B = ArmLabel
_numbers = itertools.count()


def reviewed(
    *scores: tuple[Criterion, ArmLabel, int | None], who: str = "Ana", preference: int | None = None
) -> Review:
    number = next(_numbers)
    return Review(
        id=f"rev_{number}",
        comparison_id=f"cmp_{number}",
        repeat=0,
        takes=("take_a", "take_b"),
        reviewer=who,
        created=float(number),
        scores=tuple(Score(*one) for one in scores),
        preference=preference,
    )


def test_not_applicable_and_not_given_are_left_out_of_the_mean_and_counted_apart() -> None:
    faces = Criterion.FACES
    reviews = [
        reviewed((faces, A, 4), (faces, B, 9), who="Ana"),
        reviewed((faces, A, 7), (faces, B, None), who="Ben"),
        reviewed((faces, A, 10), who="Ana"),
        reviewed((Criterion.MOTION, A, 1)),
    ]
    a, b = (summary.scores(reviews, faces, arm) for arm in ArmLabel)
    assert (a.mean, a.n, a.not_applicable, a.not_given, a.reviewers, a.pairs) == (7.0, 3, 0, 1, 2, 3)
    assert (b.mean, b.n, b.not_applicable, b.not_given, b.missing) == (9.0, 1, 1, 2, 3)


def test_without_a_score_there_is_no_mean() -> None:
    assert summary.scores([], Criterion.PHYSICS, A).mean is None


def test_preferences_keep_every_step_and_count_who_gave_none() -> None:
    found = summary.preferences([reviewed(preference=one) for one in (-3, 0, 0, 3, None)])
    assert found.counts == {-3: 1, -2: 0, -1: 0, 0: 2, 1: 0, 2: 0, 3: 1}
    assert (found.n, found.missing) == (4, 1)


@pytest.mark.parametrize(
    ("totals", "quartiles"),
    [
        ((), (None, None, None)),
        ((3.0,), (3.0, 3.0, 3.0)),
        ((1.0, 3.0), (1.5, 2.0, 2.5)),
        ((7.0, 1.0, 3.0, 5.0), (2.5, 4.0, 5.5)),
    ],
)
def test_quartiles_interpolate_between_values(totals: tuple[float, ...], quartiles: tuple[float | None, ...]) -> None:
    made = filling.comparison("p")
    takes = [filling.take(made, A, TakeState.COMPLETED, None, total_s=total) for total in totals]
    found = summary.spread(takes, "total_s", A)
    assert (found.lower, found.median, found.upper) == quartiles
    assert found.n == len(totals)


def test_takes_without_a_duration_are_missing_and_those_of_the_other_arm_are_not() -> None:
    made = filling.comparison("p")
    done = filling.take(made, A, TakeState.COMPLETED, total_s=10.0)
    takes = [
        done,
        dataclasses.replace(done, cached_from="take_0"),
        dataclasses.replace(done, origin=Origin.IMPORTED),
        filling.take(made, A, TakeState.FAILED),
        filling.take(made, B, TakeState.COMPLETED, total_s=99.0),
    ]
    found = summary.spread(takes, "total_s", A)
    assert (found.values, found.missing) == ((10.0,), 3)


def test_every_attempt_is_an_outcome_and_the_cache_is_none() -> None:
    made = filling.comparison("p")
    failed = filling.take(made, A, TakeState.FAILED)
    done = filling.take(made, A, TakeState.COMPLETED)
    takes = [failed, dataclasses.replace(done, attempt=1), dataclasses.replace(done, cached_from="take_0")]
    found = summary.outcomes(takes, A)
    assert found.counts == {TakeState.FAILED: 1, TakeState.COMPLETED: 1}
    assert (found.n, found.cached) == (2, 1)
    assert summary.outcomes(takes, B).n == 0


def test_every_result_says_its_method_and_version() -> None:
    results = (
        summary.scores([], Criterion.MOTION, A),
        summary.preferences([]),
        summary.spread([], "total_s", A),
        summary.outcomes([], A),
    )
    for one in results:
        assert one.method
        assert one.version == summary.VERSION
        assert one.n == 0


def test_evidence_is_parted_by_arms_newest_first_and_counts_the_last_revision_only() -> None:
    old = filling.comparison("old", at=1.0)
    other_arms = (filling.ARMS[0], dataclasses.replace(filling.ARMS[1], model="another"))
    new = filling.comparison("new", at=2.0, arms=other_arms)
    a, b = (filling.take(old, arm, TakeState.COMPLETED) for arm in ArmLabel)
    first = filling.review(old, (a, b), "Ana", 1, 1)
    second = dataclasses.replace(first, id="rev_2", revision=1, note="better")
    found = by_matchup([old, new], [a, b], [first, second])
    assert [one.b[1] for one in found] == ["another", filling.ARMS[1].model]
    evidence = found[Matchup(("simulator", filling.ARMS[0].model), ("simulator", filling.ARMS[1].model))]
    assert [one.id for one in evidence.comparisons] == [old.id]
    assert [one.note for one in evidence.reviews] == ["better"]


def test_a_review_of_a_mixed_pair_belongs_to_neither_origin() -> None:
    made = filling.comparison("p")
    live = filling.take(made, A, TakeState.COMPLETED, origin=Origin.LIVE)
    simulated = filling.take(made, B, TakeState.COMPLETED)
    (evidence,) = by_matchup([made], [live, simulated], [filling.review(made, (live, simulated), "Ana", 1, 2)]).values()
    assert evidence.origins == (Origin.LIVE, Origin.SIMULATED)
    only = of_origin(evidence, (Origin.LIVE,))
    assert (len(only.takes), len(only.reviews)) == (1, 0)
    assert len(of_origin(evidence, Origin).reviews) == 1
