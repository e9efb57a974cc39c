"""What the journeys share: commands that must succeed or be refused, their JSON, and the report."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from barograph.cli import main

FIELDS = {
    "study": str,
    "verdict": str,
    "champion": str,
    "claims": list,
    "scores": list,
    "bundle": str,
    "report": str,
    "seconds": float,
    "peak_rss_mib": float,
    "data": dict,
}
CLAIM = {"claim", "model", "opponent", "metric", "difference", "test", "statistic", "p_value", "verdict"}


def flags_of(settings: Mapping[str, Any]) -> list[str]:
    """Settings as flags; a dot in a key may be written `__`, and the last of two equal keys counts."""
    dotted = {key.replace("__", "."): value for key, value in settings.items()}
    return [
        word
        for key, value in dotted.items()
        for word in ("--set", f"{key}={value if isinstance(value, str) else json.dumps(value)}")
    ]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Stdout of a command that must succeed."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    heard = capsys.readouterr()
    assert caught.value.code == 0, heard.err
    return heard.out


def refusal(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """What a command that must be refused says on stderr; nothing else may be said, nothing written."""
    before = sorted(os.listdir(folder))
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    heard = capsys.readouterr()
    assert caught.value.code == 2, heard.err
    assert heard.out == ""
    assert "Traceback" not in heard.err
    assert sorted(os.listdir(folder)) == before
    return heard.err


def check_result(result: Mapping[str, Any], *models: str) -> None:
    """The JSON of a run has every field, and scores of the models."""
    for field, kind in FIELDS.items():
        assert isinstance(result[field], kind), field
    assert result["verdict"] in ("better", "indistinguishable", "worse")
    assert result["claims"]
    assert all(set(claim) >= CLAIM for claim in result["claims"])
    assert all({"model", "metric", "value", "sd"} <= set(score) for score in result["scores"])
    assert {score["model"] for score in result["scores"]} >= set(models)
    assert len(result["data"]["hash"]) == 64


def check_report(path: Path, *words: str) -> None:
    """Self-contained, below eight megabytes, with a chart: nothing is fetched; and it says the words."""
    html = path.read_text(encoding="utf-8")
    loads = re.findall(r"<(?:script|img|iframe|link|source)\b[^>]*?\b(?:src|href)\s*=\s*[\"']([^\"']+)", html)
    assert [place for place in loads if not place.startswith(("data:", "#"))] == []
    assert not re.search(r"@import|url\(\s*[\"']?https?:", html)
    assert path.stat().st_size < 8 * 1024**2
    assert "<svg" in html or "plotly" in html
    for word in words:
        assert word in html, word
