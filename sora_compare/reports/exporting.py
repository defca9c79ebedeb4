"""Everything there is as a file: scores and takes as CSV, Parquet or JSON, and the rating matrix that sureal reads."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pandas as pd

from sora_compare.evidence.tables import SCORE_COLUMNS, as_csv, score_rows, take_rows

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.evidence.tables import Row
    from sora_compare.store.store import Store

SCORES, TAKES = "scores", "takes"


def exported(store: Store, files: ClipFiles, what: str, form: str) -> bytes:
    """Scores or takes as a file.

    Args:
        store: what is exported: all of it, whatever a page has chosen.
        files: where the clips are; takes name their paths.
        what: "scores" or "takes"; JSON has both whatever is asked.
        form: "csv", "parquet" or "json".
    """
    if form == "json":
        record = {SCORES: list(score_rows(store)), TAKES: list(take_rows(store, files))}
        return (json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()
    rows = list(score_rows(store) if what == SCORES else take_rows(store, files))
    columns = SCORE_COLUMNS if what == SCORES else tuple(rows[0] if rows else ("comparison",))
    return as_csv(rows, columns).encode() if form == "csv" else _as_parquet(rows, columns)


def _as_parquet(rows: list[Row], columns: tuple[str, ...]) -> bytes:
    """Typed columns; text stays as it is, since no spreadsheet runs formulas from Parquet."""
    flat = [
        {name: json.dumps(value) if isinstance(value, (list, dict)) else value for name, value in row.items()}
        for row in rows
    ]
    out = io.BytesIO()
    pd.DataFrame(flat, columns=list(columns)).to_parquet(out, index=False)
    return out.getvalue()
