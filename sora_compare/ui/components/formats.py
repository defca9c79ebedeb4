"""How figures, times and stored text are written for people."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE, HOUR, DAY = 60, 3600, 86_400
LITTLE = 10
EXCERPT = 90
NOTHING = "\N{EN DASH}"
JOINER = "\u2060"
_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&@^=/\"'])")
_NAMED = re.compile(r":(?=[A-Za-z+\-])")


def escape_markdown(text: str) -> str:
    """Text that a Markdown element shows as it is: no emphasis, links, HTML, formulas, icons or colours.

    Names between colons become icons after escapes were resolved, so that an invisible joiner parts them.
    """
    one_line = " ".join(text.split())
    return _NAMED.sub(f":{JOINER}", _ACTIVE.sub(r"\\\1", one_line))


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text in one line."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else f"{one_line[: length - 1].rstrip()}…"


def distinct(words: Mapping[str, str]) -> dict[str, str]:
    """The words for each key, with a number behind those that would come twice.

    Streamlit tells the options of a list apart by their words alone: of two alike, only the last can be chosen.
    """
    seen: Counter[str] = Counter()
    record = {}
    for key, word in words.items():
        seen[word] += 1
        record[key] = word if seen[word] == 1 else f"{word} ({seen[word]})"
    return record


def seconds(value: float | None) -> str:
    """A duration: 3.2 s, 45 s, 2 min 5 s."""
    if value is None:
        return NOTHING
    if value < LITTLE:
        return f"{value:.1f} s"
    if value < MINUTE:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), MINUTE)
    return f"{minutes} min {rest} s"


def dollars(value: float | None) -> str:
    """An amount in US dollars, escaped for Markdown."""
    return "unknown" if value is None else rf"\${value:,.2f}"


def number(value: float | None, digits: int = 1) -> str:
    """A figure, or a dash when there is none."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def size(bytes_: float) -> str:
    """A file's size or room on a disk."""
    for unit in ("B", "kB", "MB"):
        if bytes_ < 1000:  # noqa: PLR2004  # the step between units
            return f"{bytes_:.0f} {unit}" if unit == "B" else f"{bytes_:.1f} {unit}"
        bytes_ /= 1000
    return f"{bytes_:.1f} GB"


def ago(moment: float) -> str:
    """How long ago a moment was, then its date once it is more than a day."""
    past = max(0.0, time.time() - moment)
    if past < MINUTE:
        return "just now"
    if past < HOUR:
        return f"{past // MINUTE:.0f} min ago"
    if past < DAY:
        return f"{past // HOUR:.0f} h ago"
    return date(moment)


def date(moment: float) -> str:
    """Day and time in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
