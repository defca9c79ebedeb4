"""What the store promises, over every implementation of the seam."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sora_compare.domain.comparisons import Arm, Comparison, SuiteRun
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.reviews import ASKED, Review, Score, current
from sora_compare.domain.takes import ArmLabel, Take, TakeState
from sora_compare.errors import Conflict, TamperedRecord, UnknownRecord, UsageError
from sora_compare.store.store import COMPARISONS, TAKES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.store.records import Records
    from sora_compare.store.store import Store

ONE_STORE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def strategy(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Anything of that dataclass, as its annotations say; floats are finite, as JSON wants them."""
    st.register_type_strategy(float, NUMBERS)
    named = "name" if kind is Endpoint else "id"
    return st.builds(kind, **{named: st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)})


def comparison(**details: Any) -> Comparison:  # noqa: ANN401  # the fields of Comparison
    arms = (Arm(ArmLabel.A, "simulator", "old"), Arm(ArmLabel.B, "simulator", "new"))
    known: dict[str, Any] = {
        "id": new_identifier("cmp"), "prompt": "a ball falls", "settings": ClipSettings(8, "1280x720"), "arms": arms,
        "created": 1.0,
    }  # fmt: skip
    return Comparison(**{**known, **details})


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
    store.plan(kept, takes)
    assert store.comparison(kept.id) == kept
    assert [store.take(take.id) for take in takes] == takes


@ONE_STORE
@given(kept=strategy(SuiteRun), endpoint=strategy(Endpoint))
def test_suite_runs_and_endpoints_come_back_equal(store: Store, kept: SuiteRun, endpoint: Endpoint) -> None:
    store.save_suite_run(kept)
    store.save_endpoint(endpoint)
    assert store.suite_run(kept.id) == kept
    assert endpoint in store.endpoints()
    store.delete_endpoint(endpoint.name)
    assert endpoint not in store.endpoints()


@ONE_STORE
@given(given_review=strategy(Review), note=st.text(st.characters(codec="utf-8"), max_size=200))
def test_reviews_come_back_equal(store: Store, given_review: Review, note: str) -> None:
    sound = dataclasses.replace(
        given_review, reviewer="Ada", note=note, preference=3, scores=review().scores, comparison_id=new_identifier("c")
    )
    assert store.reviews_of(sound.comparison_id) == []
    kept = store.add_review(sound)
    assert kept == dataclasses.replace(sound, revision=0)
    assert store.reviews_of(sound.comparison_id) == [kept]


# Comparisons and takes


def test_comparisons_come_newest_first_and_in_pages(store: Store) -> None:
    made = [comparison(id=new_identifier("cmp", at_s=float(second))) for second in range(25)]
    for one in (*made[1::2], *made[::2]):
        store.plan(one, [])
    newest_first = [one.id for one in reversed(made)]
    assert [one.id for one in store.comparisons()] == newest_first
    pages: list[str] = []
    while page := [one.id for one in store.comparisons(limit=10, before=pages[-1] if pages else None)]:
        assert len(page) <= 10
        pages += page
    assert pages == newest_first


def test_a_plan_is_kept_as_a_whole_or_not_at_all(store: Store, make_take: Callable[..., Take]) -> None:
    planned = comparison()
    broken = make_take(comparison_id=planned.id, estimated_dollars=float("nan"))
    with pytest.raises(ValueError, match="JSON"):
        store.plan(planned, [make_take(comparison_id=planned.id), broken])
    assert not store.has_comparison(planned.id)
    assert list(store.takes()) == []
    assert store.open_takes() == []


def test_takes_of_a_comparison_are_its_own_in_the_order_of_planning(
    store: Store, make_take: Callable[..., Take]
) -> None:
    takes = [make_take(id=new_identifier("take", at_s=float(n)), comparison_id=f"cmp_{n % 2}") for n in range(6)]
    store.plan(comparison(id="cmp_0"), takes[::2])
    store.plan(comparison(id="cmp_1"), takes[1::2])
    store.add_take(make_take(comparison_id="cmp_0x"))
    assert store.takes_of("cmp_0") == takes[::2]
    assert store.takes_of("cmp_1") == takes[1::2]
    assert store.takes_of("cmp_2") == []


def test_takes_since_a_moment_are_those_planned_from_then_on(store: Store, make_take: Callable[..., Take]) -> None:
    for second in (10.0, 20.0, 30.0):
        store.add_take(make_take(id=new_identifier("take", at_s=second), moments=make_take().moments))
    assert len(list(store.takes_since(20.0))) == 2
    assert len(list(store.takes_since(20.001))) == 1
    assert len(list(store.takes_since(0.0))) == 3


def test_a_take_is_open_until_its_outcome(store: Store, make_take: Callable[..., Take]) -> None:
    take = make_take()
    store.add_take(take)
    for state in TakeState:
        take = store.save_take(dataclasses.replace(take, state=state))
        assert store.open_takes() == ([] if state.is_outcome else [take.id])
        assert store.take(take.id).state is state


def test_saving_needs_the_version_that_was_read(store: Store, make_take: Callable[..., Take]) -> None:
    store.add_take(make_take(id="take_1"))
    first, second = store.take("take_1"), store.take("take_1")
    saved = store.save_take(dataclasses.replace(first, state=TakeState.SUBMITTING))
    assert saved.version == first.version + 1
    with pytest.raises(Conflict, match="changed by somebody else"):
        store.save_take(dataclasses.replace(second, state=TakeState.CANCELLED))
    assert store.take("take_1") == saved
    with pytest.raises(Conflict):
        store.save_take(make_take(id="take_never_kept"))


def test_only_a_completed_take_of_our_own_answers_the_same_request(
    store: Store, make_take: Callable[..., Take]
) -> None:
    store.add_take(make_take(id="take_failed", fingerprint="f", state=TakeState.FAILED))
    store.add_take(make_take(id="take_copy", fingerprint="f", state=TakeState.COMPLETED, cached_from="take_0"))
    assert store.completed_take("f") is None
    take = make_take(id="take_good", fingerprint="f")
    store.add_take(take)
    store.save_take(dataclasses.replace(take, state=TakeState.COMPLETED))
    found = store.completed_take("f")
    assert found is not None
    assert found.id == "take_good"
    assert store.completed_take("g") is None


# Reviews


def test_a_correction_is_a_new_revision_and_the_first_stays(store: Store) -> None:
    first = store.add_review(review(note="first"))
    second = store.add_review(review(note="second"))
    other = store.add_review(review(reviewer="Grace"))
    elsewhere = store.add_review(review(repeat=1))
    assert [one.revision for one in (first, second, other, elsewhere)] == [0, 1, 0, 0]
    assert {one.note for one in store.reviews_of("cmp_1")} == {"first", "second", ""}
    assert {one.id for one in current(store.reviews_of("cmp_1"))} == {second.id, other.id, elsewhere.id}


def test_reviews_of_one_comparison_do_not_mix_with_those_of_another(store: Store) -> None:
    for comparison_id in ("cmp_1", "cmp_10", "cmp_", "cmp_2"):
        store.add_review(review(comparison_id=comparison_id))
    assert [one.comparison_id for one in store.reviews_of("cmp_1")] == ["cmp_1"]
    assert len(list(store.reviews())) == 4


def test_a_review_that_breaks_a_rule_is_not_kept_and_all_is_said(store: Store) -> None:
    with pytest.raises(UsageError, match=r"Still to score.*Your name is missing"):
        store.add_review(review(scores=(), reviewer=" "))
    assert list(store.reviews()) == []


# Drafts, preferences, the trail


def test_a_draft_is_there_until_it_is_dropped(store: Store) -> None:
    assert store.draft("compare") == {}
    store.save_draft("compare", {"prompt": "half a sent"})
    store.save_draft("compare", {"prompt": "half a sentence"})
    assert store.draft("compare") == {"prompt": "half a sentence"}
    assert store.draft("other") == {}
    store.delete_draft("compare")
    store.delete_draft("compare")
    assert store.draft("compare") == {}


def test_a_preference_replaces_the_one_before(store: Store) -> None:
    assert store.setting("budget") == {}
    store.set_setting("budget", {"per_day": 5})
    store.set_setting("budget", {"per_day": 6})
    assert store.setting("budget") == {"per_day": 6}


def test_the_trail_tells_every_event_in_order(store: Store) -> None:
    for number in range(12):
        store.audit("sent", number=number)
    found = list(store.audit_trail())
    assert [event["number"] for event in found] == list(range(12))
    assert all(event["event"] == "sent" for event in found)


# What is not there, and what somebody else wrote


@pytest.mark.parametrize("kind", ["comparison", "take", "suite_run"])
def test_what_is_not_there_is_a_sentence(store: Store, kind: str) -> None:
    with pytest.raises(UnknownRecord, match=r"There is no .* “nothing”"):
        getattr(store, kind)("nothing")


def test_a_record_with_a_field_of_a_newer_version_is_read(store: Store, records: Records) -> None:
    kept = comparison()
    store.plan(kept, [])
    found = records.get(COMPARISONS, kept.id)
    assert found is not None
    records.put(COMPARISONS, kept.id, {**found, "added_next_year": 1})
    assert store.comparison(kept.id) == kept


@pytest.mark.parametrize(
    "change", [{"arm": "C"}, {"moments": None}, {"state": "exploded"}, {"clip": {"width": "<script>"}}]
)
def test_a_record_of_another_shape_is_a_sentence(
    store: Store, records: Records, make_take: Callable[..., Take], change: dict[str, Any]
) -> None:
    take = make_take()
    record = TypeAdapter(Take).dump_python(take, mode="json")
    records.put(TAKES, take.id, {**record, **change})
    with pytest.raises(TamperedRecord, match="take, field"):
        store.take(take.id)
    records.put(TAKES, take.id, {})
    other = make_take()
    store.add_take(other)
    assert list(store.takes()) == [other]
    assert records.damaged.names == [f"takes {take.id}"]
