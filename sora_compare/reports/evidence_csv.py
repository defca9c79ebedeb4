"""Outside ratings from a CSV file: columns prompt, reviewer, arm, criterion, score; tags may follow.

Anything that is not a score is refused with its line, all of it at once: half of a file would give half of a verdict.
An empty score, or one of the usual words for missing, is missing data.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError
from sora_compare.statistics.ratings import ARMS, Group, Ratings, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = ("prompt", "reviewer", "arm", "criterion", "score")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
LARGEST = 1_000_000.0
"""No rating scale goes beyond; larger numbers are mistakes that would drown all others."""
SHOWN = 10
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    prompt: str
    reviewer: str
    arm: str
    criterion: str
    score: float | None
    tags: tuple[str, ...]


def read_ratings(path: Path) -> Ratings:
    """Ratings from a file.

    Two arms may have any names: those other than A and B become A and B in alphabetical order.

    Raises:
        UsageError: the file cannot be read, lacks a column, has more than two arms or a row that is no rating.
    """
    broken: list[str] = []
    rows = list(_rows(path, broken))
    if broken:
        more = f" And {len(broken) - SHOWN} more." if len(broken) > SHOWN else ""
        raise UsageError(f"{path.name} has rows that are no ratings. {' '.join(broken[:SHOWN])}{more}")
    arms = _arms(path, {row.arm for row in rows})
    ratings = table([(row.prompt, row.reviewer, arms[row.arm], row.criterion, row.score) for row in rows])
    tags: dict[str, tuple[str, ...]] = {}
    for row in rows:
        tags[row.prompt] = tuple(dict.fromkeys((*tags.get(row.prompt, ()), *row.tags)))
    names = {label: name for name, label in arms.items()}
    return replace(
        ratings,
        pairs=replace(ratings.pairs, tags=tuple(tags.get(prompt, ()) for prompt in ratings.pairs.prompts)),
        groups=(Group(model_a=names.get("A", "A"), model_b=names.get("B", "B"), origin="imported"),),
    )


def _arms(path: Path, names: set[str]) -> dict[str, str]:
    if len(names) > len(ARMS):
        raise UsageError(f"{path.name} has {len(names)} arms ({', '.join(sorted(names))}): compare two at a time.")
    if names <= set(ARMS):
        return {name: name for name in names}
    return dict(zip(sorted(names), ARMS, strict=False))


def _rows(path: Path, broken: list[str]) -> Iterator[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=max(DELIMITERS, key=first.count), strict=True)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            lacking = [name for name in COLUMNS if name not in reader.fieldnames]
            if lacking:
                raise UsageError(f"{path.name} lacks the column {', '.join(lacking)}: name them in its first line.")
            for cells in reader:
                row = _row(reader.line_num, {name: value for name, value in cells.items() if name}, broken)
                if row:
                    yield row
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path.name} is not a CSV file in UTF-8 ({error}).") from error


def _row(line: int, cells: dict[str, str | None], broken: list[str]) -> _Row | None:
    told = {name: (cells.get(name) or "").strip() for name in (*COLUMNS, "tags")}
    empty = [name for name in COLUMNS[:-1] if not told[name]]
    if empty:
        broken.append(f"Line {line} has no {empty[0]}.")
        return None
    try:
        score = None if told["score"].lower() in MISSING else float(told["score"])
    except ValueError:
        broken.append(f"Line {line}: “{told['score'][:40]}” is no number.")
        return None
    if score is not None and not (math.isfinite(score) and abs(score) <= LARGEST):
        broken.append(f"Line {line}: {told['score'][:40]} is beyond any rating scale.")
        return None
    tags = tuple(tag.strip() for tag in told["tags"].replace(";", ",").split(",") if tag.strip())
    return _Row(line, told["prompt"], told["reviewer"], told["arm"], told["criterion"], score, tags)
