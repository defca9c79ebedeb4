"""The audit log as files: JSON Lines with the chain in them, and CSV for spreadsheets; and the note of one entry."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError
from sora_compare.evidence.tables import as_csv, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sora_compare.store.audit import Entry

HASH_LENGTH = 64
COLUMNS = (
    "number", "time", "event", "environment", "model", "from", "to", "by", "reason", "facts", "clock_back_s",
    "previous", "hash",
)  # fmt: skip


def as_json_lines(entries: Iterable[Entry]) -> str:
    """One JSON object a line, each with its number and hashes, so that the chain can be checked without us."""
    return "".join(json.dumps(asdict(one), sort_keys=True, ensure_ascii=True) + "\n" for one in entries)


def log_csv(entries: Iterable[Entry]) -> str:
    """One row an event: the common facts in columns of their own, all of them as JSON; formulas are made inert."""
    return as_csv(_rows(entries), COLUMNS)


def _rows(entries: Iterable[Entry]) -> Iterator[dict[str, object]]:
    for one in entries:
        record = {name: one.facts[name] for name in COLUMNS if isinstance(one.facts.get(name), (str, int, float))}
        details = json.dumps(one.facts, sort_keys=True, ensure_ascii=False)
        yield {**record, **asdict(one), "time": moment(one.at), "facts": details}


def noted_entry(text: str) -> tuple[int, str] | None:
    """Number and hash of an entry as somebody noted them; None for no text.

    Raises:
        UsageError: it is something else.
    """
    if not text.strip():
        return None
    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != HASH_LENGTH:
        raise UsageError("A noted entry is NUMBER:HASH, as a verification of the log tells it.")
    return int(number), digest.lower()
