"""Alerts of a stream of instants: hours are drawn again, a day's reviews are shared out over its hours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_alerts import alert_content, alert_run

from barograph.core.scored import ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.alerts import AlertFigures, alert_figures
from barograph.evaluate.records.arena import Arena
from barograph.evaluate.report import render
from barograph.measures.alerts import budget_thresholds


@pytest.fixture(scope="module")
def made() -> tuple[ScoringRecord, ScoringStudy]:
    """The made payments in the first twenty hours of their days, as a sample of a stream without cards."""
    run, study, _ = alert_run(weight=3.0)
    records, random = run.records, np.random.default_rng(2)
    seconds = random.integers(0, 20 * 3600, records.n).astype("timedelta64[s]")
    moved = replace(records, time=records.time.astype("datetime64[s]") + seconds, group=np.arange(records.n))
    return replace(run, records=moved), study


@pytest.fixture(scope="module")
def found(made: tuple[ScoringRecord, ScoringStudy]) -> AlertFigures:
    run, study = made
    return alert_figures(Arena(run, study).headline, None, ("ours", "trees"))


def hours(run: ScoringRecord, places: np.ndarray) -> set[str]:
    return {str(moment)[:13] for moment in run.records.time[run.headline.rows[places]]}


def test_hours_are_what_the_bootstrap_draws(
    made: tuple[ScoringRecord, ScoringStudy], found: AlertFigures
) -> None:
    run, study = made
    everything = np.arange(run.headline.rows.size)
    duel = Arena(run, study).headline.duel("ours", "trees", "average_precision")
    assert duel.test.name == "paired_hour_bootstrap"
    assert duel.test.n_obs == len(hours(run, everything))
    assert (found.unit, found.reviewed) == ("hours", "events")


def test_a_fold_is_reviewed_for_the_part_of_a_day_that_its_hours_are(
    made: tuple[ScoringRecord, ScoringStudy], found: AlertFigures
) -> None:
    run, _ = made
    scored, expected = run.headline, []
    for number in np.unique(scored.fold):
        fold = np.flatnonzero(scored.fold == number)
        places = found.stated.cards_per_day * len(hours(run, fold)) / 24
        left, caught = places, 0.0
        for row in sorted(fold, key=lambda row: -scored.predicted["ours"][row]):
            weight = min(run.records.weight[scored.rows[row]], left)
            caught += weight * scored.label[row]
            left -= weight
        expected.append(caught / places)
    one = next(one for one in found.models if one.model == "ours")
    assert one.precision_at == pytest.approx(np.mean(expected))


def test_alerts_money_and_budgets_of_a_day_are_of_twenty_four_hours(
    made: tuple[ScoringRecord, ScoringStudy], found: AlertFigures
) -> None:
    run, _ = made
    assert found.halves is not None
    work, scored = found.at_work[0], run.headline
    days = len(hours(run, found.halves.judged)) / 24
    assert work.days == pytest.approx(days)
    weight = run.records.weight[scored.rows]
    p = scored.predicted["ours"]
    raised = weight[found.halves.judged] @ (p[found.halves.judged] >= work.threshold)
    assert work.alerts_per_day == pytest.approx(raised / days)
    earlier = len(hours(run, found.halves.chose)) / 24
    for row in work.budgets:
        (limit,) = budget_thresholds(
            p[found.halves.chose], [row.budget], n_days=earlier, weight=weight[found.halves.chose]
        )
        assert row.threshold == limit
        above = found.halves.judged[p[found.halves.judged] >= limit]
        assert row.alerts_per_day == pytest.approx(weight[above].sum() / days)
        moments = run.records.time[scored.rows[above]].astype("datetime64[h]")
        counted = [weight[above][moments == one].sum() for one in np.unique(moments)]
        assert row.busiest_day == pytest.approx(max(counted, default=0.0)), "the busiest hour"
    (first, _), (start, _) = found.halves.spans
    assert first < start
    assert len(first) == len("2024-05-01 10:59")


@pytest.mark.parametrize(("lang", "words"), [("en", "whole hours drawn again"), ("zh", "按整小时重新抽样")])
def test_the_report_says_so(made: tuple[ScoringRecord, ScoringStudy], lang: str, words: str) -> None:
    run, study = made
    page = render(alert_content(run, study, None, lang=lang, cases=()), lang=lang, policy="fraud")
    assert words in page
    assert {"en": "Busiest hour", "zh": "最忙一小时"}[lang] in page
