"""Analyses in the local cache: the same as computed, believed only where all they rest on is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from benchmarks._reviews import a_review, comparison_id, filled_store
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.takes import ArmLabel
from sora_compare.evidence import findings
from sora_compare.evidence.findings import Results
from sora_compare.evidence.kept_analyses import from_json, to_json
from sora_compare.evidence.selection import Selection
from sora_compare.store.cache import LocalCache
from tests.store.filling import comparison

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = filled_store(tmp_path / "home", prompts=8, reviewers=4)
    yield opened
    opened.close()


@pytest.fixture
def cache(tmp_path: Path) -> LocalCache:
    return LocalCache(tmp_path / "cache")


def _parts(value: Any) -> Any:  # noqa: ANN401  # a tree of results
    """The same with arrays as lists, which can be compared."""
    text = to_json(value)
    assert _same(from_json(text), value)
    return text


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401  # a tree of results
    return to_json(one) == to_json(other) and type(one) is type(other)


def test_a_fresh_process_computes_nothing(store: Store, cache: LocalCache, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Results(store, cache)
    computed = first.latest(Selection())
    first.index.save()
    monkeypatch.setattr(findings, "analyse", lambda *_: pytest.fail("it was computed again"))
    again = Results(store, cache).latest(Selection())
    assert _parts(again) == _parts(computed)


@pytest.mark.parametrize("change", ["review", "selection", "rules", "arms"])
def test_another_question_or_another_review_is_computed(store: Store, cache: LocalCache, change: str) -> None:
    Results(store, cache).latest(Selection())
    results, selection = Results(store, cache), Selection()
    if change == "review":
        store.reviews.add(a_review(comparison_id(2), 9, [[1, 10]] * 3, 77))
    elif change == "arms":
        results.latest(selection)  # other arms met since: without a choice the last ones are meant
        arms = Arm(ArmLabel.A, "lab", "old"), Arm(ArmLabel.B, "lab", "new")
        store.comparisons.add(comparison(id="cmp_9", arms=arms), [])
        assert results.latest(selection).criteria == {}
    elif change == "selection":
        selection = Selection(tag="tag0")
    else:
        results.rules.change(type(results.rules.current())(margin=2.0))
    assert _parts(results.latest(selection)) == _parts(Results(store).latest(selection))


@pytest.mark.parametrize(
    "spoilt",
    [
        b"bytes",
        1,
        [],
        {},
        {"is": "tuple", "value": [1, 2]},
        {"is": "Path", "value": {}},
        {"is": "Analysis", "value": {"criteria": 1}},
        {"is": "array", "dtype": "object", "shape": [1], "value": ""},
        {"is": "tuple", "value": [{"is": "array", "dtype": "int64", "shape": [9], "value": "AAAA"}, 2]},
    ],
)
def test_what_is_damaged_in_the_cache_is_computed_again(store: Store, cache: LocalCache, spoilt: object) -> None:
    kept: list[str] = []
    put = cache.set
    cache.set = lambda key, value: kept.append(key) or put(key, value)  # type: ignore[method-assign,func-returns-value]
    expected = _parts(Results(store, cache).latest(Selection()))
    (key,) = [one for one in kept if one.startswith("analysis/")]
    put(key, spoilt)
    assert _parts(Results(store, cache).latest(Selection())) == expected
