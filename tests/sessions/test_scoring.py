"""Answers: from sides to arms, checked on the server, kept in revisions."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.reviews import AFTER_REVEAL, ASKED, Criterion, Drift
from sora_compare.domain.sessions import PairRef
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UnknownRecord, UsageError
from sora_compare.evidence.tables import SCORE_COLUMNS, as_csv, score_rows
from sora_compare.sessions.errors import AnswerRefused
from sora_compare.sessions.scoring import MOST_REVISIONS, STRAIGHT_LINE, TOO_FAST, Answer
from sora_compare.store.repositories.sessions import SessionOver
from tests.sessions import stock

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Reviewer, ReviewSession
    from sora_compare.services import Services

HERE = "192.0.2.1"
LEFT, RIGHT = 3, 8


def answer(left: int | None = LEFT, right: int | None = RIGHT, **changes: Any) -> Answer:  # noqa: ANN401  # fields of Answer
    details: dict[str, Any] = {"preference": 2, "has_watched": True, "spent_s": 60.0, **changes}
    return Answer(details.pop("scores", dict.fromkeys(ASKED, (left, right))), **details)


def joined(house: Services, session: ReviewSession, name: str = "Ana") -> Reviewer:
    _, token = house.sessions.admission.invite(session.id)
    return house.sessions.admission.join(token, name, HERE)


def test_what_was_given_to_a_side_is_kept_for_the_arm_that_was_there(house: Services, session: ReviewSession) -> None:
    seen = set()
    for name in ("Ana", "Ben"):
        reviewer = joined(house, session, name)
        for item in reviewer.items:
            left, right = house.sessions.scoring.takes(item)
            kept = house.sessions.scoring.submit(reviewer.id, item.id, answer(markers=(("left", 1.5, "slips"),)))
            values = {score.arm: score.value for score in kept.scores}
            assert values == {left.arm: LEFT, right.arm: RIGHT}
            assert kept.preference == (2 if left.arm is ArmLabel.A else -2)
            assert kept.markers[0].arm is left.arm is kept.left
            assert kept.takes == tuple(take.id for take in sorted((left, right), key=lambda one: one.arm))
            seen.add(left.arm)
    assert seen == {ArmLabel.A, ArmLabel.B}


def test_a_correction_is_a_revision_and_the_first_stays(house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    item = reviewer.items[0]
    for right in (8, 9):
        house.sessions.scoring.submit(reviewer.id, item.id, answer(right=right))
    kept = house.store.reviews.of(item.pair.comparison_id)
    assert sorted(one.revision for one in kept) == [0, 1]
    last = house.sessions.scoring.answers(reviewer)[item.id]
    assert {score.value for score in last.scores} == {LEFT, 9}


def test_so_many_revisions_are_kept_of_one_answer_and_no_more(house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    one, other, _ = reviewer.items
    for number in range(MOST_REVISIONS):
        house.sessions.scoring.submit(reviewer.id, one.id, answer(right=1 + number % 10))
    with pytest.raises(AnswerRefused, match="the last scores stand"):
        house.sessions.scoring.submit(reviewer.id, one.id, answer())
    house.sessions.scoring.submit(reviewer.id, other.id, answer())
    assert len(house.sessions.progress.reviews(session)) == MOST_REVISIONS + 1


def test_a_correction_after_the_reveal_is_flagged_for_the_owner_and_in_the_export(house: Services) -> None:
    """As another tab sends it, which was opened before the last page named the models."""
    session = stock.new_session(house, stock.fill_paper_pairs(house, 1), reveals_at_end=True)
    reviewer = joined(house, session)
    (item,) = reviewer.items
    house.sessions.scoring.submit(reviewer.id, item.id, answer())
    house.sessions.scoring.reveals.note(reviewer.id, session.id)
    house.sessions.scoring.submit(reviewer.id, item.id, answer(left=1, right=10))
    (progress,) = house.sessions.progress.of(session).reviewers
    assert progress.flags == (AFTER_REVEAL,)
    rows = csv.DictReader(io.StringIO(as_csv(score_rows(house.store), SCORE_COLUMNS)))
    lines = {(row["revision"], row["is_after_reveal"], row["is_independent"]) for row in rows}
    assert lines == {("0", "False", "True"), ("1", "True", "False")}


def test_careless_answers_are_flagged_and_kept(house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    one, other, careful = reviewer.items
    submit = house.sessions.scoring.submit
    assert submit(reviewer.id, one.id, answer(5, 5)).flags == (STRAIGHT_LINE,)
    assert submit(reviewer.id, other.id, answer(spent_s=0.5)).flags == (TOO_FAST,)
    assert submit(reviewer.id, careful.id, answer()).flags == ()
    (progress,) = house.sessions.progress.of(session).reviewers
    assert progress.flags == (TOO_FAST, STRAIGHT_LINE)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"left": 99}, "whole number from 1 to 10"),
        ({"right": 0}, "whole number from 1 to 10"),
        ({"preference": 4}, "from -3 to 3"),
        ({"note": "x" * 1_000_000}, "shorten it"),
        ({"has_watched": False}, "Watch both clips to the end"),
        ({"scores": {Criterion.PHYSICS: (1, 2)}}, "Still to score"),
        ({"scores": {**dict.fromkeys(ASKED, (1, 2)), Criterion.CLARITY: (1, 2)}}, "not for this session"),
        ({"markers": (("left", 1.0, "x" * 2000),)}, "shorten or remove"),
        ({"markers": (("left", 1.0, "x"),) * 1000}, "shorten or remove"),
        *(({"markers": (("left", at_s, "x"),)}, "at no moment") for at_s in (math.inf, math.nan, -1.0, 1e9, 10**400)),
        *(({"drift": Drift(1.0, odd, 1.0)}, "makes no sense") for odd in (math.inf, math.nan, -1.0, "1", None)),
    ],
)
def test_what_is_sent_by_hand_is_checked(
    changes: dict[str, Any], sentence: str, house: Services, session: ReviewSession
) -> None:
    reviewer = joined(house, session)
    with pytest.raises(UsageError, match=sentence):
        house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer(**changes))
    assert house.sessions.progress.reviews(session) == []


def test_only_ones_own_items_can_be_answered(house: Services, session: ReviewSession) -> None:
    ana, ben = joined(house, session), joined(house, session, "Ben")
    with pytest.raises(AnswerRefused, match="not one of yours"):
        house.sessions.scoring.submit(ana.id, ben.items[0].id, answer())
    with pytest.raises(UnknownRecord):
        house.sessions.scoring.submit("rev_nobody", ana.items[0].id, answer())


def test_a_session_with_criteria_of_its_own_asks_for_those(house: Services) -> None:
    pairs = stock.fill_paper_pairs(house, 1)
    session = house.sessions.admin.create("Clarity", pairs, criteria=(Criterion.CLARITY,))
    reviewer = joined(house, session)
    kept = house.sessions.scoring.submit(
        reviewer.id, reviewer.items[0].id, answer(scores={Criterion.CLARITY: (4, None)})
    )
    assert {score.criterion for score in kept.scores} == {Criterion.CLARITY}


@pytest.mark.parametrize("end", ["close", "delete"])
def test_the_draft_stays_when_the_session_ends_while_it_is_given(
    end: str, house: Services, session: ReviewSession
) -> None:
    reviewer = joined(house, session)
    item = reviewer.items[0]
    house.sessions.repository.change_draft(reviewer.id, item.id, note="half a thought")
    if end == "close":
        house.sessions.admin.change(session, is_closed=True)
    else:
        house.sessions.admin.delete(session)
    with pytest.raises(SessionOver, match="kept; thank you"):
        house.sessions.scoring.submit(reviewer.id, item.id, answer())
    assert house.sessions.repository.draft(reviewer.id, item.id) == {"note": "half a thought"}


def test_two_tabs_do_not_overwrite_each_others_fields(house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    change = house.sessions.repository.change_draft
    change(reviewer.id, "0000-000", note="from one tab")
    change(reviewer.id, "0000-000", values={"physics": [1, 2]})
    draft = house.sessions.repository.draft(reviewer.id, "0000-000")
    assert draft == {"note": "from one tab", "values": {"physics": [1, 2]}}


def test_control_pairs_tell_of_reviewers_and_not_of_arms(house: Services) -> None:
    session = stock.new_session(house, stock.fill_paper_pairs(house), hidden_repeats=2, same_clip_pairs=1)
    reviewer = joined(house, session)
    assert len(reviewer.items) == 6
    for item in reviewer.items:
        is_control = item.kind != "pair"
        house.sessions.scoring.submit(reviewer.id, item.id, answer(1, 1) if is_control else answer(9, 10))
    plain = house.results.ratings().without_checks()
    assert set(plain.scores[plain.is_asked].tolist()) == {9, 10}
    assert all(count == 1 for count in house.sessions.progress.of(session).per_pair.values())
    rows = list(csv.DictReader(io.StringIO(as_csv(score_rows(house.store), SCORE_COLUMNS))))
    assert {row["kind"] for row in rows} == {"pair", "repeat", "same_clip"}
    assert {(row["session"], row["is_current"]) for row in rows} == {(session.id, "True")}


@pytest.mark.parametrize("note", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "\t=1", "<script>x</script>"])
def test_a_note_is_no_formula_in_a_spreadsheet(note: str, house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    house.sessions.scoring.submit(reviewer.id, reviewer.items[0].id, answer(note=note))
    rows = list(csv.DictReader(io.StringIO(as_csv(score_rows(house.store), SCORE_COLUMNS))))
    assert {row["note"] for row in rows} == {note if note.startswith("<") else f"'{note}"}


def test_a_missing_clip_is_said(house: Services, session: ReviewSession) -> None:
    reviewer = joined(house, session)
    gone = house.sessions.admin.create("Gone", (PairRef("cmp_none"),))
    assert gone.id != session.id
    with pytest.raises(AnswerRefused, match="missing"):
        house.sessions.scoring.takes(joined(house, gone, "Ben").items[0])
    assert reviewer.items
