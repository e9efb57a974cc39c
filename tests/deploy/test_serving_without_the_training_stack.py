"""The torch rule, lived: a bundle is loaded, checked, asked and moved where no training library exists."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from bare_machine import told_by

from small_study import appended, finished

PROGRAM = """
bundle, prices, book = sys.argv[1:]
model = barograph.load(bundle)
checks = barograph.verify(bundle)
forecasts = model.predict(prices)
written = barograph.predict(bundle, prices, out=prices + ".out.csv")
assessed = barograph.assess(bundle, book)
moved = model.update({"entity": "alpha", "time": "2021-06-01", "close": 100.0})
print(json.dumps({
    "passed": [check["passed"] for check in checks],
    "var": forecasts["var_99"].to_list(),
    "same": forecasts.equals(written),
    "moved": moved.height,
    "assessed": sorted(assessed),
    "loaded": loaded(),
}))
"""


def test_a_bundle_serves_where_no_training_library_is_installed(tmp_path: Path) -> None:
    new = appended(finished().outcome.snapshot.panel, 5, seed=3)
    prices, book = tmp_path / "new.csv", tmp_path / "book.csv"
    new.write_csv(prices)
    pl.DataFrame({"entity": ["alpha", "index"], "quantity": [10.0, -2.0]}).write_csv(book)
    said = told_by(PROGRAM, str(finished().bundle), str(prices), str(book))
    assert all(said["passed"])
    assert len(said["passed"]) >= 5
    assert said["loaded"] == []
    assert said["same"]
    assert said["moved"] == 3
    from_here = pl.read_csv(f"{prices}.out.csv")["var_99"].to_list()
    assert said["var"] == pytest.approx(from_here, rel=1e-12)
    assert len(from_here) == 5 * 3 * 3
