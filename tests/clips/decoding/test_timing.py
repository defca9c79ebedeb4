"""The exact frame rate from rounded times."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sora_compare.clips.decoding.timing import STANDARD, rate_of

UNHURRIED = settings(deadline=None, max_examples=60)
RATES = st.sampled_from(STANDARD)
MILLISECONDS = Fraction(1, 1000)


@UNHURRIED
@given(RATES, st.integers(2, 400), st.integers(-5000, 5000))
def test_times_that_fit_the_container_give_the_exact_rate(rate: Fraction, frames: int, start: int) -> None:
    base = Fraction(1, rate.numerator)
    ticks = [start + index * rate.denominator for index in range(frames)]
    found = rate_of(ticks, base, [])
    assert (found.fps, found.is_variable) == (rate, False)


@UNHURRIED
@given(RATES, st.integers(0, 5000), st.randoms(use_true_random=False))
def test_times_rounded_to_milliseconds_give_the_exact_rate(rate: Fraction, start: int, shuffle: object) -> None:
    ticks = [start + round(index / rate * 1000) for index in range(int(rate * 3))]
    shuffle.shuffle(ticks)  # type: ignore[attr-defined]
    found = rate_of(ticks, MILLISECONDS, [])
    assert (found.fps, found.is_variable) == (rate, False)


@UNHURRIED
@given(RATES, st.data())
def test_one_late_frame_is_a_variable_rate(rate: Fraction, data: st.DataObject) -> None:
    frames = data.draw(st.integers(10, 200))
    late = data.draw(st.integers(1, frames - 2))
    ticks = [index * rate.denominator * 10 + (rate.denominator * 5 if index == late else 0) for index in range(frames)]
    assert rate_of(ticks, Fraction(1, rate.numerator * 10), [rate]).is_variable


@UNHURRIED
@given(RATES, RATES)
def test_a_false_claim_of_the_container_is_not_believed(rate: Fraction, claim: Fraction) -> None:
    assume(claim != rate)
    ticks = [index * rate.denominator for index in range(100)]
    assert rate_of(ticks, Fraction(1, rate.numerator), [claim]).fps == rate


def test_an_unusual_rate_is_kept_as_it_is() -> None:
    assert rate_of([index * 7 for index in range(90)], Fraction(1, 130), []).fps == Fraction(130, 7)


def test_one_frame_has_the_rate_that_is_claimed() -> None:
    assert rate_of([5], MILLISECONDS, [Fraction(30)]).fps == 30
    assert rate_of([5], MILLISECONDS, []).fps > 0
