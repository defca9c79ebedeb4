"""Every code in an error's body, wherever it is nested: servers put the one that says why into `innererror`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.problems import ProblemKind, kind_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_FIELDS = ("code", "type", "status_code", "reason")
NESTED_FIELDS = ("error", "errors", "innererror", "inner_error", "details", "detail", "cause", "data")
DEEPEST, WIDEST = 6, 5
"""Levels of nesting, and entries of a list, in which codes are looked for."""
CODE_LIMIT = 100
"""Characters; longer texts are messages."""


def error_codes(body: object, *, levels: int = DEEPEST) -> tuple[str, ...]:
    """Codes and types in an error's body, outer ones first; empty when there are none."""
    return tuple(_codes(body, levels))


def _codes(body: object, levels: int) -> Iterator[str]:
    if not levels:
        return
    if isinstance(body, list):
        for entry in body[:WIDEST]:
            yield from _codes(entry, levels - 1)
    if not isinstance(body, dict):
        return
    for name in CODE_FIELDS:
        if isinstance(code := body.get(name), str) and len(code) <= CODE_LIMIT:
            yield code
    for name in NESTED_FIELDS:
        yield from _codes(body.get(name), levels - 1)


def kind_of_job_error(body: object, *words: str | None) -> ProblemKind:
    """Why a job ended without a clip: by the codes in its answer and by what it says, else just failed."""
    return kind_in_words(*words, *error_codes(body)) or ProblemKind.FAILED
