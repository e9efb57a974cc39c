"""The library's front door: what a run hands back, and where it refuses to begin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import barograph
from barograph.core.errors import SettingError, StorageError
from small_study import ENTITIES, finished, market, small_study


def test_a_run_s_json_is_what_stands_in_its_folder() -> None:
    run = finished()
    assert json.loads(json.dumps(run.to_json())) == json.loads(
        (run.folder / "result.json").read_text("utf-8")
    )
    assert run.to_json()["verdict"] == run.verdict.standing
    assert {row["entity"] for row in run.next_day} == set(ENTITIES)
    assert run.report.is_file()
    assert run.bundle.is_dir()
    assert run.seconds > 0
    assert 100 < run.peak_rss_mib < 8192


def test_the_next_day_of_a_run_is_the_forecast_of_its_bundle() -> None:
    forecast = barograph.load(finished().bundle).forecast()
    for row in finished().next_day:
        (same,) = [r for r in forecast.to_dicts() if (r["entity"], r["horizon"]) == (row["entity"], 1)]
        assert row["var_99"] == same["var_99"]
        assert row["time"] == same["time"].isoformat()


def test_the_kept_settings_are_those_that_ran() -> None:
    kept = yaml.safe_load((finished().folder / "study.yaml").read_text("utf-8"))
    assert kept == json.loads(finished().outcome.study.model_dump_json())


def test_resuming_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match="needs an unfinished run"):
        barograph.run(small_study(), data=market(), resume=True)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_trained() -> None:
    with pytest.raises(StorageError, match="must be writable"):
        barograph.run(small_study(), data=market(), out="/proc/barograph/run")
