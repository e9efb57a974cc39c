"""What a newcomer to credit does: run an own, untidy file; read the JSON; ask the bundle; heed the alarm."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from command_line import check_report, check_result, flags_of, said

from barograph.cli import main
from barograph.models.scorers import SCORERS
from english import english_in
from small_scoring import STEPS, TINY, book

OWN = (
    *("prepare.bins", "train.seeds", "train.trials", "train.max_steps", "train.check_every", "train.batch"),
    *("train.workers", "evaluate.bootstrap", "deploy.grades", "deploy.reference_records"),
)
SIZES = {"mlp": {"hidden": [8]}, "tabm": {"k": 2, "hidden": [8]}, "transformer": {"width": 8, "hidden": [8]}}


def settings(**changes: Any) -> list[str]:
    """What makes a run small, as flags; changes with `__` for the dot."""
    given = {key: TINY[key] for key in OWN} | {"model.settings": SIZES}
    given |= {"evaluate.folds": 2, "evaluate.repeats": 1}
    return flags_of(given | changes)


def untidy(table: pl.DataFrame) -> pl.DataFrame:
    """The book as a spreadsheet may hold it: money and dates as text, gaps everywhere, columns of no use."""
    random = np.random.default_rng(4)
    days = table["made"].to_list()
    forms = ("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d")
    born = [day.replace(year=day.year - 40, day=1) for day in days]
    shops = [f"shop {i:04d}" for i in random.integers(0, 1500, table.height)]
    dirty = table.with_columns(
        pl.Series("made", [day.strftime("%Y/%m/%d") for day in days]),
        pl.Series("born", [day.strftime(forms[i % 3]) for i, day in enumerate(born)]),
        pl.Series("amount", [f"${value:,.2f}" for value in table["amount"]]),
        pl.Series("shop", shops),
        pl.lit("EUR").alias("currency"),
        pl.lit(None, dtype=pl.String).alias("remark"),
    )
    holes = ("income", "debt", "tenure", "region", "purpose", "born", "shop", *STEPS)
    return dirty.with_columns(
        pl.when(pl.Series(random.random(table.height) < 0.1)).then(None).otherwise(pl.col(name)).alias(name)
        for name in holes
    )


@pytest.fixture(scope="module")
def own() -> pl.DataFrame:
    return untidy(book(200))


@pytest.fixture(scope="module")
def result(own: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of a run on the untidy file, with every flag that names a column."""
    folder = tmp_path_factory.mktemp("own")
    own.write_csv(folder / "loans.csv", separator=";")
    flags = ["--data", str(folder / "loans.csv"), "--target", "bad", "--time", "made", "--entity", "customer"]
    flags += ["--protected", "sex", "--network", "mlp", "--budget", "quick", "--out", str(folder / "run")]
    changes: dict[str, Any] = {"collect__record_id": "loan", "collect__amount": "amount"}
    changes |= {"collect__known_after": 12, "evaluate__origins": [2014, 2015], "evaluate__leak_removal": 0.3}
    arguments = ["run", "credit", *flags, "--json", *settings(**changes)]
    with redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    return dict(json.loads(out.getvalue()))


def test_an_untidy_own_file_becomes_one_json_object(result: dict[str, Any], own: pl.DataFrame) -> None:
    assert result["study"] == "credit/default"
    models = ("mlp", "linear", "scorecard", "logistic", "lightgbm", "combination", "linear_combination")
    check_result(result, *models)
    metrics = {score["metric"] for score in result["scores"]}
    assert {"auc", "gini", "ks", "brier", "log_loss", "accuracy", "precision", "recall", "f1"} <= metrics
    assert result["data"]["rows"] == own.height
    assert (result["data"]["since"][:4], result["data"]["until"][:4]) == ("2010", "2016")
    assert result["data"]["source"].endswith("loans.csv")


def test_what_was_assumed_of_the_file_is_told(result: dict[str, Any]) -> None:
    notes = "\n".join(result["notes"])
    for words in (
        "currency: left out, it is 'EUR' throughout",
        "remark: left out, all its values are missing",
        "amount: currency signs or commas between thousands left out",
        "born: dates written in 3 ways, each read",
        "'1' means bad",
    ):
        assert words in notes, notes
    assert result["leaks"] == []


def test_the_report_names_models_protected_column_and_what_was_left_out(result: dict[str, Any]) -> None:
    check_report(Path(result["report"]), "Scorecard", "LightGBM", "sex", "currency", result["sentence"][:30])


def test_the_bundle_is_verified_and_scores_untidy_new_loans(
    capsys: pytest.CaptureFixture[str], result: dict[str, Any], tmp_path: Path
) -> None:
    bundle = result["bundle"]
    verified = json.loads(said(capsys, "verify", bundle, "--json"))
    assert verified["passed"] is True
    new = untidy(book(4, seed=8)).drop("bad", "sex", "currency", "remark", "customer")
    strange = pl.int_range(pl.len()) < 3
    new.with_columns(
        purpose=pl.when(strange).then(pl.lit("yacht")).otherwise("purpose"), weather=pl.lit("fair")
    ).write_csv(tmp_path / "new.csv")
    data = ["--data", str(tmp_path / "new.csv")]
    answers = json.loads(said(capsys, "predict", bundle, *data, "--json"))["forecasts"]
    assert [one["record_id"] for one in answers] == new["loan"].to_list()
    assert all(0 < one["probability"] < 1 for one in answers)
    assert [("purpose" in one["unseen"].split(", ")) for one in answers] == [i < 3 for i in range(new.height)]
    wrote = said(capsys, "predict", bundle, *data, "--out", str(tmp_path / "scored.parquet"))
    assert "scored.parquet" in wrote.replace("\n", "")
    scored = pl.read_parquet(tmp_path / "scored.parquet")
    np.testing.assert_allclose(scored["probability"], [one["probability"] for one in answers], atol=1e-6)
    assert said(capsys, "predict", bundle, *data)


def test_reasons_and_the_book_at_the_command_line(
    capsys: pytest.CaptureFixture[str], result: dict[str, Any], tmp_path: Path
) -> None:
    new = untidy(book(2, seed=8)).drop("bad", "sex", "currency", "remark", "customer")
    new.write_csv(tmp_path / "new.csv")
    bundle, data = result["bundle"], str(tmp_path / "new.csv")
    told = json.loads(said(capsys, "predict", bundle, "--data", data, "--reasons", "--json"))["records"]
    for one in told:
        assert one["base"] + sum(one["reasons"].values()) == pytest.approx(one["probability"], abs=1e-9)
        changed = {name for other in one["alternatives"] for name in other["changes"]}
        assert "born" not in changed, "nobody can change the day of their birth"
    assert "debt" in said(capsys, "predict", bundle, "--data", data, "--reasons")
    figures = json.loads(said(capsys, "assess", bundle, "--book", data, "--json"))
    exposure = sum(float(text[1:].replace(",", "")) for text in new["amount"])
    assert figures["total"]["records"] == new.height
    assert figures["total"]["exposure"] == pytest.approx(exposure)
    lost = sum(one["expected_loss"] for one in told)
    assert figures["total"]["expected_loss"] == pytest.approx(lost, rel=1e-6)


def test_a_leak_trips_the_alarm_and_stands_in_result_and_report_in_either_language(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The target under other names: a copy, a noisy copy, a text; told in Chinese, champion a scorecard."""
    random = np.random.default_rng(6)
    table = book(100).drop("made", "loan")
    bad = table["bad"].to_numpy()
    leaking = table.with_columns(
        collections=pl.Series(np.where(random.random(bad.size) < 0.02, 1 - bad, bad) * 1.0),
        fee=pl.Series(bad + random.normal(0.0, 0.15, bad.size)),
        letter=pl.Series(np.where(bad == 1, random.choice(["B", "C"], bad.size), "A")),
    )
    leaking.write_csv(tmp_path / "loans.csv")
    flags = [
        "--data",
        str(tmp_path / "loans.csv"),
        "--target",
        "bad",
        "--network",
        "mlp",
        "--budget",
        "quick",
    ]
    flags += ["--out", str(tmp_path / "run"), "--lang", "zh", "--json"]
    found = json.loads(said(capsys, "run", "credit", *flags, *settings(deploy__champion="scorecard")))
    alone = {one["column"]: one for one in found["leaks"] if one["kind"] == "alone"}
    assert {"collections", "fee", "letter"} == set(alone)
    assert all(one["auc"] > one["threshold"] == 0.9 for one in alone.values())
    kept = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert kept["leaks"] == found["leaks"]
    for sentence in (found["sentence"], *(one["reason"] for one in found["leaks"])):
        assert re.search("[一-鿿]", sentence), sentence
    check_report(Path(found["report"]), "collections", "fee", "letter", 'lang="zh')
    assert english_in(Path(found["report"])) == []


HISTORY = {"collect__sequence": {"late": list(STEPS)}}


@pytest.mark.parametrize(
    "network",
    ["cnn", *(pytest.param(name, marks=pytest.mark.soak) for name in sorted(SCORERS) if name != "cnn")],
)
def test_every_network_runs_and_can_be_shipped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, network: str
) -> None:
    book(100).write_parquet(tmp_path / "loans.parquet")
    flags = ["--data", str(tmp_path / "loans.parquet"), "--target", "bad", "--network", network]
    flags += ["--budget", "quick", "--out", str(tmp_path / "run"), "--json"]
    history = HISTORY if SCORERS[network].needs_sequence else {}
    changes = {"collect__ignore": ["made", "loan"], "deploy__champion": network, **history}
    result = json.loads(said(capsys, "run", "credit", *flags, *settings(**changes)))
    assert result["champion"] == network
    assert any(score["model"] == network and score["value"] is not None for score in result["scores"])
    assert json.loads(said(capsys, "verify", result["bundle"], "--json"))["passed"] is True
