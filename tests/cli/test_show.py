"""Tables: aligned as plain text in a pipe, folded but never cut in a terminal, in either language."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from barograph.cli import assess
from barograph.cli.plain import as_json, plain
from barograph.cli.show import Column, aligned, line, number, p_value, percent, table

WORDS = st.text(st.sampled_from("ab1. 波动率é"), max_size=9)


def printed(width: int, *, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, highlight=False, markup=False)
    columns = [Column("claim"), Column("model"), Column("p-value", figures=True)]
    rows = [["target-share", "[bold]filtered_historical[/]", ".012"], ["floor", "网络", "< .001"]]
    table(console, "Claims", columns, rows)
    line(console, "/a/very/long/path/" + "x" * 60)
    return out.getvalue()


def test_in_a_pipe_a_table_is_plain_and_whole_however_narrow() -> None:
    assert printed(20, terminal=False) == printed(200, terminal=False)
    assert printed(20, terminal=False).splitlines() == [
        "Claims",
        "claim         model                         p-value",
        "target-share  [bold]filtered_historical[/]     .012",
        "floor         网络                           < .001",
        "",
        "/a/very/long/path/" + "x" * 60,
    ]


@pytest.mark.parametrize("width", [24, 40, 120])
def test_in_a_terminal_no_line_of_a_table_is_wider_and_no_letter_is_lost(width: int) -> None:
    drawn = printed(width, terminal=True)
    plain_text = "".join(part for part in drawn.split("\x1b[") for part in [part.split("m", 1)[-1]])
    lines = plain_text.split("/a/very")[0].splitlines()
    assert all(cell_len(text) <= width for text in lines)
    for letter in "filtered_historical":
        assert letter in plain_text
    assert "…" not in plain_text


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_columns_begin_or_end_at_the_same_place(rows: list[tuple[str, str]]) -> None:
    lines = aligned([Column("a"), Column("b", figures=True)], rows)
    width = max(cell_len(text) for text in lines)
    for (_, second), text in zip(rows, lines[1:], strict=True):
        if second.strip():
            assert cell_len(text) == width - (len(second) - len(second.rstrip()))
    assert len(lines) == len(rows) + 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (math.nan, "–"),
        (-0.0123, "-0.0123"),
        (2.0, "+2.0000"),
        (-1e-9, "-1.00e-09"),
        (0.0, "+0.0000"),
    ],
)
def test_a_difference_carries_its_sign(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "–"), (math.nan, "–"), (0.0, "< .001"), (0.05, ".050"), (1.0, "1.000")]
)
def test_a_p_value_has_three_decimals(value: float | None, shown: str) -> None:
    assert p_value(value) == shown


def test_percent_is_a_hundred_times_the_decimal() -> None:
    assert [percent(v) for v in (0.0234, None, math.inf)] == ["2.34", "–", "–"]


def test_json_has_null_where_a_figure_is_missing_and_keeps_every_letter() -> None:
    text = as_json(
        {"a": math.nan, "b": [np.float64(1.5), np.int64(2)], "c": np.array([np.inf]), "d": "波动率"}
    )
    assert json.loads(text) == {"a": None, "b": [1.5, 2], "c": [None], "d": "波动率"}
    assert "波动率" in text


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_whatever_is_plain_becomes_valid_json(value: object) -> None:
    assert json.loads(as_json(value)) == plain(value)


def test_figures_of_a_book_are_shown_as_tables_of_their_own() -> None:
    out = io.StringIO()
    console = Console(file=out, highlight=False, markup=False)
    figures = {
        "currency": "USD",
        "var_99": 12345.678,
        "positions": [{"entity": "ko", "value": 10.0}],
        "empty": [],
    }
    assess.show(console, "book.csv", figures | {"scenarios": {"1987": -2000.0}})
    lines = out.getvalue().splitlines()
    assert "var_99    12,345.68" in lines
    assert "ko      10.00" in lines
    assert "1987    -2,000.00" in lines
