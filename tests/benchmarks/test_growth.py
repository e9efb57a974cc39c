"""Exponents of growth are those that the points have, and plots show the points."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def curves() -> Iterator[ModuleType]:
    """`benchmarks/measuring/curves.py`, as `python benchmarks/growth.py` has it."""
    sys.path.insert(0, str(FOLDER))
    try:
        from measuring import curves as module  # noqa: PLC0415
    finally:
        sys.path.remove(str(FOLDER))
    yield module
    for name in [name for name in sys.modules if name.split(".")[0] == "measuring"]:
        del sys.modules[name]


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_a_power_is_found_exactly(curves: ModuleType, exponent: float) -> None:
    sizes = np.array([1.0, 3.0, 10.0, 30.0, 100.0])
    power = curves.fitted(sizes, 0.3 * sizes**exponent)
    assert power.exponent == pytest.approx(exponent, abs=1e-9)
    assert power.at(1000.0) == pytest.approx(0.3 * 1000.0**exponent)


def test_what_is_paid_once_does_not_hide_how_the_rest_grows(curves: ModuleType) -> None:
    sizes = np.array([1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6])
    quadratic = 5.0 + 1e-6 * sizes**2
    assert np.polyfit(np.log(sizes), np.log(quadratic), 1)[0] < 1.5
    assert curves.fitted(sizes, quadratic).exponent == pytest.approx(2.0, abs=0.1)


def test_the_fit_uses_the_three_largest_sizes(curves: ModuleType) -> None:
    assert curves.fitted([1, 2, 4, 8], [9.0, 1.0, 1.0, 1.0]).since == pytest.approx(2.0)
    assert curves.fitted([1, 2], [1.0, 2.0]).exponent == pytest.approx(1.0)
    with pytest.raises(ValueError, match="two points above zero"):
        curves.fitted([1, 2], [1.0, 0.0])
    with pytest.raises(ValueError, match="two points above zero"):
        curves.fitted([1], [1.0])


def drawing(curves: ModuleType) -> ElementTree.Element:
    panels = {"seconds": ([1, 10, 100], [0.1, 1.0, 10.0]), "peak <MiB>": ([1, 10, 100], [5.0, 5.0, 5.0])}
    return ElementTree.fromstring(curves.drawn("Time & memory", "folds", panels))


def test_a_plot_is_an_image_with_a_name_and_the_exponent_of_each_panel(curves: ModuleType) -> None:
    root = drawing(curves)
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Time & memory"
    words = [one.text or "" for one in root.iter(f"{SVG}text")]
    assert "seconds, exponent 1.00" in words
    assert "peak <MiB>, exponent 0.00" in words
    assert {"0.1", "1", "10", "100"} <= set(words)


def test_points_lie_where_their_logarithms_are(curves: ModuleType) -> None:
    first, second = drawing(curves).findall(f"{SVG}g")
    at = np.array([[float(one.get(k, "nan")) for k in ("cx", "cy")] for one in first.iter(f"{SVG}circle")])
    steps = np.diff(at, axis=0)
    assert steps[0] == pytest.approx(steps[1], abs=0.2)
    assert steps[0][0] > 50 > -50 > steps[0][1]
    heights = {one.get("cy") for one in second.iter(f"{SVG}circle")}
    assert len(heights) == 1
    for group in (first, second):
        box = re.findall(r"[\d.]+", " ".join(line.get("points", "") for line in group.iter(f"{SVG}polyline")))
        assert len(box) == 4
