"""The life of a session: paused, closed, changed, deleted and brought back; reviewers who are removed."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.reviews import Evidence, counted
from sora_compare.domain.sessions import SessionStatus
from sora_compare.errors import Conflict, UnknownRecord, UsageError
from sora_compare.evidence.index.review_index import EvidenceIndex
from sora_compare.evidence.selection import Selection
from sora_compare.evidence.tables import score_rows
from sora_compare.sessions.admin import RESTORABLE_S
from sora_compare.sessions.errors import NameTaken, SessionPaused
from sora_compare.store.repositories.sessions import SessionOver
from sora_compare.store.tables import reviewers, sessions, takes
from tests.commands.terminal import run
from tests.sessions import stock
from tests.sessions.test_scoring import HERE, answer, joined

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Reviewer, ReviewSession
    from sora_compare.services import Services

BY = "Kim"


def score_everything(house: Services, reviewer: Reviewer, **changes: Any) -> None:  # noqa: ANN401  # fields of Answer
    for item in reviewer.items:
        house.sessions.scoring.submit(reviewer.id, item.id, answer(**changes))


def counting(house: Services) -> int:
    """How many reviews decide, as the results read them."""
    ratings = EvidenceIndex(house.store).ratings()
    assert len(ratings.deciding(Evidence.ALL).reviewer) == sum(
        len(counted(house.store.reviews.of(one.id), Evidence.ALL)) for one in house.store.comparisons.list()
    )
    return len(ratings.deciding(Evidence.ALL).reviewer)


def test_a_paused_session_takes_nothing_until_it_is_resumed(house: Services, session: ReviewSession) -> None:
    reviewer, (_, token) = joined(house, session), house.sessions.admission.invite(session.id)
    paused = house.sessions.admin.pause(session, by=BY)
    with pytest.raises(SessionPaused, match="goes on by itself"):
        house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer())
    with pytest.raises(SessionPaused):
        house.sessions.admission.join(token, "Ben", HERE)
    house.sessions.admin.resume(paused, by=BY)
    house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer())
    assert house.sessions.admission.join(token, "Ben", HERE).number == 1


def test_a_closed_session_opens_again_and_one_past_its_deadline_wants_another(
    house: Services, session: ReviewSession
) -> None:
    admin, reviewer = house.sessions.admin, joined(house, session)
    closed = admin.close(admin.pause(session))
    assert closed.status(time.time()) is SessionStatus.CLOSED
    with pytest.raises(SessionOver, match="closed"):
        house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer())
    reopened = admin.reopen(closed)
    assert reopened.status(time.time()) is SessionStatus.OPEN, "and not paused any more"
    late = admin.close(admin.change(reopened, deadline=time.time() - 1))
    with pytest.raises(UsageError, match="give it a later one"):
        admin.reopen(late)
    admin.reopen(admin.change(late, deadline=None))
    house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer())


def test_every_change_is_in_the_audit_log_with_who_made_it(house: Services, session: ReviewSession) -> None:
    house.sessions.admin.change(session, by=BY, title="Autumn review", reviewers_wanted=5)
    (found,) = [one for one in house.store.audit_trail() if one["event"] == "session changed"]
    assert (found["by"], found["session"]) == (BY, session.id)
    assert found["before"] == {"reviewers_wanted": 3, "title": "Spring review"}
    assert found["after"] == {"reviewers_wanted": 5, "title": "Autumn review"}
    with pytest.raises(Conflict):
        house.sessions.admin.close(session)


@pytest.mark.parametrize("problem", [{"title": " "}, {"reviewers_wanted": 0}, {"reviewers_wanted": 101}])
def test_a_change_that_makes_no_sense_is_refused(
    problem: dict[str, Any], house: Services, session: ReviewSession
) -> None:
    with pytest.raises(UsageError):
        house.sessions.admin.change(session, **problem)
    assert house.sessions.repository.session(session.id) == session


def test_a_deleted_session_comes_back_as_it_was_with_its_links(house: Services, session: ReviewSession) -> None:
    admin, reviewer, (_, token) = (
        house.sessions.admin,
        joined(house, session),
        house.sessions.admission.invite(session.id),
    )
    score_everything(house, reviewer)
    admin.delete(session, by=BY)
    assert list(house.sessions.repository.sessions()) == []
    with pytest.raises(SessionOver, match="ended by its owner"):
        house.sessions.admission.join(token, "Ben", HERE)
    with pytest.raises(UnknownRecord):
        admin.close(session)
    assert counting(house) == 3, "reviews stay"
    admin.restore(session.id, by=BY)
    assert [one.id for one in house.sessions.repository.sessions()] == [session.id]
    house.sessions.admission.join(token, "Ben", HERE)


def test_what_was_deleted_long_ago_is_gone(house: Services, session: ReviewSession) -> None:
    admin, repository = house.sessions.admin, house.sessions.repository
    house.sessions.admission.invite(session.id)
    admin.delete(session)
    kept = repository.any_session(session.id)
    repository.save(replace(kept, deleted_at=time.time() - RESTORABLE_S - 1))
    with pytest.raises(UnknownRecord):
        admin.restore(session.id)
    admin.delete(stock.new_session(house, session.pairs))
    assert len(list(repository.deleted_sessions())) == 1
    assert repository.invitations(session.id) == []


def test_a_removed_reviewer_is_out_and_their_scores_count_on(house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    personal = house.sessions.admission.personal_token(reviewer)
    score_everything(house, reviewer)
    house.sessions.admin.remove_reviewer(reviewer, with_scores=False, by=BY)
    assert house.sessions.repository.reviewers(session.id) == []
    with pytest.raises(SessionOver, match="removed you"):
        house.sessions.admission.come_back(personal, HERE)
    with pytest.raises(SessionOver, match="removed you"):
        house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer())
    assert counting(house) == 3
    with pytest.raises(NameTaken):
        joined(house, session)
    assert joined(house, session, "Ben").number == 1, "no draw is given twice"


def test_with_their_scores_nothing_of_a_removed_reviewer_counts_and_nothing_is_lost(
    house: Services, session: ReviewSession
) -> None:
    ana, ben = joined(house, session), joined(house, session, "Ben")
    for _ in range(2):
        score_everything(house, ana)
    score_everything(house, ben)
    index = EvidenceIndex(house.store)
    assert len(index.ratings().deciding(Evidence.ALL).reviewer) == 6
    house.sessions.admin.remove_reviewer(ana, with_scores=True, by=BY)
    assert len(index.ratings().deciding(Evidence.ALL).reviewer) == 3, "what has read them before, too"
    assert counting(house) == 3
    progress = house.sessions.progress.of(session)
    assert [one.reviewer.name for one in progress.reviewers] == ["Ben"]
    assert set(progress.per_pair.values()) == {1}
    assert house.sessions.presenter.spread(session, session.pairs[0]).reviewers == 1
    rows = [row for row in score_rows(house.store) if row["reviewer"] == "Ana"]
    assert len(rows) == 2 * 3 * 6, "every score that was given is in the export"
    assert not any(row["is_current"] or row["is_independent"] for row in rows)


def test_the_name_of_somebody_whose_scores_were_withdrawn_is_free(house: Services, session: ReviewSession) -> None:
    first = joined(house, session)
    score_everything(house, first)
    house.sessions.admin.remove_reviewer(first, with_scores=True)
    again = joined(house, session, "ANA")
    assert (again.number, house.sessions.scoring.answers(again)) == (1, {})
    score_everything(house, again)
    assert counting(house) == 3


def test_records_that_cannot_be_read_hide_themselves_alone(house: Services, session: ReviewSession) -> None:
    ana, ben = joined(house, session), joined(house, session, "Ben")
    other = stock.new_session(house, session.pairs)
    database = house.store.database
    database.run(sessions.update().where(sessions.c.id == other.id), {"details": '{"title": 7}'})
    database.run(reviewers.update().where(reviewers.c.id == ana.id), {"details": "{}"})
    assert [one.id for one in house.sessions.repository.sessions()] == [session.id]
    assert house.sessions.repository.reviewers(session.id) == [ben]
    assert len(house.store.damaged) == 2
    take = next(house.store.takes.list())
    database.run(takes.update().where(takes.c.id == take.id), {"details": "{}", "other_model": "another"})
    assert house.results.other_models(Selection()) == ()
    looked = run("doctor", "--json", home=house.settings.home)
    (found,) = [one for one in looked.document["findings"] if one["what"] == "records"]
    assert "3 cannot be read and are left out everywhere" in found["sentence"]
    named = (f"sessions {other.id}", f"reviewers {ana.id}", f"takes {take.id}")
    assert all(name in found["sentence"] for name in named)
