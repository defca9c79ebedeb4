"""What was computed of the evidence, kept until the evidence changes: many look, few review."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Found = TypeVar("Found")


class Memory:
    """The results of the last questions, each with the version of the evidence it came from; safe between threads."""

    def __init__(self, most: int) -> None:
        """Keep the answers to that many different questions."""
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[Hashable, Any]] = {}

    def get(self, question: Hashable, version: Hashable, compute: Callable[[], Found]) -> Found:
        """The answer that was computed at that version, or a new one."""
        with self._lock:
            seen, found = self._kept.get(question, (None, None))
        if seen == version:
            answer: Found = found
            return answer
        answer = compute()
        with self._lock:
            self._kept.pop(question, None)
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[question] = version, answer
        return answer
