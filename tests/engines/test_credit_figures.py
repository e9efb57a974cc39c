"""Figures of loans: a column where one says it, an assumption where it does not; stage and provision."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from barograph.api.answer import load
from barograph.api.assess import assess
from barograph.core.record_table import TERMS, Records
from barograph.core.scoring_study import ShipSection
from barograph.engines.scoring.figures import Assumptions, credit_figures, loans, portfolio_quantile, yearly
from barograph.measures.credit.capital import irb_capital
from small_scoring import book, finished, small_scoring, snapshot_of

GIVEN = Assumptions.of(ShipSection(lifetime=3.0, rate=0.05), months=36)


def records(n: int = 4, **terms: list[float]) -> Records:
    """The first loans of the made book, all of 1,000, with terms."""
    found = snapshot_of(book(60), small_scoring()).records.take(np.arange(n))
    named = {key: np.array(values, dtype=np.float64) for key, values in terms.items()}
    return dataclasses.replace(found, amount=np.full(n, 1000.0), terms=named)


def test_a_column_says_what_an_assumption_says_otherwise() -> None:
    p = np.full(4, 0.1)
    with_columns = records(lgd=[0.2, np.nan, 0.45, 1.0], maturity=[1.0, np.nan, 2.5, 5.0])
    made = credit_figures(loans(p, with_columns, GIVEN), GIVEN)
    plain = credit_figures(loans(p, records(), GIVEN), GIVEN)
    pd = yearly(p, 36)
    np.testing.assert_allclose(made.expected_loss, pd * np.array([0.2, 0.45, 0.45, 1.0]) * 1000)
    assert made.capital[1] == made.capital[2] == plain.capital[1]
    longest = irb_capital(pd[3], lgd=1.0, ead=1000.0, asset_class="sme", maturity=5.0, turnover=5.0)
    np.testing.assert_allclose(made.capital[3], longest.requirement * 1000)
    assert made.lifetime[1] == plain.lifetime[1]  # three years assumed
    assert made.lifetime[0] < made.lifetime[1] * 0.2 / 0.45  # one year left


def test_stage_and_provision_follow_arrears_and_the_growth_of_the_pd() -> None:
    p = np.full(4, 0.1)
    grown = records(arrears=[0, 31, 0, 90], pd_origination=[0.034, 0.034, 0.01, 0.034])
    made = credit_figures(loans(p, grown, GIVEN), GIVEN)
    assert made.stage.tolist() == [1, 2, 2, 3]
    assert made.allowance[0] == made.twelve_month[0]
    assert made.allowance[1] == made.lifetime[1]
    assert made.allowance[2] == made.lifetime[2] > made.twelve_month[2]
    assert made.allowance[3] == 0.45 * 1000
    assert made.yearly_pd[3] == 1.0
    assert made.expected_loss[3] == 450.0
    assert made.capital[3] == 0.0


def test_allowances_alone_need_the_lifetime_losses_of_the_second_stage() -> None:
    one = loans(np.full(4, 0.1), records(arrears=[0, 31, 0, 90], maturity=[1.0, 7.5, 2.0, 3.0]), GIVEN)
    whole, lean = credit_figures(one, GIVEN), credit_figures(one, GIVEN, every_lifetime=False)
    assert whole.stage.tolist() == [1, 2, 1, 3]
    assert lean.allowance.tolist() == whole.allowance.tolist()
    assert lean.lifetime[1] == whole.lifetime[1]
    assert np.isnan(lean.lifetime[[0, 2, 3]]).all()


def test_a_new_loan_without_columns_is_in_the_first_stage() -> None:
    made = credit_figures(loans(np.array([0.01, 0.5, 0.9, 0.999]), records(), GIVEN), GIVEN)
    assert made.stage.tolist() == [1, 1, 1, 1]


def test_a_loan_at_its_end_loses_next_to_nothing_more() -> None:
    made = credit_figures(loans(np.full(4, 0.1), records(maturity=[0.0, 1.0, 2.0, 3.0]), GIVEN), GIVEN)
    assert made.lifetime[0] < 0.01 * made.lifetime[1]
    assert np.all(np.diff(made.lifetime) > 0)


def test_the_quantile_of_a_book_adds_the_loans_in_default_to_that_of_the_others() -> None:
    p = np.full(4, 0.1)
    some = loans(p, records(arrears=[0, 0, 0, 90]), GIVEN)
    others = loans(p[:3], records(3), GIVEN)
    assert portfolio_quantile(some, GIVEN) == pytest.approx(portfolio_quantile(others, GIVEN) + 450.0)
    everyone = loans(p, records(arrears=[90.0] * 4), GIVEN)
    assert portfolio_quantile(everyone, GIVEN) == pytest.approx(1800.0)


def test_an_unknown_exposure_leaves_every_figure_in_money_unknown() -> None:
    one = dataclasses.replace(records(), amount=np.array([np.nan, 1.0, 2.0, 3.0]))
    made = credit_figures(loans(np.full(4, 0.1), one, GIVEN), GIVEN)
    for values in (made.expected_loss, made.capital, made.twelve_month, made.lifetime, made.allowance):
        assert np.isnan(values[0])
        assert np.isfinite(values[1:]).all()


def test_a_book_counts_the_loans_that_an_assumption_stands_for() -> None:
    figures = assess(finished().bundle, book().head(50))
    assert figures["assumed"] == dict.fromkeys(TERMS, 50)
    stages = {row["stage"]: row for row in figures["stages"]}
    assert stages[1]["records"] == 50
    assert stages[1]["allowance"] == pytest.approx(figures["total"]["loss_12_months"])
    assert stages[2]["records"] == stages[3]["records"] == 0


def test_the_sender_hears_of_new_categories_and_of_columns_that_were_not_looked_at() -> None:
    table = book().head(5).with_columns(region=pl.lit("moon"), colour=pl.lit(1))
    _, told = load(finished().bundle).predictor.predict_told(table)  # type: ignore[union-attr]
    assert told.unseen == {"region": 5}
    assert told.extra == ("colour",) or "colour" in told.extra
