"""Days of a quick answer are written in one way; all else goes the long way, which says what is wrong."""

from __future__ import annotations

import pytest

from barograph.engines.scoring.quick import _check_day


@pytest.mark.parametrize(
    "day", ["2016-W05-1", "2016-W051 ", "20160105  ", "２０１６-01-05", "2016-1-005", "", 20160105, None]
)
def test_what_is_no_plain_day_is_not_answered_quickly(day: object) -> None:
    with pytest.raises(TypeError):
        _check_day(day)


@pytest.mark.parametrize("day", ["2016-02-30", "0001-01-01"])
def test_a_day_that_no_calendar_of_ours_has_is_none(day: str) -> None:
    with pytest.raises(ValueError, match=r"day|0001"):
        _check_day(day)


def test_a_plain_day_is_one() -> None:
    _check_day("2016-02-29")
