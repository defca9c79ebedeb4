"""The index of reviews against the store, and outside ratings from files."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks._reviews import a_review, comparison_id, filled_store
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.sessions import ReviewSession
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UsageError
from sora_compare.evidence.findings import Results
from sora_compare.evidence.ratings_csv.reading import read_ratings
from sora_compare.evidence.review_index import EvidenceIndex
from sora_compare.evidence.selection import Selection
from sora_compare.sessions.session_repository import SessionRepository
from sora_compare.statistics.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.statistics.ratings import Ratings
    from sora_compare.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = filled_store(tmp_path / "records", prompts=6, reviewers=3)
    yield opened
    opened.close()


def _told(ratings: Ratings) -> set[tuple[object, ...]]:
    scores = np.nan_to_num(ratings.scores, nan=-1)
    return {
        (ratings.pairs.names[pair], ratings.reviewers[who], tuple(scores[:, :, row].ravel().tolist()))
        for row, (pair, who) in enumerate(zip(ratings.pair, ratings.reviewer, strict=True))
    }


def test_a_new_review_is_added_and_a_correction_takes_its_place(store: Store) -> None:
    index = EvidenceIndex(store)
    before = index.ratings()
    found = _told(before)
    store.add_review(a_review(comparison_id(2), 9, [[4, 8]] * 3, 77))
    assert len(index.ratings()) == len(before) + 1 == 19
    store.add_review(a_review(comparison_id(2), 9, [[1, 2]] * 3, 78))
    after = index.ratings()
    assert len(after) == 19
    assert {one for one in _told(after) if one[1] == "reviewer 9"} == {
        (f"{comparison_id(2)}:0", "reviewer 9", (1.0, 2.0) * 3 + (-1.0,) * 4)
    }
    assert _told(before) == found, "a table that was given out changed"


def test_reading_on_gives_the_same_as_reading_all(store: Store) -> None:
    index, draw = EvidenceIndex(store), random.Random(5)  # noqa: S311  # a repeatable draw, no secret
    for number in range(60):
        scores = [[draw.randint(1, 10), draw.randint(1, 10)] for _ in range(3)]
        store.add_review(a_review(comparison_id(draw.randrange(6)), draw.randrange(8), scores, 1000 + number))
        if draw.random() < 0.4:
            index.ratings()
    assert _told(index.ratings()) == _told(EvidenceIndex(store).ratings())


def test_a_fresh_process_goes_on_from_the_file(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "index" / "reviews.npz"
    first = EvidenceIndex(store, file)
    first.ratings()
    first.save()
    store.add_review(a_review(comparison_id(1), 9, [[4, 8]] * 3, 77))
    asked: list[int] = []
    read = store.reviews_from
    store.reviews_from = lambda number: asked.append(number) or read(number)  # type: ignore[method-assign,func-returns-value]
    assert _told(EvidenceIndex(store, file).ratings()) == _told(first.ratings())
    assert asked[0] == 18, "everything was read again"


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_a_damaged_file_is_no_loss(store: Store, tmp_path: Path, damage: bytes | None) -> None:
    file = tmp_path / "reviews.npz"
    index = EvidenceIndex(store, file)
    index.ratings()
    index.save()
    file.write_bytes(file.read_bytes()[:500] if damage is None else damage)
    assert len(EvidenceIndex(store, file).ratings()) == 18


def test_a_file_of_another_store_is_not_believed(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "reviews.npz"
    other = filled_store(tmp_path / "other", prompts=9, reviewers=3)
    index = EvidenceIndex(other, file)
    index.ratings()
    index.save()
    other.close()
    assert len(EvidenceIndex(store, file).ratings()) == 18


def test_reviews_from_before_there_was_an_order_are_found_once(store: Store) -> None:
    """The fixture writes reviews as older versions did: without a number."""
    assert store.records.count("review_order") == 0
    store.add_review(a_review(comparison_id(0), 9, [[4, 8]] * 3, 77))
    reviews, mark = store.reviews_from(0)
    assert (len(reviews), mark) == (19, 19)
    store.add_review(a_review(comparison_id(0), 8, [[4, 8]] * 3, 78))
    assert [one.reviewer for one in store.reviews_from(mark)[0]] == ["reviewer 8"]


def test_a_selection_narrows_what_counts(store: Store) -> None:
    results = Results(store)
    everything = results.findings()
    assert everything.origins == ("live",)
    assert len(everything.takes) == 12
    tagged = results.findings(Selection(tag="tag0"))
    assert {one.prompt for one in tagged.comparisons} == {"prompt 0", "prompt 5"}
    assert tagged.analysis.criteria["physics"].n_prompts == 2
    assert results.findings(Selection(origins=("simulated",))).analysis.criteria == {}
    early = Selection(until=everything.ratings.at.min() + 1)
    assert results.findings(early).analysis.criteria["physics"].n_reviews == 1


def test_a_changed_margin_is_kept_audited_and_said(store: Store) -> None:
    results = Results(store)
    results.rules.change(Rules(margin=1.0), by="Ada")
    findings = Results(store).findings()
    assert findings.analysis.rules.margin == 1.0
    assert any("changed after 18 reviews, by Ada" in message for message in findings.warnings)
    assert [event["event"] for event in store.audit_trail()] == ["rules changed"]


GOOD = "prompt,reviewer,arm,criterion,score\n"


def _read(tmp_path: Path, text: str, *arms: str) -> Ratings:
    path = tmp_path / "ratings.csv"
    path.write_text(text, "utf-8")
    return read_ratings(path, *arms).ratings


def test_ratings_are_read_with_gaps_other_separators_and_a_mark(tmp_path: Path) -> None:
    text = "\ufeffPrompt;Reviewer;Arm;Criterion;Score;tags\n"
    text += "a cat;ada;old;physics;7;cats, fast\na cat;ada;new;physics;;\na dog;ada;old;physics;N/A;\n"
    found = _read(tmp_path, text, "new", "old")
    assert (len(found), found.missing(0)) == (2, 2)
    assert found.pairs.tags == (("cats", "fast"), ())
    assert dataclasses.astuple(found.groups[0])[1::2] == ("new", "old", "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + "a,ada,A,physics,7\nb,ada,A,physics,seven\n", "Line 3: “seven” is no number."),
        (GOOD + "a,ada,A,physics,inf\n", "Line 2: inf is beyond any rating scale."),
        (GOOD + "a,ada,A,physics,1e30\n", "Line 2: 1e30 is beyond any rating scale."),
        (GOOD + "a,,A,physics,7\n", "Line 2 has no reviewer."),
        (GOOD + "a,ada\n", "Line 2 has no arm."),
        ("prompt,arm,score\na,A,7\n", "lacks the column reviewer, criterion"),
        ("", "lacks the column prompt, reviewer"),
        (GOOD + "".join(f"a,ada,{arm},physics,7\n" for arm in "ABC"), "has 3 arms (A, B, C)"),
        (GOOD + '"a,ada,A,physics,7\n', "is not a CSV file"),
    ],
)
def test_what_is_no_rating_is_refused_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        _read(tmp_path, text)
    assert sentence in str(refused.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_ratings(tmp_path / "nothing.csv")


def test_a_session_is_about_its_own_arms_whatever_met_last(store: Store) -> None:
    store.add_review(dataclasses.replace(a_review(comparison_id(2), 9, [[4, 8]] * 3, 77), session="ses_1"))
    newer = dataclasses.replace(
        store.comparison(comparison_id(5)),
        id="cmp_999999",
        arms=(Arm(ArmLabel.A, "lab", "other-1"), Arm(ArmLabel.B, "lab", "other-2")),
    )
    store.plan(newer, [])
    results = Results(store)
    assert results.analysis(Selection()).criteria == {}, "nobody has reviewed what met last"
    assert results.analysis(Selection(session="ses_1")).criteria["physics"].n_reviews == 1


def test_the_latest_analysis_is_kept_until_a_review_comes_in_or_the_rules_change(store: Store) -> None:
    results, chosen = Results(store), Selection()
    first = results.latest(chosen)
    assert results.latest(chosen) is first
    store.add_review(a_review(comparison_id(2), 9, [[4, 8]] * 3, 77))
    second = results.latest(chosen)
    assert (first.n_reviews, second.n_reviews) == (18, 19)
    results.rules.change(Rules(margin=2.0))
    assert results.latest(chosen).rules.margin == 2.0


def test_the_rules_of_the_one_session_hold_for_its_reviews(store: Store) -> None:
    session = ReviewSession("ses_1", "Ours", 0.0, (), 1, margin=1.5)
    SessionRepository(store.records).add(session)
    only = filled_store_in_session(store, session.id)
    assert Results(only).analysis().rules.margin == Rules().margin, "reviews outside the session count too"
    assert Results(only).analysis(Selection(session=session.id)).rules.margin == 1.5


def filled_store_in_session(store: Store, session: str) -> Store:
    review = a_review(comparison_id(1), 30, [[4, 8]] * 3, 99)
    store.add_review(dataclasses.replace(review, session=session))
    return store
