"""Reviews: one reviewer's scores, preference and note on one pair."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from enum import StrEnum

from sora_compare.domain.takes import ArmLabel

LOWEST_SCORE = 1
HIGHEST_SCORE = 10
PREFERENCE_LIMIT = 3
"""Preference runs from -3 (A much better) over 0 (no difference) to +3 (B much better)."""
NOTE_LIMIT = 10_000
NAME_LIMIT = 80
LATEST_MARKER_S, MOST_DRIFT_MS = 36_000, 36_000_000
COUNTS = "pair"
"""The one kind of showing whose scores are about the arms."""
AFTER_REVEAL = "after the reveal"
"""Flag of a review given once the reviewer had seen what was which, or others' scores."""


class Evidence(StrEnum):
    """Which reviews decide: part of the rules that are fixed beforehand."""

    INDEPENDENT = "independent"
    ALL = "all"


class Criterion(StrEnum):
    """What is scored."""

    PHYSICS = "physics"
    MOTION = "motion"
    FACES = "faces"
    CLARITY = "clarity"
    CONSISTENCY = "consistency"


ASKED = (Criterion.PHYSICS, Criterion.MOTION, Criterion.FACES)
OPTIONAL = (Criterion.CLARITY, Criterion.CONSISTENCY)

QUESTIONS = {
    Criterion.PHYSICS: "Do things fall, collide and flow as they would?",
    Criterion.MOTION: "Is movement smooth and natural?",
    Criterion.FACES: "Are expressions and lips believable?",
    Criterion.CLARITY: "Is the picture sharp and clean?",
    Criterion.CONSISTENCY: "Do people, things and places stay the same?",
}


@dataclass(frozen=True, slots=True)
class Score:
    """One number from 1 to 10 for one arm; None means "not applicable", which is missing and no zero."""

    criterion: Criterion
    arm: ArmLabel
    value: int | None


@dataclass(frozen=True, slots=True)
class Marker:
    """Something seen at one instant of one arm's clip; `at_s` in seconds from its start."""

    arm: ArmLabel
    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Drift:
    """How far apart the two clips played while they were judged, in milliseconds."""

    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer's judgement of one pair; append-only, a correction is a new revision.

    Attributes:
        repeat: which pair of the comparison.
        takes: ids of the two takes that were shown, A then B.
        preference: -3..3, negative for A; None when not given.
        is_blind: whether the names were hidden.
        is_after_reveal: whether the reviewer had been shown which model was which, or everybody's scores.
        saw_others: whether others' scores of the pair had been shown to the reviewer.
        is_withdrawn: whether this revision takes the answer back: neither it nor earlier ones count.
        revision: 0 for the first, then counting up for the same reviewer and pair (in a session: and item).
        session: id of the review session, or None for a review given outside one.
        item: which of the reviewer's items in the session it answers.
        kind: why the item was shown (sessions.ItemKind); only "pair" counts in scores.
        left: the arm that was on the left, when sides were drawn.
        spent_s: seconds from the item's first showing to the scores.
        flags: what looks careless, such as "straight-lining"; shown, never refused.
    """

    id: str
    comparison_id: str
    repeat: int
    takes: tuple[str, str]
    reviewer: str
    created: float
    scores: tuple[Score, ...]
    preference: int | None = None
    note: str = ""
    markers: tuple[Marker, ...] = ()
    drift: Drift | None = None
    is_blind: bool = False
    revision: int = 0
    session: str | None = None
    item: str | None = None
    kind: str = "pair"
    left: ArmLabel | None = None
    spent_s: float | None = None
    flags: tuple[str, ...] = ()
    is_after_reveal: bool = False
    saw_others: bool = False
    is_withdrawn: bool = False

    @property
    def is_independent(self) -> bool:
        """Whether it was given blind, before any reveal, and without a look at others' scores."""
        return self.is_blind and not self.was_revealed and not self.saw_others

    @property
    def was_revealed(self) -> bool:
        """`is_after_reveal`, which reviews of the first release noted as a flag alone."""
        return self.is_after_reveal or AFTER_REVEAL in self.flags


def validate(review: Review) -> list[str]:
    """Sentences on what keeps a review from being stored; empty when it is sound."""
    sentences = [
        f"The {score.criterion} score for {score.arm} is {score.value}: give a whole number from 1 to 10."
        for score in review.scores
        if score.value is not None and score.value not in range(LOWEST_SCORE, HIGHEST_SCORE + 1)
    ]
    given = {(score.criterion, score.arm) for score in review.scores}
    # A session has criteria of its own, and they are checked where its answers come in.
    asked = () if review.session else ASKED
    unanswered = [c for c in asked if not {(c, ArmLabel.A), (c, ArmLabel.B)} <= given]
    if unanswered:
        sentences.append(f"Still to score for both clips: {', '.join(unanswered)}.")
    if review.preference is not None and review.preference not in range(-PREFERENCE_LIMIT, PREFERENCE_LIMIT + 1):
        sentences.append(f"The preference is {review.preference}: give a step from -3 to 3.")
    if not all(_is_between(one.at_s, 0, LATEST_MARKER_S) for one in review.markers):
        sentences.append("A mark is at no moment of its clip: remove it, and set it again.")
    if review.drift and not all(_is_between(one, 0, MOST_DRIFT_MS) for one in astuple(review.drift)):
        sentences.append("What the player measured makes no sense: load the page again, then score once more.")
    if not review.reviewer.strip():
        sentences.append("Your name is missing: it keeps your scores apart from other reviewers'.")
    if len(review.reviewer) > NAME_LIMIT:
        sentences.append(f"The name has more than {NAME_LIMIT} characters: shorten it.")
    if len(review.note) > NOTE_LIMIT:
        sentences.append(f"The note has more than {NOTE_LIMIT:,} characters: shorten it.")
    return sentences


def _is_between(value: object, low: float, high: float) -> bool:
    """Whether it is a number in that range; what a browser sends may be none, or infinite."""
    return isinstance(value, int | float) and low <= value <= high


def answered(review: Review) -> tuple[object, ...]:
    """What a review answers: a second review of the same is a correction of the first."""
    return review.comparison_id, review.repeat, review.reviewer, review.session, review.item


def withdrawal(last: Review, *, identifier: str, at: float) -> Review:
    """The revision that takes an answer back, of which `last` is the last revision."""
    return replace(
        last,
        id=identifier,
        created=at,
        scores=(),
        preference=None,
        note="",
        markers=(),
        drift=None,
        spent_s=None,
        flags=(),
        is_withdrawn=True,
    )


def valid(reviews: list[Review]) -> list[Review]:
    """The revisions that were not taken back, as they came."""
    until: dict[tuple[object, ...], int] = {}
    for review in reviews:
        if review.is_withdrawn:
            until[answered(review)] = max(review.revision, until.get(answered(review), 0))
    return [one for one in reviews if one.revision > until.get(answered(one), -1)]


def current(reviews: list[Review]) -> list[Review]:
    """The last revision of each reviewer for each pair, oldest first; without answers that were taken back."""
    latest: dict[tuple[object, ...], Review] = {}
    for review in sorted(valid(reviews), key=lambda one: one.revision):
        latest[answered(review)] = review
    return sorted(latest.values(), key=lambda one: one.created)


def independent(reviews: list[Review]) -> list[Review]:
    """The last independent revision of each reviewer for each pair, oldest first: what came later never replaces it."""
    return current([one for one in valid(reviews) if one.is_independent])


def counted(reviews: list[Review], evidence: Evidence = Evidence.INDEPENDENT) -> list[Review]:
    """The reviews that decide, without practice, hidden repeats and same-clip pairs, which tell of reviewers alone."""
    deciding = independent(reviews) if evidence is Evidence.INDEPENDENT else current(reviews)
    return [one for one in deciding if one.kind == COUNTS]
