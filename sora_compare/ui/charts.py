"""Charts by Plotly.

Arm A is the first trace and arm B the second of each chart, so that the theme's first two colours are theirs in light
and dark; each arm has a marker or a pattern of its own as well.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import streamlit as st

from sora_compare.domain.takes import ArmLabel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SYMBOLS = {ArmLabel.A: "circle", ArmLabel.B: "diamond"}
PATTERNS = {ArmLabel.A: "", ArmLabel.B: "/"}
OFFSET, BAND, STEP = 0.22, 0.14, 0.07
"""In rows: how far an arm lies from the row's middle, how far its points spread, and how far apart they lie."""
ASIDE, MOST_ASIDE = 0.09, 4
"""In units of the axis: how far equal whole numbers are moved aside when a column is full, and how often."""
DOT, CENTRE = 7, 15
FAINT = 0.45
ROW_HEIGHT, AROUND = 96, 76
LEGEND_ROOM, NO_LEGEND_ROOM = 36, 8
FEW = 10
NEUTRAL = "#7A8794"
"""Neither arm's colour; stands out by 3:1 from both backgrounds."""
CONFIG = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True, slots=True)
class Strip:
    """One arm's values in one row: each a faint point, their centre a large one, with a bar from lower to upper."""

    row: str
    arm: ArmLabel
    values: tuple[float, ...]
    centre: float | None
    lower: float | None
    upper: float | None
    centre_words: str
    side_words: str


def strip_chart(strips: Sequence[Strip], *, axis: str, key: str, alt: str, ticks: range | None = None) -> None:
    """Every single value of both arms, row by row."""
    rows = list(dict.fromkeys(strip.row for strip in strips))
    of_arms = {arm: [one for one in strips if one.arm is arm] for arm in ArmLabel}
    figure = go.Figure([_strip_trace(found, rows, arm, is_whole=bool(ticks)) for arm, found in of_arms.items()])
    for strip in strips:
        figure.add_annotation(
            x=1.0,
            xref="paper",
            xanchor="left",
            y=_height(strip, rows),
            text=f" {strip.arm}: {strip.side_words}",
            showarrow=False,
            font_size=12,
        )
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=rows, autorange=False, range=[len(rows) - 0.5, -0.5], zeroline=False
    )
    across: dict[str, Any] = {"title": axis, "zeroline": False}
    if ticks:
        across |= {"range": [ticks[0] - 0.5, ticks[-1] + 0.5], "tickvals": list(ticks)}
    else:
        across |= {"rangemode": "tozero"}
    figure.update_xaxes(**across)
    _draw(figure, height=ROW_HEIGHT * len(rows) + AROUND, key=key, alt=alt, right=110)


def _strip_trace(strips: Sequence[Strip], rows: Sequence[str], arm: ArmLabel, *, is_whole: bool) -> go.Scatter:
    points = [
        (x, y, value, "", DOT, FAINT, 0.0, 0.0)
        for strip in strips
        for x, y, value in _points(strip, rows, is_whole=is_whole)
    ]
    centres = [_centre(strip, strip.centre, rows) for strip in strips if strip.centre is not None]
    drawn = [*points, *centres]
    x, y, value, text, size, opacity, above, below = zip(*drawn, strict=True) if drawn else ((),) * 8
    return go.Scatter(
        x=x,
        y=y,
        customdata=value,
        text=text,
        name=f"{arm}",
        mode="markers+text",
        textposition="top center" if arm is ArmLabel.A else "bottom center",
        hovertemplate="%{customdata:.3~g}<extra>" + arm + "</extra>",
        marker={"symbol": SYMBOLS[arm], "size": size, "opacity": opacity},
        error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 2, "width": 0},
    )


def _centre(
    strip: Strip, centre: float, rows: Sequence[str]
) -> tuple[float, float, float, str, int, float, float, float]:
    above = 0.0 if strip.upper is None else strip.upper - centre
    below = 0.0 if strip.lower is None else centre - strip.lower
    return centre, _height(strip, rows), centre, strip.centre_words, CENTRE, 1.0, above, below


def _height(strip: Strip, rows: Sequence[str]) -> float:
    return rows.index(strip.row) + (-OFFSET if strip.arm is ArmLabel.A else OFFSET)


def _points(strip: Strip, rows: Sequence[str], *, is_whole: bool) -> list[tuple[float, float, float]]:
    """Equal values lie above and below each other, whole numbers beside each other too, so that each can be seen.

    Returns:
        For each value where it is drawn (x, y), and the value itself.
    """
    per_column = 2 * round(BAND / STEP) + 1
    seen: Counter[float] = Counter()
    placed = []
    for value in strip.values:
        column, place = divmod(seen[value], per_column)
        seen[value] += 1
        aside = _alternating(column % (2 * MOST_ASIDE + 1)) * ASIDE if is_whole else 0.0
        placed.append((value + aside, _height(strip, rows) + _alternating(place) * STEP, value))
    return placed


def _alternating(place: int) -> int:
    """Places around the middle: 0, 1, -1, 2, -2 and so on."""
    return (place + 1) // 2 * (1 if place % 2 else -1)


def bars(names: Sequence[str], counts: Mapping[ArmLabel, Sequence[int]], *, key: str, alt: str) -> None:
    """Counts per name, one bar for each arm."""
    figure = go.Figure(
        [
            go.Bar(
                y=list(names),
                x=list(counts[arm]),
                name=f"{arm}",
                orientation="h",
                text=[one or "" for one in counts[arm]],
                textposition="outside",
                cliponaxis=False,
                marker={"pattern": {"shape": PATTERNS[arm], "fillmode": "replace"}},
            )
            for arm in ArmLabel
        ]
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title="Takes", rangemode="tozero", dtick=_whole_steps(max(map(max, counts.values()))))
    _draw(figure, height=48 * len(names) + AROUND, key=key, alt=alt, right=30)


def steps(names: Sequence[str], counts: Sequence[int], *, axis: str, key: str, alt: str) -> None:
    """Counts per name, of neither arm."""
    figure = go.Figure(
        go.Bar(
            y=list(names),
            x=list(counts),
            orientation="h",
            text=[one or "" for one in counts],
            textposition="outside",
            cliponaxis=False,
            marker_color=NEUTRAL,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title=axis, rangemode="tozero", dtick=_whole_steps(max(counts)))
    _draw(figure, height=30 * len(names) + AROUND, key=key, alt=alt, right=30)


def _whole_steps(most: int) -> int | None:
    """Distance of an axis' ticks for counts: few counts have no halves; the chart chooses for many."""
    return 1 if most <= FEW else None


def _draw(figure: go.Figure, *, height: int, key: str, alt: str, right: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": right, "t": LEGEND_ROOM if len(figure.data) > 1 else NO_LEGEND_ROOM, "b": 44},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
        dragmode=False,
        hovermode="closest",
    )
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)
