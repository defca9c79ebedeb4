"""A chart of single scores: one row a criterion, each score a point, the two sides apart from each other."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

SYMBOLS = ("circle", "diamond")
APART, STEP = 0.2, 0.075
"""In rows: how far a side lies from the row's middle, and equal scores from each other."""
DOT, MIDDLE = 8, 15
ROW_HEIGHT, AROUND = 84, 76


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """The scores of one criterion and side."""

    criterion: str
    side: str
    values: tuple[int, ...]


def spread_chart(rows: list[SpreadRow], *, sides: tuple[str, ...], key: str) -> None:
    """Draw the chart with its text alternative."""
    names = list(dict.fromkeys(row.criterion for row in rows))
    figure = go.Figure([_trace(rows, names, side, number) for number, side in enumerate(sides)])
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=names,
        autorange=False,
        range=[len(names) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_xaxes(title="Score", range=[0.5, 10.5], tickvals=list(range(1, 11)), zeroline=False)
    figure.update_layout(
        height=ROW_HEIGHT * len(names) + AROUND,
        margin={"l": 8, "r": 12, "t": 36, "b": 44},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
        dragmode=False,
        hovermode="closest",
    )
    st.plotly_chart(figure, key=key, config={"displayModeBar": False, "responsive": True}, alt=_words(rows))


def _words(rows: list[SpreadRow]) -> str:
    return "; ".join(f"{row.criterion}, {row.side}: {', '.join(map(str, row.values)) or 'none'}" for row in rows)


def _trace(rows: list[SpreadRow], names: list[str], side: str, number: int) -> go.Scatter:
    x: list[float] = []
    y: list[float] = []
    sizes: list[int] = []
    opacity: list[float] = []
    for row in (one for one in rows if one.side == side):
        level = names.index(row.criterion) + (APART if number else -APART)
        seen: Counter[int] = Counter()
        for value in row.values:
            x.append(value)
            y.append(level + _around(seen[value]) * STEP)
            seen[value] += 1
        sizes += [DOT] * len(row.values)
        opacity += [0.55] * len(row.values)
        if row.values:
            x.append(statistics.median(row.values))
            y.append(level)
            sizes.append(MIDDLE)
            opacity.append(1.0)
    return go.Scatter(
        x=x,
        y=y,
        name=side,
        mode="markers",
        hovertemplate="%{x:g}<extra>" + side + "</extra>",
        marker={"symbol": SYMBOLS[number], "size": sizes, "opacity": opacity},
    )


def _around(place: int) -> int:
    """Places around the middle: 0, 1, -1, 2, -2 and so on."""
    return (place + 1) // 2 * (1 if place % 2 else -1)
