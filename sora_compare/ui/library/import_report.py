"""What an import brought and left out, and the mark of imported clips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import Origin
from sora_compare.ui.compare.sending import PARAMETER
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.shell import pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.archive.importing import ImportReport
    from sora_compare.domain.takes import Take

REPORT = "upload/report"
MARK = "Imported"
MARK_HELP = "These clips were made elsewhere and brought in: nothing is known here of their timings and failures."
LINKS = 5


def render_report() -> None:
    """The report of the last import, until the page is left or another one is made."""
    report: ImportReport | None = st.session_state.get(REPORT)
    if report is None:
        return
    if report.kept:
        clips = f"{report.kept} clip{'s' * (report.kept > 1)}"
        st.success(f"{clips} came in, marked as imported.", icon=":material/check_circle:")
    if report.already:
        st.info(f"{report.already} of them are there already: nothing was changed.", icon=":material/content_copy:")
    if report.left_out:
        text = "  \n".join(
            f"**{escape_markdown(one.where)}** is left out: {escape_markdown(one.sentence)}" for one in report.left_out
        )
        st.error(text, icon=":material/block:")
    with st.container(horizontal=True):
        for number, identifier in enumerate(report.comparisons[:LINKS], 1):
            label = "Open it" if len(report.comparisons) == 1 else f"Open comparison {number}"
            st.page_link(pages.COMPARE, label=label, icon=":material/compare:", query_params={PARAMETER: identifier})


def imported_mark(takes: Iterable[Take]) -> None:
    """The mark beside anything of which a clip was imported; nothing where none was."""
    if any(take.origin is Origin.IMPORTED for take in takes):
        st.badge(MARK, icon=":material/archive:", color="gray", help=MARK_HELP)
