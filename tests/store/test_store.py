"""What the store promises, over both databases."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sora_compare.domain.comparisons import Arm, Comparison, SuiteRun
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import ASKED, Review, Score, current
from sora_compare.domain.takes import ArmLabel, Take, TakeState
from sora_compare.errors import Conflict, TamperedRecord, UnknownRecord, UsageError
from sora_compare.store.codec import from_json, to_json
from sora_compare.store.tables import arms, comparisons, takes
from tests.store.filling import add_takes, comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.store.store import Store

ONE_STORE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def strategy(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Anything of that dataclass, as its annotations say; floats are finite, as JSON wants them."""
    st.register_type_strategy(float, NUMBERS)
    named = "name" if kind is Endpoint else "id"
    words = st.text(st.characters(codec=None), max_size=30)
    fixed: dict[type[Any], dict[str, st.SearchStrategy[Any]]] = {
        Comparison: {"arms": st.tuples(*(st.builds(Arm, st.just(label), words, words) for label in ArmLabel))},
    }
    names = {named: st.text(st.characters(codec=None), min_size=1, max_size=30)}
    return st.builds(kind, **names, **fixed.get(kind, {}), **({} if kind is not Comparison else {"prompt": words}))


def review(**details: Any) -> Review:  # noqa: ANN401  # the fields of Review
    scores = tuple(Score(criterion, arm, 7) for criterion in ASKED for arm in ArmLabel)
    known: dict[str, Any] = {
        "id": new_identifier("rev"), "comparison_id": "cmp_1", "repeat": 0, "takes": ("take_1", "take_2"),
        "reviewer": "Ada", "created": 1.0, "scores": scores, "is_blind": True,
    }  # fmt: skip
    return Review(**{**known, **details})


# Every kept class comes back as it was


@ONE_STORE
@given(kept=strategy(Comparison), takes=st.lists(strategy(Take), max_size=2, unique_by=lambda one: one.id))
def test_comparisons_and_takes_come_back_equal(store: Store, kept: Comparison, takes: list[Take]) -> None:
    kept, takes = (
        dataclasses.replace(kept, id=new_identifier("cmp") + kept.id, version=0),
        [
            dataclasses.replace(
                take,
                comparison_id=kept.id,
                arm=ArmLabel.A,
                repeat=n,
                attempt=0,
                version=0,
                id=new_identifier("take") + take.id,
            )
            for n, take in enumerate(takes)
        ],
    )
    takes = [dataclasses.replace(take, comparison_id=kept.id) for take in takes]
    store.comparisons.add(kept, takes)
    assert store.comparisons.get(kept.id) == kept
    assert [store.takes.get(take.id) for take in takes] == takes


@ONE_STORE
@given(kept=strategy(SuiteRun), endpoint=strategy(Endpoint))
def test_suite_runs_and_endpoints_come_back_equal(store: Store, kept: SuiteRun, endpoint: Endpoint) -> None:
    store.suite_runs.save(kept)
    store.endpoints.save(endpoint)
    assert store.suite_runs.get(kept.id) == kept
    assert endpoint in store.endpoints.list()
    store.endpoints.delete(endpoint.name)
    assert endpoint not in store.endpoints.list()


@ONE_STORE
@given(given_review=strategy(Review), note=st.text(st.characters(codec="utf-8"), max_size=200))
def test_reviews_come_back_equal(store: Store, given_review: Review, note: str) -> None:
    sound = dataclasses.replace(
        given_review, reviewer="Ada", note=note, preference=3, scores=review().scores, comparison_id=new_identifier("c")
    )
    sound = dataclasses.replace(sound, repeat=0, session=None, item=None)
    store.comparisons.add(comparison(id=sound.comparison_id), [])
    assert store.reviews.of(sound.comparison_id) == []
    kept = store.reviews.add(sound)
    assert kept == dataclasses.replace(sound, revision=0)
    assert store.reviews.of(sound.comparison_id) == [kept]


# Comparisons and takes


def test_comparisons_come_newest_first_and_in_pages(store: Store) -> None:
    made = [comparison(id=new_identifier("cmp", at_s=float(second))) for second in range(25)]
    for one in (*made[1::2], *made[::2]):
        store.comparisons.add(one, [])
    newest_first = [one.id for one in reversed(made)]
    assert [one.id for one in store.comparisons.list()] == newest_first
    pages: list[str] = []
    while page := [one.id for one in store.comparisons.list(limit=10, after=pages[-1] if pages else None)]:
        assert len(page) <= 10
        pages += page
    assert pages == newest_first


def test_a_plan_is_kept_as_a_whole_or_not_at_all(store: Store, make_take: Callable[..., Take]) -> None:
    planned = comparison()
    broken = make_take(comparison_id=planned.id, estimated_dollars=float("nan"))
    with pytest.raises(ValueError, match="JSON"):
        store.comparisons.add(planned, [make_take(comparison_id=planned.id), broken])
    assert not store.comparisons.has(planned.id)
    assert list(store.takes.list()) == []
    assert store.takes.open() == []


def test_takes_of_a_comparison_are_its_own_in_the_order_of_planning(
    store: Store, make_take: Callable[..., Take]
) -> None:
    planned = [make_take(id=new_identifier("take", at_s=float(n)), comparison_id=f"cmp_{n % 2}") for n in range(6)]
    takes = add_takes(store, *planned)
    add_takes(store, make_take(comparison_id="cmp_0x"))
    assert store.takes.of("cmp_0") == takes[::2]
    assert store.takes.of("cmp_1") == takes[1::2]
    assert store.takes.of("cmp_2") == []


def test_takes_since_a_moment_are_those_planned_from_then_on(store: Store, make_take: Callable[..., Take]) -> None:
    for second in (10.0, 20.0, 30.0):
        add_takes(store, make_take(id=new_identifier("take", at_s=second)))
    assert len(list(store.takes.since(20.0))) == 2
    assert len(list(store.takes.since(20.001))) == 1
    assert len(list(store.takes.since(0.0))) == 3


def test_a_take_is_open_until_its_outcome(store: Store, make_take: Callable[..., Take]) -> None:
    (take,) = add_takes(store, make_take())
    for state in TakeState:
        take = store.takes.save(dataclasses.replace(take, state=state))
        assert store.takes.open() == ([] if state.is_outcome else [take.id])
        assert store.takes.get(take.id).state is state


def test_saving_needs_the_version_that_was_read(store: Store, make_take: Callable[..., Take]) -> None:
    add_takes(store, make_take(id="take_1"))
    first, second = store.takes.get("take_1"), store.takes.get("take_1")
    saved = store.takes.save(dataclasses.replace(first, state=TakeState.SUBMITTING))
    assert saved.version == first.version + 1
    with pytest.raises(Conflict, match="changed by somebody else"):
        store.takes.save(dataclasses.replace(second, state=TakeState.CANCELLED))
    assert store.takes.get("take_1") == saved
    with pytest.raises(Conflict):
        store.takes.save(make_take(id="take_never_kept"))


def test_only_a_completed_take_of_our_own_answers_the_same_request(
    store: Store, make_take: Callable[..., Take]
) -> None:
    add_takes(store, make_take(id="take_failed", fingerprint="f", state=TakeState.FAILED))
    add_takes(store, make_take(id="take_copy", fingerprint="f", state=TakeState.COMPLETED, cached_from="take_0"))
    assert store.takes.answer_to("f") is None
    (take,) = add_takes(store, make_take(id="take_good", fingerprint="f"))
    store.takes.save(dataclasses.replace(take, state=TakeState.COMPLETED))
    found = store.takes.answer_to("f")
    assert found is not None
    assert found.id == "take_good"
    assert store.takes.answer_to("g") is None


# Reviews


def test_a_correction_is_a_new_revision_and_the_first_stays(store: Store) -> None:
    store.comparisons.add(comparison(id="cmp_1"), [])
    first = store.reviews.add(review(note="first"))
    second = store.reviews.add(review(note="second"))
    other = store.reviews.add(review(reviewer="Grace"))
    elsewhere = store.reviews.add(review(repeat=1))
    assert [one.revision for one in (first, second, other, elsewhere)] == [0, 1, 0, 0]
    assert {one.note for one in store.reviews.of("cmp_1")} == {"first", "second", ""}
    assert {one.id for one in current(store.reviews.of("cmp_1"))} == {second.id, other.id, elsewhere.id}


def test_reviews_of_one_comparison_do_not_mix_with_those_of_another(store: Store) -> None:
    for comparison_id in ("cmp_1", "cmp_10", "cmp_", "cmp_2"):
        store.comparisons.add(comparison(id=comparison_id), [])
        store.reviews.add(review(comparison_id=comparison_id))
    assert [one.comparison_id for one in store.reviews.of("cmp_1")] == ["cmp_1"]
    assert len(list(store.reviews.list())) == 4


def test_a_review_that_breaks_a_rule_is_not_kept_and_all_is_said(store: Store) -> None:
    with pytest.raises(UsageError, match=r"Still to score.*Your name is missing"):
        store.reviews.add(review(scores=(), reviewer=" "))
    assert list(store.reviews.list()) == []


# Drafts, preferences, the trail


def test_a_draft_is_there_until_it_is_dropped(store: Store) -> None:
    assert store.drafts.get("compare") == {}
    store.drafts.save("compare", {"prompt": "half a sent"})
    store.drafts.save("compare", {"prompt": "half a sentence"})
    assert store.drafts.get("compare") == {"prompt": "half a sentence"}
    assert store.drafts.get("other") == {}
    store.drafts.delete("compare")
    store.drafts.delete("compare")
    assert store.drafts.get("compare") == {}


def test_a_preference_replaces_the_one_before(store: Store) -> None:
    assert store.settings.get("budget") == {}
    store.settings.save("budget", {"per_day": 5})
    store.settings.save("budget", {"per_day": 6})
    assert store.settings.get("budget") == {"per_day": 6}


def test_the_trail_tells_every_event_in_order(store: Store) -> None:
    for number in range(12):
        store.audit("sent", number=number)
    found = list(store.audit_trail())
    assert [event["number"] for event in found] == list(range(12))
    assert all(event["event"] == "sent" for event in found)


# What is not there, and what somebody else wrote


@pytest.mark.parametrize("kind", ["comparisons", "takes", "suite_runs"])
def test_what_is_not_there_is_a_sentence(store: Store, kind: str) -> None:
    with pytest.raises(UnknownRecord, match=r"There is no .* “nothing”"):
        getattr(store, kind).get("nothing")


def test_a_record_with_a_field_of_a_newer_version_is_read(store: Store) -> None:
    kept = comparison()
    store.comparisons.add(kept, [])
    details = from_json(store.database.value(select(comparisons.c.details)))
    store.database.run(comparisons.update(), {"details": to_json({**details, "added_next_year": 1})})
    assert store.comparisons.get(kept.id) == kept


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("arm", "C"),
        ("state", "exploded"),
        ("details", "{}"),
        ("details", "not json"),
        ("details", "[]"),
        ("details", '{"clip": {"width": "<script>"}}'),
    ],
)
def test_a_record_of_another_shape_is_a_sentence_and_hides_itself_alone(
    store: Store, make_take: Callable[..., Take], column: str, value: str
) -> None:
    take, other = add_takes(store, make_take(), make_take())
    if column == "arm":
        store.database.run(arms.insert(), {"comparison_id": "cmp_1", "label": "C", "endpoint": "e", "model": "m"})
    store.database.run(takes.update().where(takes.c.id == take.id), {column: value})
    with pytest.raises(TamperedRecord):
        store.takes.get(take.id)
    assert list(store.takes.list()) == [other]
    assert store.damaged.names == [f"takes {take.id}"]
    assert value not in store.damaged.sentence
