"""What a run on currency fixings tells of now: every currency's probability at its newest fixing."""

from __future__ import annotations

from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.live_fixings import LiveFixings
from barograph.evaluate.report.scoring.falls_content import NewestFall
from barograph.evaluate.report.scoring.gather import Practice


def fall_practice(predictor: Predictor) -> Practice:
    """The bundle's forecasts, as it will serve them."""
    rows = LiveFixings.of(predictor).forecast().iter_rows(named=True)
    newest = tuple(
        NewestFall(
            entity=row["entity"],
            time=str(row["time"]),
            probability=row["probability"],
            implied=row["garch_implied"],
            climatology=row["climatology"],
            alarm=row["alarm"],
            held=row["held"],
        )
        for row in rows
    )
    return Practice(None, None, (), None, newest=newest)
