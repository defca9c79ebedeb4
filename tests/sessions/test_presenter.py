"""The stage: what everybody is shown, when players start, and what the reveal does to later answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.reviews import AFTER_REVEAL, Criterion
from sora_compare.domain.sessions import ItemKind, PairRef
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UsageError
from sora_compare.sessions.presenter import LEAD_S, NobodyPresents
from sora_compare.sessions.scoring import Answer

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Item, Reviewer, ReviewSession
    from sora_compare.services import Services


def joined(house: Services, session: ReviewSession, name: str) -> Reviewer:
    return house.sessions.admission.join(house.sessions.admission.invite(session.id)[1], name, "203.0.113.5")


def own(reviewer: Reviewer, pair: PairRef) -> Item:
    return next(one for one in reviewer.items if one.kind is ItemKind.PAIR and one.pair == pair)


def answer(house: Services, session: ReviewSession, who: Reviewer, pair: PairRef, scores: tuple[int, int]) -> None:
    """Score both clips of a pair by arm, on whatever side this reviewer sees them."""
    item = own(who, pair)
    a, b = scores
    sides = (a, b) if item.left is ArmLabel.A else (b, a)
    given = Answer(dict.fromkeys(session.criteria, sides), preference=0, has_watched=True, spent_s=60)
    house.sessions.scoring.submit(who.id, item.id, given)


def test_a_cue_keeps_the_pair_and_is_new_each_time(house: Services, session: ReviewSession) -> None:
    presenter, pair = house.sessions.presenter, session.pairs[1]
    assert presenter.presentation(session.id) is None
    shown = presenter.show(session, pair)
    assert (shown.pair, shown.seek_s, shown.play) == (pair, 0.0, False)
    played = presenter.cue(session, seek_s=2.5, play=True)
    assert (played.pair, played.seek_s, played.play) == (pair, 2.5, True)
    assert played.id != shown.id
    assert presenter.presentation(session.id) == played
    presenter.end(session)
    assert presenter.presentation(session.id) is None


def test_players_that_hear_of_a_cue_at_different_times_start_together(house: Services, session: ReviewSession) -> None:
    presenter = house.sessions.presenter
    presenter.show(session, session.pairs[0])
    played = presenter.cue(session, seek_s=0.0, play=True)
    soon, later = presenter.starts_in_s(played, played.at + 0.2), presenter.starts_in_s(played, played.at + 1.1)
    assert soon + 0.2 == pytest.approx(later + 1.1) == pytest.approx(LEAD_S)
    assert presenter.starts_in_s(played, played.at + 60) == 0.0
    assert presenter.starts_in_s(presenter.cue(session, play=False)) == 0.0


def test_what_is_not_there_cannot_be_presented(house: Services, session: ReviewSession) -> None:
    presenter = house.sessions.presenter
    for without in (presenter.cue, presenter.reveal):
        with pytest.raises(NobodyPresents, match="choose one and show it first"):
            without(session)
    with pytest.raises(UsageError, match="not one of this session"):
        presenter.show(session, PairRef("cmp_other"))


def test_the_reveal_shows_the_spread_by_arm_and_flags_what_comes_later(house: Services, session: ReviewSession) -> None:
    presenter, pair = house.sessions.presenter, session.pairs[0]
    ana, ben, cem = (joined(house, session, name) for name in ("Ana", "Ben", "Cem"))
    presenter.show(session, pair)
    answer(house, session, ana, pair, (3, 8))
    answer(house, session, ben, pair, (5, 7))
    answer(house, session, ben, pair, (4, 7))
    found = presenter.spread(session, pair)
    assert found.reviewers == 2
    assert found.scores[Criterion.PHYSICS, ArmLabel.A] == (3, 4), "the correction counts, what it corrects does not"
    assert found.scores[Criterion.PHYSICS, ArmLabel.B] == (7, 8)
    assert presenter.reveal(session).is_revealed
    assert presenter.cue(session, seek_s=1.0).is_revealed
    answer(house, session, cem, pair, (4, 8))
    flags = {one.reviewer: one.flags for one in house.sessions.progress.reviews(session)}
    assert AFTER_REVEAL in flags["Cem"]
    assert AFTER_REVEAL not in flags["Ana"]
    presenter.show(session, session.pairs[1])
    assert not presenter.presentation(session.id).is_revealed  # type: ignore[union-attr]  # it was just set
    assert presenter.show(session, pair).is_revealed, "what was revealed stays so"
    events = [one for one in house.store.audit_trail() if one["event"] == "scores revealed"]
    assert [one["comparison"] for one in events] == [pair.comparison_id]
