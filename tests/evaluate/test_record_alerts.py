"""Studies judged by their alerts: every figure against a plain computation, by hand where it is short."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from made_alerts import NOISE, PATTERNS, alert_run, alert_study, scored_payments
from made_scores import made_record
from sklearn import metrics

from barograph.core.errors import SettingError
from barograph.core.scoring_study import AlertsSection, ScoringClaim, ScoringStudy
from barograph.evaluate.records.alerts import alert_figures
from barograph.evaluate.records.arena import Arena
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import contests
from barograph.evaluate.records.duels import daily_precision
from barograph.evaluate.records.figures import figures_of
from barograph.evaluate.records.scores import scores
from barograph.evaluate.records.thresholds import training_shares
from barograph.measures.alerts import card_precision_at, recall_at_alert_rate
from barograph.measures.credit.calibration_tests import calibration_line


def claim(key, kind, *, model="ours", opponent="trees", **more):
    return ScoringClaim(
        key=key, rung="target", kind=kind, model=model, opponent=opponent, metric="average_precision", **more
    )


CLAIMS = (
    claim("better", "better", p_value=0.05),
    claim("not_worse", "not_worse"),
    claim("near", "within_margin", margin=0.01),
    claim("best", "best_of_all", opponent=""),
    claim("reach", "at_least", opponent="", margin=0.3),
)


@pytest.fixture(scope="module")
def made():
    return alert_run(alert_study(claims=CLAIMS))


@pytest.fixture(scope="module")
def found(made):
    run, study, link = made
    return alert_figures(Arena(run, study).headline, link, ("ours", "trees"))


def folds_of(scored):
    return [np.flatnonzero(scored.fold == number) for number in np.unique(scored.fold)]


def test_average_precision_is_the_plain_mean_over_folds_in_table_claims_and_bootstrap(made, found):
    run, study, _ = made
    scored, court = run.headline, Arena(run, study).headline
    expected = {
        model: float(
            np.mean([metrics.average_precision_score(scored.label[f], p[f]) for f in folds_of(scored)])
        )
        for model, p in scored.predicted.items()
    }
    table = {(c.model, c.metric, c.entity): c.value for c in scores(run, study)}
    assert {m: table[m, "average_precision", "origin:"] for m in NOISE} == pytest.approx(expected)
    assert {one.model: one.average_precision for one in found.models} == pytest.approx(expected)
    daily = daily_precision(court.said("ours", "all"), run.records.time[scored.rows])
    assert daily.value == pytest.approx(expected["ours"])
    duel = court.duel("ours", "trees", "average_precision")
    assert duel.test.name == "paired_day_bootstrap"
    assert duel.test.n_obs == np.unique(run.records.time[scored.rows]).size
    assert duel.difference == pytest.approx(expected["ours"] - expected["trees"])
    assert duel.interval[0] < duel.difference < duel.interval[1]


def test_ranking_figures_of_alerts_are_those_of_each_fold(made, found):
    run, study, _ = made
    scored, stated = run.headline, study.evaluate.alerts
    card, day = run.records.group[scored.rows], run.records.time[scored.rows]
    for one in found.models:
        p = scored.predicted[one.model]
        cards, recalls = [], []
        for f in folds_of(scored):
            cards.append(
                card_precision_at(scored.label[f], p[f], card[f], day[f], k=stated.cards_per_day).mean
            )
            recalls.append(recall_at_alert_rate(scored.label[f], p[f], rate=stated.alert_rate))
        assert one.precision_at == pytest.approx(np.mean(cards))
        assert one.recall_at_rate == pytest.approx(np.mean(recalls))
        assert one.interval[0] < one.average_precision < one.interval[1]
        assert one.note == ""
    assert found.reviewed == "cards"


def test_claims_about_average_precision_are_judged_by_every_rule(made):
    run, study, _ = made
    results, verdict = judge(run, study)
    held = {result.claim: result.held for result in results}
    assert held == {"better": True, "not_worse": True, "near": True, "best": True, "reach": True}
    assert (verdict.standing, verdict.champion) == ("better", "ours")
    tests = {result.claim: result.test for result in results}
    assert tests["better"] == tests["near"] == tests["best"] == "paired_day_bootstrap"
    weak = alert_study(claims=(ScoringClaim(key="floor", rung="floor", kind="not_worse", model="ours",
                                            opponent="card", metric="average_precision"),))  # fmt: skip
    poor = made_record(run.records, scored_payments(run.records, weak, noise={**NOISE, "ours": 4.0}))
    results, verdict = judge(poor, weak)
    assert not results[0].held
    assert (verdict.standing, verdict.champion) == ("worse", "trees")  # the baseline of highest precision


def test_equal_models_are_neither_better_nor_worse(made):
    run, study, _ = made
    scored = run.headline
    same = replace(scored, predicted={**scored.predicted, "trees": scored.predicted["ours"]})
    duel = Arena(made_record(run.records, same), study).headline.duel("ours", "trees", "average_precision")
    assert duel.even
    assert duel.standing() == "indistinguishable"


def test_alerts_are_compared_over_parts_only_and_in_two_figures(made):
    run, study, _ = made
    held = contests(run, study)
    assert {(one.where, one.duel.metric) for one in held} == {("all", "average_precision"), ("all", "auc")}
    credit = contests(
        run, study.model_copy(update={"evaluate": study.evaluate.model_copy(update={"alerts": None})})
    )
    assert {one.duel.metric for one in credit} == {"auc", "log_loss", "calibration_gap"}
    assert len({one.where for one in credit}) > 1


def test_a_threshold_of_the_earlier_half_is_judged_on_the_later(made, found):
    run, study, _ = made
    scored, stated = run.headline, study.evaluate.alerts
    blocks = np.unique(scored.vintage)
    early = np.isin(scored.vintage, blocks[: blocks.size // 2])
    amount = run.records.amount[scored.rows]

    def cost(label, money, alert):
        caught = stated.review + np.where(label == 1.0, (1 - stated.recovered) * money, stated.friction)
        return float(np.sum(np.where(alert, caught, np.where(label == 1.0, money, 0.0))))

    for work in found.at_work:
        p = scored.predicted[work.model]
        tried = [cost(scored.label[early], amount[early], p[early] >= t) for t in np.unique(p[early])]
        assert cost(scored.label[early], amount[early], p[early] >= work.threshold) == pytest.approx(
            min(tried)
        )
        label, alert = scored.label[~early], p[~early] >= work.threshold
        assert work.money.cost == pytest.approx(cost(label, amount[~early], alert))
        assert work.money.without == pytest.approx(cost(label, amount[~early], np.zeros(label.size, bool)))
        assert work.point.precision == pytest.approx(metrics.precision_score(label, alert))
        assert work.point.recall == pytest.approx(metrics.recall_score(label, alert))
        assert work.point.f1 == pytest.approx(metrics.f1_score(label, alert))
        assert work.alerts_per_day == pytest.approx(alert.sum() / work.days)
        assert work.curve.cost.min() <= work.money.cost
    assert [work.model for work in found.at_work] == ["ours", "trees"]
    assert found.halves.spans[0][1] < found.halves.spans[1][0]


def test_moving_outcomes_of_the_later_half_moves_no_threshold(made, found):
    run, study, link = made
    scored = run.headline
    blocks = np.unique(scored.vintage)
    later = np.isin(scored.vintage, blocks[blocks.size // 2 :])
    label = np.where(later, np.roll(scored.label, 7), scored.label)
    moved = made_record(run.records, replace(scored, label=label))
    other = alert_figures(Arena(moved, study).headline, link, ("ours", "trees"))
    assert [w.threshold for w in other.at_work] == [w.threshold for w in found.at_work]
    assert [[b.threshold for b in w.budgets] for w in other.at_work] == [
        [b.threshold for b in w.budgets] for w in found.at_work
    ]
    assert other.at_work[0].money != found.at_work[0].money


def test_counts_budgets_patterns_and_times_add_up(made, found):
    run, study, _ = made
    work, scored = found.at_work[0], run.headline
    assert sum(c.events for c in work.counts) == scored.rows.size
    assert sum(c.frauds for c in work.counts) == scored.label.sum()
    assert [c.chose for c in work.counts] == sorted((c.chose for c in work.counts), reverse=True)
    judged = [c for c in work.counts if not c.chose]
    assert sum(c.caught for c in judged) / sum(c.frauds for c in judged) == pytest.approx(work.point.recall)
    assert tuple(row.budget for row in work.budgets) == study.evaluate.alerts.budgets
    assert [row.recall for row in work.budgets] == sorted(row.recall for row in work.budgets)
    assert {one.pattern for one in work.patterns} == set(PATTERNS)
    recall = sum(one.recall * one.frauds for one in work.patterns) / sum(one.frauds for one in work.patterns)
    assert recall == pytest.approx(work.point.recall)
    assert [one.kind for one in work.detected] == ["card", "counterparty"]
    for one in work.detected:
        assert list(one.quantiles) == sorted(one.quantiles)
        assert 0.0 <= one.never <= 1.0


def test_weights_count_a_payment_as_often_as_it_stands_for():
    run, study, link = alert_run(weight=4.0)
    scored, plain = run.headline, alert_run()[0]
    weight = run.records.weight[scored.rows]
    table = {(c.model, c.metric, c.entity): c.value for c in scores(run, study)}
    court = Arena(run, study).headline
    label, p = scored.label, scored.predicted["net"]
    limit = training_shares(run.records, study, scored)
    assert (limit < training_shares(plain.records, study, plain.headline)).all()
    expected = {
        "average_precision": np.mean(
            [
                metrics.average_precision_score(label[f], p[f], sample_weight=weight[f])
                for f in folds_of(scored)
            ]
        ),
        "brier": np.average((p - label) ** 2, weights=weight),
        "log_loss": metrics.log_loss(label, p, sample_weight=weight),
        "accuracy": metrics.accuracy_score(label, p > limit, sample_weight=weight),
        "precision": metrics.precision_score(label, p > limit, sample_weight=weight),
        "recall": metrics.recall_score(label, p > limit, sample_weight=weight),
        "f1": metrics.f1_score(label, p > limit, sample_weight=weight),
    }
    assert {metric: table["net", metric, "origin:"] for metric in expected} == pytest.approx(expected)
    misses = [np.average(p[block] - label[block], weights=weight[block]) for block in court.blocks.values()]
    sizes = [weight[block].sum() for block in court.blocks.values()]
    gap = math.sqrt(np.average(np.square(misses), weights=sizes))
    assert table["net", "calibration_gap", "origin:"] == pytest.approx(gap)
    repeated = np.repeat(np.arange(label.size), weight.astype(int))
    line = calibration_line(label[repeated], p[repeated])
    assert table["net", "calibration_slope", "origin:"] == pytest.approx(line.slope, abs=1e-8)
    assert court.duel("net", "trees", "calibration_gap").test.note == "weighted", "it would count records"
    duel = court.duel("ours", "trees", "average_precision")
    assert duel.difference == pytest.approx(
        court.value("ours", "average_precision") - court.value("trees", "average_precision")
    )
    figures = alert_figures(court, link, ("ours",))
    assert (figures.reviewed, figures.sampled) == ("events", True)
    assert sum(c.events for c in figures.at_work[0].counts) == pytest.approx(weight.sum())


def test_folds_within_a_day_are_drawn_whole():
    run, _, link = alert_run()
    study = alert_study(threshold=0.1)
    records = replace(run.records, time=np.full(run.records.n, np.datetime64("2024-04-01")))
    court = Arena(replace(run, records=records), study).headline
    duel = court.duel("ours", "card", "average_precision")
    assert duel.test.n_obs == np.unique(run.headline.fold).size
    assert duel.interval[0] < duel.difference < duel.interval[1]
    figures = alert_figures(court, link, ("ours",))
    assert np.isfinite(figures.models[0].interval).all()
    assert figures.halves is not None  # blocks still follow one another


def test_amounts_that_are_unknown_or_negative_count_nothing_and_are_counted():
    run, study, link = alert_run()
    amount = run.records.amount.copy()
    first = run.headline.rows[:10]
    amount[first[:5]], amount[first[5:]] = np.nan, -20.0
    zero = np.where(np.isin(np.arange(amount.size), first), 0.0, run.records.amount)
    broken, plain = (
        alert_figures(
            Arena(replace(run, records=replace(run.records, amount=a)), study).headline, link, ("ours",)
        )
        for a in (amount, zero)
    )
    assert (broken.unpriced, plain.unpriced) == (10, 0)
    assert broken.at_work[0].money == plain.at_work[0].money


def test_a_model_without_a_prediction_has_no_figures_but_a_reason(made):
    run, study, link = made
    scored = run.headline
    gone = scored.predicted["net"].copy()
    gone[:3] = np.nan
    partial = replace(scored, predicted={**scored.predicted, "net": gone})
    figures = alert_figures(Arena(made_record(run.records, partial), study).headline, link, ("ours",))
    one = next(one for one in figures.models if one.model == "net")
    assert np.isnan(one.average_precision)
    assert one.note.startswith("3 of ")


def test_without_events_times_are_days_and_patterns_unknown(made):
    run, study, _ = made
    work = alert_figures(Arena(run, study).headline, None, ("ours",)).at_work[0]
    assert work.patterns == ()
    assert [one.kind for one in work.detected] == ["card"]
    assert all(q % 86_400 == 0 for q in work.detected[0].quantiles if np.isfinite(q))


def test_alerts_that_never_pay_are_not_raised(made):
    run, _, link = made
    dear = alert_study(stated=AlertsSection(review=1e6, budgets=(5,)))
    work = alert_figures(Arena(run, dear).headline, link, ("ours",)).at_work[0]
    assert work.threshold == np.inf
    assert (work.alerts_per_day, work.money.saved, work.point.recall) == (0.0, 0.0, 0.0)
    assert work.detected[0].never == 1.0


def test_a_study_of_credit_has_no_figures_of_alerts_and_keeps_its_own(made):
    run, _, link = made
    credit = ScoringStudy(name="credit/made", question="Who defaults?")
    with pytest.raises(SettingError, match=r"evaluate\.alerts"):
        alert_figures(Arena(run, credit).headline, link, ("ours",))
    assert "gini" in figures_of(credit)
    assert "gini" not in figures_of(alert_study())
    assert next(iter(figures_of(alert_study()))) == "average_precision"
