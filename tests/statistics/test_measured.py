from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import spearmanr

from sora_compare.domain.clips import Clip
from sora_compare.domain.takes import ArmLabel, Take, TakeState
from sora_compare.statistics.measured import FEWEST, agreement_with_people
from tests.pages import filling
from tests.statistics.designs import opinions

if TYPE_CHECKING:
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.statistics.ratings import Ratings

CLIP = Clip("0" * 64, 1000, "mp4", "h264", 640, 360, "30/1", 120, 4.0, has_audio=True)


def _takes(ratings: Ratings, loudness: dict[tuple[str, str], float]) -> list[Take]:
    made = []
    for name in ratings.pairs.names:
        of: Comparison = dataclasses.replace(filling.comparison(name), id=name)
        for arm in ArmLabel:
            clip = dataclasses.replace(CLIP, loudness_lufs=loudness[name, arm])
            made.append(filling.take(of, arm, TakeState.COMPLETED, clip))
    return made


def _named(ratings: Ratings) -> Ratings:
    """Pairs named as comparisons with a repeat."""
    return dataclasses.replace(
        ratings, pairs=dataclasses.replace(ratings.pairs, names=tuple(f"{name}:0" for name in ratings.pairs.names))
    )


def _found(prompts: int) -> tuple[dict[str, object], Ratings, dict[tuple[str, str], float]]:
    plain = opinions(prompts, 3, shift=1)
    draw = np.random.default_rng(7)
    loudness = {(name, str(arm)): float(round(draw.normal(-20, 4))) for name in plain.pairs.names for arm in ArmLabel}
    found = agreement_with_people(_named(plain), _takes(plain, loudness))
    return {one.measurement: one for one in found}, plain, loudness


def test_it_is_spearmans_correlation_over_clips() -> None:
    found, plain, loudness = _found(20)
    means, loud = [], []
    for (name, arm), level in loudness.items():
        rows = plain.pair == plain.pairs.names.index(name)
        means.append(plain.scores[0, "AB".index(arm), rows].mean())
        loud.append(level)
    one = found["loudness in LUFS"]
    assert one.n == 40
    assert one.rho.mean == pytest.approx(spearmanr(loud, means).statistic)
    assert one.rho.low < one.rho.mean < one.rho.high


def test_what_does_not_vary_or_is_too_little_says_so() -> None:
    found, _, _ = _found(20)
    assert found["pixels"].rho.mean is None
    assert found["pixels"].reason == "The same for every clip."
    assert found["flashes (0 or 1)"].reason == f"Too few: 0 of at least {FEWEST} clips."
    few, _, _ = _found(4)
    assert few["loudness in LUFS"].reason == f"Too few: 8 of at least {FEWEST} clips."
