"""Live scoring from Python: what bundles of studies on events and on currency fixings are asked with."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from barograph.api.output import like
from barograph.api.requests import panel_to_serve
from barograph.collect.events.serving import read_events
from barograph.collect.records.serving import RequestNotes
from barograph.core.arrays import AnyArray
from barograph.core.event_columns import USUAL_COLUMNS
from barograph.core.fitted_events import SECOND
from barograph.engines.forecasting.answer import panel_of
from barograph.engines.scoring.answer import Predictor as RecordPredictor
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.live_events import LiveAnswer, LiveEvent
from barograph.engines.scoring.live_fixings import LiveFixings
from barograph.engines.scoring.live_stories import told_of

AHEAD = 86_400
"""Seconds that an event, or the day a label was known, may lie ahead of the clock."""
EXPLAINED = 20
"""Events whose reasons are worked out, at most: each takes a second or so."""


@dataclasses.dataclass(slots=True)
class EventScorer:
    """A loaded bundle of a study on events, with its live state: one event in, its score out.

    An event more than `AHEAD` seconds ahead of the clock is answered `bad_time` and changes nothing: taken
    in, it would make every event of today too late.
    """

    predictor: RecordPredictor
    scorer: LiveScorer
    clock: Callable[[], float] = time.time  # seconds since 1970

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
        return self._plain(self._on_time(self.scorer).update(LiveEvent.read(one)))

    def update_many(self, many: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Take in events in their order and score them in one call; none of them if one cannot be read."""
        return [self._plain(one) for one in self.take([LiveEvent.read(one) for one in many])]

    def take(self, events: Iterable[LiveEvent]) -> list[LiveAnswer]:
        """As `update_many`, of events that were read already; features come as rows, without names."""
        return self._on_time(self.scorer).update_many(events)

    def learn(self, event_id: str, label: float, known_at: int | str | datetime) -> str:
        """Take in what became known of an event, 1 = fraud, 0 = legitimate; answers what became of it."""
        return self._on_time(self.scorer).learn(event_id, label, known_at)

    def learn_many(self, many: Iterable[tuple[str, float, int | str | datetime]]) -> list[str]:
        """Take in several outcomes, each as `learn` takes it; none of them if one cannot be read."""
        return self._on_time(self.scorer).learn_many(many)

    def snapshot(self) -> dict[str, AnyArray]:
        """All of the live state as plain arrays, for a `core.contracts.StateStore`."""
        return self.scorer.snapshot()

    def restore(self, arrays: Mapping[str, AnyArray]) -> None:
        """Go on from a snapshot; what was taken in since then is forgotten."""
        self.scorer = LiveScorer.restored(self.predictor, arrays)

    def begin_anew(self) -> None:
        """Go on from the state that the bundle was written with; what was taken in is forgotten."""
        self.scorer = LiveScorer(self.predictor)

    def predict(self, data: object) -> pl.DataFrame:
        """Scores of a table of events, as `predict_told` makes them."""
        return self.predict_told(data)[0]

    def predict_told(self, data: object) -> tuple[pl.DataFrame, RequestNotes]:
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
        RequestNotes
            Columns that were not looked at, and what was assumed of the others.

        Raises
        ------
        DataError
            A column is missing or of another type.
        """
        rows, notes = self._read(data)
        order = _by_time(rows)
        told = self._apart().update_many([LiveEvent.read(rows[place]) for place in order])
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
        return table, notes

    def explain(self, data: object, *, lang: str = "en", most: int = EXPLAINED) -> list[dict[str, Any]]:
        """Score a table of events as `predict` does, and say why: reasons in words and cases like it.

        Parameters
        ----------
        data : mapping, list of mappings, frame or path
            As for `predict_told`.
        lang : str
        most : int
            Events told of; where the table has more, those with the highest probability.

        Returns
        -------
        list of dict
            In the order of the table: event_id, event_time, status, probability, alert; `told`, the heaviest
            reasons in words with what each adds; `similar`, confirmed cases like it; `base` and `reasons`
            (column -> what it adds to the probability), which add up to the probability. Empty where nothing
            was scored: refused, or a duplicate.
        """
        rows, _ = self._read(data)
        apart = self._apart()
        told = {place: apart.update_told(LiveEvent.read(rows[place])) for place in _by_time(rows)}
        return told_of(self.predictor.parts, rows, told, lang=lang, most=most)

    def _read(self, data: object) -> tuple[list[dict[str, Any]], RequestNotes]:
        """The events of a table, and what was done beside reading it."""
        part = self.predictor.parts.events
        columns = USUAL_COLUMNS if part is None else part.columns
        numeric, categorical = self.scorer.numeric, self.scorer.categorical
        return read_events(data, columns, numeric=numeric, categorical=categorical)

    def _apart(self) -> LiveScorer:
        """A scorer in the state of this one, which a table may move."""
        return self._on_time(LiveScorer.restored(self.predictor, self.scorer.snapshot()))

    def _on_time(self, scorer: LiveScorer) -> LiveScorer:
        """The scorer, told of the clock: what lies too far ahead of it is refused."""
        scorer.latest = min(scorer.latest_of_plan, int((self.clock() + AHEAD) * SECOND))
        return scorer

    def _plain(self, answer: LiveAnswer) -> dict[str, Any]:
        features = dict(zip(self.scorer.names, answer.row, strict=True)) if answer.row else {}
        return {
            "event_id": answer.event_id,
            "status": answer.status,
            "score": answer.score,
            "alert": answer.alert,
            "features": features,
        }


def _by_time(rows: list[dict[str, Any]]) -> list[int]:
    """Places of events in order of time, equal times as they stand."""
    return sorted(range(len(rows)), key=lambda place: rows[place]["time"])


@dataclasses.dataclass(slots=True)
class FallForecaster:
    """A loaded bundle on the falls of currencies; fixings in, probabilities out."""

    live: LiveFixings

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.live.predictor.manifest.model_dump(mode="json")

    def forecast(self) -> pl.DataFrame:
        """The probability of a fall of every currency, as seen from its newest fixing."""
        return self.live.forecast()

    def predict(self, data: object) -> Any:
        """Probabilities at every new fixing of a file or frame, leaving the live state as it is."""
        return like(data, self.live.predict(panel_to_serve(data)))

    def update(self, one: dict[str, Any]) -> pl.DataFrame:
        """Take in one fixing (entity, time, close) and answer at it."""
        return self.live.update(panel_of([one]))
