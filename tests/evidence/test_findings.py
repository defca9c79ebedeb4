"""The index of reviews against the store, and outside ratings from files."""

from __future__ import annotations

import dataclasses
import random
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks._reviews import a_review, comparison_id, filled_store
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.sessions import ReviewSession
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UsageError
from sora_compare.evidence.findings import Results
from sora_compare.evidence.index.review_index import EvidenceIndex
from sora_compare.evidence.ratings_csv.reading import read_ratings
from sora_compare.evidence.selection import Selection
from sora_compare.statistics.rules import Rules
from sora_compare.store.cache import LocalCache
from sora_compare.store.tables import reviews, scores

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
    store.reviews.add(a_review(comparison_id(2), 9, [[4, 8]] * 3, 77))
    assert len(index.ratings()) == len(before) + 1 == 19
    store.reviews.add(a_review(comparison_id(2), 9, [[1, 2]] * 3, 78))
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
        store.reviews.add(a_review(comparison_id(draw.randrange(6)), draw.randrange(8), scores, 1000 + number))
        if draw.random() < 0.4:
            index.ratings()
    assert _told(index.ratings()) == _told(EvidenceIndex(store).ratings())


def test_a_fresh_process_goes_on_from_the_cache(store: Store, tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "cache")
    first = EvidenceIndex(store, cache)
    first.ratings()
    first.save()
    store.reviews.add(a_review(comparison_id(1), 9, [[4, 8]] * 3, 77))
    asked: list[int] = []
    read = store.reviews.list
    store.reviews.list = lambda *, after, until: asked.append(after) or read(after=after, until=until)  # type: ignore[method-assign,func-returns-value,assignment]
    assert _told(EvidenceIndex(store, cache).ratings()) == _told(first.ratings())
    assert asked[0] == 18, "everything was read again"


@pytest.mark.parametrize("damage", ["emptied", "bytes", "json", "cut"])
def test_a_damaged_table_is_no_loss(store: Store, tmp_path: Path, damage: str) -> None:
    cache = LocalCache(tmp_path / "cache")
    index = EvidenceIndex(store, cache)
    index.ratings()
    index.save()
    kept = cache.get(index._key)
    assert isinstance(kept, bytes)
    spoilt: dict[str, object] = {"bytes": b"not an archive", "json": {"n": 1}, "cut": kept[:500]}
    if damage == "emptied":
        shutil.rmtree(tmp_path / "cache")
    else:
        cache.set(index._key, spoilt[damage])
    assert len(EvidenceIndex(store, cache).ratings()) == 18


def test_a_table_of_reviews_that_were_replaced_by_others_is_not_believed(store: Store, tmp_path: Path) -> None:
    """A store put back from a backup goes on with other reviews under the same numbers."""
    cache = LocalCache(tmp_path / "cache")
    store.reviews.add(a_review(comparison_id(0), 9, [[4, 8]] * 3, 77))
    index = EvidenceIndex(store, cache)
    index.ratings()
    index.save()
    for table in (scores, reviews):
        column = table.c.review if table is scores else table.c.number
        store.database.run(table.delete().where(column == 19))
    store.reviews.add(a_review(comparison_id(1), 9, [[1, 2]] * 3, 78))
    assert _told(EvidenceIndex(store, cache).ratings()) == _told(EvidenceIndex(store).ratings())


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
    store.reviews.add(dataclasses.replace(a_review(comparison_id(2), 9, [[4, 8]] * 3, 77), session="ses_1"))
    newer = dataclasses.replace(
        store.comparisons.get(comparison_id(5)),
        id="cmp_999999",
        arms=(Arm(ArmLabel.A, "lab", "other-1"), Arm(ArmLabel.B, "lab", "other-2")),
    )
    store.comparisons.add(newer, [])
    results = Results(store)
    assert results.analysis(Selection()).criteria == {}, "nobody has reviewed what met last"
    assert results.analysis(Selection(session="ses_1")).criteria["physics"].n_reviews == 1


def test_the_latest_analysis_is_kept_until_a_review_comes_in_or_the_rules_change(store: Store) -> None:
    results, chosen = Results(store), Selection()
    first = results.latest(chosen)
    assert results.latest(chosen) is first
    store.reviews.add(a_review(comparison_id(2), 9, [[4, 8]] * 3, 77))
    second = results.latest(chosen)
    assert (first.n_reviews, second.n_reviews) == (18, 19)
    results.rules.change(Rules(margin=2.0))
    assert results.latest(chosen).rules.margin == 2.0


def test_the_rules_of_the_one_session_hold_for_its_reviews(store: Store) -> None:
    session = ReviewSession("ses_1", "Ours", 0.0, (), 1, margin=1.5)
    store.sessions.add(session)
    only = filled_store_in_session(store, session.id)
    assert Results(only).analysis().rules.margin == Rules().margin, "reviews outside the session count too"
    assert Results(only).analysis(Selection(session=session.id)).rules.margin == 1.5


def filled_store_in_session(store: Store, session: str) -> Store:
    review = a_review(comparison_id(1), 30, [[4, 8]] * 3, 99)
    store.reviews.add(dataclasses.replace(review, session=session))
    return store
