"""Outside ratings from a CSV file: columns prompt, reviewer, arm, criterion, score; tags and repeat may follow.

Instead of arm and score there can be the columns A and B. Our own export of scores is read as what it was: the reviews
that decide, of the models and the origin it names. Anything that is not a score is refused with its line, all of it at
once: half of a file would give half of a verdict. An empty score, or one of the usual words for it, is missing data.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError
from sora_compare.evidence.ratings_csv.arms import chosen_arms, without_other_models
from sora_compare.evidence.ratings_csv.revisions import with_last_revisions
from sora_compare.evidence.ratings_csv.table import Answered, Row, RowDetails, is_export, ratings_of
from sora_compare.evidence.ratings_csv.text import Sheet, folded, read_sheet
from sora_compare.statistics.ratings import ARMS, PAIR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.statistics.ratings import Ratings

COLUMNS = ("prompt", "reviewer", "arm", "criterion", "score")
WIDE_COLUMNS = ("prompt", "reviewer", "criterion", "a", "b")
MISSING = frozenset({"", "na", "n/a", "#n/a", "#na", "nan", "null", "none", "-"})
LARGEST = 1_000_000.0
"""No rating scale goes beyond; larger numbers are mistakes that would drown all others."""
ROWS_LIMIT = 1_000_000
"""Scores in one file; more would not fit into the memory of a small machine."""
SHOWN = 10
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True, slots=True)
class RatingsFile:
    """What a file holds, and sentences on how it was read."""

    ratings: Ratings
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What is found on the way through a file."""

    broken: list[str] = field(default_factory=list)
    seen: dict[Answered, Row] = field(default_factory=dict)
    dropped: int = 0
    missing: int = 0
    has_comma: bool = False


def read_ratings(
    path: Path, model_a: str | None = None, model_b: str | None = None, *, allows_other_model: bool = False
) -> RatingsFile:
    """Ratings from a file.

    Args:
        path: of the file.
        model_a: which of the file's arms, or of an export's models, is A. Not needed where the arms are named A and B.
        model_b: the same of B.
        allows_other_model: whether pairs of an export count of which the server named another model.

    Raises:
        UsageError: the file cannot be read, lacks a column, has a row that is no rating or contradicts another, or
            does not say which arm is A.
    """
    sheet, reading = read_sheet(path), _Reading()
    rows = list(_rows(sheet, reading))
    if reading.broken:
        more = f" And {len(reading.broken) - SHOWN} more." if len(reading.broken) > SHOWN else ""
        sentence = " ".join(reading.broken[:SHOWN])
        raise UsageError(f"{path.name} has rows that are no ratings. {sentence}{more}")
    chosen = chosen_arms(path.name, rows, model_a, model_b)
    if not allows_other_model:
        chosen = without_other_models(chosen)
    is_exported = is_export(sheet.columns)
    if is_exported:
        chosen = with_last_revisions(chosen)
    notes = [*sheet.notes, *_notes(path.name, reading), *chosen.notes]
    ratings, more_notes = ratings_of(chosen, is_exported=is_exported, columns=sheet.columns)
    return RatingsFile(ratings, (*notes, *more_notes))


def _notes(name: str, reading: _Reading) -> Iterator[str]:
    if reading.dropped:
        rows = "1 row says" if reading.dropped == 1 else f"{reading.dropped} rows say"
        yield f"{rows} in {name} what another row said before: it is counted once."
    if reading.missing:
        rows = "1 row has" if reading.missing == 1 else f"{reading.missing} rows have"
        yield f"{rows} no score in {name}: counted as missing."
    if reading.has_comma:
        yield f"The scores in {name} were read with a decimal comma: 4,7 is 4.7."


def _rows(sheet: Sheet, reading: _Reading) -> Iterator[Row]:
    is_wide = set(WIDE_COLUMNS) <= set(sheet.columns) and not {"arm", "score"} & set(sheet.columns)
    if {"arm", "score", "a", "b"} <= set(sheet.columns):
        raise UsageError(f"{sheet.name} has both arm and score, and A and B: keep one of the two forms.")
    lacking = [name for name in (WIDE_COLUMNS if is_wide else COLUMNS) if name not in sheet.columns]
    if lacking:
        raise UsageError(f"{sheet.name} lacks the column {', '.join(lacking)}: name them in its first line.")
    exported = is_export(sheet.columns)
    for line, cells in sheet.rows(reading.broken):
        for one in _long(cells) if is_wide else (cells,):
            row = _row(line, one, len(cells), sheet, reading, is_exported=exported)
            if row and _is_new(row, reading):
                yield row
        if len(reading.seen) > ROWS_LIMIT:
            raise UsageError(f"{sheet.name} has more than {ROWS_LIMIT:,} scores: split it by criterion.")


def _long(cells: dict[str, str]) -> Iterator[dict[str, str]]:
    """A row with both arms as one for each; without a score where the row ends before it."""
    for arm in ARMS:
        score = cells.get(arm.lower())
        yield {**cells, "arm": arm} if score is None else {**cells, "arm": arm, "score": score}


def _row(
    line: int, cells: dict[str, str], given: int, sheet: Sheet, reading: _Reading, *, is_exported: bool
) -> Row | None:
    empty = [name for name in COLUMNS[:-1] if not cells.get(name)]
    if empty:
        reading.broken.append(f"Line {line} has no {empty[0]}.")
        return None
    score = cells.get("score")
    if score is None:
        reading.broken.append(f"Line {line} has {given} cells for {len(sheet.columns)} columns.")
        return None
    try:
        value = _score(score, reading)
        details = RowDetails.of(cells) if is_exported else RowDetails(repeat=cells.get("repeat") or "")
    except ValueError as error:
        reading.broken.append(f"Line {line}: {error}.")
        return None
    tags = tuple(tag.strip() for tag in (cells.get("tags") or "").replace(";", ",").split(",") if tag.strip())
    prompt, reviewer, arm, criterion = (cells[name] for name in COLUMNS[:-1])
    return Row(line, prompt, reviewer, arm, folded(criterion), value, tags, details)


def _score(text: str, reading: _Reading) -> float | None:
    """The number; None when it is missing. Raises ValueError, with a clause, for anything else."""
    if text.lower() in MISSING:
        return None
    plain = text
    if THOUSANDS.fullmatch(text):
        raise ValueError(f"{text[:40]} may be a decimal or thousands: write it without a comma")
    if DECIMAL_COMMA.fullmatch(text):
        plain, reading.has_comma = text.replace(",", "."), True
    try:
        # Python reads 1_0 as ten, and nobody else does.
        score = float("" if "_" in plain else plain)
    except ValueError as error:
        raise ValueError(f"“{text[:40]}” is no number") from error
    if not (math.isfinite(score) and abs(score) <= LARGEST):
        raise ValueError(f"{text[:40]} is beyond any rating scale")
    return score


def _is_new(row: Row, reading: _Reading) -> bool:
    """Whether no row before answered the same; one that contradicts it is broken."""
    before = reading.seen.setdefault(row.answered, row)
    if before is row:
        # An export is empty where a criterion does not apply, and is long before a review was corrected.
        reading.missing += row.score is None and not row.details.revision
        return True
    if before.score == row.score:
        reading.dropped += 1
        return False
    scores = " and ".join("none" if one.score is None else f"{one.score:g}" for one in (before, row))
    if row.details.kind != PAIR:
        # Exports of earlier releases do not tell apart several items that test the same reviewer on the same pair.
        return True
    reading.broken.append(
        f"Lines {before.line} and {row.line} give two scores of {row.reviewer} for “{row.prompt[:40]}”, {row.arm}, "
        f"{row.criterion}: {scores}. Keep one, or number the pairs in a column repeat."
    )
    return False
