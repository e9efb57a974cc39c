"""The report of a study judged by its alerts: its own parts and words, nothing of loans, true figures."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made_alerts import CASES, alert_content, alert_run, alert_study
from test_credit_report import HOSTILE, Shown, body

from barograph.core.errors import SettingError
from barograph.core.scoring_study import AlertsSection, ScoringClaim
from barograph.core.texts import LANGUAGES, keys, placeholders
from barograph.evaluate.records.arena import Arena
from barograph.evaluate.report import ScoringContent, policy_names, render
from barograph.evaluate.report.policy import policy
from barograph.evaluate.report.scoring.views import ALERTS, SCORING, findings
from barograph.evaluate.report.scoring.words import duration, money
from barograph.evaluate.report.words import Words, number, percent

PACKS = policy_names("alerts")
CLAIM = ScoringClaim(
    key="better", rung="target", kind="better", model="ours", opponent="trees", metric="average_precision"
)
LENT = re.compile(
    r"default rate|borrower|loan|applicant|probability of default|master scale|scorecard points|IRB|IFRS"
    r"|vintage|charged off|exposure|Gini|违约|贷款|申请人|主标尺|资本",
    re.IGNORECASE,
)


@cache
def made(lang: str = "en") -> ScoringContent:
    return alert_content(*alert_run(alert_study(claims=(CLAIM,))), lang=lang)


def shown(content: ScoringContent, lang: str = "en", pack: str = "fraud") -> str:
    return Shown(body(render(content, lang=lang, policy=pack))).text


def test_packs_of_alerts_name_every_part_once_and_print_their_headings_in_order() -> None:
    assert set(PACKS) == {"fraud", "general", "model_risk"}
    assert "fraud" not in policy_names("scoring")
    for pack in PACKS:
        sections = policy(pack, "alerts").sections
        assert sorted(part for section in sections for part in section.parts) == sorted(ALERTS.parts)
        for lang in ("en", "zh"):
            titles = [section.title[lang] for section in sections]
            found = Shown(render(made(), lang=lang, policy=pack)).headings
            assert [title for title in found if title in titles] == titles


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("pack", PACKS)
def test_nothing_is_said_of_loans(lang: str, pack: str) -> None:
    page = body(render(made(lang), lang=lang, policy=pack))
    told = re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)  # the settings are printed as they are
    assert len(told) < len(page)
    assert LENT.findall(Shown(told).text) == []


def test_a_study_of_alerts_has_none_of_the_parts_of_credit() -> None:
    lent = {"grades", "vintages", "portfolio", "scorecard", "reasons", "fairness", "thresholds", "losses"}
    assert lent <= set(SCORING.parts)
    assert not lent & set(ALERTS.parts)
    content = made()
    assert (content.grades, content.vintages, content.fairness, content.portfolio) == (None, (), (), None)
    assert content.metric == "average_precision"


def test_credit_packs_are_refused_for_alerts_with_those_that_fit() -> None:
    with pytest.raises(SettingError, match="fraud, general, model_risk"):
        render(made(), policy="credit")


def test_the_table_of_models_prints_what_was_computed() -> None:
    figures, text = made().alerts.figures, shown(made())
    part = text[
        text.index("Every model on the same events") : text.index("95 %, whole days drawn again within")
    ]
    for one in figures.models:
        low, high = one.interval
        told = (
            f"{number(low, 3)} … {number(high, 3)}",
            percent(one.precision_at),
            percent(one.recall_at_rate),
        )
        row = "".join((number(one.average_precision), *told, number(one.auc)))
        assert row.replace("\u00a0", " ") in part


def test_money_and_threshold_are_printed_with_the_days_that_chose_and_the_days_that_judge() -> None:
    figures, text = made().alerts.figures, shown(made())
    (first, last), (start, end) = figures.halves.spans
    assert f"earlier half of the scored blocks ({first} to {last})" in text
    assert f"judged on the later half ({start} to {end})" in text
    work = figures.at_work[0]
    spent = (work.money.cost, work.money.without, work.money.everything, work.money.saved)
    assert "".join(money(value) for value in spent) in text
    assert f"Money saved a day{money(work.money.saved / work.days)}" in text


def test_differences_carry_the_interval_of_the_bootstrap() -> None:
    run, study, _ = alert_run(alert_study(claims=(CLAIM,)))
    duel = Arena(run, study).headline.duel("ours", "trees", "average_precision")
    row = findings.difference(made(), made().headline, "ours", "trees")
    assert (row.lower, row.upper) == pytest.approx(duel.interval)
    assert row.test == "paired_day_bootstrap"
    assert made().reference == "trees"  # of highest precision among the baselines
    assert "Paired bootstrap of days" in shown(made())


def test_alerts_are_told_with_their_reasons_and_like_cases() -> None:
    text = shown(made())
    for case in CASES:
        assert f"{case.record_id}, {case.time}:" in text
        assert all(reason in text for reason in (*case.reasons, *case.similar))
    assert "Alerts with reasons" not in shown(replace(made(), alerts=replace(made().alerts, cases=())))


def test_hostile_words_of_patterns_and_reasons_are_printed_and_never_run() -> None:
    case = replace(CASES[0], record_id=HOSTILE, reasons=(HOSTILE,), similar=("</script><b>",))
    figures = made().alerts.figures
    work = figures.at_work[0]
    odd = replace(work, patterns=(replace(work.patterns[0], pattern=HOSTILE),))
    content = replace(
        made(), alerts=replace(made().alerts, cases=(case,), figures=replace(figures, at_work=(odd,)))
    )
    found = Shown(render(content, policy="fraud"))
    code = [script for script in found.scripts if not script.lstrip().startswith("{")]
    assert not any("alert('x')" in script for script in code)
    assert HOSTILE in found.parts


def test_a_sampled_stream_says_so_and_its_calibration_is_by_weight() -> None:
    run, study, _ = alert_run(weight=6.0)
    content = alert_content(run, study, None, cases=())
    weight = run.records.weight[run.headline.rows]
    share = np.average(run.headline.label, weights=weight)
    assert content.headline.outcome == pytest.approx(share)
    for row in content.headline.calibration:
        said = np.average(run.headline.predicted[row.model], weights=weight)
        assert (row.predicted, row.observed) == pytest.approx((said, share))
        assert row.p_value is None, "the test of Hosmer and Lemeshow counts records"
    text = shown(content)
    for words in ("counts each of them as often", "single events", "no place in a sample"):
        assert words in text
    assert "Kinds of fraud" not in text  # nothing is known of them without events


def test_alerts_that_never_pay_and_budgets_that_never_fit_say_why() -> None:
    run, study, link = alert_run(alert_study(stated=AlertsSection(review=1e6, budgets=(5,))))
    text = shown(alert_content(run, study, link))
    assert "No alert pays for itself on the earlier half." in text
    assert "nan" not in text.replace("finance", "").lower().split()


def test_times_are_told_in_the_unit_that_suits_them() -> None:
    words = Words("en")
    told = [duration(value, words) for value in (0.0, 30.0, 90.0, 5400.0, 3 * 86_400.0, np.inf)]
    assert told == ["at once", "30 s", "1.5 min", "1.5 h", "3.0 days", "never"]


def test_credit_keeps_its_words() -> None:
    assert Words("en")("credit.columns.observed_default") == "Observed default rate"
    assert Words("en", "fraud")("credit.columns.observed_default") == "Observed fraud rate"
    assert Words("en", "fraud")("credit.columns.f1") == "F1"  # what the dialect leaves is said as before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_on_transfers_has_no_word_of_cards_or_fraud(lang: str) -> None:
    words = Words(lang, "fraud", "transfers")
    told = re.compile(r"\bfrauds?\b|\bfraudulent\b|\bcards?\b|欺诈|卡", re.IGNORECASE)
    spoken = {
        key: " ".join(words.several(key.replace("fraud.", "credit.", 1), **blanks(key, lang)))
        for key in keys(lang)
        if key.startswith(("alerts.", "fraud."))
    }
    assert len(spoken) > 100
    assert {key for key, one in spoken.items() if told.search(one)} <= {"alerts.part.data"}  # Data card


def blanks(key: str, lang: str) -> dict[str, str]:
    """A value for every placeholder of a wording."""
    return dict.fromkeys(placeholders(key, lang), "x")


def test_a_study_of_a_network_is_told_of_accounts_and_one_of_cards_is_not() -> None:
    content = made()
    assert content.alerts is not None
    transfers = replace(content, alerts=replace(content.alerts, network=True))
    assert "riskiest accounts of a day" in shown(transfers)
    assert "riskiest cards of a day" in shown(content)
