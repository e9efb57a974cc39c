"""A file much larger than a part is scored into a file, in bounded memory, as one reading would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import barograph
from barograph.core.errors import InputError, StorageError
from barograph.engines.scoring.answer import ROWS, load
from small_scoring import book, finished

SMALL, LARGE = 8_000, 80_000
PROGRAM = """
import sys
from barograph.engines.scoring.answer import ROWS, load
rows = load(sys.argv[1]).predict_file(sys.argv[2], sys.argv[3], rows=8000).records
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(rows, int(peak.split()[1]) // 1024)
"""


def loans(rows: int) -> pl.DataFrame:
    """New loans in any number: a few hundred, again and again, each a little different."""
    base = book(40, seed=5).drop("bad", "customer", "sex")
    whole = pl.concat([base] * (rows // base.height + 1)).head(rows)
    return whole.with_columns(
        loan=pl.int_range(rows).cast(pl.String), debt=pl.col("debt") + pl.int_range(rows) / rows
    )


def peak_of(source: Path, out: Path, rows: int) -> int:
    """MiB at the peak of a process of its own that scores a file into a file."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(finished().bundle), str(source), str(out)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    scored, peak = map(int, done.stdout.split())
    assert scored == rows
    return peak


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc to see the peak")
def test_ten_times_the_file_takes_hardly_more_memory_and_gives_the_same_figures(tmp_path: Path) -> None:
    peaks = {}
    for rows in (SMALL, LARGE):
        source = tmp_path / f"{rows}.parquet"
        loans(rows).write_parquet(source, row_group_size=8000)
        peaks[rows] = peak_of(source, tmp_path / f"{rows}.out.parquet", rows)
    assert peaks[LARGE] - peaks[SMALL] < 60, peaks
    answers = pl.read_parquet(tmp_path / f"{LARGE}.out.parquet")
    assert answers["record_id"].to_list() == [str(i) for i in range(LARGE)]
    some = np.random.default_rng(0).choice(LARGE, 300, replace=False)
    direct = barograph.load(finished().bundle).predict(loans(LARGE)[some])
    worked_out = ("probability", "yearly_pd", "expected_loss", "capital", "population_rank")
    np.testing.assert_allclose(answers[some]["probability"], direct["probability"], atol=1e-6)
    assert answers[some].drop(worked_out).equals(direct.drop(worked_out))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_parts_of_any_size_make_one_file(tmp_path: Path, ending: str) -> None:
    table = loans(700)
    source, out = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    table.write_csv(source) if ending == "csv" else table.write_parquet(source)
    assert load(finished().bundle).predict_file(source, out, rows=64).records == 700
    answers = pl.read_csv(out, infer_schema_length=None) if ending == "csv" else pl.read_parquet(out)
    direct = barograph.load(finished().bundle).predict(table)
    np.testing.assert_allclose(answers["probability"], direct["probability"], atol=1e-6)
    assert answers["grade"].cast(pl.String).to_list() == direct["grade"].to_list()
    assert sorted(os.listdir(tmp_path)) == sorted([f"in.{ending}", f"out.{ending}"])


@pytest.mark.parametrize("rows", [8000, ROWS])
def test_a_file_is_answered_to_the_bit_as_its_records_are(tmp_path: Path, rows: int) -> None:
    source, out, model = tmp_path / "in.parquet", tmp_path / "out.parquet", load(finished().bundle)
    table = loans(20_000).with_columns(
        region=pl.when(pl.int_range(20_000) % 977 == 5).then(pl.lit("sea")).otherwise("region")
    )
    table.write_parquet(source)
    told = model.predict_file(source, out, rows=rows)
    direct, request = model.predict_told(table)
    assert pl.read_parquet(out).equals(direct)
    assert told == request
    assert set(direct["unseen"]) == {"", "region"}


def test_a_bad_row_far_down_leaves_no_half_written_file(tmp_path: Path) -> None:
    table = loans(300).with_columns(pl.col("debt").cast(pl.String))
    broken = table.with_columns(debt=pl.when(pl.int_range(300) == 250).then(pl.lit("much")).otherwise("debt"))
    broken.write_csv(tmp_path / "in.csv")
    (tmp_path / "out.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(InputError, match="much"):
        load(finished().bundle).predict_file(tmp_path / "in.csv", tmp_path / "out.csv", rows=64)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "kept"
    assert sorted(os.listdir(tmp_path)) == ["in.csv", "out.csv"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    loans(100).write_csv(tmp_path / "in.csv")
    with pytest.raises(StorageError, match="must be writable"):
        barograph.predict(finished().bundle, tmp_path / "in.csv", out=tmp_path / "nowhere" / "out.csv")
