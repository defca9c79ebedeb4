"""The order in which reviews came in, so that a reader who knows how far it got reads only what is new.

Keys of reviews sort by comparison and not by time, hence this list beside them. Reviews written before there was a list
get their numbers, in one transaction, the first time somebody asks or appends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.store.records import Records

ORDER, COUNTERS = "review_order", "counters"
COUNTER = "reviews"
REVIEWS = "reviews"
DIGITS = 12


def append(records: Records, key: str) -> None:
    """Number one more review; call inside the transaction that writes it, after it was written."""
    number = _counted(records)
    if number is None:
        _number_all(records)
        return
    records.put(ORDER, _place(number), {"review": key})
    records.put(COUNTERS, COUNTER, {"next": number + 1})


def length(records: Records) -> int:
    """How many reviews have a number; gives every review one where there is no list yet."""
    number = _counted(records)
    if number is None and not any(records.scan(REVIEWS, limit=1)):
        return 0  # nothing to number, and nothing to be written where nothing can be
    if number is None:
        with records.transaction():
            number = _counted(records)
            if number is None:
                number = _number_all(records)
    return number


def keys_from(records: Records, number: int) -> list[str]:
    """Keys of the reviews from that number on, oldest first."""
    before = _place(number - 1) if number else ""
    return [str(value["review"]) for _, value in records.scan(ORDER, after=before)]


def _number_all(records: Records) -> int:
    number = 0
    for number, (key, _) in enumerate(records.scan(REVIEWS), start=1):
        records.put(ORDER, _place(number - 1), {"review": key})
    if number:
        records.put(COUNTERS, COUNTER, {"next": number})
    return number


def _counted(records: Records) -> int | None:
    kept = records.get(COUNTERS, COUNTER)
    return int(kept["next"]) if kept else None


def _place(number: int) -> str:
    return f"{number:0{DIGITS}d}"
