"""A run's papers in its bundle: written by every run, hashed, and read no further than may be shown."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from barograph.api.answer import load
from barograph.core.errors import BundleError
from barograph.deploy import papers
from barograph.deploy.bundle import plain_manifest
from barograph.deploy.papers import MOST, REPORT, RESULT, report_in, result_in
from small_bundles import bundle_of


@pytest.mark.parametrize("kind", ["records", "fixings", "levels", "panels", "ledgers"])
def test_the_bundle_of_a_run_carries_its_claims_and_its_report(kind: str) -> None:
    folder = bundle_of(kind)
    hashes = plain_manifest(folder)["hashes"]
    run = json.loads((folder.parent / "result.json").read_text(encoding="utf-8"))
    found = result_in(folder, hashes)
    assert found == {name: run[name] for name in papers.KEPT}
    assert str(folder.parent) not in json.dumps(found)
    assert report_in(folder, hashes) == (folder.parent / "report.html").read_bytes()
    load(folder)


def kept(folder: Path, content: bytes) -> dict[str, str]:
    path = folder / REPORT
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return {REPORT: hashlib.sha256(content).hexdigest()}


def test_a_report_is_read_up_to_a_size_however_small_it_is_packed(tmp_path: Path) -> None:
    assert report_in(tmp_path, kept(tmp_path, gzip.compress(b"<p>a report"))) == b"<p>a report"
    assert report_in(tmp_path, kept(tmp_path, gzip.compress(b" " * (MOST - 1)))) is not None
    assert report_in(tmp_path, kept(tmp_path, gzip.compress(b" " * (MOST + 1)))) is None


def test_a_report_that_is_none_of_this_bundle_or_cannot_be_unpacked_is_none(tmp_path: Path) -> None:
    hashes = kept(tmp_path, gzip.compress(b"<p>a report"))
    assert report_in(tmp_path, {}) is None
    assert result_in(tmp_path, hashes) is None
    assert report_in(tmp_path, kept(tmp_path, b"<p>a report")) is None
    assert report_in(tmp_path, kept(tmp_path, gzip.compress(b"<p>a report")[:-9])) is None
    kept(tmp_path, gzip.compress(b"<p>another"))
    assert report_in(tmp_path, hashes) is None
    (tmp_path / REPORT).unlink()
    assert report_in(tmp_path, hashes) is None


@pytest.mark.parametrize("content", ["", "no json", "[]", "3", "{}", '{"claims": 3}', '{"claims": "better"}'])
def test_a_result_that_is_none_is_read_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / RESULT
    path.parent.mkdir()
    path.write_text(content)
    assert result_in(tmp_path, {RESULT: hashlib.sha256(content.encode()).hexdigest()}) is None


def test_a_bundle_whose_papers_were_changed_does_not_load(tmp_path: Path) -> None:
    source = bundle_of("records")
    for path in source.rglob("*"):
        if path.is_file():
            (place := tmp_path / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    (tmp_path / RESULT).write_text("{}")
    with pytest.raises(BundleError, match=r"result\.json must have the hash"):
        load(tmp_path)
