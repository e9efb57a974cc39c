"""What a laundering desk does: run an own table of transfers, read figures by scheme, ask why of the next."""

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
from command_line import check_result, flags_of, refusal, said

from barograph.cli import main
from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.measures.alerts import by_pattern

WORLD = AccountWorld(accounts=220, days=63, laundering=0.08, seed=3)
SCHEMES = {"fan-in", "fan-out", "cycle", "scatter-gather"}
SMALL = {
    "collect.counterparty": "payee",
    "collect.amount": "sum",
    "collect.record_id": "transfer",
    "collect.pattern": "scheme",
    "collect.label_days": 7,
    "prepare.bins": 4,
    "model.settings": {"tabm": {"k": 2, "hidden": [8]}},
    "train.seeds": 1,
    "train.trials": 1,
    "train.max_steps": 30,
    "train.check_every": 10,
    "train.batch": 256,
    "train.workers": 1,
    "evaluate.origins": [20240212, 20240219],
    "evaluate.train_blocks": 3,
    "evaluate.development": [20240212],
    "evaluate.bootstrap": 100,
    "deploy.reference_records": 8,
    "deploy.champion": "combination",
}


@pytest.fixture(scope="module")
def transfers() -> pl.DataFrame:
    """Transfers between numbered accounts, each with whether it was laundering and in which scheme."""
    events = simulate_accounts(WORLD).events
    assert events.pattern is not None
    return pl.DataFrame(
        {
            "transfer": events.event_id.astype(str),
            "at": [f"{moment}Z" for moment in events.time.astype("datetime64[s]").astype(str)],
            "payer": events.actor,
            "payee": events.counterparty,
            "sum": events.amount,
            "laundering": events.label.astype(np.int64),
            "scheme": pl.Series(events.pattern.astype(str)),
        }
    )


@pytest.fixture(scope="module")
def files(transfers: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All but the last 300 transfers, and the first eight of those without what is known later."""
    folder = tmp_path_factory.mktemp("desk")
    transfers.head(transfers.height - 300).write_csv(folder / "past.csv")
    transfers.tail(300).head(8).drop("laundering", "scheme").write_csv(folder / "next.csv")
    return folder


def arguments(files: Path, settings: dict[str, Any], *more: str) -> list[str]:
    named = ("--target", "laundering", "--time", "at", "--entity", "payer")
    data = ("--data", str(files / "past.csv"))
    return ["run", "operational/laundering", *data, *named, *flags_of(settings), "--budget", "quick", *more]


@pytest.fixture(scope="module")
def ran(files: Path) -> dict[str, Any]:
    heard = io.StringIO()
    with redirect_stdout(heard), pytest.raises(SystemExit) as caught:
        main(arguments(files, SMALL, "--out", str(files / "run"), "--json"))
    assert caught.value.code == 0
    result: dict[str, Any] = json.loads(heard.getvalue())
    return result


def test_average_precision_and_f1_are_told_of_every_scheme(ran: dict[str, Any]) -> None:
    check_result(ran)
    works = ran["alerts"]["at_work"]
    assert works[0]["model"] == "combination"
    for work in works:
        assert {one["pattern"] for one in work["patterns"]} == SCHEMES
        for one in work["patterns"]:
            assert 0 <= one["average_precision"] <= 1
            assert one["f1"] is None or 0 <= one["f1"] <= 1
        assert work["money"]["saved"] == pytest.approx(work["money"]["without"] - work["money"]["cost"])
    page = Path(ran["report"]).read_text(encoding="utf-8")
    for scheme in SCHEMES:
        assert scheme in page
    shown = re.sub(r"(?s)<script.*?</script>|<style.*?</style>", "", page)
    for word in ("Laundering among the 20 riskiest accounts of a day", "Kinds of laundering"):
        assert word in shown
    parts = shown[shown.index("<section") :].replace("policy: fraud", "")
    parts = parts.replace("transaction risk analysis, fraud rates", "")  # headings of the supervisor
    assert not re.search(r"(?i)\bfrauds?\b", parts)
    assert not re.search(r"(?i)\bcards?\b", parts.replace("Data card", ""))
    assert any("scheme: kinds, never a feature" in note for note in ran["notes"])


def test_flows_around_accounts_are_reasons_and_the_scheme_is_none(
    ran: dict[str, Any], files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("predict", ran["bundle"], "--data", str(files / "next.csv"), "--reasons")
    told = json.loads(said(capsys, *command, "--json"))["records"]
    assert len(told) == 8
    for one in told:
        assert "scheme" not in one["reasons"]
        assert any(name.startswith("graph_") for name in one["reasons"])
        assert one["base"] + sum(one["reasons"].values()) == pytest.approx(one["probability"], abs=1e-6)
        assert all("confirmed as laundering on" in words for words in one["similar"])
        assert any("payer" in words or "payee" in words for words in one["similar"])


def test_receivers_must_be_named_in_a_network(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = {name: value for name, value in SMALL.items() if name != "collect.counterparty"}
    heard = refusal(capsys, tmp_path, *arguments(files, lacking, "--out", str(tmp_path / "run")))
    assert "which account received" in heard


def test_a_scheme_stands_against_honest_transfers_alone() -> None:
    """Of four transfers one is of a ring, one of a fan: each is ranked without the other."""
    found = by_pattern([1, 1, 0, 0], np.array(["ring", "fan", "", ""]), [0.9, 0.2, 0.5, 0.1], threshold=0.4)
    told = {one.pattern: (one.average_precision, one.recall, one.precision) for one in found}
    assert told == {"ring": (1.0, 1.0, 0.5), "fan": (0.5, 0.0, 0.0)}
