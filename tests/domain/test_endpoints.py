"""What a model cannot take is said before anything is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.domain.endpoints import Capabilities, Price, estimate, listed, validate_prompt, validate_request
from sora_compare.domain.requests import PROMPT_LIMIT, Cameo, ClipRequest, ClipSettings, Scene, StoredImage

UNHURRIED = settings(deadline=None, max_examples=60)
PLAIN = ClipSettings(8, "1280x720")
STRICT = Capabilities(seconds=(4, 8, 12), sizes=("1280x720", "720x1280"), takes_seed=False)
OPEN = Capabilities(styles=("noir",), takes_tuning=True, takes_storyboard=True, takes_cameos=True, takes_image=True)
EVERYTHING = ClipSettings(
    8,
    "1280x720",
    seed=1,
    style="noir",
    tuning={"contrast": 0.5},
    storyboard=(Scene(0, 8, "a"),),
    cameos=(Cameo("ada"),),
    image=StoredImage("ab" * 32, "image/png", 1280, 720),
)


def asked(settings: ClipSettings, prompt: str = "a ball falls") -> ClipRequest:
    return ClipRequest("model-1", prompt, settings)


def test_what_fits_has_no_objection() -> None:
    assert validate_request(asked(PLAIN), STRICT) == []
    assert validate_request(asked(EVERYTHING), OPEN) == []


@pytest.mark.parametrize("seconds", [-4, 0, 5, 25])
def test_seconds_that_a_model_does_not_make_are_said_with_those_it_does(seconds: int) -> None:
    (found,) = validate_request(asked(replace(PLAIN, seconds=seconds)), STRICT)
    assert (found.field, found.is_droppable) == ("seconds", False)
    assert found.sentence == f"model-1 cannot make {seconds} s clips: choose 4, 8 or 12 s."


def test_a_model_of_unknown_lengths_still_needs_one_above_zero() -> None:
    assert validate_request(asked(replace(PLAIN, seconds=3)), Capabilities()) == []
    (found,) = validate_request(asked(replace(PLAIN, seconds=0)), Capabilities())
    assert "choose 1 or more s" in found.sentence


def test_a_size_that_a_model_does_not_make_is_said() -> None:
    (found,) = validate_request(asked(replace(PLAIN, size="1792x1024")), STRICT)
    assert found.sentence == "model-1 cannot make clips of 1792x1024: choose 1280x720 or 720x1280."


@pytest.mark.parametrize("size", ["", "banana", "0x0", "1280"])
def test_what_is_no_size_is_said_also_where_any_size_is_taken(size: str) -> None:
    (found,) = validate_request(asked(replace(PLAIN, size=size)), Capabilities())
    assert found.sentence == f"“{size}” is no size: write width and height in pixels, such as 1280x720."


def test_every_feature_that_is_not_taken_is_named_and_none_is_dropped_silently() -> None:
    found = validate_request(asked(EVERYTHING), STRICT)
    assert [one.field for one in found] == ["style", "seed", "tuning", "storyboard", "cameos", "image"]
    assert all(one.is_droppable for one in found)
    assert all(one.sentence.startswith("model-1 does not") for one in found)


def test_an_unknown_style_says_which_are_known() -> None:
    (found,) = validate_request(asked(replace(PLAIN, style="baroque")), Capabilities(styles=("noir", "anime")))
    assert found.sentence == "model-1 does not know the style “baroque”: choose noir or anime, or none."


@pytest.mark.parametrize("prompt", ["", " ", "\n\t"])
def test_an_empty_prompt_is_refused_for_any_model(prompt: str) -> None:
    assert [one.field for one in validate_request(asked(PLAIN, prompt), OPEN)] == ["prompt"]


def test_the_longest_prompt_passes_and_one_more_character_does_not() -> None:
    assert validate_prompt("x" * PROMPT_LIMIT) == []
    (found,) = validate_prompt("x" * (PROMPT_LIMIT + 1))
    assert "4,001 characters, 1 more than the 4,000 allowed" in found.sentence


@UNHURRIED
@given(
    st.integers(-5, 60),
    st.sampled_from(["1280x720", "1x1"]),
    st.none() | st.integers(),
    st.lists(st.sampled_from([4, 8, 12]), unique=True),
)
def test_objections_are_empty_exactly_when_everything_is_allowed(
    seconds: int, size: str, seed: int | None, allowed: list[int]
) -> None:
    able = Capabilities(seconds=tuple(allowed), sizes=("1280x720",), takes_seed=False)
    fits = seconds > 0 and (not allowed or seconds in allowed) and size == "1280x720" and seed is None
    assert (validate_request(asked(ClipSettings(seconds, size, seed=seed)), able) == []) is fits


# Cost and quota


@pytest.mark.parametrize(("seconds", "quota"), [(10, 1.0), (15, 1.5), (20, 2.0), (25, 2.5)])
def test_quota_is_as_the_article_counts_it(seconds: int, quota: float) -> None:
    assert estimate(ClipSettings(seconds, "1280x720"), Capabilities()).quota == quota


def test_cost_is_seconds_times_price_with_its_source() -> None:
    found = estimate(ClipSettings(12, "1280x720"), Capabilities(price=Price(0.1, "list price")))
    assert (found.dollars, found.source) == (1.2, "list price")


def test_an_unknown_price_is_no_price_and_not_zero() -> None:
    found = estimate(PLAIN, Capabilities())
    assert found.dollars is None
    assert "no price is known" in found.source


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (("a", "b", "c"), "a, b or c")])
def test_words_are_listed_as_one_says_them(words: list[str], text: str) -> None:
    assert listed(words) == text
