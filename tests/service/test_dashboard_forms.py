"""What forms hold becomes what the API would take: the same bounds, and numbers as they were meant."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from barograph.core.errors import DataError, SettingError
from barograph.service.dashboard.fields import NUMBER, TEXT, TO
from barograph.service.dashboard.page import Visit
from barograph.service.dashboard.views import scenarios, trying
from barograph.service.dashboard.views.models import review
from barograph.service.wire import POSITIONS, Review, Shock

(ASSESS,) = (one.read for one in scenarios.DEEDS)
RECORD, CHANGE, DAY, UPDATE = (one.read for one in trying.DEEDS)


@pytest.mark.parametrize("months", ["", "0", "61", "²", "1.5", "-1", "9" * 5_000], ids=lambda one: one[:4])
def test_a_review_is_due_in_one_to_sixty_months(months: str) -> None:
    with pytest.raises(SettingError, match="1 to 60 months"):
        review({"why": "validated", "months": months})


@pytest.mark.parametrize("why", ["", "  ", "x" * 4_001], ids=["none", "blank", "long"])
def test_a_review_has_a_reason_as_long_as_the_api_takes(why: str) -> None:
    with pytest.raises(SettingError, match="a reason"):
        review({"why": why, "months": "12"})


def test_a_review_says_whether_a_model_is_to_answer_in_the_shadow() -> None:
    assert review({"why": " good ", "months": "6", "as": "challenger"}) == Review("good", True, 6)
    assert review({"why": "good", "months": "60"}) == Review("good", False, 60)


@pytest.mark.parametrize(
    "form",
    [
        {"book": "entity,value\nalpha,1", "shocks": "alpha -0.1", "name": "x" * 201},
        {"book": "entity,value\nalpha,1", "shocks": "\n".join(f"a{n} 1" for n in range(1_001))},
        {"book": "entity,value\nalpha,1", "scenario": "x" * 201},
        {"book": "entity,value\n" + "x" * 4_001 + ",1"},
    ],
    ids=["name", "shocks", "scenario", "cell"],
)
def test_a_book_and_its_scenario_keep_to_the_bounds_of_the_api(form: dict[str, str]) -> None:
    assert ASSESS is not None
    with pytest.raises(msgspec.ValidationError):
        ASSESS(form)


def test_a_book_and_a_scenario_of_ones_own_are_read() -> None:
    assert ASSESS is not None
    found = ASSESS({"book": "entity,value\nalpha,1\nnan,", "shocks": "alpha: −20 %", "name": "mine"})
    assert found.book == [{"entity": "alpha", "value": 1.0}, {"entity": "nan", "value": None}]
    assert found.scenario == Shock(name="mine", title="own", shocks={"alpha": -0.2})
    for wrong in ("alpha nan", "alpha inf", "alpha"):
        with pytest.raises(DataError, match="a line of shocks"):
            ASSESS({"book": "", "shocks": wrong})
    with pytest.raises(DataError):
        ASSESS({"book": "value\n" + "1\n" * (POSITIONS + 1)})


@pytest.mark.parametrize(
    "form", [{f"{TEXT}a": "x" * 4_001}, {f"{NUMBER}{'a' * 201}": "1"}], ids=["text", "key"]
)
def test_what_is_tried_keeps_to_the_bounds_of_the_api(form: dict[str, str]) -> None:
    for read in (RECORD, DAY, UPDATE, CHANGE):
        assert read is not None
        with pytest.raises(msgspec.ValidationError):
            read({**form, f"{TO}{NUMBER}b": "2"})


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,000", 1e3),
        ("−12,345.5", -12345.5),
        ("0.5", 0.5),
        ("1e-3", 1e-3),
        ("1234567", 1234567.0),
        (" ", None),
    ],
)
def test_commas_group_thousands(written: str, value: float | None) -> None:
    assert RECORD is not None
    assert RECORD({f"{NUMBER}a": written}).records == [{"a": value}]


@pytest.mark.parametrize(
    "written", ["0,5", "1,00", "1,0000", ",5", "1,000,5", "12,34,567", "1234,567", "0.5,000"]
)
def test_a_comma_that_groups_no_thousands_is_refused_in_words(written: str) -> None:
    assert RECORD is not None
    with pytest.raises(DataError, match="commas only group thousands"):
        RECORD({f"{NUMBER}a": written})


def test_a_single_figure_that_is_true_or_false_is_yes_or_no_and_an_empty_one_is_left_out() -> None:
    nobody = cast(Any, None)
    said = {
        lang: scenarios._found(
            {"pegged": False, "since": "", "days": 250}, Visit(nobody, nobody, lang, {}, {})
        )
        for lang in ("en", "zh")
    }
    assert said["en"]["plain"] == [("pegged", "no"), ("days", "250")]
    assert said["zh"]["plain"][0][1] == "否"
