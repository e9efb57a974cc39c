"""The gaussian head in torch against its numpy counterpart and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from barograph.core.errors import SettingError
from barograph.measures.heads import LEVEL_DEGREES, gaussian, shift_and_scale
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


@given(shift=raw_outputs, log_scale=raw_outputs, error=st.floats(-8, 8))
def test_the_student_head_is_the_negative_log_density_less_its_constant(
    shift: float, log_scale: float, error: float
) -> None:
    raw = np.array([[[[shift, log_scale]]]])
    mean, scale = shift_and_scale(raw)
    density = stats.t(LEVEL_DEGREES, mean[0, 0, 0], scale[0, 0, 0])
    expected = stats.t(LEVEL_DEGREES).logpdf(0.0) - density.logpdf(error)
    target = torch.tensor([[[error]]], dtype=torch.float64)
    loss = LEVEL_CATALOGUE.head("student").loss(torch.from_numpy(raw), torch.zeros(1, 1, 1), target)
    assert loss.item() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(shift=raw_outputs, error=st.floats(-8, 8))
def test_the_huber_head_is_hubers_loss_and_scales_nothing(shift: float, error: float) -> None:
    raw = np.array([[[[shift]]]])
    assert shift_and_scale(raw)[1].item() == 1.0
    target = torch.tensor([[[error]]], dtype=torch.float64)
    head = LEVEL_CATALOGUE.head("huber")
    theirs = torch.nn.functional.huber_loss(torch.tensor(shift, dtype=torch.float64), target[0, 0, 0])
    loss = head.loss(torch.from_numpy(raw), torch.zeros(1, 1, 1), target)
    assert head.outputs(3) == 1
    assert loss.item() == pytest.approx(theirs.item(), rel=1e-9, abs=1e-12)


def test_another_head_is_refused() -> None:
    with pytest.raises(SettingError, match="gaussian"):
        LEVEL_CATALOGUE.head("qlike")
