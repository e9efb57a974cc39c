"""The catalogue of networks for records, and the one place where a name becomes a scorer or its head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.core.errors import SettingError, unknown
from barograph.models.autoencoder import AutoencoderConfig
from barograph.models.catalogue import checked, made
from barograph.models.cnn import CnnConfig, CnnNetwork
from barograph.models.feature_autoencoder import FeatureAutoencoderNetwork
from barograph.models.feature_transformer import FeatureTransformerNetwork
from barograph.models.linear import LinearConfig, LinearNetwork
from barograph.models.mlp import MlpConfig, MlpNetwork
from barograph.models.network import Network, NetworkConfig, NetworkShape
from barograph.models.reconstruction import ReconstructionConfig, ReconstructionNetwork
from barograph.models.record_heads import RecordHead, record_head_of
from barograph.models.rnn import RnnConfig, RnnNetwork
from barograph.models.tabm import TabmConfig, TabmNetwork
from barograph.models.transformer import TransformerConfig
from barograph.models.variational_autoencoder import (
    VariationalAutoencoderConfig,
    VariationalAutoencoderNetwork,
)


@dataclass(frozen=True, slots=True)
class ScorerEntry:
    """A network for records.

    `needs_sequence` says that it can do nothing without the record's history; `together` up to how many
    members of one part of a fold are trained as one stack, as `benchmarks/training_records.py` measured.
    """

    config: type[NetworkConfig]
    network: type[Network]
    needs_sequence: bool = False
    together: int = 16

    @property
    def reads_sequence(self) -> bool:
        """Whether the network looks at a record's history where there is one."""
        return "sequence" in self.network.reads


SCORERS: dict[str, ScorerEntry] = {
    "autoencoder": ScorerEntry(AutoencoderConfig, FeatureAutoencoderNetwork),
    "cnn": ScorerEntry(CnnConfig, CnnNetwork, needs_sequence=True),
    "linear": ScorerEntry(LinearConfig, LinearNetwork),
    "mlp": ScorerEntry(MlpConfig, MlpNetwork),
    "rnn": ScorerEntry(RnnConfig, RnnNetwork, needs_sequence=True),
    "tabm": ScorerEntry(TabmConfig, TabmNetwork, together=1),
    "transformer": ScorerEntry(TransformerConfig, FeatureTransformerNetwork, together=1),
}
"""Every network that scores records, by its key."""

RECONSTRUCTION = "reconstruction"
"""Key of the network behind the anomaly score, and of the head of every network that rebuilds."""
VARIATIONAL = "variational_autoencoder"

RECONSTRUCTORS: dict[str, ScorerEntry] = {
    RECONSTRUCTION: ScorerEntry(ReconstructionConfig, ReconstructionNetwork),
    VARIATIONAL: ScorerEntry(VariationalAutoencoderConfig, VariationalAutoencoderNetwork),
}
"""Networks that rebuild records and do not score them, by their keys."""

RECONSTRUCTORS_OF: dict[str, str] = {"autoencoder": RECONSTRUCTION, "vae": VARIATIONAL}
"""What a study of alerts calls the networks that never see a label (`core.unsupervised`)."""

_BUILDABLE = SCORERS | RECONSTRUCTORS


def scorer_of(key: str) -> ScorerEntry:
    """The entry of a scorer; `SettingError` for a key that is not in the catalogue."""
    if key not in SCORERS:
        raise unknown("a network", key, SCORERS)
    return SCORERS[key]


def configured_scorer(key: str, settings: Mapping[str, Any]) -> NetworkConfig:
    """A scorer's settings, checked; `SettingError` names the nearest right key."""
    return checked(key, scorer_of(key).config, settings)


def configured_reconstructor(key: str, settings: Mapping[str, Any]) -> NetworkConfig:
    """Settings of a network that never sees a label, by its key in a study of alerts, checked."""
    if key not in RECONSTRUCTORS_OF:
        raise unknown("an unsupervised network", key, RECONSTRUCTORS_OF)
    return checked(key, RECONSTRUCTORS[RECONSTRUCTORS_OF[key]].config, settings)


def refuse_without_history(key: str, n_steps: int) -> None:
    """`SettingError` where a network that reads a history finds records without one."""
    if scorer_of(key).needs_sequence and not n_steps:
        others = ", ".join(name for name, entry in SCORERS.items() if not entry.needs_sequence)
        raise SettingError(
            f"network '{key}' needs a history of every record",
            came="the records have none",
            do="Name the columns of a history in collect.sequence, those of a stream in collect.stream, "
            f"those whose groups have one in prepare.history_by, or choose one of {others}",
        )


@dataclass(frozen=True, slots=True)
class ScoringCatalogue:
    """The catalogue as a value to hand to `train` (rooms of one floor do not import each other)."""

    def build(
        self, key: str, settings: Mapping[str, Any], shape: NetworkShape, seeds: Sequence[int]
    ) -> Network:
        """An untrained stack, which answers exactly zero (see `barograph.models.catalogue.build`)."""
        if key not in RECONSTRUCTORS:
            refuse_without_history(key, shape.window * shape.n_channels)
        entry = _BUILDABLE[key]
        return made(entry.network, checked(key, entry.config, settings), shape, seeds)

    def head(self, key: str) -> RecordHead:
        """See `barograph.models.record_heads.record_head_of`."""
        return record_head_of(key)


SCORING_CATALOGUE = ScoringCatalogue()
"""What `train` is given to turn names into networks and heads for records."""
