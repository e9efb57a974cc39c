"""Live scoring of events from Python: what a bundle of a study on events is asked with."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from barograph.collect.events.serving import read_events
from barograph.core.arrays import AnyArray
from barograph.core.event_columns import USUAL_COLUMNS
from barograph.engines.scoring.answer import Predictor as RecordPredictor
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.live_events import LiveAnswer, LiveEvent


@dataclasses.dataclass(slots=True)
class EventScorer:
    """A loaded bundle of a study on events, with its live state: one event in, its score out."""

    predictor: RecordPredictor
    scorer: LiveScorer

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.predictor.manifest.model_dump(mode="json")

    def update(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Take in one event and score it.

        Parameters
        ----------
        one : mapping
            As `LiveEvent.read` takes it: event_id, time, actor, counterparty, amount and further columns.

        Returns
        -------
        dict
            event_id, status, score (None where the event was refused), alert, and the features by name
            (empty where it was refused).

        Raises
        ------
        DataError
            If the event cannot be read; then nothing was taken in.
        """
        return self._plain(self.scorer.update(LiveEvent.read(one)))

    def update_many(self, many: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Take in events in their order and score them in one call; none of them if one cannot be read."""
        return [self._plain(one) for one in self.scorer.update_many([LiveEvent.read(one) for one in many])]

    def learn(self, event_id: str, label: float, known_at: int | str | datetime) -> str:
        """Take in what became known of an event, 1 = fraud, 0 = legitimate; answers what became of it."""
        return self.scorer.learn(event_id, label, known_at)

    def snapshot(self) -> dict[str, AnyArray]:
        """All of the live state as plain arrays, for a `core.contracts.StateStore`."""
        return self.scorer.snapshot()

    def restore(self, arrays: Mapping[str, AnyArray]) -> None:
        """Go on from a snapshot; what was taken in since then is forgotten."""
        self.scorer = LiveScorer.restored(self.predictor, arrays)

    def predict(self, data: object) -> pl.DataFrame:
        """Scores of a table of events, as `predict_told` makes them."""
        return self.predict_told(data)[0]

    def predict_told(self, data: object) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """Score a table of events that follow those of the bundle, leaving the live state as it is.

        Parameters
        ----------
        data : mapping, list of mappings, frame or path
            With the columns of the training's events (`manifest["prepare"]` has no say in them).

        Returns
        -------
        polars.DataFrame
            event_id, event_time, status, probability (null where the event was refused), alert: one row per
            event, in the order of the table. Events are taken in by time, equal times as they stand.
        tuple of str
            Columns that were not looked at.

        Raises
        ------
        DataError
            A column is missing or of another type.
        """
        part = self.predictor.parts.events
        columns = USUAL_COLUMNS if part is None else part.columns
        numeric, categorical = self.scorer.numeric, self.scorer.categorical
        rows, notes = read_events(data, columns, numeric=numeric, categorical=categorical)
        order = sorted(range(len(rows)), key=lambda place: rows[place]["time"])
        apart = LiveScorer.restored(self.predictor, self.scorer.snapshot())
        told = apart.update_many([LiveEvent.read(rows[place]) for place in order])
        answers = dict(zip(order, told, strict=True))
        found = [answers[place] for place in range(len(rows))]
        table = pl.DataFrame(
            {
                "event_id": [one.event_id for one in found],
                "event_time": pl.Series([row["time"] for row in rows], dtype=pl.Int64).cast(
                    pl.Datetime("us")
                ),
                "status": [one.status for one in found],
                "probability": pl.Series([one.score for one in found], dtype=pl.Float64),
                "alert": [one.alert for one in found],
            }
        )
        return table, notes.extra

    def explain(self, data: object, *, frozen: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Figures of a few records that carry the features, with reasons that add up to them."""
        return self.predictor.explain(data, frozen=frozen)

    def _plain(self, answer: LiveAnswer) -> dict[str, Any]:
        features = dict(zip(self.scorer.names, answer.row, strict=True)) if answer.row else {}
        return {
            "event_id": answer.event_id,
            "status": answer.status,
            "score": answer.score,
            "alert": answer.alert,
            "features": features,
        }
