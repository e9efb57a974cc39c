"""Scores, tests, claims and verdict of a ledger run: by hand, on made forecasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from barograph.core.errors import SettingError
from barograph.core.fitted_ledgers import SeverityParameters
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import (
    CountForecast,
    DensityForecast,
    LedgerPart,
    LedgerRecord,
    LedgerSamples,
    LossLedger,
    ScoredPart,
)
from barograph.evaluate.ledgers import judge_ledgers, ledger_comparisons, ledger_duel, ledger_scores
from barograph.evaluate.ledgers.claims import champion_of
from barograph.evaluate.ledgers.losses import losses, transform
from small_ledgers import small_study

YEARS = (2004, 2005, 2006)
WEEKS, LOSSES = 156, 300
STREAM = np.random.default_rng(0)
COUNTS = STREAM.poisson(4.0, WEEKS).astype(np.float64)
AMOUNTS = np.exp(1.0 + STREAM.normal(size=LOSSES))
LAST = 3


def lognormal(mean: float) -> SeverityParameters:
    return SeverityParameters(mean, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def folds(n: int) -> np.ndarray:
    return np.repeat(np.arange(LAST), n // LAST)


def part(outcome: np.ndarray, forecasts: dict[str, CountForecast | DensityForecast]) -> ScoredPart:
    n = outcome.size
    time = np.datetime64("2004-01-05") + np.arange(n)
    seeds = {"mlp": (forecasts["mlp"], forecasts["mlp"])}
    return ScoredPart(time, outcome, folds(n), np.full(n, 5.0), forecasts, seeds)


def record(
    *, network: float | tuple[float, ...] = 4.0, center: float | tuple[float, ...] = 1.0
) -> LedgerRecord:
    """The network's mean count and mean log amount, by year where several; convention says 5 and 1.3."""

    def counts(mean: float | tuple[float, ...], dispersion: float = 0.0) -> CountForecast:
        return CountForecast(
            np.broadcast_to(mean, LAST).astype(float)[folds(WEEKS)], np.full(WEEKS, dispersion)
        )

    def density(mean: float | tuple[float, ...]) -> DensityForecast:
        each = tuple(lognormal(float(one)) for one in np.broadcast_to(mean, LAST))
        return DensityForecast(each, folds(LOSSES))

    empty = LedgerPart(*(np.empty(0),) * 2, np.empty((0, 2)), np.empty((0, 2)), (), np.empty((0, 1, 1)))
    ledger = LossLedger(
        np.empty(0, "datetime64[D]"),
        np.empty(0),
        np.datetime64("2001-01-01"),
        np.datetime64("2006-12-31"),
        0.0,
        "",
    )
    said = {"mlp": counts(network), "linear": counts(4.5), "negative_binomial": counts(5.0, 0.1)}
    sized = {"mlp": density(center), "linear": density(1.1), "spliced": density(1.3)}
    return LedgerRecord(
        LedgerSamples(ledger, empty, empty, np.empty((0, 5)), ()), YEARS,
        part(COUNTS, said), part(AMOUNTS, sized),
        ("linear",), ("negative_binomial", "spliced"), ("mlp",),
    )  # fmt: skip


def study(**changes: object) -> LedgerStudy:
    return small_study(**changes)


def test_losses_are_those_of_the_distributions() -> None:
    made = record()
    found = losses(made.counts, made.counts.forecasts["mlp"], "count_log_score")
    assert found == pytest.approx(-stats.poisson.logpmf(COUNTS, 4.0))
    r = 1.0 / 0.1
    spread = losses(made.counts, made.counts.forecasts["negative_binomial"], "count_log_score")
    assert spread == pytest.approx(-stats.nbinom.logpmf(COUNTS, r, r / (r + 5.0)))
    sized = losses(made.severities, made.severities.forecasts["mlp"], "severity_log_score")
    assert sized == pytest.approx(-stats.lognorm.logpdf(AMOUNTS, 1.0, scale=np.e))
    tail = losses(made.severities, made.severities.forecasts["mlp"], "severity_tail_crps")
    grid = np.linspace(5.0, 4000.0, 400_000)
    squared = (stats.lognorm.cdf(grid, 1.0, scale=np.e) - (AMOUNTS[7] <= grid)) ** 2
    assert tail[7] == pytest.approx(np.trapezoid(squared, grid), rel=1e-3)


def test_transforms_of_the_right_model_are_uniform() -> None:
    made = record()
    share = np.random.default_rng(1).random(WEEKS)
    counts = transform(made.counts, made.counts.forecasts["mlp"], share)
    amounts = transform(made.severities, made.severities.forecasts["mlp"], share)
    for place in (counts, amounts):
        assert stats.kstest(place, "uniform").pvalue > 0.01


def test_cells_of_the_other_part_are_blank_with_the_reason() -> None:
    cells = {(one.model, one.metric): one for one in ledger_scores(record())}
    assert cells["spliced", "count_crps"].value is None
    assert "amounts only" in cells["spliced", "count_crps"].note
    assert "counts only" in cells["negative_binomial", "severity_log_score"].note
    assert cells["mlp", "count_log_score"].sd == 0.0
    assert cells["linear", "severity_log_score"].value == pytest.approx(
        -stats.lognorm.logpdf(AMOUNTS, 1.0, scale=np.exp(1.1)).mean()
    )


def test_the_right_model_is_better_and_ships_in_both_parts() -> None:
    claims, verdict = judge_ledgers(record(), study())
    assert all(claim.held for claim in claims)
    assert (verdict.standing, verdict.champion) == ("better", "mlp+mlp")
    assert f"{WEEKS} weeks" in verdict.sentence


def test_a_network_that_corrects_nothing_is_told_from_nobody() -> None:
    made = record(network=5.0)
    made.counts.forecasts["mlp"] = made.counts.forecasts["negative_binomial"]
    duel = ledger_duel(made, "mlp", "negative_binomial", "count_log_score")
    assert (duel.difference, duel.standing, np.isnan(duel.test.p_value)) == (0.0, "indistinguishable", True)
    claims, verdict = judge_ledgers(made, study())
    assert [claim.held for claim in claims] == [True, True, False]
    assert verdict.standing == "better"  # by its amounts


def test_who_held_an_outcome_impossible_has_lost_and_two_who_did_are_even() -> None:
    made = record()
    short = SeverityParameters(1.0, 1.0, 0.0, 2.0, 0.3, -0.4, 0.5)  # no loss above 2 + 0.5 / 0.4
    made.severities.forecasts["mlp"] = DensityForecast((short,) * LAST, folds(LOSSES))
    lost = ledger_duel(made, "mlp", "spliced", "severity_log_score")
    assert (lost.difference, lost.standing, lost.test.p_value) == (np.inf, "worse", 0.0)
    made.severities.forecasts["spliced"] = made.severities.forecasts["mlp"]
    even = ledger_duel(made, "mlp", "spliced", "severity_log_score")
    assert (even.difference, even.standing) == (0.0, "indistinguishable")
    cells = {(one.model, one.metric): one for one in ledger_scores(made)}
    assert "infinite" in cells["mlp", "severity_log_score"].note


def test_what_is_worse_in_a_part_leaves_that_part_to_convention() -> None:
    claims, verdict = judge_ledgers(record(center=2.5), study(evaluate__claims=()))
    assert claims == []
    assert (verdict.standing, verdict.champion) == ("worse", "mlp+spliced")
    broken, verdict = judge_ledgers(record(network=9.0), study())
    assert [one.held for one in broken if one.rung == "floor"] == [False, True]
    assert verdict.champion == "negative_binomial+mlp"
    assert "(floor)" in verdict.sentence


def test_confirming_years_decide() -> None:
    """Right in the year that chose, wrong in those after: not better, and where worse, not shipped."""
    made = record(network=(4.0, 4.0, 8.0), center=(1.0, 1.0, 1.0))
    chose = study(evaluate__development_until=2005)
    claims, verdict = judge_ledgers(made, chose)
    assert {claim.block for claim in claims} == {"all", "development", "confirmation"}
    assert (verdict.standing, verdict.champion) == ("worse", "negative_binomial+mlp")
    never = judge_ledgers(record(), study(evaluate__development_until=2006))[1]
    assert never.standing == "indistinguishable"
    assert "nothing here is confirmed" in never.sentence


def test_a_champion_may_be_chosen_and_must_exist() -> None:
    made = record()
    chosen = judge_ledgers(made, study(deploy__champion="linear+spliced"))[1]
    assert chosen.champion == "linear+spliced"
    assert "chosen in the settings" in chosen.sentence
    assert champion_of(made, "network") == ("mlp", "mlp")
    with pytest.raises(SettingError, match=r"deploy\.champion"):
        champion_of(made, "spliced+mlp")
    with pytest.raises(SettingError, match=r"deploy\.candidate"):
        judge_ledgers(made, study(deploy__candidate="rnn"))


def test_every_model_meets_every_baseline_of_its_part_and_the_control() -> None:
    found = ledger_comparisons(record(), study())
    pairs = {(one.model, one.opponent) for one in found if one.metric == "count_log_score"}
    assert pairs == {
        ("mlp", "negative_binomial"), ("mlp", "linear"), ("linear", "negative_binomial"),
        ("negative_binomial", "linear"),
    }  # fmt: skip
