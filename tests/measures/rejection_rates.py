"""How often a test rejects: shared by the size and power checks of the credit tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

NOMINAL = 0.05
REPETITIONS = pytest.mark.parametrize(
    "repetitions", [300, pytest.param(3000, marks=pytest.mark.soak)], ids=["cut", "long"]
)


def rejection_rate(p_value: Callable[[np.random.Generator], float], repetitions: int, seed: int = 0) -> float:
    """Share of independent samples on which the p-value is at most 5 %; an undefined one is an error."""
    random = np.random.default_rng(seed)
    found = np.array([p_value(random) for _ in range(repetitions)])
    assert np.isfinite(found).all()
    return float(np.mean(found <= NOMINAL))


def band(repetitions: int) -> float:
    """Four standard errors of a rejection rate of 5 %."""
    return 4 * np.sqrt(NOMINAL * (1 - NOMINAL) / repetitions)
