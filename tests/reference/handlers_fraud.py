"""Answers to the cases on alerts of fraud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from dispatch import Handler

from barograph.measures.alerts import card_precision_at, transaction_precision_at


def _card_precision(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    rows, k = inputs["transactions"], inputs["k"]
    fraud, score, card, day = (np.array([row[name] for row in rows]) for name in NAMES)
    found = card_precision_at(fraud, score, card, day, k=k)
    kept = card_precision_at(fraud, score, card, day, k=k, remove_detected=False)
    return {
        "card_precision_daily": found.precision,
        "card_precision_mean": found.mean,
        "without_removing_detected_cards_daily": kept.precision,
        "transaction_precision_daily": transaction_precision_at(fraud, score, day, k=k).precision,
    }


NAMES = ("fraud", "score", "card", "day")

HANDLERS: dict[str, Handler] = {"card precision top": _card_precision}
