"""A store with many reviews, and the same rows as a pandas frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.reviews import ASKED, Review, Score
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take, TakeState
from sora_compare.store.store import Store, open_store

if TYPE_CHECKING:
    from pathlib import Path

START = 1_760_000_000.0
ARMS = (Arm(ArmLabel.A, "lab", DEFAULT_A), Arm(ArmLabel.B, "lab", DEFAULT_B))
SETTINGS = ClipSettings(seconds=8, size="1280x720")


def filled_store(folder: Path, *, prompts: int, reviewers: int, seed: int = 1) -> Store:
    """A store in which each of `reviewers` has scored all of `prompts`; written in one go: setting up is untimed."""
    store = open_store(folder)
    draw = np.random.default_rng(seed)
    quality = draw.normal((6.0, 6.4), 1.2, (prompts, len(ASKED), 2))
    habit = draw.normal(0, 0.7, reviewers)
    written = 0
    with store.transaction():
        for number in range(prompts):
            comparison = _comparison(number)
            store.comparisons.add(comparison, [_take(comparison, arm) for arm in ArmLabel])
            given = quality[number] + habit[:, None, None] + draw.normal(0, 1, (reviewers, len(ASKED), 2))
            for who, scores in enumerate(np.clip(np.rint(given), 1, 10).astype(int).tolist()):
                review = a_review(comparison.id, who, scores, number)
                written += 1
                store.reviews.append(review, written)
    return store


def a_review(comparison: str, who: int, scores: list[list[int]], number: int) -> Review:
    """One review; `scores` by criterion and arm."""
    found = tuple(
        Score(criterion, arm, value)
        for criterion, pair in zip(ASKED, scores, strict=True)
        for arm, value in zip(ArmLabel, pair, strict=True)
    )
    return Review(
        id=f"rev_{number:06d}{who:06d}",
        comparison_id=comparison,
        repeat=0,
        takes=(f"take_{comparison}A", f"take_{comparison}B"),
        reviewer=f"reviewer {who}",
        created=START + number * 1000 + who,
        scores=found,
        preference=int(np.sign(scores[0][1] - scores[0][0])),
        is_blind=True,
        left=ArmLabel.A if (who + number) % 2 else ArmLabel.B,
    )


def comparison_id(number: int) -> str:
    """The id of the how-manieth comparison."""
    return f"cmp_{number:06d}"


def _comparison(number: int) -> Comparison:
    return Comparison(
        comparison_id(number), f"prompt {number}", SETTINGS, ARMS, START + number, tags=(f"tag{number % 5}",)
    )


def _take(comparison: Comparison, arm: ArmLabel) -> Take:
    request = ClipRequest(comparison.arm(arm).model, comparison.prompt, SETTINGS)
    name = f"take_{comparison.id}{arm}"
    moments = Moments(START, submitting=START, saved=START + 40, ended=START + 40)
    return Take(name, comparison.id, arm, "lab", Origin.LIVE, request, name, moments, state=TakeState.COMPLETED)


def as_frame(store: Store) -> pd.DataFrame:
    """One row a score: the long table that people keep in pandas, names as categories."""
    rows = [
        (review.comparison_id, review.reviewer, str(score.arm), str(score.criterion), score.value)
        for review in store.reviews.list()
        for score in review.scores
    ]
    frame = pd.DataFrame(rows, columns=["prompt", "reviewer", "arm", "criterion", "score"])
    return frame.astype(dict.fromkeys(("prompt", "reviewer", "arm", "criterion"), "category"))


def aggregated(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """What a results page asks of pandas: mean, spread and count per criterion and arm, by reviewer, by prompt."""
    groupings = (["criterion", "arm"], ["criterion", "arm", "reviewer"], ["criterion", "arm", "prompt"])
    return [frame.groupby(by, observed=True)["score"].agg(["mean", "std", "count"]) for by in groupings]
