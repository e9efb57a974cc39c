"""Stacked layers against torch's own layers for one member."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from barograph.models.layers import Draws, StackedAttention, StackedLayerNorm, StackedLinear, TreeConvolution
from barograph.models.recurrence import StackedGru, StackedLstm

torch.set_num_threads(1)


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-4, atol=1e-5)


def moved(module: nn.Module) -> nn.Module:
    stream = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for values in module.parameters():
            values += 0.2 * torch.randn(values.shape, generator=stream)
    return module


@pytest.mark.parametrize("axes", [(4,), (4, 3), (2, 3, 5)])
def test_stacked_linear_is_a_plain_product_for_each_member(axes: tuple[int, ...]) -> None:
    layer = moved(StackedLinear(Draws([1, 2]), 6, 5))
    x = torch.randn(2, *axes, 6)
    for m in range(2):
        assert close(layer(x)[m], x[m] @ layer.weight[m] + layer.bias[m, 0])


def test_first_weights_carry_unit_variance_forward() -> None:
    layer = StackedLinear(Draws(range(200)), 50, 4)
    out = layer(torch.randn(200, 100, 50, generator=torch.Generator().manual_seed(1)))
    assert 0.9 < float(out.detach().std()) < 1.1


def test_stacked_layer_norm_is_torchs_for_each_member() -> None:
    layer = moved(StackedLayerNorm(Draws([1, 2]), 6))
    x = torch.randn(2, 4, 3, 6)
    for m in range(2):
        assert close(layer(x)[m], F.layer_norm(x[m], (6,), layer.gain[m], layer.bias[m]))


def test_stacked_gru_is_torchs_for_each_member() -> None:
    layer = moved(StackedGru(Draws([1, 2]), 3, 5))
    x = torch.randn(2, 4, 7, 3)
    order = torch.cat(
        [torch.arange(5, 10), torch.arange(5), torch.arange(10, 15)]
    )  # torch: reset, update, new
    for m in range(2):
        theirs = nn.GRU(3, 5, batch_first=True)
        theirs.weight_ih_l0.data = layer.input_weight[m].T[order]
        theirs.weight_hh_l0.data = layer.state_weight[m].T[order]
        theirs.bias_ih_l0.data = layer.bias[m, :, 0][order]
        theirs.bias_hh_l0.data = torch.cat([torch.zeros(10), layer.candidate_bias[m, :, 0]])
        assert close(layer(x)[m], theirs(x[m])[0][:, -1])


def test_stacked_lstm_is_torchs_for_each_member() -> None:
    layer = moved(StackedLstm(Draws([1, 2]), 3, 5))
    x = torch.randn(2, 4, 7, 3)
    order = torch.cat(
        [torch.arange(10), torch.arange(15, 20), torch.arange(10, 15)]
    )  # torch: in, forget, cell, out
    for m in range(2):
        theirs = nn.LSTM(3, 5, batch_first=True)
        theirs.weight_ih_l0.data = layer.input_weight[m].T[order]
        theirs.weight_hh_l0.data = layer.state_weight[m].T[order]
        theirs.bias_ih_l0.data = layer.bias[m, :, 0][order]
        theirs.bias_hh_l0.data.zero_()
        assert close(layer(x)[m], theirs(x[m])[0][:, -1])


@pytest.mark.parametrize(("kernel", "length"), [(2, 22), (3, 22), (3, 27), (2, 5), (4, 6)])
def test_the_tree_gives_the_last_output_of_the_full_dilated_convolution(kernel: int, length: int) -> None:
    floors, left = [], length
    while left > 1:
        floors.append(moved(TreeConvolution(Draws([1]), 2 if not floors else 4, 4, kernel=kernel)))
        left = -(-left // kernel)
    x = torch.randn(1, 3, length, 2)
    tree, full = x, x[0].transpose(1, 2)  # full: [B, channels, T]
    for number, floor in enumerate(floors):
        tree = floor(tree)
        dilation = kernel**number
        taps = floor.product.weight[0].unflatten(0, (kernel, -1)).permute(2, 1, 0)  # [out, in, kernel]
        padded = F.pad(full, (dilation * (kernel - 1), 0))
        out = F.silu(F.conv1d(padded, taps, floor.product.bias[0, 0], dilation=dilation))
        full = out + full if floor.residual else out
    assert tree.shape[2] == 1
    assert close(tree[0, :, -1], full[:, :, -1])


def test_stacked_attention_is_torchs_for_each_member() -> None:
    layer = moved(StackedAttention(Draws([1, 2]), 6, n_heads=2))
    x = torch.randn(2, 4, 5, 6)
    for m in range(2):
        theirs = nn.MultiheadAttention(6, 2, batch_first=True)
        theirs.in_proj_weight.data = torch.cat([layer.query.weight[m].T, layer.key_value.weight[m].T])
        theirs.in_proj_bias.data = torch.cat([layer.query.bias[m, 0], layer.key_value.bias[m, 0]])
        theirs.out_proj.weight.data = layer.mix.weight[m].T.contiguous()
        theirs.out_proj.bias.data = layer.mix.bias[m, 0]
        assert close(layer(x[:, :, -1:], x)[m], theirs(x[m][:, -1:], x[m], x[m])[0])
