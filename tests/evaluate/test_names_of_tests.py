"""Every test that a run can make goes by a name that people know, in every language."""

from __future__ import annotations

import pytest
from made_runs import made_run

from barograph.core.forecast import OutOfSample
from barograph.core.texts import LANGUAGES, has_text
from barograph.evaluate.backtests import back_tests, horizon_back_tests
from barograph.evaluate.report.words import Words


@pytest.fixture(scope="module")
def run() -> OutOfSample:
    return made_run({"truth": 0.0}, entities=("a",), days=600, horizons=(1, 5, 10))


def test_every_back_test_of_a_run_has_a_name(run: OutOfSample) -> None:
    names = {result.test.name for result in back_tests(run, models=["truth"], simulations=19)}
    assert {"kupiec", "berkowitz", "traffic_light"} <= names
    for lang in LANGUAGES:
        assert [name for name in names if not has_text(f"names.test.{name}", lang)] == []


def test_a_test_at_a_longer_horizon_is_named_with_its_days(run: OutOfSample) -> None:
    names = {result.test.name for result in horizon_back_tests(run, models=["truth"])}
    assert {Words("en").test(name) for name in names} == {"Kupiec, 5 days", "Kupiec, 10 days"}
    assert {Words("zh").test(name) for name in names} == {"Kupiec（5 个交易日）", "Kupiec（10 个交易日）"}


def test_what_evaluation_writes_instead_of_a_test_has_a_name() -> None:
    """`none` where a claim could not be judged, `backtests` where several tests judged it together."""
    for lang in LANGUAGES:
        for name in ("none", "backtests", "series_counted"):
            assert Words(lang).test(name) != name
