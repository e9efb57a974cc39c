"""What studies of single events that are judged by their alerts promise alike."""

from __future__ import annotations

from typing import Final

from barograph.core.scoring_study import ScoringClaim
from barograph.core.unsupervised import BEST_RIVAL

__all__ = ["CLAIMS", "PRECISION", "TAILS", "UNSUPERVISED_CLAIM"]

PRECISION: Final = "average_precision"
TAILS: Final = (0.95, 0.99, 0.998)
"""Where bins end besides: most counts and risks are zero, and what tells a fraud lies beyond."""

CLAIMS = (
    *(
        ScoringClaim(
            key=f"floor-{rival}",
            rung="floor",
            kind="not_worse",
            model="combination",
            opponent=rival,
            metric=PRECISION,
        )
        for rival in ("lightgbm", "logistic")
    ),
    ScoringClaim(
        key="floor-network",
        rung="floor",
        kind="better",
        model="network",
        opponent="logistic",
        metric=PRECISION,
    ),
    *(
        ScoringClaim(
            key=f"target-{rival}",
            rung="target",
            kind="better",
            model="combination",
            opponent=rival,
            metric=PRECISION,
        )
        for rival in ("lightgbm", "logistic")
    ),
    ScoringClaim(
        key="target-network",
        rung="target",
        kind="within_margin",
        model="network",
        opponent="lightgbm",
        metric=PRECISION,
        margin=0.02,
    ),
    ScoringClaim(
        key="moonshot-booster",
        rung="moonshot",
        kind="better",
        model="network",
        opponent="lightgbm",
        metric=PRECISION,
    ),
)
"""The combination is not worse than tuned LightGBM and logistic regression, and the network better than the
latter; the combination is better than both, the network within .02 of LightGBM; the network alone better."""

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
