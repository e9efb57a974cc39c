"""Exposure, loss given default, maturity, arrears and the day of default, as columns of the user say them."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import open_records, records_from_frame
from barograph.collect.records.serving import read_request
from barograph.collect.records.snapshot import load_records, save_records
from barograph.core.errors import DataError, InputError, SettingError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection

TODAY = datetime.date(2026, 11, 22)
N = 200
RNG = np.random.default_rng(6)
MADE = [datetime.date(2015, 1, 1) + datetime.timedelta(5 * i) for i in range(N)]
BAD = RNG.permutation([0] * 150 + [1] * 50)
TABLE = pl.DataFrame(
    {
        "income": RNG.uniform(10, 90, N).round(2),
        "made": MADE,
        "bad": BAD,
        "exposure": RNG.uniform(1e3, 1e5, N).round(2),
        "severity": [f"{x} %" for x in RNG.integers(10, 90, N)],
        "years": RNG.uniform(0.5, 10, N).round(1),
        "due": RNG.choice([0, 10, 45, 120], N),
        "pd0": RNG.uniform(0.001, 0.2, N).round(4),
        "charged": [
            day + datetime.timedelta(90) if bad else None for day, bad in zip(MADE, BAD, strict=True)
        ],
    }
)
COLUMNS = {
    "time": "made",
    "amount": "exposure",
    "lgd": "severity",
    "maturity": "years",
    "arrears": "due",
    "pd_origination": "pd0",
    "default_day": "charged",
}


def read(frame: pl.DataFrame = TABLE, **section: object) -> RecordSnapshot:
    chosen = RecordsSection.model_validate({"source": "x", "target": "bad", **COLUMNS, **section})
    return records_from_frame(frame, chosen, today=TODAY)


def refused(frame: pl.DataFrame = TABLE, error: type[InputError] = DataError, **section: object) -> str:
    with pytest.raises(error) as caught:
        read(frame, **section)
    return str(caught.value)


def changed(name: str, row: int, value: object) -> pl.DataFrame:
    values = TABLE[name].to_list()
    values[row] = value
    return TABLE.with_columns(pl.Series(name, values, strict=False))


def test_each_term_is_read_and_only_what_was_known_at_the_start_stays_a_feature() -> None:
    snapshot = read()
    records = snapshot.records
    shares = [float(text.split()[0]) / 100 for text in TABLE["severity"].to_list()]
    np.testing.assert_allclose(records.terms["lgd"], shares)
    assert records.terms["maturity"].tolist() == TABLE["years"].to_list()
    assert records.terms["arrears"].tolist() == TABLE["due"].to_list()
    assert records.terms["pd_origination"].tolist() == TABLE["pd0"].to_list()
    assert records.amount.tolist() == TABLE["exposure"].to_list()
    assert set(records.columns) == {"income", "exposure", "years"}
    assert snapshot.schema.terms == {key: COLUMNS[key] for key in records.terms}


def test_the_days_of_default_stand_with_their_records() -> None:
    records = read().records
    assert records.event_time.tolist() == TABLE["charged"].to_list()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("severity", "140 %", "lie within 0 and 1: it is a loss given default"),
        ("years", 240.0, "Write years, not months"),
        ("due", -3, "it is the days past due"),
        ("pd0", 1.2, "it is a probability of default"),
        ("exposure", -1.0, "it is an exposure"),
        ("charged", datetime.date(2014, 1, 1), "not lie before 'made'"),
        ("charged", datetime.date(2030, 1, 1), "not lie in the future"),
    ],
)
def test_a_value_out_of_its_range_is_refused_with_its_row(name: str, value: object, said: str) -> None:
    message = refused(changed(name, 7, value))
    assert said in message
    assert "row 8" in message


def test_a_default_without_its_day_is_refused() -> None:
    first = int(np.flatnonzero(BAD == 1)[0])
    message = refused(changed("charged", first, None))
    assert "say the day of every default" in message
    assert f"1 of 200 rows do not, the first in row {first + 1}" in message


def test_days_of_default_need_the_day_of_the_record() -> None:
    assert "go with a time column" in refused(error=SettingError, time=None)


def test_a_packaged_source_takes_no_terms() -> None:
    with pytest.raises(SettingError, match=r"collect\.lgd must be empty"):
        open_records(RecordsSection(source="german-credit", lgd="severity")).read()


def test_a_request_may_leave_terms_out_and_is_held_to_them_where_it_has_them() -> None:
    schema = read().schema
    one = {"made": "2020-01-01", "income": 5.0, "exposure": 100.0, "years": 3.0}
    records, notes = read_request([one], schema)
    assert set(records.terms) == {"maturity"}
    assert notes.extra == ()
    records, notes = read_request([one | {"due": 100, "severity": "20 %", "colour": "red"}], schema)
    assert records.terms["arrears"].tolist() == [100.0]
    np.testing.assert_allclose(records.terms["lgd"], [0.2])
    assert notes.extra == ("colour",)
    with pytest.raises(DataError, match="it is the days past due"):
        read_request([one | {"due": -1}], schema)


def test_a_stored_snapshot_keeps_the_terms(tmp_path: Path) -> None:
    snapshot = read()
    save_records(snapshot, tmp_path)
    again = load_records(tmp_path)
    assert again.schema == snapshot.schema
    for key, values in snapshot.records.terms.items():
        np.testing.assert_array_equal(again.records.terms[key], values)
