"""Calibrators and blends of a sample undo it: as if each record stood there as often as its weight says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from barograph.measures.alerts import undo_sampling
from barograph.measures.credit.calibrators import calibrate
from barograph.train.calibrate import fit_calibrator
from barograph.train.stacking import fit_stack

METHODS = ("platt", "beta", "isotonic", "shift")


def made(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds that say too much, and labels."""
    random = np.random.default_rng(seed)
    odds = random.normal(-2.0, 1.5, n)
    return expit(1.4 * odds + 0.3), (random.random(n) < expit(odds)).astype(float)


@pytest.mark.parametrize("method", METHODS)
def test_a_weight_counts_like_so_many_equal_records(method: str) -> None:
    said, label = made(600)
    weight = np.random.default_rng(1).integers(1, 5, said.size)
    found = fit_calibrator(method, said, label, weight=weight.astype(float)).parameters
    rows = np.repeat(np.arange(said.size), weight)
    expected = fit_calibrator(method, said[rows], label[rows]).parameters
    points = np.linspace(0.001, 0.99, 50)
    np.testing.assert_allclose(calibrate(found, points), calibrate(expected, points), atol=2e-5)


def test_a_blend_counts_a_weight_like_so_many_equal_records() -> None:
    said, label = made(500)
    other = expit(logit(said) * 0.5 + np.random.default_rng(3).normal(size=said.size))
    weight = np.random.default_rng(2).integers(1, 7, said.size)
    rows = np.repeat(np.arange(said.size), weight)
    both = np.stack([said, other])
    found = fit_stack("ab", both, label, weight=weight.astype(float))
    expected = fit_stack("ab", both[:, rows], label[rows])
    np.testing.assert_allclose(found.weights, expected.weights, atol=1e-4)
    assert found.intercept == pytest.approx(expected.intercept, abs=1e-3)


@pytest.mark.parametrize("method", ["platt", "beta"])
def test_a_sixth_of_the_good_records_with_weights_says_what_the_whole_table_says(method: str) -> None:
    """In expectation: the mean over forty cuts lies at the whole table's map, without weights far from it."""
    said, label = made(6_000)
    points = np.array([0.01, 0.05, 0.2, 0.6])
    whole = logit(calibrate(fit_calibrator(method, said, label).parameters, points))
    random, found, plain = np.random.default_rng(4), [], []
    for _ in range(40):
        kept = (label == 1.0) | (random.random(said.size) < 1 / 6)
        p, y = said[kept], label[kept]
        weight = np.where(y == 1.0, 1.0, 6.0)
        found.append(logit(calibrate(fit_calibrator(method, p, y, weight=weight).parameters, points)))
        plain.append(logit(calibrate(fit_calibrator(method, p, y).parameters, points)))
    error = np.std(found, axis=0) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - whole) < 4.0 * error + 0.01).all()
    assert (np.mean(plain, axis=0) - whole > 1.0).all(), "log 6 is 1.8"


def test_without_a_calibration_the_sampling_is_undone_by_its_odds() -> None:
    said, label = made(400)
    weight = np.where(label == 1.0, 1.0, 6.0)
    found = fit_calibrator("none", said, label, weight=weight).parameters
    np.testing.assert_allclose(calibrate(found, said), undo_sampling(said, 1 / 6), rtol=1e-9)
    np.testing.assert_array_equal(calibrate(fit_calibrator("none", said, label).parameters, said), said)
