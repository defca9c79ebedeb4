"""Matrix products on one thread.

The products of an analysis are many and small. Spread over the cores of a busy machine their threads wait for each
other: the same analysis then takes up to ten times as long as on one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """While it lasts, the linear algebra of this process uses one thread."""
    limits: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limits


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
