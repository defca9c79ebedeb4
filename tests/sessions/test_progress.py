"""How far a session is, read on as the live view does and read anew: the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.sessions.progress import SessionProgress
from tests.sessions.test_scoring import answer, joined

if TYPE_CHECKING:
    import pytest

    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services
    from sora_compare.sessions.progress import Progress


def _counts(progress: Progress) -> tuple[object, ...]:
    people = {(one.reviewer.name, one.done, one.flags) for one in progress.reviewers}
    return people, progress.per_pair, sorted(one.id for one in progress.reviews)


def test_reading_on_gives_the_same_as_reading_all(house: Services, session: ReviewSession) -> None:
    live, store = house.sessions.progress, house.store
    ana, ben = joined(house, session), joined(house, session, "Ben")
    for reviewer in (ana, ben, ana):
        for item in reviewer.items:
            house.sessions.scoring.submit(reviewer.id, item.id, answer())
            assert _counts(live.of(session)) == _counts(SessionProgress(store, store.sessions).of(session))
    assert [one.done for one in live.of(session).reviewers] == [len(ana.items), len(ben.items)]
    house.sessions.admin.remove_reviewer(ana, with_scores=True, by="Kim")
    assert _counts(live.of(session)) == _counts(SessionProgress(store, store.sessions).of(session))
    assert [one.reviewer.name for one in live.of(session).reviewers] == ["Ben"]


def test_where_nothing_is_new_no_review_is_read(
    house: Services, session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = joined(house, session)
    house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer())
    house.sessions.progress.of(session)
    read: list[int] = []
    of_session = house.store.reviews.of_session
    monkeypatch.setattr(
        house.store.reviews,
        "of_session",
        lambda name, *, after, until: read.append(after) or of_session(name, after=after, until=until),
    )
    assert house.sessions.progress.of(session).reviewers[0].done == 1
    assert read == []
    house.sessions.scoring.submit(reviewer.id, reviewer.items[1].id, answer())
    assert house.sessions.progress.of(session).reviewers[0].done == 2
    assert read == [1]
