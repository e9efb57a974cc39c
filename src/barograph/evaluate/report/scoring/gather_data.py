"""What a scoring report says of its data: the columns, and what counts as bad."""

from __future__ import annotations

from typing import Literal

import numpy as np

from barograph.core.record_table import Records, RecordSchema
from barograph.core.scoring_study import ScoringStudy
from barograph.core.texts import text
from barograph.evaluate.report.scoring.content import ColumnFact


def column_facts(records: Records, schema: RecordSchema) -> tuple[ColumnFact, ...]:
    """Every column the models read: the table's, in its order, then the channels of the history."""
    table, n = records.table, max(records.n, 1)
    numeric = [
        ColumnFact(name, _kind(name, schema), table[name].null_count() / n) for name in records.numeric
    ]
    categorical = [
        ColumnFact(name, "categorical", table[name].null_count() / n, table[name].drop_nulls().n_unique())
        for name in records.categorical
    ]
    return (*numeric, *categorical, *_history(records))


def _kind(name: str, schema: RecordSchema) -> Literal["numeric", "date"]:
    return "date" if name in schema.dates else "numeric"


def _history(records: Records) -> tuple[ColumnFact, ...]:
    steps = records.sequence
    if not steps.shape[1]:
        return ()
    return tuple(
        ColumnFact(channel, "sequence", float(np.isnan(steps[:, :, place]).mean()))
        for place, channel in enumerate(records.channels)
    )


def event_sentence(records: Records, study: ScoringStudy, lang: str) -> str:
    """What counts as bad, or what the loss is, in one sentence."""
    if study.model.head == "hurdle_beta":
        return text("credit.event.loss", lang)
    if (section := study.prepare.fixings) is not None:
        return text("currency.event", lang, fall=f"{100 * section.fall:g}", within=section.within)
    if study.collect.target is not None:
        bad = study.collect.positive
        value = "" if bad is None else f" = {bad}"
        return text("credit.event.column", lang, column=study.collect.target, value=value)
    if study.evaluate.alerts is not None:
        return text("alerts.event", lang)
    if records.has_time:  # packaged loans
        return text("credit.event.window", lang, months=study.collect.outcome_months)
    return text("credit.event.source", lang)
