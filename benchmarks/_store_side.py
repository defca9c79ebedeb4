"""One process on one store: `python -m benchmarks._store_side HOME` prints seconds as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from typing import TYPE_CHECKING

from benchmarks._reviews import a_review, comparison_id
from sora_compare.services import open_services
from sora_compare.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

SAVES = 100
STARTS = 5


def main() -> None:
    """start, save, save_review: opening all services, one step of a take, one review."""
    starts = [_timed(lambda: open_services(load(), with_runner=False).close()) for _ in range(STARTS)]
    opened = open_services(load(), with_runner=False)
    store = opened.store
    take = next(iter(store.takes.of(comparison_id(3))))
    saves = []
    for number in range(SAVES):
        changed = dataclasses.replace(take, progress=number)
        began = time.perf_counter()
        take = store.takes.save(changed)
        saves.append(time.perf_counter() - began)
    reviews = [a_review(comparison_id(3), 1000 + number, [[5, 6]] * 3, number) for number in range(SAVES)]
    saved_reviews = [_timed(lambda one=one: store.reviews.add(one)) for one in reviews]  # type: ignore[misc]
    opened.close()
    print(json.dumps({"start": starts, "save": saves, "save_review": saved_reviews}))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
    sys.exit(0)
