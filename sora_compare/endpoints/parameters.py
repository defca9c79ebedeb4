"""Which field of a create a server refused: by its own word, or by a message that is about the clip's length."""

from __future__ import annotations

import re
from typing import Any

from sora_compare.endpoints.dialects import read_error

NAME_FIELDS = ("param", "parameter", "field")
PLACE_FIELD = "loc"
"""FastAPI and pydantic name the field as the last entry of `loc`."""
LENGTH = "seconds"
LENGTH_FIELDS = (LENGTH, "duration", "n_seconds", "video_length", "duration_seconds")
LENGTH_WORDS = re.compile(
    r"(?<![\d.] )(?<![\d.])\b(?:(?:n_)?seconds|durations?|(?:clip|video)[ _]length)\b", re.IGNORECASE
)
"""A number before the word makes it a span of time, such as "try again in 20 seconds"."""
NAME_LIMIT = 80
DEEPEST = 6


def refused_parameter(body: object) -> str | None:
    """The refused field in the JSON of a refusal, or None where none is named.

    Whatever the server calls the clip's length, here it is "seconds".
    """
    named = _named(body, DEEPEST)
    if named:
        return LENGTH if named.casefold() in LENGTH_FIELDS else named[:NAME_LIMIT]
    return LENGTH if LENGTH_WORDS.search(read_error(body)[0]) else None


def _named(body: object, levels: int) -> str | None:
    if not levels:
        return None
    if isinstance(body, list):
        return next((found for one in body[:3] if (found := _named(one, levels - 1))), None)
    if not isinstance(body, dict):
        return None
    return _own_name(body) or next((found for one in body.values() if (found := _named(one, levels - 1))), None)


def _own_name(fields: dict[str, Any]) -> str | None:
    place = fields.get(PLACE_FIELD)
    last = place[-1] if isinstance(place, list) and place else None
    return next(
        (one for one in (*(fields.get(name) for name in NAME_FIELDS), last) if one and isinstance(one, str)), None
    )
