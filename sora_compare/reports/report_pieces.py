"""Pieces of HTML; whatever comes from outside is escaped here and nowhere else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def text(value: object) -> str:
    """Text for HTML, safe inside elements and quoted attributes."""
    return escape(str(value), quote=True)


def section(title: str, *parts: str) -> str:
    """A titled part; nothing when it would be empty."""
    inside = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{text(title)}</h2>\n{inside}\n</section>" if inside else ""


def paragraph(sentence: str, kind: str = "") -> str:
    """One paragraph; nothing for an empty sentence."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{text(sentence)}</p>" if sentence else ""


def warnings(sentences: Iterable[str]) -> str:
    """Each sentence as a warning."""
    return "\n".join(paragraph(sentence, "warning") for sentence in sentences)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, figures_from: int = 1) -> str:
    """A table; columns from `figures_from` on hold figures and are set to the right. Nothing without rows."""
    body = [_row("td", row, figures_from) for row in rows]
    if not body:
        return ""
    head = _row("th", columns, figures_from)
    inside = f"<caption>{text(caption)}</caption><thead>{head}</thead><tbody>{''.join(body)}</tbody>"
    return f'<div class="scroll"><table>{inside}</table></div>'


def _row(cell: str, values: Sequence[object], figures_from: int) -> str:
    marks = (' class="figure"' if place >= figures_from else "" for place in range(len(values)))
    cells = (f"<{cell}{mark}>{text(value)}</{cell}>" for mark, value in zip(marks, values, strict=True))
    return f"<tr>{''.join(cells)}</tr>"
