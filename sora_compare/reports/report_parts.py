"""What a report is made of, as data; the templates beside it turn it into HTML and escape whatever they are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sora_compare.reports.report_charts import Chart
    from sora_compare.reports.report_clips import PairOfClips


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; `kind` is its class in the style sheet."""

    text: str
    kind: str = ""
    template: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; columns from `figures_from` on hold figures and are set to the right."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    figures_from: int = 1
    template: str = "table"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One line for each criterion: classes of the style sheet, the criterion, its verdict in words."""

    lines: Sequence[tuple[str, str, str]]
    template: str = "verdicts"


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the report."""

    title: str
    parts: Sequence[Part]


def section(title: str, *parts: Part | None) -> Section | None:
    """A titled part; None when it would be empty."""
    inside = tuple(part for part in parts if part is not None)
    return Section(title, inside) if inside else None


def paragraph(sentence: str, kind: str = "") -> Paragraph | None:
    """One paragraph; None for an empty sentence."""
    return Paragraph(sentence, kind) if sentence else None


def warnings(sentences: Iterable[str]) -> list[Paragraph]:
    """Each sentence as a warning."""
    return [Paragraph(sentence, "warning") for sentence in sentences]


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, figures_from: int = 1
) -> Table | None:
    """A table; None without rows."""
    body = tuple(rows)
    return Table(caption, columns, body, figures_from) if body else None


if TYPE_CHECKING:
    Part: TypeAlias = Paragraph | Table | Verdicts | Chart | PairOfClips
