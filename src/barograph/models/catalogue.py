"""The catalogue of networks, and the one place where a name becomes a network or a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import ValidationError

from barograph.core.errors import SettingError, unknown
from barograph.models.autoencoder import AutoencoderConfig, AutoencoderNetwork
from barograph.models.cnn import CnnConfig, CnnNetwork
from barograph.models.heads import HEADS, Head
from barograph.models.layers import Draws
from barograph.models.linear import LinearConfig, LinearNetwork
from barograph.models.mlp import MlpConfig, MlpNetwork
from barograph.models.network import Network, NetworkConfig, NetworkShape
from barograph.models.rnn import RnnConfig, RnnNetwork
from barograph.models.transformer import TransformerConfig, TransformerNetwork

Start = Literal["linear", "har"]


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """A network of the catalogue.

    `start` names the conventional forecast whose log variance the network corrects; `together` says up to how
    many members gain from being trained in one stack, by `benchmarks/training.py`: milliseconds a step and
    member on one core, for 1, 8, 16, 32 and 64 members of batch 512, were 1.5, .59, .42, .38, .44 (mlp), 3.1,
    1.5, 1.4, 1.2, 2.0 (autoencoder), 3.5, 1.5, 1.2, 1.6, .9 (cnn), 6.8, 3.1, 3.2, 2.3, 3.1 (rnn, gru), 7.6,
    4.5, 4.3, 4.8, 4.8 (rnn, lstm), 5.4, 2.6, 2.6, 2.9, 3.4 (transformer). Where sixteen cost no more than
    more do, a pool has smaller parts to share.
    """

    config: type[NetworkConfig]
    network: type[Network]
    start: Start = "linear"
    together: int = 16


NETWORKS: dict[str, NetworkEntry] = {
    "autoencoder": NetworkEntry(AutoencoderConfig, AutoencoderNetwork),
    "cnn": NetworkEntry(CnnConfig, CnnNetwork, start="har"),
    "linear": NetworkEntry(LinearConfig, LinearNetwork, together=32),
    "mlp": NetworkEntry(MlpConfig, MlpNetwork, together=32),
    "rnn": NetworkEntry(RnnConfig, RnnNetwork),
    "transformer": NetworkEntry(TransformerConfig, TransformerNetwork),
}
"""Every network by its key."""


def entry_of(key: str) -> NetworkEntry:
    """The entry of a network; `SettingError` for a key that is not in the catalogue."""
    if key not in NETWORKS:
        raise unknown("a network", key, NETWORKS)
    return NETWORKS[key]


def configured(key: str, settings: Mapping[str, Any]) -> NetworkConfig:
    """A network's settings, checked; `SettingError` names the nearest right key."""
    return checked(key, entry_of(key).config, settings)


def checked(key: str, config: type[NetworkConfig], settings: Mapping[str, Any]) -> NetworkConfig:
    """Settings of a kind, checked on behalf of the network that is called `key`."""
    for word in settings:
        if word not in config.model_fields:
            raise unknown(f"a setting of network '{key}'", word, config.model_fields)
    try:
        return config(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its settings"
        raise SettingError(
            f"network '{key}' needs a usable value for {where}",
            came=f"got {first['input']!r} ({first['msg']})",
            do=f"Change model.settings.{key}",
        ) from error


def build(key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]) -> Network:
    """An untrained stack of networks, which answers exactly zero.

    Parameters
    ----------
    key : str
        Key of the catalogue.
    settings : mapping
        The network's own settings; what is not named keeps its default.
    shape : NetworkShape
        Sizes of inputs and output.
    seeds : sequence of int
        One per member; a member's first weights depend on its seed alone.
    """
    return made(entry_of(key).network, configured(key, settings), shape, seeds)


def made(network: type[Network], config: NetworkConfig, shape: NetworkShape, seeds: Sequence[int]) -> Network:
    """An untrained stack of a class of networks; as many seeds as members."""
    if len(seeds) != shape.n_members:
        raise SettingError(
            f"a stack of {shape.n_members} members needs as many seeds",
            came=f"got {len(seeds)}",
            do="Give one seed per member",
        )
    return cast(Network, cast(Any, network)(shape, config, Draws(seeds)))


def head_of(key: str) -> Head:
    """The head of a name; `SettingError` for one that does not exist."""
    if key not in HEADS:
        raise unknown("a head", key, HEADS)
    return HEADS[key]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The catalogue as a value to hand to `train` (rooms of one floor do not import each other)."""

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> Network:
        """See `build`."""
        return build(key, settings, shape, seeds)

    def head(self, key: str) -> Head:
        """See `head_of`."""
        return head_of(key)


CATALOGUE = Catalogue()
"""What `train` is given to turn names into networks and heads."""
