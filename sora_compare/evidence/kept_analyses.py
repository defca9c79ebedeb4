"""Analyses in the local cache, so that the first screen of a fresh process computes nothing.

What lies there is JSON that names our own classes, and nothing else is ever made from it. The key holds what the
analysis rests on: the store, the reviews, the question, the rules, and the files of the statistics that computed it.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import math
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sora_compare import statistics
from sora_compare.domain.reviews import Evidence
from sora_compare.evidence.set_aside import SetAside
from sora_compare.statistics.analysis import Analysis, CriterionResult
from sora_compare.statistics.estimators.crossed import Estimate, Scope
from sora_compare.statistics.estimators.preference import Strengths
from sora_compare.statistics.planning import Needed
from sora_compare.statistics.results import Span
from sora_compare.statistics.reviewers.agreement import Agreement
from sora_compare.statistics.reviewers.one_by_one import ReviewerFigures
from sora_compare.statistics.reviewers.p910 import Subjects
from sora_compare.statistics.rules import Rules
from sora_compare.statistics.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.store.cache import LocalCache

FORMAT = 1
CLASSES = {
    one.__name__: one
    for one in (
        Analysis, CriterionResult, Estimate, Strengths, Needed, Span, Agreement, ReviewerFigures, Subjects, Rules,
        Judgement, SetAside,
    )
}  # fmt: skip
ENUMS: dict[str, type[Enum]] = {one.__name__: one for one in (Evidence, Scope, Verdict)}
DTYPES = frozenset({"float64", "int64", "bool"})
Found = tuple[Analysis, SetAside]


def kept(cache: LocalCache | None, rests_on: object, compute: Callable[[], Found]) -> Found:
    """What the cache holds for that, or what is computed, which is kept there.

    Args:
        cache: where; nowhere when None.
        rests_on: everything that the result depends on, told apart by its `repr`.
        compute: makes it.
    """
    if cache is None:
        return compute()
    key = f"analysis/{FORMAT}/{hashlib.sha256(f'{rests_on!r} {_statistics()}'.encode()).hexdigest()}"
    try:
        analysis, aside = from_json(cache.get(key))
    except (TypeError, ValueError, KeyError, AttributeError):
        analysis = aside = None
    if isinstance(analysis, Analysis) and isinstance(aside, SetAside):
        return analysis, aside
    found = compute()
    cache.set(key, to_json(found))
    return found


@cache
def _statistics() -> str:
    """Changes with every change of a file of the statistics."""
    files = sorted(Path(statistics.__file__).parent.rglob("*.py"))
    return " ".join(f"{path.name}:{path.stat().st_mtime_ns}:{path.stat().st_size}" for path in files)


def to_json(value: Any) -> Any:  # noqa: ANN401  # a tree of our classes
    """A result as JSON, each part with what it is."""
    if isinstance(value, Enum):
        return {"is": type(value).__name__, "value": value.value}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"is": "float", "value": repr(value)}
    if isinstance(value, tuple):
        return {"is": "tuple", "value": [to_json(one) for one in value]}
    if isinstance(value, dict):
        return {"is": "dict", "value": [[name, to_json(one)] for name, one in value.items()]}
    if isinstance(value, np.generic):
        return to_json(value.item())
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {"is": "array", "dtype": value.dtype.name, "shape": list(value.shape), "value": data}
    fields = {one.name: to_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
    return {"is": type(value).__name__, "value": fields}


def from_json(value: Any) -> Any:  # noqa: ANN401  # a tree of our classes
    """What `to_json` was given.

    Raises:
        TypeError, ValueError, KeyError: it is something else.
    """
    if not isinstance(value, dict):
        return value
    kind, inner = value["is"], value["value"]
    if kind == "tuple":
        return tuple(from_json(one) for one in inner)
    if kind == "dict":
        return {str(name): from_json(one) for name, one in inner}
    if kind == "float":
        return float(inner)
    if kind == "array":
        if value["dtype"] not in DTYPES:
            raise ValueError(value["dtype"])
        return np.frombuffer(base64.b64decode(inner), dtype=value["dtype"]).reshape(value["shape"])
    if kind in ENUMS:
        return ENUMS[kind](inner)
    return CLASSES[kind](**{name: from_json(one) for name, one in inner.items()})
