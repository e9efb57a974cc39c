"""What a fraud desk does: run an own table of payments, read the report, score the next ones, also live."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command_line import check_result, flags_of, refusal, said

from barograph.api.answer import load
from barograph.api.live import EventScorer
from barograph.api.study import run
from barograph.cli import main
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards

WORLD = CardWorld(cards=150, terminals=250, days=63, seed=4, terminal_fraud=0.02, card_fraud=0.02)
SMALL = {
    "collect.counterparty": "shop",
    "collect.amount": "paid",
    "collect.record_id": "payment",
    "prepare.bins": 4,
    "model.settings": {"tabm": {"k": 2, "hidden": [8]}},
    "train.seeds": 1,
    "train.trials": 1,
    "train.max_steps": 20,
    "train.check_every": 10,
    "train.batch": 256,
    "train.workers": 1,
    "evaluate.origins": [20240212, 20240219],
    "evaluate.train_blocks": 4,
    "evaluate.bootstrap": 100,
    "deploy.reference_records": 8,
}


@pytest.fixture(scope="module")
def payments() -> pl.DataFrame:
    """Payments as a desk may export them: text money, ISO instants with a zone, yes and no."""
    events = simulate_cards(WORLD).events
    return pl.DataFrame(
        {
            "payment": events.event_id.astype(str),
            "at": [f"{moment}Z" for moment in events.time.astype("datetime64[s]").astype(str)],
            "card_id": events.actors[events.actor].astype(str),
            "shop": events.counterparties[events.counterparty].astype(str),
            "paid": [f"${value:,.2f}" for value in events.amount],
            "channel": events.columns["channel"],
            "fraud": pl.Series(events.label).replace_strict({0.0: "no", 1.0: "yes"}),
        }
    )


@pytest.fixture(scope="module")
def files(payments: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All but the last 400 payments, and those without their labels."""
    folder = tmp_path_factory.mktemp("desk")
    payments.head(payments.height - 400).write_csv(folder / "past.csv")
    payments.tail(400).drop("fraud").with_columns(note=pl.lit("x")).write_csv(folder / "next.csv")
    return folder


def arguments(files: Path, *more: str) -> list[str]:
    named = ("--target", "fraud", "--time", "at", "--entity", "card_id")
    return ["run", "operational/fraud", "--data", str(files / "past.csv"), *named, *more]


@pytest.fixture(scope="module")
def ran(files: Path) -> dict[str, Any]:
    words = arguments(files, *flags_of(SMALL), "--budget", "quick", "--out", str(files / "run"), "--json")
    heard = io.StringIO()
    with redirect_stdout(heard), pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    result: dict[str, Any] = json.loads(heard.getvalue())
    return result


def test_the_run_is_told_as_any_other_with_average_precision_of_every_model(ran: dict[str, Any]) -> None:
    check_result(ran)
    precision = {s["model"]: s["value"] for s in ran["scores"] if s["metric"] == "average_precision"}
    assert {"tabm", "logistic", "lightgbm", "linear", "combination"} <= set(precision)
    assert all(claim["metric"] == "average_precision" for claim in ran["claims"])


def test_the_report_speaks_of_alerts_and_not_of_credit(ran: dict[str, Any]) -> None:
    page = Path(ran["report"]).read_text(encoding="utf-8")
    for heading in ("Alerts at work", "Alerts with reasons", "How well alerts are ranked"):
        assert heading in page
    assert "IRB" not in page
    assert "Past cases like it" in page


def test_the_next_payments_are_scored_in_the_order_of_their_file(
    ran: dict[str, Any], files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(said(capsys, "predict", ran["bundle"], "--data", str(files / "next.csv"), "--json"))
    rows, asked = told["forecasts"], pl.read_csv(files / "next.csv")
    assert [row["event_id"] for row in rows] == asked["payment"].to_list()
    assert all(row["status"] == "new" for row in rows)
    assert all(0 < row["probability"] < 1 for row in rows)
    assert told["extra"] == ["note"]


def test_a_file_and_the_live_scorer_say_the_same(ran: dict[str, Any], files: Path) -> None:
    scorer = load(ran["bundle"])
    assert isinstance(scorer, EventScorer)
    asked = pl.read_csv(files / "next.csv")
    table = scorer.predict(files / "next.csv")
    assert table.equals(scorer.predict(asked))  # asking leaves the live state as it is
    for row, figure in zip(asked.head(50).iter_rows(named=True), table["probability"], strict=False):
        live = scorer.update(
            {
                "event_id": row["payment"],
                "time": row["at"],
                "actor": row["card_id"],
                "counterparty": row["shop"],
                "amount": float(row["paid"].replace("$", "").replace(",", "")),
                "channel": row["channel"],
            }
        )
        assert live["score"] == pytest.approx(figure, abs=1e-6)


def test_reasons_are_told_in_words_with_past_cases_and_add_up(
    ran: dict[str, Any], files: Path, payments: pl.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(
        said(capsys, "predict", ran["bundle"], "--data", str(files / "next.csv"), "--reasons", "--json")
    )["records"]
    everyone = json.loads(said(capsys, "predict", ran["bundle"], "--data", str(files / "next.csv"), "--json"))
    highest = sorted((row["probability"] for row in everyone["forecasts"]), reverse=True)[:20]
    assert sorted((one["probability"] for one in told), reverse=True) == pytest.approx(highest, abs=1e-6)
    frauds = set(payments.filter(pl.col("fraud") == "yes")["payment"])
    for one in told:
        assert one["base"] + sum(one["reasons"].values()) == pytest.approx(one["probability"], abs=1e-6)
        effects = [abs(reason["effect"]) for reason in one["told"]]
        assert effects
        assert effects == sorted(effects, reverse=True)
        assert one["similar"]
        for words in one["similar"]:
            assert words.split(",")[0] in frauds
            assert words.rsplit(" ", 1)[1] < one["event_time"][:10]  # confirmed before it happened
    said_of_shops = [reason["words"] for one in told for reason in one["told"]]
    assert any("confirmed fraud" in words and "before the label delay" in words for words in said_of_shops)


@pytest.mark.parametrize(("lang", "words"), [("en", "confirmed as fraud on"), ("zh", "确认为欺诈")])
def test_reasons_are_printed_in_either_language(
    ran: dict[str, Any],
    files: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    words: str,
) -> None:
    monkeypatch.setenv("BAROGRAPH_LANG", lang)
    pl.read_csv(files / "next.csv").tail(2).write_csv(tmp_path / "two.csv")
    heard = said(capsys, "predict", ran["bundle"], "--data", str(tmp_path / "two.csv"), "--reasons")
    assert words in heard
    assert heard.count("  - ") >= 4
    assert "{" not in heard


def test_every_bad_payment_of_a_file_has_its_answer_and_the_good_ones_theirs(
    ran: dict[str, Any], files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Late, twice, impossible times and amounts, refunds, unknown cards and shops, no zone."""
    good = pl.read_csv(files / "next.csv").tail(30)
    one = good.tail(1)

    def like(payment: str, **changed: Any) -> pl.DataFrame:
        values = {name: pl.lit(value) for name, value in changed.items()}
        return one.with_columns(payment=pl.lit(payment), **values)

    bad = {
        "ancient": ({"at": "1970-01-01T00:00:00Z"}, "bad_time"),
        "far": ({"at": "2090-01-01T00:00:00Z"}, "bad_time"),
        "january": ({"at": "2024-01-15T12:00:00Z"}, "too_late"),
        "huge": ({"paid": "$1e14"}, "bad_amount"),
        "refund": ({"paid": "-20.00"}, "new"),
        "free": ({"paid": "0"}, "new"),
        "stranger": ({"card_id": "nobody", "shop": "nowhere"}, "new"),
        "loner": ({"shop": None}, "new"),
    }
    odd = [like(name, **changed) for name, (changed, _) in bad.items()]
    pl.concat([*odd[:3], good, *odd[3:], one]).write_csv(tmp_path / "odd.csv")
    command = ("predict", ran["bundle"], "--data", str(tmp_path / "odd.csv"))
    rows = json.loads(said(capsys, *command, "--json"))["forecasts"]
    status = {row["event_id"]: row["status"] for row in rows[:-1]}
    assert {name: status[name] for name in bad} == {name: expected for name, (_, expected) in bad.items()}
    assert rows[-1]["status"] == "duplicate"
    first = next(row for row in rows if row["event_id"] == rows[-1]["event_id"])
    assert rows[-1]["probability"] == first["probability"]
    refused = {"bad_time", "bad_amount", "too_late"}
    assert all((row["probability"] is None) == (row["status"] in refused) for row in rows)
    good.write_csv(tmp_path / "good.csv")
    alone = json.loads(
        said(capsys, "predict", ran["bundle"], "--data", str(tmp_path / "good.csv"), "--json")
    )["forecasts"]
    assert [row["status"] for row in alone] == ["new"] * 30
    heard = said(capsys, *command)
    assert "impossible time, refused 2" in heard
    pl.concat(odd[:3]).write_csv(tmp_path / "three.csv")
    told = said(capsys, "predict", ran["bundle"], "--data", str(tmp_path / "three.csv"), "--reasons")
    assert "no score (impossible time, refused)" in told


def test_times_without_a_zone_are_read_as_utc_and_the_command_says_so(
    ran: dict[str, Any], files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zoned = pl.read_csv(files / "next.csv").tail(5)
    zoned.write_csv(tmp_path / "zoned.csv")
    zoned.with_columns(pl.col("at").str.strip_suffix("Z")).write_csv(tmp_path / "bare.csv")
    answers = [
        json.loads(said(capsys, "predict", ran["bundle"], "--data", str(tmp_path / name), "--json"))
        for name in ("zoned.csv", "bare.csv")
    ]
    assert answers[0]["forecasts"] == answers[1]["forecasts"]
    assert any("no zone: read as UTC" in words for words in answers[1]["assumed"])
    assert not any("no zone" in words for words in answers[0]["assumed"])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t.drop("paid"), "it lacks paid"),
        (lambda t: t.with_columns(at=pl.lit("soon")), "column 'at'"),
        (lambda t: t.with_columns(paid=pl.lit("much")), "column 'paid'"),
        (lambda t: t.with_columns(card_id=pl.lit(None, dtype=pl.String)), "say in every row who paid"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(
    ran: dict[str, Any],
    files: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Any,
    words: str,
) -> None:
    spoil(pl.read_csv(files / "next.csv")).write_csv(tmp_path / "bad.csv")
    heard = refusal(capsys, tmp_path, "predict", ran["bundle"], "--data", str(tmp_path / "bad.csv"))
    assert words in heard


def test_a_quiet_week_is_left_blank_and_the_others_are_judged(payments: pl.DataFrame, tmp_path: Path) -> None:
    quiet = pl.col("at").is_between(pl.lit("2024-02-12"), pl.lit("2024-02-19"))
    frame = payments.with_columns(fraud=pl.when(quiet).then(pl.lit("no")).otherwise(pl.col("fraud")))
    ran = run(
        "operational/fraud",
        data=frame,
        target="fraud",
        time="at",
        entity="card_id",
        settings={**SMALL, "train.max_steps": 5},
        budget="quick",
        out=tmp_path / "run",
    )
    values = {
        one.entity: one.value
        for one in ran.scores
        if (one.metric, one.model) == ("average_precision", "combination")
    }
    assert values["origin:20240212"] is None
    assert values["origin:"] == values["origin:20240219"] > 0


def test_payments_without_any_fraud_are_refused(
    payments: pl.DataFrame, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    payments.with_columns(fraud=pl.lit("no")).write_csv(tmp_path / "past.csv")
    command = arguments(tmp_path, *flags_of(SMALL), "--out", str(tmp_path / "run"))
    heard = refusal(capsys, tmp_path, *command)
    assert "must hold good and bad records" in heard


def test_a_file_without_its_amount_named_is_asked_for_it(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = refusal(capsys, tmp_path, *arguments(files, "--out", str(tmp_path / "run")))
    assert "collect.amount" in heard
