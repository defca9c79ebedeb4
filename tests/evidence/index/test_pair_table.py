"""Reviews of a comparison that cannot be read are left out, and the others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks._reviews import comparison_id, filled_store
from sora_compare.evidence.index.review_index import EvidenceIndex
from sora_compare.store.tables import comparisons

if TYPE_CHECKING:
    from pathlib import Path


def test_a_comparison_that_cannot_be_read_takes_its_own_reviews_alone(tmp_path: Path) -> None:
    store = filled_store(tmp_path / "home", prompts=4, reviewers=3)
    is_one = comparisons.c.id == comparison_id(2)
    store.database.run(comparisons.update().where(is_one), {"details": "{"})
    ratings = EvidenceIndex(store).ratings()
    assert len(ratings) == 9
    assert f"{comparison_id(2)}:0" not in ratings.pairs.names
    assert any(comparison_id(2) in name for name in store.damaged.names)
    store.close()
