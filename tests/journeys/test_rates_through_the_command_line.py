"""A treasurer with a file of interest rates: run, JSON, report, a new day; and what is refused."""

from __future__ import annotations

import datetime
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command_line import check_report, check_result, flags_of, refusal, said

import barograph as bg
from barograph.cli import main
from untidy_files import rate_files, written

SMALL = {
    "model.settings": {"cnn": {"channels": 4, "hidden": [4]}}, "train.max_steps": 20, "train.seeds": 1,
    "train.check_every": 10, "train.workers": 1, "train.refit_months": 36, "train.calibration_months": 12,
    "evaluate.bootstrap": 50, "prepare.window": 8,
}  # fmt: skip
DAYS = 1100


def rates(n: int = DAYS) -> pl.DataFrame:
    """Two rates in percent a year on business days, short and long, some values missing."""
    every = pl.date_range(datetime.date(2015, 1, 1), datetime.date(2022, 1, 1), "1d", eager=True)
    day = every.filter(every.dt.weekday() < 6)
    stream = np.random.default_rng(7)
    level = 2.0 + np.cumsum(0.03 * stream.normal(size=day.len()))
    slope = 1.0 + np.cumsum(0.02 * stream.normal(size=day.len()))
    gone = stream.random(day.len()) < 0.03
    table = pl.DataFrame({"date": day, "overnight rate": level, "bond yield": level + slope})
    hole = pl.when(pl.Series(gone)).then(None).otherwise(pl.col("bond yield")).alias("bond yield")
    return table.with_columns(hole).head(n)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Folder, and the JSON of a run on an own file."""
    folder = tmp_path_factory.mktemp("own")
    rates().write_csv(folder / "interest_rate.csv")
    flags = ["--data", str(folder / "interest_rate.csv"), "--network", "cnn", "--budget", "quick"]
    arguments = ["run", "rates", *flags, "--out", str(folder / "run"), "--json", *flags_of(SMALL)]
    with redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    return folder, dict(json.loads(out.getvalue()))


def test_a_file_of_rates_becomes_one_json_object_and_a_report(ran: tuple[Path, dict[str, Any]]) -> None:
    _, result = ran
    assert result["study"] == "rates/curve"
    check_result(result, "cnn", "linear", "combination", "random_walk", "random_walk_garch", "ar")
    assert {row["series"] for row in result["newest"]} == {"overnight rate", "bond yield"}
    assert {row["horizon"] for row in result["newest"]} == {1, 5, 22}
    assert {claim["block"] for claim in result["claims"]} == {"all"}
    floor = next(claim for claim in result["claims"] if claim["claim"] == "floor-never-worse")
    assert floor["test"] == "diebold_mariano_holm"
    check_report(
        Path(result["report"]), "Ratios by series and horizon", "Pesaran-Timmermann", "Left out for want"
    )


def test_a_new_day_gives_a_new_forecast_from_the_command_line_and_live(
    ran: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, result = ran
    assert "served mean" in said(capsys, "verify", result["bundle"])
    new = rates(DAYS + 2).tail(2)
    new.write_csv(folder / "new.csv")
    said(
        capsys,
        "predict",
        result["bundle"],
        "--data",
        str(folder / "new.csv"),
        "--out",
        str(folder / "said.csv"),
    )
    from_file = pl.read_csv(folder / "said.csv", try_parse_dates=True)
    assert from_file["origin"].unique().sort().to_list() == new["date"].to_list()
    model = bg.load(result["bundle"])
    assert isinstance(model.forecast(), pl.DataFrame)
    for row in new.iter_rows(named=True):
        live = model.update(row)  # type: ignore[union-attr]
    last = from_file.filter(pl.col("origin") == new["date"].item(-1))
    np.testing.assert_allclose(live["forecast"], last["forecast"], rtol=1e-12)
    assert model.draws(100, seed=1).changes.shape == (3, 100, 2)  # type: ignore[union-attr]


def test_an_untidy_file_is_read_said_and_repeated_by_the_run_s_own_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    german = next(one for one in rate_files() if one.name == "german.csv")
    flags = [
        "run",
        "rates",
        "--data",
        str(written(tmp_path, german)),
        "--network",
        "cnn",
        "--budget",
        "quick",
    ]
    told = said(capsys, *flags, "--out", str(tmp_path / "run"), *flags_of(SMALL))
    for words in (
        "What was assumed",
        "windows-1252",
        "semicolon",
        "decimal comma",
        "percent a year",
        "months",
    ):
        assert words in told
    first = json.loads((tmp_path / "run" / "result.json").read_text("utf-8"))
    assert {"what": "header", "value": "3", "column": "", "setting": "collect.header"} in first["data"][
        "assumed"
    ]
    yaml = str(tmp_path / "run" / "study.yaml")
    again = json.loads(said(capsys, "run", yaml, "--out", str(tmp_path / "again"), "--json"))
    assert not [one for one in again["data"]["assumed"] if one["setting"]]
    assert (again["newest"], again["scores"]) == (first["newest"], first["scores"])
    chinese = said(
        capsys, "run", yaml, "--out", str(tmp_path / "third"), "--lang", "zh", "--set", "collect.unit=auto"
    )
    assert "年百分数" in chinese


def test_rates_in_decimals_are_read_as_such_with_a_warning_that_names_both_readings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    level = (rates()["overnight rate"] - rates()["overnight rate"].min()) / 100.0 + 0.01
    pl.DataFrame({"day": rates()["date"], "rate": level}).write_csv(tmp_path / "decimals.csv")
    flags = ["--data", str(tmp_path / "decimals.csv"), "--budget", "quick", "--out", str(tmp_path / "run")]
    settings = SMALL | {"model.networks": [], "deploy.candidate": "linear", "model.settings": {}}
    told = " ".join(said(capsys, "run", "rates/curve", *flags, *flags_of(settings)).split())
    assert "Warning: rates read as decimals" in told
    assert "if they are percent" in told


def test_what_is_no_table_of_rates_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(tmp_path / "bad.csv")
    start = [
        "run",
        "rates",
        "--data",
        name,
        "--budget",
        "quick",
        "--out",
        str(tmp_path / "run"),
        *flags_of(SMALL),
    ]
    good = rates()
    for bad, words in (
        (good.select("date").with_columns(word=pl.lit("high")), "a column of rates"),
        (good.drop("date"), "a column of days"),
        (pl.concat([good, good.head(1).with_columns(pl.col("overnight rate") + 1)]), "hold each day once"),
        (good.head(60), "at least 80 periods"),
        (
            good.with_columns(pl.lit(2.5).alias("overnight rate")).select("date", "overnight rate"),
            "hardly ever",
        ),
        (good.with_columns(pl.col("overnight rate") * 1000.0), "200%"),
        (pl.concat([good.gather_every(21).head(40), good.tail(60)]), "of one frequency"),
    ):
        bad.write_csv(name)
        assert words in refusal(capsys, tmp_path, *start), words
    good.write_csv(name)
    assert "a network" in refusal(capsys, tmp_path, *start, "--network", "gru")
    assert "collect.series" in refusal(capsys, tmp_path, *start, "--target", "y10")
