"""Looking at a study over the API: newest forecasts, drivers, the run behind it, the book assessed last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from barograph.service.access import OneToken
from barograph.service.service import Service
from barograph.service.studies import Served, Studies
from small_service import CREDIT, FRAUD, HEADERS, MARKET, TOKEN, Client, asked, bundles, service


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with asked(service()) as made:
        yield made


def test_the_newest_forecasts_are_kept_until_a_day_is_taken_in(client: Client) -> None:
    first = client.get(f"{MARKET}/newest").json()
    assert first == client.get(f"{MARKET}/newest").json()
    assert {one["entity"] for one in first["answers"]} == {"alpha", "beta", "index"}
    day = {
        "entity": "alpha",
        "time": "2021-06-01",
        "close": 400.0,
        "open": 399,
        "high": 401,
        "low": 398,
        "volume": 1,
    }
    assert client.post(f"{MARKET}/update", json=day).status_code == 200
    after = client.get(f"{MARKET}/newest").json()["answers"]
    assert {one["time"] for one in after if one["entity"] == "alpha"} == {"2021-06-01"}
    assert client.get(f"{CREDIT}/newest").status_code == 409


def test_drivers_are_the_mean_sizes_of_reasons_the_largest_first(client: Client) -> None:
    found = client.get(f"{CREDIT}/drivers").json()["drivers"]
    sizes = [one["size"] for one in found]
    assert sizes == sorted(sizes, reverse=True)
    assert all(size >= 0.0 for size in sizes)
    assert "income" in {one["name"] for one in found}
    assert found == client.get(f"{CREDIT}/drivers").json()["drivers"]
    assert client.get(f"{FRAUD}/drivers").status_code == 200
    assert client.get(f"{MARKET}/drivers").status_code == 409


def test_the_book_assessed_last_is_remembered(client: Client) -> None:
    assert client.get(f"{MARKET}/assessed").json()["assessed"] is None
    for value in (1_000.0, 2_000.0):
        body = {"book": [{"entity": "beta", "value": value}]}
        assert client.post(f"{MARKET}/assess", json=body).status_code == 200
    assert client.get(f"{MARKET}/assessed").json()["assessed"]["figures"]["value"] == 2_000.0


@pytest.mark.parametrize("same", [True, False])
def test_claims_are_those_of_the_run_that_made_the_bundle_and_of_no_other(same: bool, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundles()["market"], folder)
    about = json.loads((folder / "manifest.json").read_text())
    claims = [{"claim": "floor", "verdict": "better"}]
    result = {
        "study": about["study"], "champion": about["champion"], "verdict": "better", "sentence": "It is.",
        "claims": claims, "scores": [], "budget": "quick",
        "data": {"hash": about["data"]["content_hash"] if same else "of other data"},
    }  # fmt: skip
    (tmp_path / "result.json").write_text(json.dumps(result))
    (tmp_path / "report.html").write_text("<html>the report</html>")
    made = Service(Studies([Served.open(folder)]), OneToken.of(TOKEN))
    with asked(made) as client:
        run = client.get(f"{MARKET}/run", headers=HEADERS).json()["run"]
    assert (run is not None) == same
    assert run is None or run["claims"] == claims
