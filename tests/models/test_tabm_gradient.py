"""TabM's hand-written gradient of activation, dropout and last layer, against plain operations."""

import pytest
import torch

from barograph.core.network import NetworkShape
from barograph.models.layers import Draws
from barograph.models.tabm import BYTE, DroppedAnswer, TabmConfig, TabmNetwork

torch.set_num_threads(1)


def drawn(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_the_gradient_is_that_of_finite_differences(n_outputs: int) -> None:
    state, weight = drawn(2, 3, 4, 5).requires_grad_(), drawn(2, 3, n_outputs, 4, seed=1).requires_grad_()
    mask = (drawn(2, 1, 4, 5, seed=2) > -0.5).double() * 1.25
    assert 0 < int((mask == 0).sum()) < mask.numel()
    assert torch.autograd.gradcheck(lambda s, w: DroppedAnswer.apply(s, mask, w, 1.25), (state, weight))


@pytest.mark.parametrize("hidden", [(6,), (6, 5)])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_training_step_is_that_of_the_paper_with_its_units_left_out(
    hidden: tuple[int, ...], n_outputs: int
) -> None:
    rows, k = 9, 4
    network = TabmNetwork(
        NetworkShape(2, 5, 0, 0, 0, 1, n_outputs), TabmConfig(k=k, hidden=hidden, dropout=0.5), Draws([1, 2])
    ).double()
    with torch.no_grad():
        for number, values in enumerate(network.parameters()):
            values += 0.3 * drawn(*values.shape, seed=number)
    size = network.noise_size(rows)
    noise = torch.randint(0, BYTE, (2, size), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
    features = drawn(2, rows, 5, seed=4)
    found, _ = network.training_outputs(features, features, features, noise)
    expected = plainly(network, features, noise)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    names, weights = zip(*network.named_parameters(), strict=True)
    weight = drawn(*found.shape, seed=5)
    for name, ours, theirs in zip(
        names,
        torch.autograd.grad((found * weight).sum(), weights),
        torch.autograd.grad((expected * weight).sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-12, msg=name)


def plainly(network: TabmNetwork, features: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Every member, sub-network and row by itself; a unit's mask is a byte of its own row of noise."""
    answers = torch.zeros(*features.shape[:2], network.k, network.last_bias.shape[2], dtype=features.dtype)
    places = features.shape[1] + network.k - 1
    for m, row, i in torch.cartesian_prod(*(torch.arange(n) for n in answers.shape[:3])).tolist():
        state, since = features[m, row] * network.scale[m, i], 0
        for units, layer in zip(network.hidden, network.layers, strict=True):
            bytes_ = noise[m, since : since + units * places].reshape(units, places)[:, row + i]
            since += units * places
            kept = (bytes_ >= 128).double() * 2.0
            state = torch.relu(state @ layer.weight[m] + layer.bias[m, 0]) * kept
        answers[m, row, i] = network.last_weight[m, i] @ state + network.last_bias[m, i, :, 0]
    return answers
