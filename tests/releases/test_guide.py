"""The decision guide: the article's words, and where your own data agree or differ."""

from __future__ import annotations

from datetime import date

import pytest

from sora_compare.domain.endpoints import Capabilities
from sora_compare.domain.policies import DEFAULT_VERSIONS
from sora_compare.domain.reviews import ASKED
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B, Lifecycle, registry
from sora_compare.releases.guide import GuideInputs, Word, advice, decide, guide

GOOD, BAD = dict.fromkeys(ASKED, "not worse"), {**dict.fromkeys(ASKED, "better"), "faces": "worse"}
OLD, NEW = Capabilities(seconds=(10, 20)), Capabilities(seconds=(10, 20, 25), takes_cameos=True)


def life(model: str, on: date = date(2026, 11, 1)) -> Lifecycle:
    return registry().lifecycle(model, on)


def words(inputs: GuideInputs) -> dict[str, Word]:
    return {one.situation.id: one.word for one in advice(inputs)}


def test_the_seven_situations_say_what_the_article_says() -> None:
    found = {one.situation.id: one.model for one in advice(GuideInputs(DEFAULT_VERSIONS, life))}
    assert found == {
        "new_project": DEFAULT_B, "in_production": DEFAULT_A, "long_clips": DEFAULT_B, "same_characters": DEFAULT_B,
        "physics": DEFAULT_B, "series": "", "prototype": ALIAS,
    }  # fmt: skip
    assert len(guide().situations) == 7


def test_without_data_nothing_is_claimed() -> None:
    assert set(words(GuideInputs(DEFAULT_VERSIONS, life)).values()) == {Word.CANNOT_TELL}


@pytest.mark.parametrize(
    ("verdict", "new_project", "in_production", "physics"),
    [
        (GOOD, Word.AGREES, Word.DIFFERS, Word.DIFFERS),
        (BAD, Word.DIFFERS, Word.AGREES, Word.AGREES),
        ({**GOOD, "faces": "undecided"}, Word.CANNOT_TELL, Word.CANNOT_TELL, Word.DIFFERS),
        ({"physics": "undecided"}, Word.CANNOT_TELL, Word.CANNOT_TELL, Word.CANNOT_TELL),
    ],
)
def test_the_verdict_agrees_or_differs(
    verdict: dict[str, str], new_project: Word, in_production: Word, physics: Word
) -> None:
    found = words(GuideInputs(DEFAULT_VERSIONS, life, verdict))
    assert (found["new_project"], found["in_production"], found["physics"]) == (new_project, in_production, physics)


@pytest.mark.parametrize(
    ("stable", "latest", "word"), [(OLD, NEW, Word.AGREES), (NEW, NEW, Word.DIFFERS), (OLD, OLD, Word.DIFFERS)]
)
def test_the_endpoints_abilities_agree_or_differ(stable: Capabilities, latest: Capabilities, word: Word) -> None:
    found = words(GuideInputs(DEFAULT_VERSIONS, life, capabilities={DEFAULT_A: stable, DEFAULT_B: latest}))
    assert (found["long_clips"], found["same_characters"]) == (word, word)


def test_a_move_of_the_alias_speaks_for_a_lock() -> None:
    inputs = GuideInputs(DEFAULT_VERSIONS, life, alias_moves=("sora-2 moved on 2026-01-13.",))
    found = {one.situation.id: one for one in advice(inputs)}
    assert (found["series"].word, found["prototype"].word) == (Word.AGREES, Word.DIFFERS)
    assert "sora-2 moved on 2026-01-13." in found["series"].own


def test_a_retired_recommendation_is_warned_of() -> None:
    assert all("was retired" in one.warning for one in advice(GuideInputs(DEFAULT_VERSIONS, life)) if one.model)
    in_2025 = advice(GuideInputs(DEFAULT_VERSIONS, lambda model: life(model, date(2025, 12, 20))))
    assert "will be retired on 2026-09-24" in in_2025[0].warning


@pytest.mark.parametrize(
    ("answers", "role", "question"),
    [
        ({}, "", "features"),
        ({"features": True}, "latest", ""),
        ({"features": False}, "", "stability"),
        ({"features": False, "stability": True}, "stable", ""),
        ({"features": False, "stability": False}, "latest", ""),
        ({"stability": True}, "", "features"),
    ],
)
def test_the_process_leads_through_its_questions(answers: dict[str, bool], role: str, question: str) -> None:
    found = decide(answers, DEFAULT_VERSIONS)
    assert found.role == role
    assert (found.open_question.id if found.open_question else "") == question
    assert bool(found.plan) == (role == "stable")
    assert found.model == DEFAULT_VERSIONS.get(role, "")
