"""Stores filled with comparisons, takes and reviews of the two snapshots, for tests that read evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sora_compare.domain.clips import Clip
from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.reviews import ASKED, Review, Score
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Problem, Take, TakeState

if TYPE_CHECKING:
    from sora_compare.store.store import Store

SETTINGS = ClipSettings(4, "1280x720")
CLIP = Clip("0" * 64, 1, "mp4", "h264", 1280, 720, "30", 120, 4.0, has_audio=False)


def add_pair(
    store: Store,
    prompt: str,
    at: float,
    *,
    seconds: tuple[float, float] = (40.0, 38.0),
    states: tuple[TakeState, TakeState] = (TakeState.COMPLETED, TakeState.COMPLETED),
    problem: Problem | None = None,
    echoed: str | None = None,
    origin: Origin = Origin.LIVE,
    scores: tuple[int, int] | None = None,
    note: str = "",
) -> None:
    """One comparison of October (A) and December (B), with a review when scores are given.

    `problem` and `echoed` (the model as the server named it) are those of December's take.
    """
    arms = Arm(ArmLabel.A, "lab", DEFAULT_A), Arm(ArmLabel.B, "lab", DEFAULT_B)
    comparison = Comparison(new_identifier("cmp", at_s=at), prompt, SETTINGS, arms, at)
    takes = [
        _take(comparison, arm, took, state, origin) for arm, took, state in zip(arms, seconds, states, strict=True)
    ]
    takes[1] = replace(takes[1], problem=problem, echoed_model=echoed)
    store.comparisons.add(comparison, takes)
    if scores:
        given = tuple(
            Score(criterion, label, value) for criterion in ASKED for label, value in zip(ArmLabel, scores, strict=True)
        )
        ids = takes[0].id, takes[1].id
        review = Review(
            new_identifier("rev", at_s=at), comparison.id, 0, ids, "anna", at, given, note=note, is_blind=True
        )
        store.reviews.add(review)


def _take(comparison: Comparison, arm: Arm, took: float, state: TakeState, origin: Origin) -> Take:
    is_done, at = state is TakeState.COMPLETED, comparison.created
    return Take(
        id=new_identifier("take", at_s=at),
        comparison_id=comparison.id,
        arm=arm.label,
        endpoint=arm.endpoint,
        origin=origin,
        request=ClipRequest(arm.model, comparison.prompt, SETTINGS),
        fingerprint=new_identifier("f"),
        moments=Moments(
            at, submitting=at, saved=at + took if is_done else None, ended=at + took if state.is_outcome else None
        ),
        state=state,
        clip=CLIP if is_done else None,
    )
