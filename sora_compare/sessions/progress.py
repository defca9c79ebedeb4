"""How far a session is: what was reviewed, by whom, and what looks careless."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.reviews import valid
from sora_compare.domain.sessions import ItemKind, PairRef
from sora_compare.sessions.scoring import answers_among

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Review
    from sora_compare.domain.sessions import Reviewer, ReviewSession
    from sora_compare.store.repositories.sessions import SessionRepository
    from sora_compare.store.store import Store

MOST_READ = 16
"""Sessions whose reviews are kept in memory: those that somebody looks at."""
HERE_S = 15.0
"""A reviewer seen within this time is shown as here."""


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    """How far one reviewer is."""

    reviewer: Reviewer
    done: int
    is_here: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: its reviewers, reviews for each pair, and the last revision of each answer."""

    reviewers: tuple[ReviewerProgress, ...]
    per_pair: dict[PairRef, int]
    reviews: tuple[Review, ...]


class SessionProgress:
    """Reads how far sessions are."""

    def __init__(self, store: Store, repository: SessionRepository) -> None:
        self._store = store
        self._repository = repository
        self._lock = threading.Lock()
        self._read: dict[str, tuple[int, list[Review]]] = {}

    def reviews(self, session: ReviewSession) -> list[Review]:
        """Every review of the session, all revisions, without those that were withdrawn; only what is new is read."""
        with self._lock:
            mark, read = self._read.pop(session.id, (0, []))
            now = self._store.reviews.count()
            if now > mark:
                read = [*read, *self._store.reviews.of_session(session.id, after=mark, until=now)]
            while len(self._read) >= MOST_READ:
                self._read.pop(next(iter(self._read)))
            self._read[session.id] = now, read
        return valid(read)

    def of(self, session: ReviewSession) -> Progress:
        """How far the session is now."""
        reviews = self.reviews(session)
        by_name: dict[str, list[Review]] = defaultdict(list)
        for one in reviews:
            by_name[one.reviewer].append(one)
        last = {(one.reviewer, one.item): one for one in reviews}
        counted = Counter(PairRef(r.comparison_id, r.repeat) for r in last.values() if r.kind == ItemKind.PAIR)
        per_pair = {pair: counted.get(pair, 0) for pair in session.pairs}
        there = self._repository.reviewers(session.id)
        reviewers = tuple(self._of_reviewer(one, by_name[one.name]) for one in there)
        return Progress(reviewers, per_pair, tuple(last.values()))

    def _of_reviewer(self, reviewer: Reviewer, reviews: list[Review]) -> ReviewerProgress:
        answers = answers_among(reviews, reviewer)
        seen = float(self._repository.seen(reviewer.id).get("at", 0.0))
        flags = Counter(flag for review in answers.values() for flag in review.flags)
        named = (flag if count == 1 else f"{flag} ({count} times)" for flag, count in sorted(flags.items()))
        return ReviewerProgress(reviewer, len(answers), time.time() - seen < HERE_S, tuple(named))
