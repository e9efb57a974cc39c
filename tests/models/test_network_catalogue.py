"""Names and settings of networks: what is unknown is refused with the nearest right word."""

import pytest

from barograph.core.errors import SettingError
from barograph.core.network import NetworkShape
from barograph.models.catalogue import NETWORKS, build, configured, head_of

SHAPE = NetworkShape(2, 3, 1, 5, 0, 1, 1)


def test_a_misspelt_network_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingError, match="transformer"):
        build("transfomer", {}, SHAPE, [1, 2])


def test_a_misspelt_setting_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingError, match="'hidden'"):
        build("rnn", {"hiden": 8}, SHAPE, [1, 2])


@pytest.mark.parametrize(
    ("key", "settings"),
    [
        ("rnn", {"cell": "elman"}),
        ("mlp", {"hidden": ()}),
        ("transformer", {"width": 15}),
        ("cnn", {"kernel": 1}),
    ],
)
def test_an_unusable_value_is_refused_and_named(key: str, settings: dict) -> None:
    with pytest.raises(SettingError, match=f"network '{key}'"):
        build(key, settings, SHAPE, [1, 2])


def test_as_many_seeds_as_members_are_asked_for() -> None:
    with pytest.raises(SettingError, match="seeds"):
        build("mlp", {}, SHAPE, [1])


def test_an_unknown_head_is_refused() -> None:
    with pytest.raises(SettingError, match="qlike"):
        head_of("qlik")


@pytest.mark.parametrize("key", NETWORKS)
def test_every_setting_of_every_network_is_explained(key: str) -> None:
    config = NETWORKS[key].config
    source = (config.__doc__ or "").strip()
    assert source
    assert configured(key, {}).model_dump().keys() == config.model_fields.keys()


def test_only_the_convolution_starts_at_har() -> None:
    assert {key for key, entry in NETWORKS.items() if entry.start == "har"} == {"cnn"}
