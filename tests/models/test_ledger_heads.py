"""Heads of ledgers: torch and numpy say the same; networks start at convention; baselines by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from barograph.core.arrays import FloatArray
from barograph.core.errors import SettingError
from barograph.core.network import NetworkShape
from barograph.measures.losses import counts
from barograph.measures.losses.fitted import parameters_of, severity_of, weekly_mean
from barograph.measures.losses.heads import corrected_counts, score_mixture
from barograph.measures.losses.pareto import GeneralisedPareto
from barograph.measures.losses.severity import Lognormal
from barograph.measures.losses.spliced import Spliced
from barograph.measures.losses.warped import WarpedMixture, scores
from barograph.models.baselines.ledgers import COUNT_BASELINES, ledger_baseline
from barograph.models.baselines.ledgers.severities import fit_spliced_severity, tail_threshold
from barograph.models.catalogue import NETWORKS
from barograph.models.ledger_heads import HEADS, LEDGER_CATALOGUE

STREAM = np.random.default_rng(0)
BASE = Spliced(Lognormal(0.2, 1.0, 1.0, 5.0), GeneralisedPareto(0.5, 4.0, 5.0), 0.12)


def tensor(values: FloatArray) -> Tensor:
    return torch.tensor(values)[None]


@pytest.mark.parametrize("head", ["negative_binomial", "poisson"])
def test_the_loss_of_counts_is_minus_their_log_probability(head: str) -> None:
    raw = STREAM.normal(size=(1, 4, 1, 2))
    came, mean = np.array([0.0, 2.0, 5.0, 40.0]), np.array([1.0, 2.0, 3.0, 9.0])
    said = corrected_counts(raw[0, :, 0], mean, np.full(4, 0.3), poisson=head == "poisson")
    offset = np.column_stack([np.log(mean), np.full(4, np.log(0.3))])
    target, weight = np.column_stack([came, np.zeros(4)]), np.ones((4, 2))
    loss = HEADS[head].loss(torch.tensor(raw), tensor(target), tensor(offset), tensor(weight))
    assert loss[0, :, 0].numpy() == pytest.approx(
        -counts.log_probability(came, said[0], dispersion=said[1]), rel=1e-9
    )


def test_the_loss_of_amounts_is_minus_the_log_density_less_that_of_the_base() -> None:
    raw = STREAM.normal(size=(1, 6, 1, 9))
    amounts = BASE.tail_quantile(np.array([0.99999, 0.99, 0.5, 0.1, 0.01, 1e-5]))
    z = scores(BASE, amounts)[:, None]
    loss = HEADS["severity"].loss(torch.tensor(raw), tensor(z), tensor(0.0 * z), tensor(np.ones((6, 1))))
    bent = WarpedMixture(BASE, *score_mixture(raw[0, :, 0]))
    expected = BASE.log_density(amounts) - bent.log_density(amounts)
    assert loss[0, :, 0].numpy() == pytest.approx(expected, rel=1e-9)
    nothing = HEADS["severity"].loss(torch.zeros(1, 6, 1, 9), tensor(z), tensor(z), tensor(np.ones((6, 1))))
    assert nothing.abs().max() < 1e-12


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_every_network_starts_at_convention(network: str) -> None:
    shape = NetworkShape(2, 5, 2, 6, 0, 1, 9)
    built = LEDGER_CATALOGUE.build(network, {}, shape, [1, 2])
    raw = built(torch.ones(2, 3, 5), torch.ones(2, 3, 6, 2), torch.ones(2, 3, 0))
    assert raw.shape == (2, 3, 1, 9)
    assert raw.abs().max() == 0.0


def test_components_that_start_alike_part() -> None:
    raw = torch.zeros(1, 200, 1, 9, requires_grad=True)
    z = torch.tensor(np.where(STREAM.random(200) < 0.3, 2.0, -0.8))[None, :, None]
    HEADS["severity"].loss(raw, z, 0.0 * z, torch.ones_like(z)).sum().backward()
    step = -0.1 * torch.sign(raw.grad.sum(dim=1))[0, 0].numpy()  # type: ignore[union-attr]
    _, means, deviations = score_mixture(step)
    assert np.unique(means.round(9)).size == 3
    assert np.unique(deviations.round(9)).size == 3


def test_the_poisson_regression_is_at_its_maximum() -> None:
    x = np.column_stack([np.sin(np.arange(300) / 8.0), np.cos(np.arange(300) / 8.0)])
    seen = STREAM.poisson(np.exp(1.0 + x @ np.array([0.5, -0.3]))).astype(np.float64)
    fit = COUNT_BASELINES["poisson"](seen, x)
    left = seen - weekly_mean(fit, x)
    assert abs(left.sum()) < 1e-7
    assert np.abs(x.T @ left).max() < 1e-7
    assert fit.coefficients == pytest.approx([0.5, -0.3], abs=0.1)
    flat = COUNT_BASELINES["homogeneous"](seen, x)
    assert weekly_mean(flat, x) == pytest.approx(np.full(300, seen.mean()))


def test_the_negative_binomial_finds_its_dispersion() -> None:
    drawn = stats.nbinom.rvs(2.0, 2.0 / 7.0, size=4000, random_state=1).astype(np.float64)
    fit = COUNT_BASELINES["negative_binomial"](drawn, np.zeros((4000, 1)) + STREAM.normal(size=(4000, 1)))
    assert fit.dispersion == pytest.approx(0.5, abs=0.06)


def test_fitted_severities_become_plain_and_back() -> None:
    amounts = BASE.draw(np.random.default_rng(3), 2000)
    threshold = tail_threshold(amounts, 0.1)
    assert (amounts > threshold).mean() == pytest.approx(0.1, abs=0.01)
    assert (amounts[:60] > tail_threshold(amounts[:60], 0.1)).sum() >= 19
    fit = fit_spliced_severity(amounts, 1.0, threshold)
    assert parameters_of(severity_of(fit)) == fit or str(parameters_of(severity_of(fit))) == str(fit)
    assert severity_of(type(fit).from_plain(fit.to_plain())).survival(7.0) == severity_of(fit).survival(7.0)


def test_unknown_heads_and_baselines_are_named() -> None:
    with pytest.raises(SettingError, match="negative_binomial"):
        LEDGER_CATALOGUE.head("negative_binomal")
    with pytest.raises(SettingError, match="spliced"):
        ledger_baseline("splice")
