"""A bundle on currency fixings, live: a new fixing in, the probability of a fall out.

The columns of a new fixing are made by the code that made those of the training records, from the end of the
known fixings that the bundle carries. GARCH and climatology stay as they were fitted; the variance moves on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.record_table import FixingLink
from barograph.core.records import Panel, Samples
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.fixing_rows import FixingRows, as_records
from barograph.measures import garch
from barograph.measures.falls import fall_log_odds
from barograph.prepare.latest import context
from barograph.prepare.samples import build


@dataclass(slots=True)
class LiveFixings:
    """What a bundle on fixings answers with; `predict` leaves it as it is, `update` moves it by a fixing."""

    predictor: Predictor
    prices: Panel
    last: dict[str, np.datetime64]  # currency -> its newest day
    variance: dict[str, float]  # currency -> of the day after it, percent squared

    @classmethod
    def of(cls, predictor: Predictor) -> LiveFixings:
        """The state that the bundle was written with."""
        link = _link(predictor)
        newest = link.prices.table.group_by("entity").agg(pl.col("time").max())
        last = {name: np.datetime64(day, "D") for name, day in newest.iter_rows()}
        return cls(predictor, link.prices, last, dict(link.variance))

    def forecast(self) -> pl.DataFrame:
        """Probability of a fall of every currency, as seen from its newest fixing."""
        samples = self._samples(self.prices)
        rows = np.array([samples.rows_of(i).stop - 1 for i in range(len(samples.entities))], dtype=np.int64)
        known = np.array([self.variance[name] for name in samples.entities])
        return self._table(samples, rows, known)

    def predict(self, days: Panel) -> pl.DataFrame:
        """The same at every new fixing of a panel, in order of currency and time."""
        return self._answer(days)[0]

    def update(self, day: Panel) -> pl.DataFrame:
        """Take new fixings in, and answer at each of them."""
        table, after, whole = self._answer(day)
        if not table.height:
            raise DataError(
                "an update must be a day later than the currency's newest",
                came=f"{', '.join(day.entities)} has it already",
                do="Send each fixing once",
            )
        self.last = {**self.last, **{name: time for name, (time, _) in after.items()}}
        self.variance = {**self.variance, **{name: variance for name, (_, variance) in after.items()}}
        self.prices = context(whole, _link(self.predictor).section)
        return table

    def _answer(self, days: Panel) -> tuple[pl.DataFrame, dict[str, tuple[np.datetime64, float]], Panel]:
        link, new = _link(self.predictor), self._new(days)
        whole = Panel(
            pl.concat([self.prices.table, new.table.select(self.prices.table.columns)]).sort("entity", "time")
        )
        samples = self._samples(whole)
        rows: list[int] = []
        variance: list[float] = []
        after = {}
        for number, name in enumerate(samples.entities):
            block = samples.rows_of(number)
            fresh = np.flatnonzero(samples.time[block] > self.last[name]) + block.start
            value = self.variance[name]
            for row in fresh.tolist():
                value = garch.step(link.garch[name], value, float(samples.returns[row]))
                rows.append(row)
                variance.append(value)
            if fresh.size:
                after[name] = (samples.time[fresh[-1]], value)
        return self._table(samples, np.array(rows, dtype=np.int64), np.array(variance)), after, whole

    def _samples(self, prices: Panel) -> Samples:
        link = _link(self.predictor)
        return build(prices, link.section, entities=tuple(sorted(link.garch)))

    def _new(self, days: Panel) -> Panel:
        """The days that are not known yet; currencies the bundle does not know are refused."""
        strangers = sorted(set(days.entities) - set(self.last))
        if strangers:
            raise DataError(
                f"every currency must be one of the bundle's: {', '.join(sorted(self.last))}",
                came=f"got '{strangers[0]}' ({len(strangers)} unknown)",
                do="Rename it, or run the study on data that includes it",
            )
        newest = {name: day.item() for name, day in self.last.items()}
        mapped = pl.col("entity").replace_strict(newest, return_dtype=pl.Date)
        return Panel(days.table.filter(pl.col("time") > mapped))

    def _table(self, samples: Samples, rows: IntArray, variance: FloatArray) -> pl.DataFrame:
        link = _link(self.predictor)
        names = [samples.entities[number] for number in samples.entity[rows]]
        odds = np.empty(rows.size)
        for place, name in enumerate(names):
            odds[place] = fall_log_odds(
                link.garch[name],
                variance[place : place + 1],
                within=link.section.within,
                fall=link.section.fall,
            )[0]
        climatology = np.array([link.climatology[name] for name in names])
        never = np.full(rows.size, np.datetime64("NaT", "D"))
        made = FixingRows(samples, rows, odds, climatology)
        records = as_records(made, label=np.full(rows.size, np.nan), label_time=never, steps=link.steps)
        answers = self.predictor.table(records)
        return pl.DataFrame(
            {
                "entity": pl.Series(names, dtype=pl.String),
                "time": pl.Series(samples.time[rows]).cast(pl.Date),
                "fall": np.full(rows.size, link.section.fall),
                "within": np.full(rows.size, link.section.within),
                "probability": answers["probability"],
                "alarm": answers["alert"],
                "garch_implied": 1.0 / (1.0 + np.exp(-odds)),
                "climatology": 1.0 / (1.0 + np.exp(-climatology)),
                "held": samples.held[rows],
            }
        )


def _link(predictor: Predictor) -> FixingLink:
    assert predictor.parts.fixings is not None
    return predictor.parts.fixings
