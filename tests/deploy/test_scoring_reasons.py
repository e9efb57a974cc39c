"""Reasons add up to the served figure; what is said to change a decision does change it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import barograph
from barograph.api.answer import Scorer
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.serving import figures
from small_scoring import book, finished


@pytest.fixture(scope="module")
def model() -> Scorer:
    made = barograph.load(finished().bundle)
    assert isinstance(made, Scorer)
    return made


@pytest.fixture(scope="module")
def new() -> pl.DataFrame:
    """Loans the run has never seen, a missing and an unseen value among them."""
    table = book(10, seed=77).drop("bad").head(12)
    first = pl.int_range(pl.len()) == 0
    return table.with_columns(
        region=pl.when(first).then(pl.lit("nowhere")).otherwise("region"),
        debt=pl.when(first).then(None).otherwise("debt"),
    )


@pytest.fixture(scope="module")
def explained(model: Scorer, new: pl.DataFrame) -> list[dict[str, Any]]:
    return model.explain(new)


def test_reasons_and_base_add_up_to_the_served_figure(
    model: Scorer, new: pl.DataFrame, explained: list[dict[str, Any]]
) -> None:
    served = model.predict(new)["probability"].to_list()
    for answer, figure in zip(explained, served, strict=True):
        assert answer["probability"] == pytest.approx(figure, abs=1e-12)
        assert answer["base"] + sum(answer["reasons"].values()) == pytest.approx(figure, abs=1e-6)
        assert answer["base"] + sum(answer["reasons"].values()) == pytest.approx(
            answer["probability"], abs=1e-9
        )
        sizes = [abs(effect) for effect in answer["reasons"].values()]
        assert sizes == sorted(sizes, reverse=True)
    manifest = model.manifest["request"]
    assert set(explained[0]["reasons"]) == {*manifest["numeric"], *manifest["categorical"]}
    assert "sex" not in explained[0]["reasons"]
    assert explained[0]["unseen"] == "region"
    assert all(answer["unseen"] == "" for answer in explained[1:])


def test_the_base_is_the_mean_figure_of_the_reference_records(explained: list[dict[str, Any]]) -> None:
    parts = load(finished().bundle).parts
    assert parts.reference.n == 8, "few enough for every one to be walked from"
    mean = figures(parts, parts.reference).mean()
    assert [answer["base"] for answer in explained] == pytest.approx([mean] * len(explained), abs=1e-9)


def test_the_columns_that_made_the_book_bad_are_the_strongest_reasons(
    explained: list[dict[str, Any]],
) -> None:
    strength = {name: sum(abs(one["reasons"][name]) for one in explained) for name in explained[0]["reasons"]}
    order = sorted(strength, key=lambda name: -strength[name])
    assert set(order[:3]) <= {"debt", "tenure", "income", "late_1", "late_2"}
    assert strength["purpose"] < strength[order[0]] / 4


def check_alternatives(model: Scorer, new: pl.DataFrame, explained: list[dict[str, Any]]) -> int:
    threshold, tried = model.manifest["threshold"], 0
    for record, answer in zip(new.to_dicts(), explained, strict=True):
        assert (answer["decision"] == "decline") == (answer["probability"] >= threshold)
        assert answer["decision"] == "decline" or not answer["alternatives"]
        for other in answer["alternatives"]:
            again = model.predict(record | other["changes"])
            assert again["probability"].item() == pytest.approx(other["figure"], abs=1e-6)
            assert again["decision"].item() == "approve"
            assert 1 <= len(other["changes"]) <= 2
            tried += 1
    return tried


def test_an_alternative_sent_through_predict_is_approved(
    model: Scorer, new: pl.DataFrame, explained: list[dict[str, Any]]
) -> None:
    assert check_alternatives(model, new, explained) >= 4


def test_columns_that_cannot_change_are_left_alone(
    model: Scorer, new: pl.DataFrame, explained: list[dict[str, Any]]
) -> None:
    declined = [row for row, answer in enumerate(explained) if answer["alternatives"]][:2]
    frozen = {
        name for row in declined for other in explained[row]["alternatives"] for name in other["changes"]
    }
    again = model.explain(new[declined], frozen=sorted(frozen))
    assert not frozen & {name for one in again for other in one["alternatives"] for name in other["changes"]}
    check_alternatives(model, new[declined], again)
