"""What the networks behind the deep anomaly score do beyond the checks of every network for records."""

import numpy as np
import pytest
import torch
from scipy import stats

from barograph.core.errors import SettingError
from barograph.core.network import NetworkShape
from barograph.models.network import Network
from barograph.models.reconstruction import masked
from barograph.models.scorers import RECONSTRUCTORS, SCORERS, SCORING_CATALOGUE, VARIATIONAL
from barograph.models.variational_autoencoder import normal_from_bytes

torch.set_num_threads(1)

M, B, F = 2, 200, 7
SHAPE = NetworkShape(M, F, 0, 0, 0, 1, F)
every_network = pytest.mark.parametrize("key", RECONSTRUCTORS)


def build(key: str, **settings: object) -> Network:
    """A network whose every weight is moved away from zero."""
    network = SCORING_CATALOGUE.build(key, settings, SHAPE, [1, 2])
    stream = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for values in network.parameters():
            values += 0.3 * torch.randn(values.shape, generator=stream)
    return network


def inputs(seed: int = 0) -> tuple[torch.Tensor, ...]:
    stream = torch.Generator().manual_seed(seed)
    return torch.randn(M, B, F, generator=stream), torch.zeros(M, B, 0, 0), torch.zeros(M, B, 0)


def noise(size: int, *, seed: int = 0) -> torch.Tensor:
    stream = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (M, size), generator=stream, dtype=torch.uint8)


@every_network
def test_factors_stand_behind_the_reconstruction_in_the_answer_only(key: str) -> None:
    plain, longer = build(key, latent=3), build(key, latent=3, with_factors=True)
    answer = longer(*inputs())
    assert answer.shape == (M, B, 1, F + 3)
    torch.testing.assert_close(answer[..., :F], plain(*inputs()))
    assert answer[..., F:].std() > 0.01
    assert longer.training_outputs(*inputs())[0].shape == (M, B, 1, F)


@every_network
def test_training_without_noise_rebuilds_what_is_served(key: str) -> None:
    network = build(key, masked=0.3)
    torch.testing.assert_close(network.training_outputs(*inputs())[0], network(*inputs()))


@every_network
def test_noise_changes_training_and_the_same_noise_changes_it_alike(key: str) -> None:
    network = build(key, masked=0.3)
    size = network.noise_size(B)
    first, again, other = (
        network.training_outputs(*inputs(), noise(size, seed=seed))[0] for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, network(*inputs()))


def test_masking_zeroes_the_stated_share_and_nothing_else() -> None:
    features = inputs()[0]
    seen = masked(features, noise(B * F), 64)
    assert float((seen == 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert torch.equal(seen[seen != 0], features[seen != 0])
    assert build("reconstruction").noise_size(B) == 0


def test_bytes_become_standard_normal_draws() -> None:
    drawn = normal_from_bytes(noise(4 * 20_000)).numpy()
    assert drawn.shape == (M, 20_000)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.01
    extremes = torch.tensor([[0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 128, 0]], dtype=torch.uint8)
    assert normal_from_bytes(extremes).abs().max() < 4.9
    assert torch.isfinite(normal_from_bytes(extremes)).all()
    assert abs(np.corrcoef(drawn[0], np.roll(drawn[0], 1))[0, 1]) < 0.03


def test_factors_are_drawn_around_their_means_with_their_own_deviation() -> None:
    network = build(VARIATIONAL, latent=2)
    row = inputs()[0][:, :1].expand(M, B, F)  # one row, many draws
    state = network.encoder(row)
    mean, deviation = network.mean(state), torch.exp(0.5 * network.log_variance(state))
    seen, normal = network._noise(row, noise(network.noise_size(B)))
    assert torch.equal(seen, row)
    drawn = mean + deviation * normal
    raw, _ = network.training_outputs(row, *inputs()[1:], noise(network.noise_size(B)))
    torch.testing.assert_close(raw[:, :, 0], network.decoder(drawn))
    torch.testing.assert_close(normal.std(dim=1), torch.ones(M, 2), atol=0.2, rtol=0)


def test_the_auxiliary_loss_is_the_divergence_from_standard_normal_factors() -> None:
    network = build(VARIATIONAL, latent=2, divergence=0.3)
    state = network.encoder(inputs()[0])
    mean, deviation = network.mean(state), torch.exp(0.5 * network.log_variance(state))
    ours = torch.distributions.Normal(mean, deviation)
    each = torch.distributions.kl_divergence(ours, torch.distributions.Normal(0.0, 1.0))
    expected = 0.3 * 2.0 / F * each.sum(dim=2).mean(dim=1)
    torch.testing.assert_close(network.training_outputs(*inputs())[1], expected)


def test_networks_that_rebuild_are_no_scorers() -> None:
    assert not set(RECONSTRUCTORS) & set(SCORERS)
    with pytest.raises(SettingError, match="Did you mean 'divergence'"):
        build(VARIATIONAL, divergance=1.0)
    with pytest.raises(SettingError, match="usable value for latent"):
        build(VARIATIONAL, latent=0)
