"""The torch rule, lived: a scoring bundle is loaded, checked and asked where no training library exists."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from bare_machine import told_by

from small_scoring import book, finished

PROGRAM = """
bundle, loans = sys.argv[1:]
model = barograph.load(bundle)
answers = model.predict(loans)
one = model.predict_one({**json.loads(sys.stdin.read())})
print(json.dumps({
    "passed": [check["passed"] for check in barograph.verify(bundle)],
    "probability": answers["probability"].to_list(),
    "written": barograph.predict(bundle, loans, out=loans + ".out.parquet"),
    "one": one["probability"],
    "sum": one["base"] + sum(one["reasons"].values()),
    "book": barograph.assess(bundle, loans)["total"]["records"],
    "loaded": loaded(),
}))
"""


def test_a_scoring_bundle_serves_where_no_training_library_is_installed(tmp_path: Path) -> None:
    loans = tmp_path / "new.csv"
    new = book(6, seed=9).drop("bad")
    new.write_csv(loans)
    one = {name: str(value) if name == "made" else value for name, value in new.row(0, named=True).items()}
    said = told_by(PROGRAM, str(finished().bundle), str(loans), given=json.dumps(one))
    assert all(said["passed"])
    assert len(said["passed"]) >= 4
    assert said["loaded"] == []
    assert said["written"] == said["book"] == new.height
    kept = pl.read_parquet(f"{loans}.out.parquet")["probability"].to_list()
    assert said["probability"] == pytest.approx(kept, abs=1e-9)
    assert len(set(kept)) > 20
    assert said["one"] == pytest.approx(kept[0], abs=1e-6)
    assert said["sum"] == pytest.approx(said["one"], abs=1e-9)
