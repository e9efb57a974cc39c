"""A bundle of a stream answers where no training library exists, the payments before each one included."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from bare_machine import told_by

from barograph.api.answer import Scorer, load
from barograph.api.study import run
from small_stream import small_stream, stream

PROGRAM = """
bundle, payments = sys.argv[1:]
model = barograph.load(bundle)
answers = model.predict(payments)
one = model.predict_one(json.loads(sys.stdin.read()))
print(json.dumps({
    "passed": [check["passed"] for check in barograph.verify(bundle)],
    "probability": answers["probability"].to_list(),
    "alert": answers["alert"].to_list(),
    "one": one["probability"],
    "sum": one["base"] + sum(one["reasons"].values()),
    "loaded": loaded(),
}))
"""


def test_a_bundle_of_a_stream_serves_where_no_training_library_is_installed(tmp_path: Path) -> None:
    table = stream(50, before=2.0)
    study = small_stream(train__max_steps=100, train__learning_rate=0.02)
    made = run(study, data=table.head(table.height - 90), out=tmp_path / "run", budget=None)
    asked = table.tail(90).drop("fraud", "seconds")
    asked.write_csv(tmp_path / "next.csv")
    said = told_by(
        PROGRAM, str(made.bundle), str(tmp_path / "next.csv"), given=json.dumps(asked.row(0, named=True))
    )
    assert said["loaded"] == []
    assert len(said["passed"]) >= 4
    assert all(said["passed"])
    model = load(made.bundle)
    assert isinstance(model, Scorer)
    here: pl.DataFrame = model.predict(asked)
    assert said["probability"] == pytest.approx(here["probability"].to_list(), abs=1e-9)
    assert said["alert"] == here["alert"].to_list()
    assert said["one"] == pytest.approx(said["probability"][0], abs=1e-6), "the first knows nothing before it"
    assert said["sum"] == pytest.approx(said["one"], abs=1e-9)
    alone = model.predict(asked.tail(1))["probability"][0]
    assert abs(alone - said["probability"][-1]) > 1e-6, "the others read those before"
    past = table.head(table.height - 90).filter(pl.col("seconds") >= 30 * 3600)
    hours = (past["seconds"] // 3600).n_unique()
    raised = int(model.predict(past.drop("fraud", "seconds"))["alert"].sum())
    assert 0 < raised <= 100 * hours / 24, "a day's reviews, for the hours that were held out"
