"""Fans of curves and cells of ratios: what is handed in is drawn, on one scale, under the names given."""

from __future__ import annotations

import numpy as np

from barograph.charts import Fan, curve_fans, ratio_heat

TENORS = ["3m", "2y", "10y"]
NOW = np.array([0.01, 0.02, 0.03])


def fan(shift: float, *, came: bool = True) -> Fan:
    centre = NOW + shift
    intervals = [(centre - 2 * width, centre + 2 * width) for width in (0.01, 0.005)]
    return Fan(centre, intervals, np.array([0.012, np.nan, 0.05]) if came else None)


def drawn(fans: dict[str, Fan]) -> object:
    return curve_fans(
        TENORS, fans, now=NOW, interval_names=["90 %", "50 %"], now_name="now", centre_name="median",
        came_name="came", y_label="rate",
    )  # fmt: skip


def test_each_horizon_is_a_panel_with_its_own_axes_and_all_share_a_scale() -> None:
    chart = drawn({"1 <month>": fan(0.0), "3 months": fan(0.01), "6 months": fan(0.02), "1 year": fan(-0.03)})
    panels = {trace.xaxis for trace in chart.data}
    assert panels == {"x", "x2", "x3", "x4"}
    ranges = {tuple(chart.layout[name].range) for name in ("yaxis", "yaxis2", "yaxis3", "yaxis4")}
    assert len(ranges) == 1
    low, high = ranges.pop()
    assert low < -0.03 - 0.01
    assert high > 0.05 + 0.02
    titles = [note.text for note in chart.layout.annotations]
    assert titles == ["<b>1 &lt;month&gt;</b>", "<b>3 months</b>", "<b>6 months</b>", "<b>1 year</b>"]
    assert chart.layout.xaxis4.domain[0] == chart.layout.xaxis.domain[0]
    assert chart.layout.yaxis4.domain[1] < chart.layout.yaxis.domain[0]


def test_a_panel_holds_its_numbers_and_a_gap_stays_a_gap() -> None:
    chart = drawn({"1 month": fan(0.01)})
    low, high, *_ = chart.data
    now, median, came = chart.data[-3:]
    np.testing.assert_allclose(low.y, NOW + 0.01 - 0.02)
    assert high.fill == "tonexty"
    assert [trace.name for trace in (high, now, median, came)] == ["90 %", "now", "median", "came"]
    assert list(came.y) == [0.012, None, 0.05]
    assert list(now.x) == TENORS


def test_only_the_first_panel_is_in_the_legend_and_what_is_not_known_is_not_drawn() -> None:
    chart = drawn({"a": fan(0.0, came=False), "b": fan(0.0, came=False)})
    named = [trace.name for trace in chart.data if trace.showlegend]
    assert named == ["90 %", "50 %", "now", "median"]
    assert "came" not in {trace.name for trace in chart.data}


def test_ratios_are_coloured_on_either_side_of_one_and_carry_their_sign() -> None:
    chart = ratio_heat(
        ["3m", "10y"],
        ["1", "22"],
        values=np.array([[0.95, 1.0], [np.nan, 1.2]]),
        notes=[["*", ""], ["", "†"]],
    )
    (cells,) = chart.data
    assert [list(row) for row in cells.text] == [["0.950*", "1.000"], ["–", "1.200†"]]
    assert (cells.zmin, cells.zmax) == (0.9, 1.1)
    assert cells.z[1][0] is None
    assert chart.layout.yaxis.autorange == "reversed"
