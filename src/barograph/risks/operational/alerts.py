"""What studies of single events that are judged by their alerts promise alike."""

from __future__ import annotations

from typing import Final

from barograph.core.scoring_study import ScoringClaim
from barograph.core.unsupervised import BEST_RIVAL

__all__ = ["PRECISION", "TAILS", "UNSUPERVISED_CLAIM", "alert_claims"]

PRECISION: Final = "average_precision"
TAILS: Final = (0.95, 0.99, 0.998)
"""Where bins end besides: most counts and risks are zero, and what tells a fraud lies beyond."""


def alert_claims(*, margin: float, network_floor: bool = True) -> tuple[ScoringClaim, ...]:
    """The ladder of a study of alerts, by average precision.

    The combination is not worse than tuned LightGBM and logistic regression, and (`network_floor`) the
    network better than the latter; the combination is better than both, the network within `margin` of
    LightGBM; the network alone is better than LightGBM.
    """
    rivals = ("lightgbm", "logistic")
    pairs = [
        *(("floor", rival, "not_worse", "combination", rival) for rival in rivals),
        *([("floor", "network", "better", "network", "logistic")] if network_floor else []),
        *(("target", rival, "better", "combination", rival) for rival in rivals),
        ("target", "network", "within_margin", "network", "lightgbm"),
        ("moonshot", "booster", "better", "network", "lightgbm"),
    ]
    return tuple(
        ScoringClaim.model_validate(
            {
                "key": f"{rung}-{about}",
                "rung": rung,
                "kind": kind,
                "model": model,
                "opponent": opponent,
                "metric": PRECISION,
                **({"margin": margin} if kind == "within_margin" else {}),
            }
        )
        for rung, about, kind, model, opponent in pairs
    )


UNSUPERVISED_CLAIM = ScoringClaim(
    key="moonshot-unsupervised",
    rung="moonshot",
    kind="times_better",
    model="autoencoder",
    opponent=BEST_RIVAL,
    metric=PRECISION,
    margin=1.25,
)
"""The autoencoder, which sees no label, has 1.25 times the average precision of the best such rival."""
