"""A walk-forward run made by hand: the true variance is known, and each candidate errs by a chosen amount."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import norm

from barograph.core.arrays import FloatArray
from barograph.core.forecast import ALPHAS, LEVELS, Distribution, OutOfSample
from barograph.core.records import ByDay, Samples
from barograph.core.study import Claim, DeploySection, EvaluateSection, Study

SIGMA = 0.01
QUANTILES = norm.ppf(LEVELS)
SHORTFALL = norm.pdf(norm.ppf(ALPHAS)) / np.array(ALPHAS)


def normal_distribution(variance: FloatArray) -> Distribution:
    """Normal returns with the given variance, [n, n_horizons]."""
    sigma = np.sqrt(variance)[..., None]
    return Distribution(variance, sigma * QUANTILES, sigma * SHORTFALL)


def forward_sums(values: FloatArray, horizon: int) -> FloatArray:
    """Sum of the next `horizon` values, NaN where they are not all known."""
    sums = np.full(values.size, np.nan)
    for row in range(values.size - horizon):
        sums[row] = values[row + 1 : row + 1 + horizon].sum()
    return sums


def made_samples(entities: tuple[str, ...], days: int, horizons: tuple[int, ...], seed: int) -> Samples:
    """Returns with a common and an own shock each day, unit variance times SIGMA squared."""
    random = np.random.default_rng(seed)
    common = random.normal(size=days)
    returns, target, outcome = [], [], []
    for _ in entities:
        own = SIGMA * (0.6 * common + 0.8 * random.normal(size=days))
        returns.append(own)
        target.append(np.column_stack([forward_sums(own**2, h) for h in horizons]))
        outcome.append(np.column_stack([forward_sums(own, h) for h in horizons]))
    n, empty = days * len(entities), np.zeros((days * len(entities), 0))
    time = np.tile(np.datetime64("2015-01-01") + np.arange(days), len(entities))
    flat = np.concatenate(returns)
    return Samples(
        entities=entities,
        entity=np.repeat(np.arange(len(entities)), days),
        time=time,
        features=empty,
        feature_names=(),
        channels=empty,
        channel_names=(),
        window=1,
        cross_section=ByDay(np.zeros((1, 0)), np.zeros(n, np.int64)),
        returns=flat,
        proxy=flat**2,
        price=np.ones(n),
        horizons=horizons,
        target=np.concatenate(target),
        target_return=np.concatenate(outcome),
        known_at=np.repeat(time[:, None], len(horizons), axis=1),
        admissible=np.ones(n, dtype=bool),
        held=np.zeros(n, dtype=bool),
    )


def made_run(
    noise: dict[str, float],
    *,
    entities: tuple[str, ...] = ("a", "b", "c"),
    days: int = 400,
    horizons: tuple[int, ...] = (1, 5),
    seed: int = 0,
    roles: dict[str, tuple[str, ...]] | None = None,
) -> OutOfSample:
    """Candidates whose log variance is the true one plus independent normal errors of the given size."""
    samples = made_samples(entities, days, horizons, seed)
    random = np.random.default_rng([seed, 1])
    truth = np.log(SIGMA**2 * np.array(horizons, dtype=float))
    shape = (samples.n, len(horizons))
    guesses = {name: truth + size * random.normal(size=shape) for name, size in noise.items()}
    given = {"baselines": (), "networks": (), "combinations": (), "controls": ()} | (roles or {})
    return OutOfSample(
        samples=samples,
        rows=np.arange(samples.n),
        fold=np.zeros(samples.n, dtype=np.int64),
        distributions={name: normal_distribution(np.exp(guess)) for name, guess in guesses.items()},
        members={name: guesses[name] + 0.1 * random.normal(size=(3, *shape)) for name in given["networks"]},
        event_threshold=np.full(samples.n, SIGMA**2 * norm.ppf(0.95) ** 2),
        controls=given["controls"],
        baselines=given["baselines"],
        networks=given["networks"],
        combinations=given["combinations"],
    )


def made_study(
    *claims: Claim, development: tuple[str, ...] = ("a",), candidate: str = "ours", champion: str = "auto"
) -> Study:
    """A study that makes these claims."""
    return Study(
        name="made/volatility",
        question="Which forecaster errs least?",
        evaluate=EvaluateSection(development=development, claims=claims, bootstrap=200),
        deploy=DeploySection(candidate=candidate, champion=champion),
    )


def without_forecasts(run: OutOfSample, model: str, rows: slice) -> OutOfSample:
    """The run with a candidate's forecasts taken away on some rows."""
    gap = run.distributions[model]
    parts = [gap.variance.copy(), gap.quantiles.copy(), gap.shortfall.copy()]
    for part in parts:
        part[rows] = np.nan
    return replace(run, distributions={**run.distributions, model: Distribution(*parts)})
