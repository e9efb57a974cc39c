"""One set of checks, run on every network of the catalogue."""

import numpy as np
import pytest
import torch

from barograph.core.network import NetworkShape
from barograph.measures.heads import OUTPUTS, interpret
from barograph.models.catalogue import NETWORKS, build, head_of
from barograph.models.network import Network

torch.set_num_threads(1)

SHAPE = NetworkShape(n_members=3, n_features=5, n_channels=2, window=10, n_cross=4, n_horizons=2, n_outputs=1)
VARIANTS = [(key, {}) for key in NETWORKS] + [
    ("rnn", {"cell": "lstm"}),
    ("transformer", {"layers": 2, "patch": 3}),
    ("cnn", {"kernel": 2, "hidden": ()}),
]
every_network = pytest.mark.parametrize(("key", "settings"), VARIANTS, ids=str)


def shaped(**changes: int) -> NetworkShape:
    fields = {name: getattr(SHAPE, name) for name in NetworkShape.__dataclass_fields__}
    return NetworkShape(**{**fields, **changes})


def inputs(shape: NetworkShape, *, rows: int = 6, seed: int = 0) -> tuple[torch.Tensor, ...]:
    stream = torch.Generator().manual_seed(seed)
    sizes = ((shape.n_features,), (shape.window, shape.n_channels), (shape.n_cross,))
    return tuple(torch.randn(shape.n_members, rows, *size, generator=stream) for size in sizes)


def shaken(network: Network, *, seed: int = 1) -> Network:
    """The network with every weight moved, so that its last layer is no longer zero."""
    stream = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for values in network.parameters():
            values += 0.3 * torch.randn(values.shape, generator=stream)
    return network


@every_network
@pytest.mark.parametrize("head", OUTPUTS)
def test_an_untrained_network_is_exactly_the_conventional_forecast(
    key: str, settings: dict, head: str
) -> None:
    shape = shaped(n_outputs=head_of(head).n_outputs)
    raw = build(key, settings, shape, [4, 5, 6])(*inputs(shape))
    assert raw.shape == (3, 6, 2, OUTPUTS[head])
    assert torch.count_nonzero(raw) == 0
    offset = np.random.default_rng(0).normal(-9.0, 1.0, size=(3, 6, 2))
    out = interpret(head, raw.detach().numpy(), offset=offset)
    np.testing.assert_array_equal(out.log_variance, offset)


@every_network
def test_a_member_starts_and_answers_alike_alone_and_in_company(key: str, settings: dict) -> None:
    together = build(key, settings, SHAPE, [4, 5, 6])
    alone = build(key, settings, shaped(n_members=1), [5])
    for a, b in zip(together.parameters(), alone.parameters(), strict=True):
        assert torch.equal(a[1:2], b)
    shaken(together)
    alone.load_state_dict({name: values[1:2] for name, values in together.state_dict().items()})
    given = inputs(SHAPE)
    np.testing.assert_allclose(
        together(*given)[1:2].detach().numpy(),
        alone(*(one[1:2] for one in given)).detach().numpy(),
        rtol=1e-5,
        atol=1e-6,
    )


@every_network
def test_a_seed_decides_where_a_member_starts(key: str, settings: dict) -> None:
    network = build(key, settings, SHAPE, [4, 5, 5])
    for values in network.parameters():
        assert torch.equal(values[1], values[2])
    alike = [torch.equal(values[0], values[1]) for values in network.parameters()]
    assert all(alike) == (key == "linear")  # which starts at zero whatever the seed


@every_network
def test_the_gradient_reaches_every_weight(key: str, settings: dict) -> None:
    network = shaken(build(key, settings, SHAPE, [4, 5, 6]))
    raw, auxiliary = network.training_outputs(*inputs(SHAPE, rows=16))
    (raw.square().sum() + auxiliary.sum()).backward()
    for name, values in network.named_parameters():
        assert values.grad is not None, name
        reached = (values.grad.flatten(1) != 0).any(dim=1)
        assert reached.all(), name
        assert torch.isfinite(values.grad).all(), name


@every_network
def test_a_member_is_untouched_by_garbage_in_another(key: str, settings: dict) -> None:
    network = shaken(build(key, settings, SHAPE, [4, 5, 6]))
    given = inputs(SHAPE)
    before = network(*given)
    spoilt = tuple(one.clone() for one in given)
    for one in spoilt:
        one[0] = torch.nan
    after = network(*spoilt)
    assert torch.equal(before[1:], after[1:])
    assert torch.isnan(after[0]).any()


@every_network
def test_a_row_is_untouched_by_garbage_in_another(key: str, settings: dict) -> None:
    network = shaken(build(key, settings, SHAPE, [4, 5, 6]))
    given = inputs(SHAPE)
    before = network(*given)
    spoilt = tuple(one.clone() for one in given)
    for one in spoilt:
        one[:, 3] = 1e6
    after = network(*spoilt)
    others = [0, 1, 2, 4, 5]
    assert torch.equal(before[:, others], after[:, others])
    assert not torch.equal(before[:, 3], after[:, 3])


@every_network
def test_a_network_looks_at_exactly_what_it_says_it_reads(key: str, settings: dict) -> None:
    network = shaken(build(key, settings, SHAPE, [4, 5, 6]))
    given = inputs(SHAPE)
    before = network(*given)
    for place, name in enumerate(("features", "sequence", "cross_section")):
        changed = list(given)
        changed[place] = given[place] + 1.0
        assert torch.equal(before, network(*changed)) == (name not in network.reads), name


@every_network
def test_a_sequence_network_looks_at_the_whole_window(key: str, settings: dict) -> None:
    network = shaken(build(key, settings, SHAPE, [4, 5, 6]))
    features, sequence, cross_section = inputs(SHAPE)
    sequence.requires_grad_()
    network(features, sequence, cross_section).square().sum().backward()
    if "sequence" not in network.reads:
        assert sequence.grad is None
        return
    assert (sequence.grad.abs().sum(dim=(0, 1, 3)) > 0).all()


@every_network
def test_a_network_learns_a_planted_signal(key: str, settings: dict) -> None:
    shape = shaped(n_members=2)
    network = build(key, settings, shape, [4, 5])
    given = inputs(shape, rows=128, seed=3)
    truth = (0.8 * given[0][..., :2]).clamp(-1.5, 1.5)  # [M, B, H]
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(120):
        raw, auxiliary = network.training_outputs(*given)
        loss = (raw[..., 0] - truth).square().mean() + auxiliary.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    missed = (network(*given)[..., 0] - truth).square().mean(dim=(1, 2))
    assert (missed < 0.25 * truth.square().mean(dim=(1, 2))).all()


@pytest.mark.parametrize("key", ["rnn", "cnn", "transformer", "autoencoder"])
def test_a_sequence_network_learns_what_only_the_window_tells(key: str) -> None:
    shape = shaped(n_members=1)
    network = build(key, {}, shape, [4])
    given = inputs(shape, rows=256, seed=3)
    truth = given[1][..., -5:, 0].mean(dim=2, keepdim=True).expand(-1, -1, 2)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(150):
        raw, auxiliary = network.training_outputs(*given)
        loss = (raw[..., 0] - truth).square().mean() + auxiliary.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    missed = (network(*given)[..., 0] - truth).square().mean()
    assert missed < 0.25 * truth.square().mean()
