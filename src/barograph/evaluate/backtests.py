"""The regulators' tests of every candidate's VaR and ES, entity by entity.

Back-tests judge adequacy, one candidate at a time; they do not rank (scores and comparison tests do). They
run on the one-day forecasts; longer horizons are tested on non-overlapping days only
(`horizon_back_tests`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import ndtri

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import SettingError, unknown
from barograph.core.forecast import ALPHAS, LEVELS, Distribution, OutOfSample
from barograph.core.notes import noted
from barograph.core.results import BackTest, TestResult
from barograph.core.seeds import seed_of
from barograph.measures import backtests as tests
from barograph.measures.distributions import pit_from_quantiles

Side = Literal["lower", "upper"]

SIZE = 0.05
"""A test is passed when its p-value is at least this."""

TRAFFIC_LIGHT_DAYS = 250
"""The supervisor's year: the last so many days of a series."""

WHOLE = 0.0
"""What stands for the tail probability in tests of the whole distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class _Days:
    """The scored days of one candidate on one entity that have an outcome and a forecast."""

    model: str
    entity: str
    returns: FloatArray  # [n]
    quantiles: FloatArray  # [n, n_levels]
    shortfall: FloatArray  # [n, n_alphas]
    sigma: FloatArray  # [n]
    position: IntArray  # [n] row counted within the entity
    left_out: str  # how many days could not be tested, empty where none


def back_tests(
    out: OutOfSample,
    *,
    models: Sequence[str],
    alphas: Sequence[float] = ALPHAS,
    simulations: int = 500,
    seed: int = 0,
) -> list[BackTest]:
    """Every test of VaR, ES and the distribution at one day, per model, entity, tail probability and side.

    VaR is tested on both sides: the upper one is the quantile at ``1 - alpha``, with an exception when the
    return is above it. ES is carried for the lower tail and tested there. Tests of the whole distribution
    have ``alpha = 0`` and side ``lower``, and count no exceptions.

    A test is passed when its p-value is at least 5 %; the traffic light, on the last 250 days, when it is
    not red. ``passed`` is None where the sample cannot carry the test; its note says why. Days without an
    outcome, or for which a model has no finite forecast, are left out and counted in the note.

    Three tests have Monte-Carlo p-values because their chi-square law is poor: the dynamic quantile test on
    a constant and four lagged hits, the mixed Kupiec test and the duration test. None of them looks at the
    VaR itself (the dynamic quantile test leaves it out of its regressors), so the law under the null depends
    on the number of days and alpha only: it is simulated once for each pair and shared by all models, both
    sides, and all entities of that length.

    Parameters
    ----------
    out : OutOfSample
        The scored rows with every candidate's forecasts.
    models : sequence of str
        Candidates to test.
    alphas : sequence of float
        Tail probabilities, among `core.forecast.ALPHAS`.
    simulations : int
        Draws behind each Monte-Carlo or bootstrap p-value.
    seed : int
        Root of the random streams.
    """
    _check_alphas(alphas)
    results: list[BackTest] = []
    for days in _series(out, models, horizon=1):
        for alpha in alphas:
            for side in ("lower", "upper"):
                results += _of_value_at_risk(days, alpha, side, simulations=simulations, seed=seed)
            results += _of_shortfall(days, alpha, simulations=simulations, seed=seed)
        results += _of_distribution(days)
    return results


def horizon_back_tests(
    out: OutOfSample,
    *,
    models: Sequence[str],
    horizons: Sequence[int] | None = None,
    alphas: Sequence[float] = ALPHAS,
) -> list[BackTest]:
    """Kupiec's test at longer horizons, on each non-overlapping subsample, with Bonferroni's correction.

    Overlapping windows make exceptions come in runs, and Kupiec's test at 5 % would then reject a perfect
    model far too often. Origins h rows apart do not overlap: there are h such subsamples, each is tested,
    and the p-value is ``min(1, m x smallest)`` with m the subsamples that could be tested. The statistic is
    the largest likelihood ratio, the exceptions those on all days; the horizon stands in the test's name,
    ``kupiec_h5``.

    Parameters
    ----------
    horizons : sequence of int, optional
        Trading days; by default all of the samples' horizons but the first day.
    """
    _check_alphas(alphas)
    chosen = [h for h in out.samples.horizons if h > 1] if horizons is None else list(horizons)
    return [
        _of_subsamples(days, alpha, side, horizon)
        for horizon in chosen
        for days in _series(out, models, horizon=horizon)
        for alpha in alphas
        for side in ("lower", "upper")
    ]


def _of_value_at_risk(
    days: _Days, alpha: float, side: Side, *, simulations: int, seed: int
) -> list[BackTest]:
    """The tests that see only the sequence of exceptions."""
    hits = tests.exceptions(*_loss_side(days, alpha, side))
    n_obs, number = hits.shape[0], int(hits.sum())
    times, counts = tests.waiting_times(hits), tests.transitions(hits)
    first = int(times[0]) if number else None
    stream = seed_of(seed, "back-tests")
    results = [
        tests.kupiec(number, n_obs, alpha=alpha),
        tests.time_until_first_failure(first, alpha=alpha, n_obs=n_obs),
        tests.independence(counts),
        tests.conditional_coverage(counts, number, n_obs=n_obs, alpha=alpha),
        tests.mixed_kupiec_p_value(hits, alpha=alpha, simulations=simulations, seed=stream),
        tests.dynamic_quantile_p_value(hits, alpha=alpha, simulations=simulations, seed=stream),
        tests.duration_p_value(hits, alpha=alpha, simulations=simulations, seed=stream),
    ]
    judged = [_judged(days, alpha, side, number, test) for test in results]
    return [*judged, _light(days, alpha, side, int(hits[-TRAFFIC_LIGHT_DAYS:].sum()))]


def _of_shortfall(days: _Days, alpha: float, *, simulations: int, seed: int) -> list[BackTest]:
    """The tests of ES, lower tail."""
    returns, value_at_risk = _loss_side(days, alpha, "lower")
    series = (returns, value_at_risk, days.shortfall[:, ALPHAS.index(alpha)])
    stream = seed_of(seed, "back-tests", days.model, days.entity, str(alpha))
    both = tests.acerbi_szekely(*series, alpha=alpha, simulations=simulations, seed=stream)
    beyond = tests.mcneil_frey(*series, sigma=days.sigma, bootstrap=simulations, seed=stream)
    return [_judged(days, alpha, "lower", both.exceptions, test) for test in (both.z1, both.z2, beyond.test)]


def _of_distribution(days: _Days) -> list[BackTest]:
    """The tests of the whole distribution."""
    pit = pit_from_quantiles(days.returns, days.quantiles, LEVELS)
    found = [
        tests.kolmogorov_smirnov(pit),
        tests.uniform_bins(pit),
        tests.ljung_box(pit),
        tests.berkowitz(ndtri(pit)),
    ]
    return [_judged(days, WHOLE, "lower", 0, test) for test in found]


def _of_subsamples(days: _Days, alpha: float, side: Side, horizon: int) -> BackTest:
    """Kupiec on each of the subsamples of origins `horizon` rows apart."""
    hits = tests.exceptions(*_loss_side(days, alpha, side))
    groups = [hits[days.position % horizon == offset] for offset in range(horizon)]
    single = [tests.kupiec(int(g.sum()), g.shape[0], alpha=alpha) for g in groups if g.shape[0]]
    name = f"kupiec_h{horizon}"
    if not single:
        return _judged(
            days, alpha, side, 0, TestResult(name, float("nan"), float("nan"), 0, noted("notes.test.no_days"))
        )
    p_value = min(1.0, len(single) * min(test.p_value for test in single))
    largest = max(test.statistic for test in single)
    note = noted("notes.test.bonferroni", n=len(single))
    pooled = TestResult(name, largest, p_value, hits.shape[0], note)
    return _judged(days, alpha, side, int(hits.sum()), pooled)


def _light(days: _Days, alpha: float, side: Side, number: int) -> BackTest:
    """The traffic light on the last 250 days; untestable on fewer."""
    n_obs = min(days.returns.shape[0], TRAFFIC_LIGHT_DAYS)
    light = tests.traffic_light(number, n_obs, alpha=alpha)
    if n_obs < TRAFFIC_LIGHT_DAYS:
        short = noted("notes.test.few_days", n=TRAFFIC_LIGHT_DAYS)
        untested = replace(light.result(), p_value=float("nan"), note=short)
        return _judged(days, alpha, side, number, untested)
    return replace(_judged(days, alpha, side, number, light.result()), passed=light.zone != "red")


def _judged(days: _Days, alpha: float, side: Side, number: int, test: TestResult) -> BackTest:
    """A test with its verdict at 5 % and the days left out added to its note."""
    passed = None if np.isnan(test.p_value) else bool(test.p_value >= SIZE)
    told = replace(test, note="; ".join(part for part in (test.note, days.left_out) if part))
    return BackTest(days.model, days.entity, side, alpha, number, told, passed)


def _loss_side(days: _Days, alpha: float, side: Side) -> tuple[FloatArray, FloatArray]:
    """Returns and VaR such that an exception is a return below minus VaR, whichever side is meant."""
    if side == "lower":
        return days.returns, -days.quantiles[:, LEVELS.index(alpha)]
    return -days.returns, days.quantiles[:, len(LEVELS) - 1 - LEVELS.index(alpha)]


def _series(out: OutOfSample, models: Sequence[str], *, horizon: int) -> Iterator[_Days]:
    """The testable days of every model and entity at one horizon."""
    samples = out.samples
    if horizon not in samples.horizons:
        raise SettingError(
            f"a back-test at {horizon} days needs that horizon in the study",
            came=f"it has {', '.join(map(str, samples.horizons))}",
            do=f"Add {horizon} to `prepare.horizons`, or leave it out of the back-tests",
        )
    column = samples.horizons.index(horizon)
    outcome = samples.target_return[out.rows, column]
    entity = samples.entity[out.rows]
    for model in models:
        if model not in out.distributions:
            raise unknown("a model to back-test", model, out.distributions)
        for index in np.unique(entity):
            scored = np.flatnonzero(entity == index)
            position = out.rows[scored] - samples.rows_of(int(index)).start
            forecast = out.distributions[model].take(scored)
            yield _days(model, samples.entities[index], outcome[scored], position, forecast, column=column)


def _days(
    model: str,
    entity: str,
    outcome: FloatArray,
    position: IntArray,
    forecast: Distribution,
    *,
    column: int,
) -> _Days:
    """What is left of one series when days without outcome or forecast are gone."""
    quantiles, shortfall = forecast.quantiles[:, column], forecast.shortfall[:, column]
    variance = forecast.variance[:, column]
    known = np.isfinite(outcome)
    told = np.isfinite(quantiles).all(axis=1) & np.isfinite(shortfall).all(axis=1) & np.isfinite(variance)
    kept = known & told
    gone = {"no_outcome": int((~known).sum()), "no_forecast": int((known & ~told).sum())}
    left_out = "; ".join(noted(f"notes.left_out.{why}", n=count) for why, count in gone.items() if count)
    return _Days(
        model=model,
        entity=entity,
        returns=outcome[kept],
        quantiles=quantiles[kept],
        shortfall=shortfall[kept],
        sigma=np.sqrt(variance[kept]),
        position=position[kept],
        left_out=left_out,
    )


def _check_alphas(alphas: Sequence[float]) -> None:
    strange = [alpha for alpha in alphas if alpha not in ALPHAS]
    if strange:
        raise SettingError(
            f"tail probabilities must be among {', '.join(map(str, ALPHAS))}",
            came=f"got {strange[0]}",
            do="Leave it out: no ES is carried for it",
        )
