"""AdamW on a flat table against torch's own, member by member."""

import itertools

import numpy as np
import torch
from torch import nn

from barograph.core.network import NetworkShape
from barograph.core.study import TrainSection
from barograph.models.catalogue import build
from barograph.train.optimiser import AdamState, Layout, advance, rate_at

torch.set_num_threads(1)
SETTINGS = TrainSection(max_steps=100, learning_rate=1e-2, weight_decay=0.1, clip=0.5)
LAYOUT = Layout(("weight", "bias"), ((3, 2), (2,)), torch.tensor([1.0] * 6 + [0.0] * 2))


def gradients(steps: int) -> torch.Tensor:
    scale = torch.tensor([0.01, 1.0, 30.0])[:, None]
    return scale * torch.randn(steps, 3, 8, generator=torch.Generator().manual_seed(1))


def test_each_member_moves_as_under_torchs_adamw_with_clipping() -> None:
    first = torch.randn(3, 8, generator=torch.Generator().manual_seed(2))
    state = AdamState.fresh(first)
    for step, gradient in enumerate(gradients(30)):
        advance(state, gradient, usable=torch.ones(3, dtype=torch.bool), rate=rate_at(step, SETTINGS),
                layout=LAYOUT, settings=SETTINGS)  # fmt: skip
    for m in range(3):
        matrix, rest = nn.Parameter(first[m, :6].clone()), nn.Parameter(first[m, 6:].clone())
        theirs = torch.optim.AdamW(
            [{"params": [matrix], "weight_decay": 0.1}, {"params": [rest], "weight_decay": 0.0}]
        )
        for step, gradient in enumerate(gradients(30)):
            for group in theirs.param_groups:
                group["lr"] = rate_at(step, SETTINGS)
            matrix.grad, rest.grad = gradient[m, :6].clone(), gradient[m, 6:].clone()
            nn.utils.clip_grad_norm_([matrix, rest], 0.5)
            theirs.step()
        np.testing.assert_allclose(state.weights[m], torch.cat([matrix, rest]).detach(), rtol=1e-4, atol=1e-6)


def test_a_member_with_a_gradient_that_is_not_finite_stands_still() -> None:
    state = AdamState.fresh(torch.ones(3, 8))
    gradient = gradients(1)[0]
    gradient[1, 4] = torch.inf
    moved = advance(state, gradient, usable=torch.tensor([True, True, False]), rate=0.1, layout=LAYOUT,
                    settings=SETTINGS)  # fmt: skip
    assert moved.tolist() == [True, False, False]
    assert state.updates.tolist() == [1, 0, 0]
    assert torch.equal(state.weights[1:], torch.ones(2, 8))
    assert torch.count_nonzero(state.first[1:]) == torch.count_nonzero(state.second[1:]) == 0
    assert not torch.equal(state.weights[0], torch.ones(8))


def test_the_rate_rises_to_its_peak_and_falls_to_a_tenth() -> None:
    rates = [rate_at(step, SETTINGS) for step in range(100)]
    assert max(rates) == SETTINGS.learning_rate
    assert rates.index(max(rates)) <= 5
    assert all(a > b for a, b in itertools.pairwise(rates[6:]))
    assert 0.1 * SETTINGS.learning_rate <= rates[-1] < 0.11 * SETTINGS.learning_rate


def test_a_layout_takes_weights_apart_and_puts_them_together() -> None:
    network = build("transformer", {}, NetworkShape(2, 3, 2, 6, 0, 1, 1), [1, 2])
    layout = Layout.of(network)
    named = dict(network.named_parameters())
    again = layout.named(layout.flatten(named))
    for name, values in named.items():
        assert torch.equal(values, again[name]), name
    decayed = layout.named(layout.decays[None].clone())
    assert {name for name, flags in decayed.items() if flags.all()} == {
        n for n in named if n.endswith("weight")
    }
