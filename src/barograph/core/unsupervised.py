"""Models of a study of alerts that never see a label: which they are, and which of a study's are such.

In a study judged by its alerts the networks `autoencoder` and `vae` rebuild usual records and score what they
miss; in every other study of records `autoencoder` is a network that predicts, and there is no `vae`.
"""

from __future__ import annotations

from typing import Final

from barograph.core.scoring_study import ScoringStudy

ANOMALY_NETWORKS: Final = ("autoencoder", "vae")
ANOMALY_RIVALS: Final = ("isolation_forest", "ecod", "pca", "knn")
UNSUPERVISED: Final = (*ANOMALY_NETWORKS, *ANOMALY_RIVALS)
"""All that a study of alerts may name in `model.unsupervised`; the networks in `model.networks` too."""
BEST_RIVAL: Final = "unsupervised_rival"
"""As the opponent of a claim: whichever of `ANOMALY_RIVALS` is best where the claim is judged."""

WITHOUT_ANOMALY: Final = "without_anomaly"
"""The first network without the anomaly score as a feature: scored beside it, never served."""


def supervised_networks(study: ScoringStudy) -> tuple[str, ...]:
    """The networks of a study that learn from labels."""
    alerts = study.evaluate.alerts is not None
    return tuple(key for key in study.model.networks if not (alerts and key in ANOMALY_NETWORKS))


def unsupervised_models(study: ScoringStudy) -> tuple[str, ...]:
    """The models of a study that never see a label: those named among its networks first, each once."""
    if study.evaluate.alerts is None:
        return ()
    named = (key for key in study.model.networks if key in ANOMALY_NETWORKS)
    return tuple(dict.fromkeys((*named, *study.model.unsupervised)))


def pooled_networks(study: ScoringStudy) -> tuple[str, ...]:
    """Networks whose mean enters the combination: those that learn from labels, else all that are named."""
    return supervised_networks(study) or study.model.networks
