"""Storyboards, cameos, images and dials: what is wrong whatever the model."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.features import mentions, validate_features
from sora_compare.domain.requests import Cameo, ClipRequest, ClipSettings, Scene, StoredImage

UNHURRIED = settings(deadline=None, max_examples=60)
PLAIN = ClipSettings(8, "1280x720")
IMAGE = StoredImage("ab" * 32, "image/png", 1280, 720)


def said(settings: ClipSettings, prompt: str = "a ball falls") -> list[str]:
    return [one.sentence for one in validate_features(ClipRequest("m", prompt, settings))]


def scenes(*bounds: tuple[float, float]) -> ClipSettings:
    return replace(PLAIN, storyboard=tuple(Scene(start, end, "something") for start, end in bounds))


@UNHURRIED
@given(st.lists(st.integers(1, 79), min_size=1, max_size=6, unique=True))
def test_scenes_that_meet_from_start_to_end_are_fine(cuts: list[int]) -> None:
    bounds = pairwise([0.0, *sorted(cut / 10 for cut in cuts), 8.0])
    assert said(scenes(*bounds)) == []


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        (scenes((0, 3), (4, 8)), "Between scenes 1 and 2 there is a gap of 1 s"),
        (scenes((0, 5), (4, 8)), "Between scenes 1 and 2 there is an overlap of 1 s"),
        (scenes((1, 8)), "The first scene starts at 1 s: let it start at 0"),
        (scenes((0, 7)), "The last scene ends at 7 s, the clip at 8 s"),
        (scenes((0, 0), (0, 8)), "Scene 1 ends at 0 s, which is not after its start"),
        (replace(PLAIN, storyboard=(Scene(0, 8, " "),)), "Scene 1 has no text"),
        (replace(PLAIN, tuning={"contrast": 1.5}), "The dial contrast is at 1.5: set it between -1 and 1"),
        (replace(PLAIN, tuning={"loudness": 0.0}), "There is no dial “loudness”"),
        (replace(PLAIN, image=replace(IMAGE, width=640)), "640x720 pixels, the clip 1280x720"),
        (replace(PLAIN, image=replace(IMAGE, mime="image/gif")), "image/gif is no picture that can be sent"),
    ],
)
def test_each_mistake_is_said(settings: ClipSettings, part: str) -> None:
    assert any(part in sentence for sentence in said(settings))


def test_what_is_right_is_not_mentioned() -> None:
    assert said(replace(PLAIN, image=IMAGE, tuning={"contrast": -1.0, "grain": 1.0})) == []


def test_a_cameo_and_its_mention_belong_together() -> None:
    ada = Cameo("ada", images=(IMAGE,))
    chosen = replace(PLAIN, cameos=(ada,))
    assert said(chosen, "@ada walks") == []
    assert said(replace(chosen, storyboard=(Scene(0, 8, "@ada runs"),)), "a street") == []
    assert said(chosen, "somebody walks") == ["The prompt never names @ada: write it where the character appears."]
    assert said(chosen, "@ada and @bob") == ["The prompt names @bob, but no such cameo is chosen."]
    assert said(replace(PLAIN, cameos=(ada, ada)), "@ada") == ["Two cameos are called ada: rename one."]
    assert said(replace(PLAIN, cameos=(Cameo("ada"),)), "@ada") == ["The cameo ada has no picture: add at least one."]


def test_a_cameo_with_an_impossible_name_is_said() -> None:
    found = said(replace(PLAIN, cameos=(Cameo("a b", images=(IMAGE,)),)), "@a b")
    assert any("cannot be a cameo's name" in sentence for sentence in found)


def test_mentions_are_words_after_an_at_sign_and_no_addresses() -> None:
    assert mentions("@ada, meet @bob-2! mail me@example.com @@x") == {"ada", "bob-2"}


def test_times_that_are_no_numbers_are_wrong_and_not_right() -> None:
    text = " ".join(said(scenes((0, float("nan")), (float("nan"), 8))))
    assert "not after its start" in text
    assert "Between scenes 1 and 2" in text


def test_a_size_that_is_none_is_not_the_pictures_fault() -> None:
    assert said(replace(PLAIN, size="wide", image=IMAGE)) == []
