"""Evidence of other origins: counted and said wherever figures rest on one origin alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.takes import MOST_TELLING

if TYPE_CHECKING:
    from collections.abc import Mapping

MIXED = "mixed"
"""The origin of a pair whose clips have different ones."""


def not_counted(counts: Mapping[str, int], what: str) -> str:
    """A sentence such as "Not counted: 10 simulated pairs and 2 imported pairs."; empty when nothing is left out.

    Args:
        counts: by origin.
        what: is counted, in the singular.
    """
    order = [str(one) for one in MOST_TELLING]
    known = sorted(counts, key=lambda one: order.index(one) if one in order else len(order))
    lines = [f"{counts[one]} {one} {what}{'' if counts[one] == 1 else 's'}" for one in known if counts[one]]
    return f"Not counted: {' and '.join(lines)}." if lines else ""
