"""A risk officer with a ledger in a file: run, JSON, report, newer losses; and what is refused."""

from __future__ import annotations

import datetime
import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command_line import check_report, check_result, flags_of, refusal, said

from barograph.cli import main
from small_ledgers import RESTLESS, table

SMALL = {
    "prepare.window": 6, "model.settings": {"mlp": {"hidden": [4]}}, "train.max_steps": 20, "train.seeds": 2,
    "train.check_every": 10, "train.workers": 1, "train.anomaly_steps": 20, "deploy.simulated_years": 10_000,
    "deploy.bootstrap": 20,
}  # fmt: skip


def untidy(frame: pl.DataFrame) -> pl.DataFrame:
    """A spreadsheet's way: amounts as money text, days as day.month.year, a column of no use."""
    return frame.with_row_index("event").select(
        pl.format("L-{}", pl.col("event")).alias("event"),
        pl.col("day").dt.strftime("%d.%m.%Y").alias("found on"),
        pl.Series("net loss", [f"€ {amount:,.2f}" for amount in frame["amount"]]),
        pl.lit("retail").alias("business line"),
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Folder, and the JSON of a run on an own, untidy file."""
    folder = tmp_path_factory.mktemp("own")
    untidy(table(RESTLESS, seed=1, years=5)).write_csv(folder / "ledger.csv", separator=";")
    flags = ["--data", str(folder / "ledger.csv"), "--time", "found on", "--target", "net loss"]
    flags += ["--entity", "event", "--network", "mlp", "--budget", "quick", "--out", str(folder / "run")]
    arguments = ["run", "operational/losses", *flags, "--json", *flags_of(SMALL)]
    with redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    return folder, dict(json.loads(out.getvalue()))


def test_an_own_ledger_becomes_one_json_object_and_a_report(ran: tuple[Path, dict[str, Any]]) -> None:
    _, result = ran
    assert result["study"] == "operational/losses"
    check_result(result, "mlp", "linear", "negative_binomial", "spliced")
    assert result["coming"][-1]["what"] == "annual_loss"
    assert {claim["block"] for claim in result["claims"]} == {"all"}
    check_report(Path(result["report"]), "not testable on this sample", "Anomalous weeks")


def test_the_bundle_holds_and_answers_to_newer_losses(
    ran: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, result = ran
    assert "graph" in said(capsys, "verify", result["bundle"]) or result["champion"].startswith("negative")
    until = datetime.date.fromisoformat(result["data"]["until"])
    fresh = pl.DataFrame(
        {
            "day": [until + datetime.timedelta(days=d) for d in range(1, 15)],
            "amount": [1000.0 + d for d in range(14)],
        }
    )
    untidy(fresh).write_csv(folder / "newer.csv", separator=";")
    told = said(capsys, "predict", result["bundle"], "--data", str(folder / "newer.csv"))
    assert "annual_loss" in told
    out = folder / "said.csv"
    said(capsys, "predict", result["bundle"], "--data", str(folder / "newer.csv"), "--out", str(out))
    assert pl.read_csv(out)["what"].to_list() == ["count"] * 4 + ["annual_loss"]


def test_what_cannot_be_a_ledger_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = untidy(table(years=5))
    name = str(tmp_path / "bad.csv")
    flags = ["--data", name, "--time", "found on", "--target", "net loss", "--budget", "quick"]
    start = ["run", "operational/losses", *flags, "--out", str(tmp_path / "run"), *flags_of(SMALL)]
    amount, day = pl.col("net loss"), pl.col("found on")
    for bad, words in (
        (frame.with_columns(amount.str.replace("€ ", "about ")), "must hold numbers"),
        (
            frame.with_columns(
                pl.when(pl.int_range(pl.len()) == 3)
                .then(pl.lit("€ -5.00"))
                .otherwise(amount)
                .alias("net loss")
            ),
            "above 0",
        ),
        (
            frame.with_columns(
                pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(day).alias("found on")
            ),
            "line 5",
        ),
        (frame.head(60), "at least 100 losses"),
        (frame.with_columns(pl.lit("01.03.2090").alias("found on")), "later than today"),
    ):
        bad.write_csv(name)
        assert words in refusal(capsys, tmp_path, *start)
    frame.write_csv(name)
    assert "--protected" in refusal(capsys, tmp_path, *start, "--protected", "event")
    assert "which column is the amount" in refusal(
        capsys, tmp_path, "run", "operational/losses", "--data", name, "--out", str(tmp_path / "run")
    )


def test_money_without_a_unit_is_money_units_and_no_empty_bracket(ran: tuple[Path, dict[str, Any]]) -> None:
    page = Path(ran[1]["report"]).read_text(encoding="utf-8")
    assert "Tail begins at (money units)" in page
    assert "()" not in re.sub(r"(?s)<script.*?</script>|<style.*?</style>", "", page)
