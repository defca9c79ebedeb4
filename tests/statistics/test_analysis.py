"""Everything together, on data that leave little to conclude; claims; checks hidden among the pairs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sora_compare.evidence.findings import of_ratings
from sora_compare.reports.report_html import as_html
from sora_compare.reports.report_json import as_json
from sora_compare.reports.report_text import as_text
from sora_compare.statistics.analysis import analyse
from sora_compare.statistics.claims import Finding, check, published
from sora_compare.statistics.disagreements import disagreements
from sora_compare.statistics.ratings import PAIR, REPEAT, SAME_CLIP, Group, Ratings, differences, table
from sora_compare.statistics.reviewers.consistency import false_alarms, repeat_consistency, side_bias
from sora_compare.statistics.reviewers.one_by_one import leave_one_out
from tests.statistics.designs import opinions

Rows = list[tuple[str, str, str, str, float | None]]


def _both(scores: dict[tuple[str, str], tuple[float | None, float | None]]) -> Rows:
    return [(p, r, arm, "physics", s) for (p, r), pair in scores.items() for arm, s in zip("AB", pair, strict=True)]


COLUMNS = (
    "reviewer", "session", "pair", "prompt", "scores", "is_asked", "preference", "left", "kind", "group", "at",
)  # fmt: skip

SPARSE: dict[str, tuple[Rows, str]] = {
    "one reviewer": (_both({(f"p{n}", "ada"): (5, 6 + n % 2) for n in range(9)}), "One reviewer"),
    "one prompt": (_both({("p", f"r{n}"): (5, 6 + n % 2) for n in range(9)}), "One prompt"),
    "all scores equal": (_both({(f"p{n}", f"r{m}"): (5, 5) for n in range(9) for m in range(3)}), "Every difference"),
    "a constant difference": (
        _both({(f"p{n}", f"r{m}"): (5, 7) for n in range(9) for m in range(3)}), "Every difference",
    ),
    "one arm all failed": (
        _both({(f"p{n}", f"r{m}"): (5 + n % 3, None) for n in range(9) for m in range(3)}), "Only arm A",
    ),
    "everything not applicable": (_both({(f"p{n}", "ada"): (None, None) for n in range(3)}), "not applicable"),
    "nobody scored both": (_both({("p", "ada"): (5, None), ("q", "ben"): (None, 6)}), "No reviewer scored both"),
    "one review": (_both({("p", "ada"): (5, 6)}), "One reviewer"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPARSE)
def test_what_cannot_be_concluded_is_said_and_nothing_is_nan(case: str) -> None:
    rows, sentence = SPARSE[case]
    findings = of_ratings(table(rows))
    found = json.dumps(as_json(findings), allow_nan=False)
    result = findings.analysis.criteria["physics"]
    assert any(sentence in message for message in result.warnings), result.warnings
    for text in (found, as_html(findings), as_text(findings)):
        assert not re.search(r"\b(nan|inf|infinity)\b", text.lower())


@pytest.mark.parametrize("case", SPARSE)
def test_sparse_data_decide_nothing(case: str) -> None:
    assert analyse(table(SPARSE[case][0])).criteria["physics"].judgement.verdict == "undecided"


def test_no_review_is_no_criterion() -> None:
    findings = of_ratings(table([]))
    assert as_json(findings)["criteria"] == {}
    assert "there is no independent review" in as_text(findings)
    assert "there is no independent review" in as_html(findings)


def test_reviewers_who_disagree_in_sign_are_named() -> None:
    scores = {(f"p{n}", r): (5.0, 5.0 + gap) for n in range(10) for r, gap in (("Ada", 2), ("Ben", 1), ("Eve", -2))}
    (message,) = [one for one in analyse(table(_both(scores))).criteria["physics"].warnings if "sign" in one]
    assert message == "Reviewers disagree in sign: Ada and Ben see B ahead, Eve sees A ahead."


def test_leaving_out_the_one_who_tips_the_scale_flips_the_sign() -> None:
    scores = {(f"p{n}", r): (5.0, 5.0 + gap) for n in range(10) for r, gap in (("Ada", -1), ("Ben", -1), ("Eve", 3))}
    ratings = table(_both(scores))
    found = {one.reviewer: one.flips for one in leave_one_out(differences(ratings, 0), ratings.reviewers)}
    assert found == {"Ada": False, "Ben": False, "Eve": True}


def test_the_pair_people_disagree_on_comes_first() -> None:
    scores: dict[tuple[str, str], tuple[float | None, float | None]]
    scores = {(f"p{n}", r): (5.0, 6.0) for n in range(5) for r in ("Ada", "Ben")}
    scores["p3", "Ada"], scores["p3", "Ben"] = (1.0, 10.0), (10.0, 1.0)
    first, *others = disagreements(table(_both(scores)), 0)
    assert (first.pair, first.differences) == ("p3", {"Ada": 9.0, "Ben": -9.0})
    assert others == []


def test_names_and_order_of_reviews_do_not_matter() -> None:
    ratings = opinions(12, 4, shift=1, missing=0.1)
    order = np.random.default_rng(1).permutation(len(ratings))
    mixed = replace(ratings.where(np.ones(len(ratings), dtype=bool)), **{
        name: getattr(ratings, name)[..., order]
        for name in COLUMNS
    })  # fmt: skip
    before, after = (analyse(one).criteria["physics"] for one in (ratings, mixed))
    assert before.difference is not None
    assert after.difference is not None
    assert after.difference.low == pytest.approx(before.difference.low)
    assert after.agreement.alpha_ordinal == pytest.approx(before.agreement.alpha_ordinal)


def _checked_reviews() -> Ratings:
    ratings = opinions(20, 3, shift=1)
    kind = np.full(len(ratings), PAIR)
    kind[ratings.pair >= 16] = SAME_CLIP
    return replace(ratings, kind=kind, left=np.arange(len(ratings)) % 2)


def test_hidden_checks_stay_out_of_the_scores() -> None:
    assert analyse(_checked_reviews()).criteria["physics"].n_prompts == 16


def test_a_difference_between_equal_clips_is_a_false_alarm() -> None:
    ratings = _checked_reviews()
    same = ratings.kind == SAME_CLIP
    ratings.scores[0, 1, same] = ratings.scores[0, 0, same]
    ratings.scores[0, 1, np.flatnonzero(same)[:3]] += 2
    assert false_alarms(ratings).of_scores.mean == pytest.approx(3 / 12)


def test_a_hidden_repeat_is_compared_with_the_first_time() -> None:
    rows = _both({(f"p{n}", "ada"): (5, 7) for n in range(4)}) * 2
    ratings = table(rows)
    nth = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    ratings = replace(ratings, kind=np.where(nth == 0, PAIR, REPEAT))
    ratings.scores[0, 1, np.flatnonzero(nth)[0]] += 2
    found = repeat_consistency(ratings)
    assert (found.pairs_of_scores, found.mean_change) == (8, pytest.approx(2 / 8))
    assert found.exact_share.mean == pytest.approx(7 / 8)


@pytest.mark.parametrize("pull", [0.0, 1.5])
def test_a_pull_of_the_left_side_is_found_although_b_is_better(pull: float) -> None:
    ratings = opinions(40, 4, shift=1.5, seed=2)
    left = np.random.default_rng(3).integers(0, 2, len(ratings))
    scores = ratings.scores.copy()
    scores[0, left, np.arange(len(ratings))] += pull
    found = side_bias(replace(ratings, left=left, scores=scores))
    assert found.score.mean == pytest.approx(pull, abs=0.4)
    assert found.is_biased == bool(pull)


def _claims(ratings: Ratings, *, is_live: bool = True) -> dict[tuple[str, str], Any]:
    models = dict(zip("AB", published().models, strict=True))
    return {(one.claim.name, one.model): one for one in check(ratings, (), models, is_live=is_live)}


def test_no_published_row_is_dropped_and_each_is_called_unverified() -> None:
    found = _claims(opinions(5, 2))
    assert published().label == "published, unverified"
    assert len(found) == 2 * len(published().rows) == 28


@pytest.mark.parametrize(("score", "finding"), [(7.0, Finding.CONFIRMED), (3.0, Finding.NOT_CONFIRMED)])
def test_a_claim_stands_or_falls_with_the_interval(score: float, finding: Finding) -> None:
    draw = np.random.default_rng(1)
    rows: Rows = [(f"p{n}", f"r{m}", "A", "physics", score + draw.normal(0, 0.2)) for n in range(30) for m in range(5)]
    found = _claims(table(rows))["physical realism (1 to 10)", published().models[0]]
    assert found.finding is finding
    assert _claims(table(rows), is_live=False)[found.claim.name, found.model].finding is Finding.CANNOT_TELL


def test_words_are_checked_on_the_prompts_they_speak_of() -> None:
    ratings = opinions(30, 5, shift=2)
    pairs = replace(ratings.pairs, tags=tuple(("gravity",) if n < 20 else () for n in range(30)))
    found = _claims(replace(ratings, pairs=pairs))
    assert found["physics: gravity", published().models[1]].finding is Finding.CONFIRMED
    assert found["physics: cloth", published().models[1]].finding is Finding.CANNOT_TELL


def test_other_models_are_not_judged_by_these_claims() -> None:
    ratings = replace(opinions(5, 2), groups=(Group(model_a="x", model_b="y"),))
    assert {one.finding for one in of_ratings(ratings).claims} == {Finding.CANNOT_TELL}
