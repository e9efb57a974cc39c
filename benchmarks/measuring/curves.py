"""How fast a cost grows with the size of the work, as an exponent, and a drawing of it as plain SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from barograph.charts.theme import FONT, INK, mark

LARGEST = 3
"""Sizes over which an exponent is fitted."""


@dataclass(frozen=True, slots=True)
class Power:
    """``factor * size ** exponent``, fitted from size `since` on."""

    exponent: float
    factor: float
    since: float

    def at(self, size: float) -> float:
        """Its value at a size."""
        return float(self.factor * size**self.exponent)


def fitted(sizes: Sequence[float], values: Sequence[float]) -> Power:
    """Least squares in logarithms over the three largest sizes, where what is paid once no longer rules.

    Examples
    --------
    >>> fitted([1, 2, 4, 8, 16], [5.0, 6.0, 8.0, 16.0, 32.0]).exponent
    1.0
    """
    if len(sizes) < 2 or min(sizes) <= 0 or min(values) <= 0:
        raise ValueError(f"an exponent needs two points above zero, got {sizes} and {values}")
    x, y = np.log(np.asarray(sizes, float)), np.log(np.asarray(values, float))
    upper = x >= np.sort(x)[-min(LARGEST, x.size)]
    slope, level = np.polyfit(x[upper], y[upper], 1)
    return Power(round(float(slope), 12), float(np.exp(level)), float(np.exp(x[upper].min())))


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 270, 62, 14, 40, 46
BESIDE = 28
"""Room beside the last panel, for half of the last word under it."""


def drawn(title: str, x_label: str, panels: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> str:
    """Panels side by side, each with points by size, both axes logarithmic, and the fitted power dashed.

    Parameters
    ----------
    title, x_label : str
        Of the whole, and of every panel's sizes.
    panels : mapping
        Name with unit -> sizes and values, all above zero.
    """
    width = WIDTH * len(panels) + BESIDE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'height="{HEIGHT}" role="img" font-family="{escape(FONT)}" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
    ]
    for number, (name, (sizes, values)) in enumerate(panels.items()):
        parts.append(f'<g transform="translate({number * WIDTH} 0)">')
        parts += _panel(name, x_label, sizes, values, colour=mark(number).colour)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"]) + "\n"


@dataclass(frozen=True, slots=True)
class _Axis:
    """A logarithmic axis: from a power of ten to another, laid on pixels."""

    low: int
    high: int
    since: float
    until: float

    @classmethod
    def over(cls, values: Sequence[float], since: float, until: float) -> _Axis:
        logs = np.log10(np.asarray(values, float))
        low, high = int(np.floor(logs.min() + 1e-9)), int(np.ceil(logs.max() - 1e-9))
        return cls(low, max(high, low + 1), since, until)

    def place(self, value: float) -> float:
        share = (np.log10(value) - self.low) / (self.high - self.low)
        return round(float(self.since + share * (self.until - self.since)), 1)

    def ticks(self) -> list[tuple[float, str]]:
        """Powers of ten with their words."""
        return [(self.place(10.0**power), f"{10.0**power:,.10g}") for power in range(self.low, self.high + 1)]


def _panel(
    name: str, x_label: str, sizes: Sequence[float], values: Sequence[float], *, colour: str
) -> list[str]:
    """One panel's frame, points and fitted line."""
    power = fitted(sizes, values)
    ends = [power.since, max(sizes)]
    x = _Axis.over(sizes, LEFT, WIDTH - RIGHT)
    y = _Axis.over([*values, *(power.at(end) for end in ends)], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<text x="{LEFT}" y="20" font-weight="600">{escape(name)}, exponent {power.exponent:z.2f}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(x_label)}</text>",
    ]
    for at, word in x.ticks():
        parts.append(_rule(at, TOP, at, HEIGHT - BOTTOM))
        parts.append(f'<text x="{at}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{word}</text>')
    for at, word in y.ticks():
        parts.append(_rule(LEFT, at, WIDTH - RIGHT, at))
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{word}</text>')
    line = " ".join(f"{x.place(end)},{y.place(power.at(end))}" for end in ends)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{INK}" stroke-dasharray="5 4"/>')
    for size, value in zip(sizes, values, strict=True):
        told = f"{size:,g}: {value:,.4g}"
        parts.append(
            f'<circle cx="{x.place(size)}" cy="{y.place(value)}" r="4" fill="{colour}">'
            f"<title>{told}</title></circle>"
        )
    return parts


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#808a94" stroke-opacity=".25"/>'
