"""What several views of alerts say of the study's settings and of the two halves."""

from __future__ import annotations

from barograph.evaluate.records.alerts import AlertFigures
from barograph.evaluate.report.scoring.words import money
from barograph.evaluate.report.words import Words, percent


def stated_values(figures: AlertFigures) -> dict[str, str]:
    """The settings of alerts, as sentences print them."""
    stated = figures.stated
    return {
        "k": f"{stated.cards_per_day:,}",
        "rate": percent(stated.alert_rate, 1),
        "review": money(stated.review),
        "recovered": percent(stated.recovered, 0),
        "friction": money(stated.friction),
    }


def drawn_values(figures: AlertFigures, words: Words) -> dict[str, str]:
    """What a bootstrap draws again, and what a day's number means for shorter folds, in words."""
    part = words("streams.part") if figures.unit == "hours" else ""
    return {"unit": words(f"streams.unit.{figures.unit}"), "part": part}


def spans(figures: AlertFigures) -> dict[str, str]:
    """First and last day of the half that chose and of the half that is judged; empty without halves."""
    if figures.halves is None:
        return {}
    (first, last), (start, end) = figures.halves.spans
    return {"first": first, "last": last, "start": start, "end": end}
