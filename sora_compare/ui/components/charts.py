"""Charts by Plotly: estimates with their intervals, counts, and points.

Arm A is the first trace and arm B the second of each chart with arms, so that the theme's first two colours are theirs
in light and dark; each arm has a marker of its own as well.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import streamlit as st

from sora_compare.domain.takes import ArmLabel
from sora_compare.ui.components.formats import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

SYMBOLS = {ArmLabel.A: "circle", ArmLabel.B: "diamond"}
OFFSET = 0.2
"""In rows: how far an arm lies from the row's middle."""
NEUTRAL = "#7A8794"
"""Neither arm's colour; stands out by 3:1 from both backgrounds."""
THIN, THICK, CENTRE, DOT = 2, 7, 13, 7
FAINT = 0.35
ROW_HEIGHT, ARMS_ROW, DENSE_ROW, AROUND, ABOVE = 62, 92, 30, 64, 46
FEW, MANY = 10, 8
"""Counts up to FEW have an axis of whole numbers; from MANY rows on they lie closer and carry no words."""
NAME_LENGTH = 22
ROOM = 0.08
CONFIG = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True, slots=True)
class Gap:
    """One row of a chart of differences B - A.

    Attributes:
        low, high: drawn thick; None where the data leave it open.
        wide: a second interval, drawn thin.
        words: beside the point.
    """

    name: str
    mean: float
    low: float | None
    high: float | None
    words: str
    color: str = NEUTRAL
    wide: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ByArm:
    """One arm's estimate in one row; `mean` None draws nothing."""

    row: str
    arm: ArmLabel
    mean: float | None
    low: float | None
    high: float | None
    words: str


def difference_chart(
    gaps: Sequence[Gap], *, axis: str, key: str, alt: str, reach: float | None = None, margin: float | None = None
) -> None:
    """Differences row by row, with lines at 0 and at the margin, and which side means that B is better.

    Args:
        gaps: the rows, from the top.
        axis: its title.
        key: of the element.
        alt: the chart in words.
        reach: nothing is drawn farther from 0 than this.
        margin: how much worse B may be; a dashed line at its negative.
    """
    is_dense = len(gaps) > MANY
    figure = go.Figure()
    for color in dict.fromkeys(gap.color for gap in gaps):
        rows = [(y, gap) for y, gap in enumerate(gaps) if gap.color == color]
        wide = [(gap.wide[0], gap.wide[1], y) for y, gap in rows if gap.wide]
        near = [(gap.low, gap.high, y) for y, gap in rows if gap.low is not None and gap.high is not None]
        figure.add_trace(_bars(wide, color, THIN))
        figure.add_trace(_bars(near, color, THICK))
        figure.add_trace(_means(rows, color, is_dense=is_dense))
    _reference_lines(figure, margin)
    edges = [edge for gap in gaps for edge in (gap.mean, gap.low, gap.high, *(gap.wide or ())) if edge is not None]
    figure.update_xaxes(title=axis, zeroline=False, range=_span([*edges, 0.0, *([-margin] if margin else [])], reach))
    _rows(figure, [gap.name for gap in gaps])
    height = (DENSE_ROW if is_dense else ROW_HEIGHT) * len(gaps) + AROUND + ABOVE
    _draw(figure, height=height, key=key, alt=alt, top=ABOVE)


def _bars(spans: Sequence[tuple[float, float, int]], color: str, width: int) -> go.Scatter:
    x = [value for low, high, _ in spans for value in (low, high, None)]
    y = [place for _, _, row in spans for place in (row, row, None)]
    line = {"color": color, "width": width}
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _means(rows: Sequence[tuple[int, Gap]], color: str, *, is_dense: bool) -> go.Scatter:
    return go.Scatter(
        x=[gap.mean for _, gap in rows],
        y=[y for y, _ in rows],
        text=[html.escape(gap.words) for _, gap in rows],
        mode="markers" if is_dense else "markers+text",
        textposition="top center",
        textfont_size=13,
        hovertemplate="%{text}<extra></extra>",
        marker={"symbol": "diamond", "size": CENTRE, "color": color, "line": {"width": 1.5, "color": "#FFFFFF"}},
        showlegend=False,
        cliponaxis=False,
    )


def _reference_lines(figure: go.Figure, margin: float | None) -> None:
    figure.add_vline(x=0, line_color=NEUTRAL, line_width=1.5, layer="below")
    if margin:
        figure.add_vline(x=-margin, line_color=NEUTRAL, line_width=1.5, line_dash="dash", layer="below")
        _above(figure, "margin", x=-margin, xref="x", xanchor="right", level=0)
    _above(figure, "no difference" if margin is None else "equal", x=0, xref="x", xanchor="left", level=0)
    _above(figure, "◀ <b>A better</b>", x=0, xref="paper", xanchor="left", level=1)
    _above(figure, "<b>B better</b> ▶", x=1, xref="paper", xanchor="right", level=1)


def _above(figure: go.Figure, text: str, *, level: int, **where: Any) -> None:  # noqa: ANN401  # Plotly's own words
    figure.add_annotation(
        text=text, y=1, yref="paper", yanchor="bottom", yshift=2 + 18 * level, showarrow=False, font_size=13, **where
    )


def _span(edges: Sequence[float], reach: float | None) -> list[float]:
    low, high = min(edges), max(edges)
    if reach is not None:
        low, high = max(low, -reach), min(high, reach)
    room = ROOM * ((high - low) or 1.0)
    return [low - room, high + room]


def arms_chart(found: Sequence[ByArm], *, axis: str, key: str, alt: str, ticks: range | None = None) -> None:
    """Estimates of both arms with their intervals, row by row; `ticks` are those of a scale with ends."""
    rows = list(dict.fromkeys(one.row for one in found))
    figure = go.Figure([_arm_trace([one for one in found if one.arm is arm], rows, arm) for arm in ArmLabel])
    across: dict[str, Any] = {"title": axis, "zeroline": False}
    if ticks:
        across |= {"range": [ticks[0] - 0.4, ticks[-1] + 0.4], "tickvals": list(ticks)}
    else:
        across |= {"rangemode": "tozero"}
    figure.update_xaxes(**across)
    _rows(figure, rows)
    _draw(figure, height=ARMS_ROW * len(rows) + AROUND, key=key, alt=alt)


def _arm_trace(found: Sequence[ByArm], rows: Sequence[str], arm: ArmLabel) -> go.Scatter:
    drawn = [one for one in found if one.mean is not None]
    side = -OFFSET if arm is ArmLabel.A else OFFSET
    above = [0.0 if one.high is None or one.mean is None else one.high - one.mean for one in drawn]
    below = [0.0 if one.low is None or one.mean is None else one.mean - one.low for one in drawn]
    return go.Scatter(
        x=[one.mean for one in drawn],
        y=[rows.index(one.row) + side for one in drawn],
        text=[one.words for one in drawn],
        name=f"{arm}",
        mode="markers+text",
        textposition="top center" if arm is ArmLabel.A else "bottom center",
        textfont_size=13,
        hovertemplate="%{text}<extra>" + arm + "</extra>",
        marker={"symbol": SYMBOLS[arm], "size": CENTRE},
        error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 3, "width": 0},
        cliponaxis=False,
    )


def counts_chart(names: Sequence[str], counts: Sequence[int], *, axis: str, key: str, alt: str) -> None:
    """Counts per name, of neither arm."""
    figure = go.Figure(
        go.Bar(
            y=list(names),
            x=list(counts),
            orientation="h",
            text=list(counts),
            textposition="outside",
            cliponaxis=False,
            marker_color=NEUTRAL,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title=axis, rangemode="tozero", dtick=1 if max(counts) <= FEW else None)
    _draw(figure, height=40 * len(names) + AROUND, key=key, alt=alt)


@dataclass(frozen=True, slots=True)
class Cloud:
    """One arm's points (x, y) and their centre, None without any."""

    arm: ArmLabel
    points: Sequence[tuple[float, float]]
    centre: tuple[float, float] | None


def cloud_chart(clouds: Sequence[Cloud], *, across: str, up: str, key: str, alt: str, ticks: range) -> None:
    """Points of both arms, faint, and the centre of each, large."""
    figure = go.Figure([_cloud_trace(cloud) for cloud in clouds])
    figure.update_xaxes(title=across, rangemode="tozero", zeroline=False)
    figure.update_yaxes(title=up, range=[ticks[0] - 0.5, ticks[-1] + 0.5], tickvals=list(ticks), zeroline=False)
    _draw(figure, height=360, key=key, alt=alt)


def _cloud_trace(cloud: Cloud) -> go.Scatter:
    points = [*cloud.points, *([cloud.centre] if cloud.centre else [])]
    n, has = len(cloud.points), bool(cloud.centre)
    return go.Scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        name=f"{cloud.arm}",
        mode="markers",
        hovertemplate="%{x:.3~g}, %{y:.2f}<extra>" + cloud.arm + "</extra>",
        marker={
            "symbol": SYMBOLS[cloud.arm],
            "size": [DOT] * n + [CENTRE + 3] * has,
            "opacity": [FAINT] * n + [1.0] * has,
        },
    )


def _rows(figure: go.Figure, names: Sequence[str]) -> None:
    """One row for each name, from the top."""
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[html.escape(excerpt(name, NAME_LENGTH)) for name in names],
        autorange=False,
        range=[len(names) - 0.5, -0.6],
        zeroline=False,
        showgrid=False,
    )


def _draw(figure: go.Figure, *, height: int, key: str, alt: str, top: int = 34) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": top, "b": 44},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
        dragmode=False,
        hovermode="closest",
        font_size=13,
    )
    figure.update_xaxes(tickfont_size=13, title_font_size=13)
    figure.update_yaxes(tickfont_size=13)
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)
