"""The gaussian head in torch against its numpy counterpart and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from barograph.core.errors import SettingError
from barograph.measures.heads import gaussian
from barograph.models.level_heads import GAUSSIAN, LEVEL_CATALOGUE

raw_outputs = st.floats(-2.9, 2.9)


@given(shift=raw_outputs, log_scale=raw_outputs, error=st.floats(-8, 8))
def test_torch_loss_is_the_negative_log_density_that_numpy_states(
    shift: float, log_scale: float, error: float
) -> None:
    raw = np.array([[[[shift, log_scale]]]])
    mean, scale = gaussian(raw)
    expected = -stats.norm.logpdf(error, mean[0, 0, 0], scale[0, 0, 0]) - 0.5 * np.log(2 * np.pi)
    target = torch.tensor([[[error]]], dtype=torch.float64)
    loss = LEVEL_CATALOGUE.head(GAUSSIAN).loss(torch.from_numpy(raw), torch.zeros(1, 1, 1), target)
    assert loss.item() == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_raw_zeros_are_the_standard_normal() -> None:
    shift, scale = gaussian(np.zeros((2, 3, 2)))
    assert not shift.any()
    assert (scale == 1.0).all()
    assert LEVEL_CATALOGUE.head(GAUSSIAN).outputs(3) == 2


def test_another_head_is_refused() -> None:
    with pytest.raises(SettingError, match="gaussian"):
        LEVEL_CATALOGUE.head("qlike")
