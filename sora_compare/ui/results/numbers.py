"""The numbers behind a chart: as a table, as a file, with the method that made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from sora_compare.evidence.tables import as_csv
from sora_compare.evidence.words import UNKNOWN
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.statistics.results import Result, Span

Row = dict[str, Any]
DIGITS = 3


def numbers(name: str, rows: Sequence[Row], *results: Result | None, is_open: bool = False) -> None:
    """The rows as a table and as a CSV file; the methods of `results` below."""
    if not rows:
        return
    place = st.container() if is_open else st.expander("Numbers", icon=":material/table:")
    with place:
        st.dataframe(
            pd.DataFrame(list(rows)),
            hide_index=True,
            placeholder=UNKNOWN,
            alt=f"The numbers of {name}",
            key=f"results/table/{name}",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                "CSV",
                as_csv(rows, rows[0]),
                file_name=f"sora-compare-{name.replace(' ', '-')}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                key=f"results/csv/{name}",
            )
            if methods(*results):
                st.caption(f"Method: {methods(*results)}.")


def methods(*results: Result | None) -> str:
    """The methods with their versions, each once."""
    record = dict.fromkeys(f"{one.method} (version {one.version})" for one in results if one)
    return escape_markdown("; ".join(record))


def rounded(value: float | None, digits: int = DIGITS) -> float | None:
    """For a table: None stays, and shows as not known."""
    return None if value is None else round(value, digits) + 0.0


def spanned(name: str, span: Span) -> Row:
    """An estimate and its interval as three columns."""
    return {name: rounded(span.mean), f"{name}, low": rounded(span.low), f"{name}, high": rounded(span.high)}
