"""The evidence page says what the runs said: failures too, and what was not run."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from types import ModuleType

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
}


@pytest.fixture(scope="module")
def write() -> ModuleType:
    spec = importlib.util.spec_from_file_location("evidence_write", FOLDER / "write.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_study_of_the_folder_is_a_valid_study_at_full_budget(file: Path) -> None:
    assert settings.load(file).budget == "full"


def test_a_claim_that_failed_is_named_and_marked(write: ModuleType) -> None:
    text = write.told("market", OUTCOME, budget="full")
    assert "Claims that failed: moonshot (confirmation)." in text
    rows = [line for line in text.splitlines() if line.startswith("| moonshot")]
    assert rows == [
        "| moonshot | confirmation | combination | – | qlike | – | DM/HLN | – | better | **no** |"
    ]


def test_means_over_the_series_stand_under_their_metric_and_blanks_are_blank(write: ModuleType) -> None:
    assert write.scores_table(OUTCOME["scores"], 1) == [
        "| model | qlike | crps |",
        "|---|---|---|",
        "| mlp | 1.235 (0.01) | – |",
        "| har | 1.3 | – |",
    ]


def test_a_study_without_its_data_is_said_not_to_have_run(write: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("name: market/volatility\ncollect: {source: mine.csv}\n", encoding="utf-8")
    for data in (None, tmp_path):
        assert "Not run: it needs `mine.csv`" in write.section(file, data=data, budget="quick")


def test_the_page_says_when_it_was_written(write: ModuleType) -> None:
    assert "2026-11-22" in write.page(["## a\n"], today=dt.date(2026, 11, 22))
