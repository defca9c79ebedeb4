"""The scores of one pair: nothing is chosen beforehand, everything typed is kept, saving appends a review."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import (
    ASKED,
    HIGHEST_SCORE,
    LOWEST_SCORE,
    NOTE_LIMIT,
    OPTIONAL,
    PREFERENCE_LIMIT,
    QUESTIONS,
    Criterion,
    Drift,
    Review,
    Score,
    current,
)
from sora_compare.domain.takes import ArmLabel
from sora_compare.ui.components.sides import LEFT, RIGHT, SIDES
from sora_compare.ui.review.markers import to_store

if TYPE_CHECKING:
    from sora_compare.store.store import Store
    from sora_compare.ui.components.pairs import Pair
    from sora_compare.ui.components.player import PlayerResult
    from sora_compare.ui.components.sides import Sides
    from sora_compare.ui.shell.drafts import Draft

NOT_APPLICABLE = "n/a"
SCALE: list[int | str] = list(range(LOWEST_SCORE, HIGHEST_SCORE + 1))
STEPS = list(range(-PREFERENCE_LIMIT, PREFERENCE_LIMIT + 1))
PREFERENCE_WORDS = {1: "{} slightly better", 2: "{} better", 3: "{} much better"}


def earlier_review(store: Store, pair: Pair, reviewer: str) -> Review | None:
    """This reviewer's last review of the pair."""
    mine = [
        one
        for one in store.reviews.of(pair.comparison.id)
        if (one.repeat, one.reviewer, one.session) == (pair.repeat, reviewer, None)
    ]
    return next(iter(current(mine)), None)


def score_form(draft: Draft, earlier: Review | None, sides: Sides) -> None:
    """The five criteria for both clips, the preference, and a note."""
    st.caption(
        f"{LOWEST_SCORE} is poor, {HIGHEST_SCORE} is excellent. Choose “{NOT_APPLICABLE}” where there is nothing to "
        "judge, such as a clip without a face: it counts as missing, not as a low score."
    )
    for criterion in ASKED:
        _criterion_field(draft, criterion, earlier, sides)
    with st.expander("Clarity and consistency (optional)"):
        for criterion in OPTIONAL:
            _criterion_field(draft, criterion, earlier, sides)
    st.segmented_control(
        "Which clip is better as a whole? (optional)",
        STEPS,
        format_func=lambda step: _preference_words(step, sides),
        key=draft.fill("preference", sides.turned(earlier.preference) if earlier else None, among=(None, *STEPS)),
        on_change=draft.save,
        wrap=True,
    )
    st.text_area(
        "Note (optional)",
        key=draft.fill("note", earlier.note if earlier else ""),
        on_change=draft.save,
        max_chars=NOTE_LIMIT,
        height=80,
        placeholder="What decided it? Differences in style, faults, things you liked.",
    )


def _preference_words(step: int, sides: Sides) -> str:
    if not step:
        return "No difference"
    return PREFERENCE_WORDS[abs(step)].format(sides.label(LEFT if step < 0 else RIGHT))


def _criterion_field(draft: Draft, criterion: Criterion, earlier: Review | None, sides: Sides) -> None:
    options = [*SCALE, NOT_APPLICABLE]
    with st.container(gap="xsmall"):
        st.markdown(f"**{criterion.capitalize()}** :gray[{QUESTIONS[criterion]}]")
        for column, side in zip(st.columns(2), SIDES, strict=True):
            with column.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xsmall"):
                st.markdown(sides.badge(side), width="content")
                # A label in Markdown would be read out with its signs.
                st.segmented_control(
                    f"{criterion.capitalize()}, clip {sides.label(side)}",
                    options,
                    key=draft.fill(
                        _field(criterion, side), _given(earlier, criterion, sides.arm(side)), among=(None, *options)
                    ),
                    on_change=draft.save,
                    label_visibility="collapsed",
                    width="stretch",
                    wrap=True,
                )


def _field(criterion: Criterion, side: str) -> str:
    return f"{criterion}_{side}"


def _given(earlier: Review | None, criterion: Criterion, arm: ArmLabel) -> int | str | None:
    scores = earlier.scores if earlier else ()
    found = [one.value for one in scores if (one.criterion, one.arm) == (criterion, arm)]
    return (found[0] if found[0] is not None else NOT_APPLICABLE) if found else None


def review_from(
    draft: Draft, pair: Pair, reviewer: str, played: PlayerResult, sides: Sides, *, is_after_reveal: bool
) -> Review:
    """What was typed and seen by side, as a review by arm that is not stored yet."""
    return Review(
        id=new_identifier("rev"),
        comparison_id=pair.comparison.id,
        repeat=pair.repeat,
        takes=(pair.a.id, pair.b.id),
        reviewer=reviewer,
        created=time.time(),
        scores=tuple(_scores(draft, sides)),
        preference=sides.turned(draft.value("preference")),
        note=(draft.value("note") or "").strip(),
        markers=to_store(played.markers, sides),
        drift=_drift(played),
        is_blind=sides.is_blind,
        left=sides.left,
        is_after_reveal=is_after_reveal,
    )


def _scores(draft: Draft, sides: Sides) -> list[Score]:
    answers: list[tuple[Criterion, ArmLabel, Any]] = [
        (criterion, arm, draft.value(_field(criterion, sides.side(arm)))) for criterion in Criterion for arm in ArmLabel
    ]
    return [
        Score(criterion, arm, None if value == NOT_APPLICABLE else value)
        for criterion, arm, value in answers
        if value is not None
    ]


def _drift(played: PlayerResult) -> Drift | None:
    drift = played.drift
    return Drift(drift.p50_ms, drift.p95_ms, drift.max_ms) if drift.samples else None
