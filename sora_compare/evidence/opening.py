"""Opens the results when they are first asked for: what they compute with takes a second to load."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sora_compare.evidence.index.model_pairs import ModelPairsIndex

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Results
    from sora_compare.store.cache import LocalCache
    from sora_compare.store.store import Store


class Evidence:
    """The results of one store and process."""

    def __init__(self, store: Store, cache: LocalCache) -> None:
        self._store = store
        self._cache = cache
        self._lock = threading.Lock()
        self._results: Results | None = None
        self.pairs = ModelPairsIndex(store, cache)

    def results(self) -> Results:
        """The results of the store."""
        with self._lock:
            if self._results is None:
                from sora_compare.evidence.findings import Results  # noqa: PLC0415  # see the module

                self._results = Results(self._store, self._cache)
            return self._results

    def verdicts(self, base: str, candidate: str) -> dict[str, str]:
        """The verdicts on a candidate, by criterion."""
        from sora_compare.evidence.verdicts import stored_verdicts  # noqa: PLC0415  # see the module

        return stored_verdicts(self.results(), base, candidate)

    def close(self) -> None:
        """Keep the table of reviews for the next process."""
        if self._results:
            self._results.index.save()
        self._cache.close()
