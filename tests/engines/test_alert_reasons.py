"""Reasons of an alert in words: columns about one thing are told as one, the heaviest first."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.core.fitted_graph import GraphPlan
from barograph.core.texts import LANGUAGES
from barograph.engines.scoring.alert_reasons import EventWords, told_reasons
from barograph.engines.scoring.graph_reasons import GRAPH, graph_subject, graph_words
from barograph.prepare.events_graph.columns import feature_names

ABOUT = EventWords("c0001", "t0814", np.datetime64("2024-05-01T03:12:00", "us"))
VALUES = {
    "amount": 812.3,
    "log_amount": 6.7,
    "actor_ratio": 12.34,
    "actor_count_1d": 9.0,
    "actor_sum_1d": 1000.0,
    "actor_recency": 90.0,
    "counterparty_ratio": 3.0,
    "risk_known_30d": 52.0,
    "risk_frauds_30d": 6.0,
    "risk_share_30d": 6 / 52,
    "new_counterparty": 1.0,
    "hour_sin": 0.3,
    "graph_cycles_3_30d": 2.0,
    "channel": "online",
}


def told(effects: dict[str, float], **changed: object) -> list[str]:
    return [one.words for one in told_reasons(effects, VALUES | changed, ABOUT)]


def test_columns_about_one_thing_count_together_and_the_heaviest_comes_first() -> None:
    effects = {"actor_count_1d": 0.05, "risk_frauds_30d": 0.04, "risk_share_30d": 0.03, "hour_sin": -0.001}
    found = told_reasons(effects, VALUES, ABOUT)
    assert found[0].words == "t0814: 6 confirmed frauds among 52 payments in 30 days before the label delay"
    assert found[0].effect == pytest.approx(0.07)
    assert found[1].words == "c0001: 9 payments, 1,000.00 in 1 day"
    assert found[2].effect == -0.001


def test_no_more_than_asked_for_and_nothing_without_an_effect() -> None:
    effects = {"amount": 0.1, "risk_share_30d": 0.0, "hour_sin": 0.0}
    assert len(told(effects)) == 1
    many = {"amount": 0.1, "channel": 0.2, "hour_sin": 0.3, "new_counterparty": 0.4}
    assert len(told_reasons(many, VALUES, ABOUT, most=2)) == 2


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ({"log_amount": 0.1}, "amount 812.30, 12.3 times the median of c0001"),
        ({"counterparty_ratio": 0.1}, "amount 812.30, 3.0 times the median at t0814"),
        ({"actor_recency": 0.1}, "c0001: last payment 1.5 minutes before"),
        ({"new_counterparty": 0.1}, "c0001 paid t0814 for the first time in 1 day"),
        ({"hour_sin": 0.1}, "at 2024-05-01 03:12 UTC"),
        ({"graph_cycles_3_30d": 0.1}, "closes 2 cycles through three accounts in 30 days"),
        ({"channel": 0.1}, "channel = online"),
    ],
)
def test_each_kind_of_column_is_told_of_what_it_stands_for(effects: dict[str, float], words: str) -> None:
    assert told(effects) == [words]


def test_missing_values_are_told_as_what_is_not_known() -> None:
    nothing = {"risk_known_30d": None, "risk_frauds_30d": None, "risk_share_30d": None}
    assert told({"risk_share_30d": -0.1}, **nothing) == ["t0814: nothing known of its payments yet"]
    assert told({"amount": 0.1}, actor_ratio=None) == ["amount 812.30"]
    clean = {"risk_frauds_30d": 0.0}
    assert "no confirmed fraud among 52 payments" in told({"risk_frauds_30d": -0.1}, **clean)[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_its_words_in_every_language(lang: str) -> None:
    effects = dict.fromkeys(VALUES, 0.1)
    found = told_reasons(effects, VALUES, ABOUT, lang, most=20)
    assert len({one.words for one in found}) == len(found)


def test_an_event_without_a_counterparty_is_told_so() -> None:
    alone = EventWords("c1", "", ABOUT.time)
    assert "no counterparty" in told_reasons({"risk_share_30d": 0.1}, VALUES, alone)[0].words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_of_the_account_graph_has_words_with_a_value_and_without(lang: str) -> None:
    who = {"actor": "acc-payer", "counterparty": "acc-payee"}
    plan = GraphPlan(windows=(86_400, 7 * 86_400))
    for name in feature_names(plan):
        said = graph_words(GRAPH + name, 37.0, who, lang)
        missing = graph_words(GRAPH + name, None, who, lang)
        assert "37" in said, name
        assert missing != said
        assert "{" not in said + missing
        window = {"1d": "1", "7d": "7"}.get(name.rsplit("_", 1)[1], "")
        assert window in said
        if name.startswith(("source", "target")):
            assert who["actor" if name.startswith("source") else "counterparty"] in said


def test_windows_of_one_flow_are_one_reason_and_so_are_cycles_of_any_length() -> None:
    names = [f"graph_{figure}_{window}" for figure in ("cycles_3", "cycles_4") for window in ("1d", "7d")]
    assert {graph_subject(name) for name in names} == {"graph_cycles"}
    flows = ("graph_source_out_degree_1d", "graph_source_out_degree_7d", "graph_target_out_degree_1d")
    assert [graph_subject(name) for name in flows].count("graph_source_out_degree") == 2


def test_a_transfer_is_told_as_laundering_and_a_payment_as_fraud() -> None:
    values = VALUES | {"risk_frauds_30d": 6.0}
    transfer = EventWords("a1", "a2", ABOUT.time, network=True)
    (told_transfer,) = told_reasons({"risk_share_30d": 0.1}, values, transfer)
    assert told_transfer.words.startswith("a2: 6 confirmed cases among 52 transfers to it in 30 days")
    assert "confirmed frauds among 52 payments" in told({"risk_share_30d": 0.1})[0]
