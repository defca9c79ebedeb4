"""The report and the exports, made when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.reports.exporting import exported
from sora_compare.reports.matrix import as_matrix
from sora_compare.reports.report_html import as_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.evidence.findings import Findings
    from sora_compare.services import Services

MIMES = {"csv": "text/csv", "json": "application/json", "parquet": "application/vnd.apache.parquet"}
EVERYTHING = (("scores", "csv"), ("scores", "parquet"), ("takes", "csv"), ("takes", "parquet"), ("scores", "json"))


def render_downloads(opened: Services, found: Findings) -> None:
    """Each file is made at the click."""
    st.markdown("**The report** of what is chosen above: one HTML file that opens offline and prints well.")
    _button("Report (HTML)", lambda: as_html(found, opened.files), "report.html", "text/html", is_primary=True)
    if found.analysis.criteria:
        st.markdown("**The rating matrix** of what is chosen above, as sureal reads it.")
        with st.container(horizontal=True):
            for name in found.analysis.criteria:
                _button(f"{name.capitalize()} (JSON)", _matrix(found, name), f"matrix-{name}.json", "application/json")
    st.markdown("**Everything in the store**, whatever is chosen above: one row a score, one row a take.")
    with st.container(horizontal=True):
        for what, form in EVERYTHING:
            words = "Scores and takes" if form == "json" else what.capitalize()
            name = "everything.json" if form == "json" else f"{what}.{form}"
            _button(f"{words} ({'Parquet' if form == 'parquet' else form.upper()})", _file(opened, what, form), name,
                    MIMES[form])  # fmt: skip


def _matrix(found: Findings, criterion: str) -> Callable[[], str]:
    return lambda: as_matrix(found.ratings, criterion)


def _file(opened: Services, what: str, form: str) -> Callable[[], bytes]:
    return lambda: exported(opened.store, opened.files, what, form)


def _button(label: str, make: Callable[[], str | bytes], name: str, mime: str, *, is_primary: bool = False) -> None:
    st.download_button(
        label,
        make,
        file_name=f"sora-compare-{name}",
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        type="primary" if is_primary else "secondary",
        key=f"results/download/{name}",
    )
