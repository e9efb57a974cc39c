"""Looking at a study over the API: newest forecasts, drivers, the run behind it, the book assessed last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barograph.core.errors import BundleError
from barograph.deploy.bundle import add_parts
from barograph.deploy.papers import RESULT, papers_of
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


def test_claims_and_scores_are_those_that_a_bundle_carries(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundles()["market"], folder)
    claims = [{"claim": "floor", "verdict": "better"}]
    result = {"verdict": "better", "sentence": "It is.", "claims": claims, "scores": [], "budget": "quick"}
    (tmp_path / "result.json").write_text(json.dumps(result))
    assert run_of(folder) is None, "what lies beside a bundle is not its own"
    add_parts(folder, papers_of({**result, "bundle": "/home/ada/run"}, "<html>the report</html>"))
    assert run_of(folder) == result
    with asked(Service(Studies([served := Served.open(folder)]), OneToken.of(TOKEN))) as client:
        (folder / RESULT).write_bytes(papers_of({**result, "claims": []}, "")[RESULT])
        assert client.get(f"{MARKET}/run", headers=HEADERS).json()["run"] is None, "it was changed since"
    with pytest.raises(BundleError, match="must have the hash"):
        Served.open(served.folder)


def run_of(folder: Path) -> Any:
    with asked(Service(Studies([Served.open(folder)]), OneToken.of(TOKEN))) as client:
        return client.get(f"{MARKET}/run", headers=HEADERS).json()["run"]
