"""Answering items: checked on the server, turned from sides into arms, appended as reviews."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sora_compare.clips.level_rules import can_be_blind
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import AFTER_REVEAL, Criterion, Drift, Marker, Review, Score, valid
from sora_compare.domain.takes import ArmLabel, Take, latest_attempts
from sora_compare.sessions.errors import AnswerRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import Item, PairRef, Reviewer, ReviewSession
    from sora_compare.sessions.admission import Admission
    from sora_compare.store.repositories.sessions import SessionRepository
    from sora_compare.store.store import Store

STRAIGHT_LINE, TOO_FAST = "straight-lining", "faster than the clip"
SIDES = ("left", "right")
LEAST_SCORES_FOR_A_LINE = 4
MOST_MARKERS, MARKER_LIMIT = 100, 1_000
MOST_REVISIONS = 50
"""So often one reviewer may score one pair: every revision is kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer gave for one item, by side.

    Attributes:
        scores: criterion to (left, right); None in it means "not applicable".
        preference: -3..3, negative for the left.
        markers: (side, seconds from the clip's start, text).
        has_watched: whether both clips were played to their end.
    """

    scores: dict[Criterion, tuple[int | None, int | None]]
    preference: int | None = None
    note: str = ""
    markers: tuple[tuple[str, float, str], ...] = ()
    drift: Drift | None = None
    has_watched: bool = False
    spent_s: float | None = None


class Scoring:
    """Hands out items and takes answers."""

    def __init__(self, store: Store, repository: SessionRepository, admission: Admission) -> None:
        self._store = store
        self._repository = repository
        self._admission = admission
        self.reveals = store.reveals

    def answers(self, reviewer: Reviewer) -> dict[str, Review]:
        """This reviewer's last revision for each item, by item id."""
        return answers_among(valid(self._store.reviews.of_all(_comparisons(reviewer))), reviewer)

    def takes(self, item: Item) -> tuple[Take, Take]:
        """The takes shown on the left and on the right.

        Raises:
            AnswerRefused: one of them has no clip.
        """
        latest = latest_attempts(self._store.takes.of(item.pair.comparison_id))
        arms = (item.only, item.only) if item.only else (item.left, _other(item.left))
        found = [latest.get((item.pair.repeat, arm)) for arm in arms if arm]
        left, right = found
        if left is None or right is None or left.clip is None or right.clip is None:
            raise AnswerRefused("One of these clips is missing: tell whoever invited you.")
        return left, right

    def clips_of(self, pair: PairRef) -> dict[ArmLabel, Clip]:
        """The clips of a pair's arms, A first.

        Raises:
            AnswerRefused: one of them is missing.
        """
        latest = latest_attempts(self._store.takes.of(pair.comparison_id))
        takes = {arm: latest.get((pair.repeat, arm)) for arm in ArmLabel}
        found = {arm: take.clip for arm, take in takes.items() if take and take.clip}
        if len(found) < len(ArmLabel):
            raise AnswerRefused("One of these clips is missing: tell whoever invited you.")
        return found

    def is_blind(self, session: ReviewSession, pair: PairRef) -> bool:
        """Whether reviewers of the pair have nothing but the pictures to go by. Raises AnswerRefused as `clips_of`."""
        a, b = self.clips_of(pair).values()
        return session.protocol.is_blind and can_be_blind(a, b, is_levelled=session.protocol.levels_clips)

    def submit(self, reviewer_id: str, item_id: str, answer: Answer) -> Review:
        """Check an answer and append it; a second one for the same item becomes its next revision.

        Raises:
            SessionOver: the session takes no answers, or not from this reviewer any more; the draft is kept.
            AnswerRefused: not this reviewer's item, not watched to the end, or scored too often.
            UsageError: scores, preference or note break a rule; all that is wrong is said.
        """
        reviewer = self._repository.reviewer(reviewer_id)
        session = self._admission.open_session(reviewer.session_id)
        item = next((one for one in reviewer.items if one.id == item_id), None)
        if item is None:
            raise AnswerRefused("That pair is not one of yours. Load the page again.")
        if session.protocol.must_watch and not answer.has_watched:
            raise AnswerRefused("Watch both clips to the end first, then score them.")
        _check(session, answer)
        self._check_revisions(reviewer, item)
        left, right = self.takes(item)
        review = _review(session, reviewer, item, (left, right), answer)
        review = replace(review, is_blind=self.is_blind(session, item.pair))
        with self._store.transaction():
            # Removed meanwhile: a score that came behind the withdrawal would count.
            self._repository.reviewer(reviewer_id)
            return self._store.reviews.add(self._after_reveal(review, session, reviewer, item))

    def _check_revisions(self, reviewer: Reviewer, item: Item) -> None:
        given = [
            one
            for one in self._store.reviews.of(item.pair.comparison_id)
            if (one.session, one.reviewer, one.item) == (reviewer.session_id, reviewer.name, item.id)
        ]
        if len(given) >= MOST_REVISIONS:
            raise AnswerRefused(
                f"You have scored this pair {MOST_REVISIONS} times, and no more is kept: the last scores stand. "
                "Tell whoever invited you if they are wrong."
            )

    def _after_reveal(self, review: Review, session: ReviewSession, reviewer: Reviewer, item: Item) -> Review:
        """The review with what its reviewer had been shown before: by a presenter, or at the end of the list."""
        shown = self.reveals.of(reviewer.id, session.id)
        is_presented = self._repository.is_revealed(session.id, item.pair)
        if not (shown.models or is_presented):
            return review
        saw_others = shown.scores or is_presented
        return replace(review, is_after_reveal=True, saw_others=saw_others, flags=(*review.flags, AFTER_REVEAL))


def answers_among(reviews: Iterable[Review], reviewer: Reviewer) -> dict[str, Review]:
    """Of these reviews, the reviewer's last revision for each item, by item id."""
    latest: dict[str, Review] = {}
    there = _comparisons(reviewer)
    for review in reviews:
        is_own = review.session == reviewer.session_id and review.reviewer == reviewer.name
        if not (is_own and review.item and review.comparison_id in there):
            continue
        if review.revision >= getattr(latest.get(review.item), "revision", 0):
            latest[review.item] = review
    return latest


def _comparisons(reviewer: Reviewer) -> set[str]:
    return {item.pair.comparison_id for item in reviewer.items}


def _check(session: ReviewSession, answer: Answer) -> None:
    """What the browser may have been made to send; ranges of scores are a rule of every review."""
    missing = [one for one in session.criteria if one not in answer.scores]
    if missing:
        raise AnswerRefused(
            f"Still to score for both clips: {', '.join(missing)}. Choose “n/a” where nothing is to judge."
        )
    if not set(answer.scores) <= set(session.criteria):
        raise AnswerRefused("These scores are not for this session. Load the page again.")
    if len(answer.markers) > MOST_MARKERS or any(len(text) > MARKER_LIMIT for _, _, text in answer.markers):
        raise AnswerRefused(
            f"There can be {MOST_MARKERS} marks of up to {MARKER_LIMIT} characters: shorten or remove some."
        )


def _review(session: ReviewSession, reviewer: Reviewer, item: Item, takes: tuple[Take, Take], answer: Answer) -> Review:
    left, right = item.left, _other(item.left)
    is_a_left = left is ArmLabel.A
    scores = tuple(
        Score(criterion, arm, value)
        for criterion, values in answer.scores.items()
        for arm, value in zip((left, right), values, strict=True)
    )
    preference = answer.preference
    return Review(
        id=new_identifier("rvw"),
        comparison_id=item.pair.comparison_id,
        repeat=item.pair.repeat,
        takes=(takes[0].id, takes[1].id) if is_a_left else (takes[1].id, takes[0].id),
        reviewer=reviewer.name,
        created=time.time(),
        scores=scores,
        preference=preference if preference is None or is_a_left else -preference,
        note=answer.note,
        markers=tuple(Marker(left if side == SIDES[0] else right, at_s, text) for side, at_s, text in answer.markers),
        drift=answer.drift,
        session=session.id,
        item=item.id,
        kind=item.kind,
        left=item.left,
        spent_s=answer.spent_s,
        flags=_flags(answer, max(take.clip.duration_s for take in takes if take.clip)),
    )


def _flags(answer: Answer, clip_s: float) -> tuple[str, ...]:
    """What looks careless: shown to the owner, never refused."""
    given = [value for values in answer.scores.values() for value in values if value is not None]
    flags = []
    if len(given) >= LEAST_SCORES_FOR_A_LINE and len(set(given)) == 1:
        flags.append(STRAIGHT_LINE)
    if answer.spent_s is not None and answer.spent_s < clip_s:
        flags.append(TOO_FAST)
    return tuple(flags)


def _other(arm: ArmLabel) -> ArmLabel:
    return ArmLabel.B if arm is ArmLabel.A else ArmLabel.A
