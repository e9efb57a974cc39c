"""The evidence page says what the runs said: failures too, and what was not run."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from barograph.pipeline import settings

FOLDER = Path(__file__).parents[2] / "evidence"
CLAIM = {
    "claim": "floor",
    "block": "confirmation",
    "model": "combination",
    "opponent": "",
    "metric": "qlike",
    "difference": -0.01234567,
    "test": "DM|HLN",
    "p_value": 0.00012,
    "verdict": "better",
    "held": True,
}
POOLED = {"entity": "", "horizon": 1, "sd": None}
OUTCOME = {
    "study": "market/volatility",
    "sentence": "Combination is better.",
    "champion": "combination",
    "data": {"source": "samples", "rows": 10, "hash": "abcdef0123456789ff"},
    "claims": [CLAIM, CLAIM | {"claim": "moonshot", "held": False, "p_value": None, "difference": None}],
    "scores": [
        POOLED | {"model": "mlp", "metric": "qlike", "value": 1.23456, "sd": 0.01},
        POOLED | {"model": "har", "metric": "qlike", "value": 1.3},
        POOLED | {"model": "har", "metric": "qlike", "value": 9.9, "entity": "ko"},
        POOLED | {"model": "har", "metric": "qlike", "value": 8.8, "horizon": 5},
        POOLED | {"model": "har", "metric": "crps", "value": None},
    ],
    "seconds": 61.4,
    "peak_rss_mib": 800.2,
    "resumed": False,
}
DAY = dt.date(2026, 11, 22)


OF_RECORDS = {"horizon": 1, "sd": None, "metric": "auc"}
RECORDS = OUTCOME | {
    "scores": [
        OF_RECORDS | {"model": "tabm", "entity": "origin:", "value": 0.62, "sd": 0.004},
        OF_RECORDS | {"model": "tabm", "entity": "origin:", "metric": "brier", "value": 0.09},
        OF_RECORDS | {"model": "tabm", "entity": "origin:2004", "value": 0.63},
        OF_RECORDS | {"model": "tabm", "entity": "origin:2005", "value": 0.58},
        OF_RECORDS | {"model": "tabm", "entity": "retrospective:", "value": 0.69},
        OF_RECORDS | {"model": "tabm", "entity": "retrospective:", "metric": "brier", "value": None},
        OF_RECORDS | {"model": "tabm", "entity": "retrospective:2004-2005", "value": 0.7},
    ],
    "tuning": {"tabm": {"trials": 8, "seconds": 41.6, "best": {}}},
    "fits": [
        {"model": "tabm", "fits": 27, "seconds": 251.23, "parameters": 15424, "steps": 400.0},
        {"model": "lightgbm", "fits": 9, "seconds": 33.9, "parameters": None, "steps": 448.6},
    ],
}


@pytest.fixture(scope="module")
def write() -> ModuleType:
    spec = importlib.util.spec_from_file_location("evidence_write", FOLDER / "write.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(FOLDER))  # as `python evidence/write.py` has it
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_study_of_the_folder_is_a_valid_study_at_full_budget(file: Path) -> None:
    assert settings.load(file).budget == "full"


def test_a_claim_that_failed_is_named_and_marked(write: ModuleType) -> None:
    text = write.told("market", OUTCOME, budget="full", on=DAY)
    assert "Claims that failed: moonshot (confirmation)." in text
    rows = [line for line in text.splitlines() if line.startswith("| moonshot")]
    assert rows == [
        "| moonshot | confirmation | combination | – | qlike | – | DM/HLN | – | better | **no** |"
    ]


def test_means_over_the_series_stand_under_their_metric_and_blanks_are_blank(write: ModuleType) -> None:
    tables = write.groups(OUTCOME["scores"])
    assert list(tables) == ["Horizon 1", "Horizon 5"]
    assert write.scores_table(tables["Horizon 1"]) == [
        "| model | qlike | crps |",
        "|---|---|---|",
        "| mlp | 1.235 (0.01) | – |",
        "| har | 1.3 | – |",
    ]


def test_each_protocol_of_a_study_of_records_has_its_tables(write: ModuleType) -> None:
    text = write.told("credit", RECORDS, budget="full", on=DAY)
    assert [line for line in text.splitlines() if line.startswith("###")] == [
        "### Origin",
        "### Retrospective",
        "### What it took",
    ]
    origin, _, rest = text.partition("### Retrospective")
    assert "| model | auc | brier |\n|---|---|---|\n| tabm | 0.62 (0.004) | 0.09 |" in origin
    assert "auc by block:\n\n| model | 2004 | 2005 |\n|---|---|---|\n| tabm | 0.63 | 0.58 |" in origin
    assert "| tabm | 0.69 | – |" in rest
    assert "by block" not in rest  # a single one says nothing more


def test_what_the_search_and_the_fits_took_is_told_model_by_model(write: ModuleType) -> None:
    assert write.effort_table(RECORDS)[2:] == [
        "| tabm | 8 | 41.6 | 27 | 251.2 | 15,424 |",
        "| lightgbm | – | – | 9 | 33.9 | – |",
    ]
    assert write.effort_table(OUTCOME) == []


def test_a_run_that_fails_is_told_in_its_place_and_the_others_go_on(
    write: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "RUNS", tmp_path / "runs")
    (tmp_path / "few.csv").write_text("x,default\n1,0\n2,1\n", encoding="utf-8")
    file = tmp_path / "few.yaml"
    file.write_text(
        "name: my/own\nquestion: Who?\nengine: scoring\ncollect: {source: few.csv, target: default}\n",
        encoding="utf-8",
    )
    text = write.section(file, data=tmp_path, budget="full")
    assert text.startswith("## few\n\nFailed: ")
    assert "at least 100 records" in text


def test_a_study_without_its_data_is_said_not_to_have_run(write: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    for name in ("market/volatility", "credit/default"):
        file.write_text(f"name: {name}\ncollect: {{source: mine.csv}}\n", encoding="utf-8")
        for data in (None, tmp_path):
            assert "Not run: it needs `mine.csv`" in write.section(file, data=data, budget="quick")


def test_accounts_of_amlsim_become_labels_of_transfers_between_two_flagged_ones(
    write: ModuleType, tmp_path: Path
) -> None:
    accounts = {"account_id": [1, 2, 3, 4], "is_fraud": [1, 0, 1, 0], "fraud_step": [5, -1, -1, -1]}
    pl.DataFrame(accounts).write_parquet(tmp_path / "amlsim_accounts.parquet")
    name = "amlsim_labelled.parquet"
    file = tmp_path / "own.yaml"
    file.write_text(f"name: operational/laundering\ncollect: {{source: {name}}}\n", encoding="utf-8")
    lacking = write.section(file, data=tmp_path, budget="quick")
    assert "needs `amlsim_transactions.parquet` and `amlsim_accounts.parquet`" in lacking
    transfers = [(0, 1, 3, 5.0), (1, 3, 1, 6.0), (1, 1, 2, 7.0), (40, 4, 3, 8.0), (40, 2, 4, 9.0)]
    columns = ["step", "source_id", "target_id", "amount"]
    pl.DataFrame(transfers, schema=columns, orient="row").write_parquet(
        tmp_path / "amlsim_transactions.parquet"
    )
    made = write.derived.found(name, tmp_path, tmp_path / "made")
    table = pl.read_parquet(made)
    assert table["laundering"].to_list() == [1, 1, 0, 0, 0]
    assert table["day"].to_list()[-1] == dt.date(2024, 2, 10)
    assert table.select("payer", "payee", "amount").rows() == [row[1:] for row in transfers]


@pytest.mark.parametrize("resumed", [True, False])
def test_a_section_says_its_day_and_whether_its_seconds_are_the_whole_run(
    write: ModuleType, resumed: bool
) -> None:
    text = write.told("market", OUTCOME | {"resumed": resumed}, budget="full", on=DAY)
    assert "2026-11-22" in text
    assert ("interrupted" in text) is resumed


def test_a_page_written_anew_keeps_the_sections_of_the_studies_that_were_not_run(write: ModuleType) -> None:
    sections = {"a": "## a\n\n### b\n\n| x |\n|---|\n", "c": "## c\n\nNot run.\n"}
    assert write.sections_of(write.page(sections.values())) == sections
