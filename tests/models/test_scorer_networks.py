"""One set of checks, run on every network for records."""

from dataclasses import replace

import pytest
import torch

from barograph.core.errors import LeakError, SettingError
from barograph.core.network import NetworkShape
from barograph.models.network import Network
from barograph.models.scorers import (
    RECONSTRUCTION,
    RECONSTRUCTORS,
    SCORERS,
    SCORING_CATALOGUE,
    configured_scorer,
    refuse_without_history,
    scorer_of,
)

torch.set_num_threads(1)

SHAPE = NetworkShape(3, 7, 2, 5, 0, 1, 2, groups=(3, 1, 3))
VARIANTS = [(key, {}) for key in SCORERS] + [
    ("tabm", {"k": 3, "hidden": (6, 5), "dropout": 0.0}),
    ("transformer", {"layers": 2, "patch": 2}),
    *((key, {"masked": 0.2}) for key in RECONSTRUCTORS),
]
every_network = pytest.mark.parametrize(("key", "settings"), VARIANTS, ids=str)


def build(
    key: str, settings: dict, shape: NetworkShape = SHAPE, seeds: tuple[int, ...] = (4, 5, 6)
) -> Network:
    return SCORING_CATALOGUE.build(key, settings, shape, seeds)


def inputs(shape: NetworkShape = SHAPE, *, rows: int = 6, seed: int = 0) -> tuple[torch.Tensor, ...]:
    stream = torch.Generator().manual_seed(seed)
    sizes = ((shape.n_features,), (shape.window, shape.n_channels), (0,))
    return tuple(torch.randn(shape.n_members, rows, *size, generator=stream) for size in sizes)


def noise(network: Network, rows: int, *, seed: int = 0) -> torch.Tensor:
    size = (network.shape.n_members, network.noise_size(rows))
    stream = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, size, generator=stream, dtype=torch.uint8)


def shaken(network: Network, *, seed: int = 1) -> Network:
    """The network with every weight moved, so that its last layer is no longer zero."""
    stream = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for values in network.parameters():
            values += 0.3 * torch.randn(values.shape, generator=stream)
    return network


def n_answers(key: str, settings: dict) -> int:
    return settings.get("k", 16) if key == "tabm" else 1


@every_network
def test_an_untrained_network_answers_exactly_zero(key: str, settings: dict) -> None:
    raw = build(key, settings)(*inputs())
    assert raw.shape == (3, 6, n_answers(key, settings), 2)
    assert torch.count_nonzero(raw) == 0


@every_network
def test_a_member_starts_and_answers_alike_alone_and_in_company(key: str, settings: dict) -> None:
    together = build(key, settings)
    alone = build(key, settings, replace(SHAPE, n_members=1), (5,))
    for a, b in zip(together.parameters(), alone.parameters(), strict=True):
        assert torch.equal(a[1:2], b)
    shaken(together)
    alone.load_state_dict({name: values[1:2] for name, values in together.state_dict().items()})
    given = inputs()
    torch.testing.assert_close(
        together(*given)[1:2], alone(*(one[1:2] for one in given)), rtol=1e-5, atol=1e-6
    )


@every_network
def test_a_seed_decides_where_a_member_starts(key: str, settings: dict) -> None:
    network = build(key, settings, seeds=(4, 5, 5))
    for values in network.parameters():
        assert torch.equal(values[1], values[2])
    alike = [torch.equal(values[0], values[1]) for values in network.parameters()]
    assert all(alike) == (key == "linear")  # which starts at zero whatever the seed


@every_network
def test_the_gradient_reaches_every_weight(key: str, settings: dict) -> None:
    network = shaken(build(key, settings))
    raw, auxiliary = network.training_outputs(*inputs(rows=16), noise(network, 16))
    (raw.square().sum() + auxiliary.sum()).backward()
    for name, values in network.named_parameters():
        assert values.grad is not None, name
        assert (values.grad.flatten(1) != 0).any(dim=1).all(), name
        assert torch.isfinite(values.grad).all(), name


@every_network
def test_a_member_and_a_row_are_untouched_by_garbage_in_others(key: str, settings: dict) -> None:
    network = shaken(build(key, settings))
    given = inputs()
    before = network(*given)
    for place, ill in (((0,), torch.nan), ((slice(None), 3), 1e6)):
        spoilt = tuple(one.clone() for one in given)
        for one in spoilt:
            one[place] = ill
        after = network(*spoilt)
        touched = torch.zeros(3, 6, dtype=torch.bool)
        touched[place] = True
        assert torch.equal(before[~touched], after[~touched])
        assert not torch.equal(before[touched], after[touched])


@every_network
def test_a_network_looks_at_exactly_what_it_says_it_reads(key: str, settings: dict) -> None:
    network = shaken(build(key, settings))
    given = inputs()
    before = network(*given)
    for place, name in enumerate(("features", "sequence")):
        changed = list(given)
        changed[place] = given[place] + 1.0
        assert torch.equal(before, network(*changed)) == (name not in network.reads), name


@pytest.mark.parametrize("key", [key for key, entry in SCORERS.items() if "sequence" in entry.network.reads])
def test_a_history_is_read_from_its_first_step_to_its_last(key: str) -> None:
    network = shaken(build(key, {}))
    features, sequence, nothing = inputs()
    sequence.requires_grad_()
    network(features, sequence, nothing).square().sum().backward()
    assert (sequence.grad.abs().sum(dim=(0, 1, 3)) > 0).all()


@pytest.mark.parametrize("key", SCORERS)
def test_without_a_history_a_network_scores_or_says_what_is_lacking(key: str) -> None:
    bare = replace(SHAPE, window=0)
    if SCORERS[key].needs_sequence:
        with pytest.raises(SettingError, match=r"history of every record.*records have none.*tabm"):
            build(key, {}, bare)
        with pytest.raises(SettingError, match="history"):
            refuse_without_history(key, 0)
    else:
        refuse_without_history(key, 0)
        assert build(key, {}, bare)(*inputs(bare)).shape[:2] == (3, 6)


def test_tabm_is_k_plain_networks_with_shared_weights() -> None:
    """Against a plain loop over members, sub-networks and layers."""
    network = shaken(build("tabm", {"k": 3, "hidden": (6, 5)}))
    x = inputs()[0]
    raw = network(x, *inputs()[1:])
    w = dict(network.named_parameters())
    for member in range(3):
        for i in range(3):
            state = x[member] * w["scale"][member, i]
            for floor in range(2):
                product = state @ w[f"layers.{floor}.weight"][member] + w[f"layers.{floor}.bias"][member]
                state = product.clamp(min=0)
            own = state @ w["last_weight"][member, i].T + w["last_bias"][member, i].T
            torch.testing.assert_close(raw[member, :, i], own, rtol=1e-5, atol=1e-5)


def test_the_sub_networks_of_tabm_start_from_random_signs() -> None:
    scale = build("tabm", {}, replace(SHAPE, n_features=200, groups=()))._parameters["scale"]
    assert set(scale.unique().tolist()) == {-1.0, 1.0}
    assert abs(float(scale.detach().mean())) < 0.05
    assert len({tuple(row) for row in scale.detach().flatten(0, 1).tolist()}) == 48


def test_dropout_leaves_out_the_stated_share_and_keeps_the_mean() -> None:
    network = build("tabm", {"k": 5, "hidden": (40, 20), "dropout": 0.25})
    rows = 200
    masks = network._masks(noise(network, rows), rows)
    assert [tuple(mask.shape) for mask in masks] == [(3, 5, 40, rows), (3, 5, 20, rows)]
    for mask in masks:
        assert mask.unique().tolist() == pytest.approx([0.0, 4 / 3])
        assert float((mask == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
        assert float(mask.mean()) == pytest.approx(1.0, abs=0.02)
        flat = (mask > 0).float()
        between = torch.corrcoef(flat[0].flatten(1))  # of sub-networks, over units and rows
        assert float((between - torch.eye(5)).abs().max()) < 0.08
    assert build("tabm", {"dropout": 0.0}).noise_size(rows) == 0


def test_dropout_acts_with_noise_only() -> None:
    network = shaken(build("tabm", {}))
    given = inputs()
    plain = network(*given)
    assert torch.equal(network.training_outputs(*given)[0], plain)
    dropped = network.training_outputs(*given, noise(network, 6))[0]
    assert not torch.equal(dropped, plain)
    assert torch.equal(dropped, network.training_outputs(*given, noise(network, 6))[0])


def test_a_column_token_sees_its_own_group_only() -> None:
    network = shaken(build("transformer", {}))
    x = inputs()[0]
    before = network.columns(x)
    x[..., 3] += 1.0  # the second group is column 3
    changed = (network.columns(x) != before).any(dim=3)
    assert changed[..., 1].all()
    assert not changed[..., [0, 2]].any()


def test_without_groups_every_encoded_column_is_a_token() -> None:
    network = build("transformer", {}, replace(SHAPE, groups=()))
    assert network.columns(inputs()[0]).shape == (3, 6, 7, 16)
    with pytest.raises(LeakError, match="do not make the 7 features"):
        build("transformer", {}, replace(SHAPE, groups=(3, 3)))


def test_the_autoencoder_must_rebuild_what_it_sees() -> None:
    network = shaken(build("autoencoder", {"reconstruction": 2.0}))
    features, sequence, nothing = inputs()
    seen = torch.cat([features, sequence.flatten(2)], dim=2)
    rebuilt = network.decoder(torch.tanh(network.factors(network.encoder(seen))))
    _, auxiliary = network.training_outputs(features, sequence, nothing)
    torch.testing.assert_close(auxiliary, 2.0 * (rebuilt - seen).square().mean(dim=(1, 2)))


def test_wrong_names_and_values_are_answered() -> None:
    with pytest.raises(SettingError, match="Did you mean 'tabm'"):
        scorer_of("tabn")
    with pytest.raises(SettingError, match="Did you mean 'dropout'"):
        configured_scorer("tabm", {"drop": 0.1})
    with pytest.raises(SettingError, match="usable value for dropout"):
        configured_scorer("tabm", {"dropout": 1.0})
    with pytest.raises(SettingError, match="one of 7 known names"):
        scorer_of(RECONSTRUCTION)  # it rebuilds, it does not score
    with pytest.raises(SettingError, match="as many seeds"):
        build("mlp", {}, seeds=(1,))
    with pytest.raises(SettingError, match="head for records"):
        SCORING_CATALOGUE.head("qlike")
