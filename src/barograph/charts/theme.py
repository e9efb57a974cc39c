"""The look of every figure: colours, dashes and symbols told apart without colour, transparent ground.

Colours are those of Okabe and Ito (2008), *Color Universal Design*, less its yellow, which vanishes on white
paper. Every model also has its own dash and symbol, so that a grey print and a colour-blind reader lose
nothing. Grounds are transparent and text is a grey that reads on white and on near-black; the page that holds
a figure may override both with CSS.
"""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

INK = "#59636e"
GRID = "rgba(128,138,148,0.25)"
QUIET = "#8a939c"
ALARM = "#d55e00"
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one series is drawn."""

    colour: str
    dash: str
    symbol: str


MARKS = (
    Mark("#0072b2", "solid", "circle"),
    Mark("#d55e00", "dash", "square"),
    Mark("#009e73", "dot", "diamond"),
    Mark("#cc79a7", "dashdot", "triangle-up"),
    Mark("#e69f00", "longdash", "triangle-down"),
    Mark("#56b4e9", "longdashdot", "x"),
)
"""Styles in the order series are given; a seventh series starts over."""


def mark(index: int) -> Mark:
    """The style of the series at a position."""
    return MARKS[index % len(MARKS)]


def axis(title: str = "", **settings: object) -> dict[str, object]:
    """Settings common to all axes: thin grid, no box, no zero line."""
    return {
        **({"title": {"text": title, "standoff": 8}} if title else {}),
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "automargin": True,
        **settings,
    }


def figure(*, x: dict[str, object], y: dict[str, object], height: int = 320) -> go.Figure:
    """An empty figure in the house style; `height` in pixels, the width follows the page."""
    layout = go.Layout(
        template=go.layout.Template(),
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 12, "color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        hovermode="closest",
        xaxis=x,
        yaxis=y,
    )
    return go.Figure(layout=layout)


def date_axis() -> dict[str, object]:
    """A time axis labelled by ISO dates."""
    return axis(type="date", hoverformat="%Y-%m-%d", tickformat="%Y-%m", nticks=8)


def plain_name(name: str) -> str:
    """A name shown letter by letter, where plotly would read markup in it; a line break stays one."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
