"""The score table of records: what is measured, over which records, and when a cell stays blank."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_scores import ERRORS, made_record, made_records, made_scored, made_study
from sklearn import metrics

from barograph.core.texts import LANGUAGES, has_text
from barograph.evaluate.records.figures import CALIBRATION, LOSS_FIGURES, PROBABILITY_FIGURES
from barograph.evaluate.records.plan import planned_folds
from barograph.evaluate.records.scores import scores
from barograph.evaluate.records.thresholds import thresholds

ORIGINS = (2005, 2006)
WINDOWS = ((2000, 2003, 2004, 2005),)


@pytest.fixture(scope="module")
def records():
    return made_records(5000)


@pytest.fixture(scope="module")
def study():
    return made_study(protocols=("origin", "retrospective"), origins=ORIGINS, retrospective=WINDOWS)


@pytest.fixture(scope="module")
def run(records, study):
    origin = made_scored(records, study, ERRORS)
    return made_record(records, origin, made_scored(records, study, ERRORS, protocol="retrospective"))


def cells(table):
    return {(cell.model, cell.metric, cell.entity): cell for cell in table}


def test_every_protocol_candidate_figure_and_block_has_a_cell(run, study):
    table = scores(run, study)
    entities = ("origin:", "origin:2005", "origin:2006", "retrospective:", "retrospective:2004-2005")
    assert set(cells(table)) == {
        (model, metric, entity) for model in ERRORS for metric in PROBABILITY_FIGURES for entity in entities
    }
    assert len(table) == len(cells(table))


def test_figures_of_a_block_are_those_of_an_independent_library(run, study):
    table, scored = cells(scores(run, study)), run.headline
    inside = scored.vintage == 2005
    label, p = scored.label[inside], scored.predicted["card"][inside]
    limit = thresholds(run.records, study, scored)[inside]
    expected = {
        "auc": metrics.roc_auc_score(label, p),
        "gini": 2 * metrics.roc_auc_score(label, p) - 1,
        "average_precision": metrics.average_precision_score(label, p),
        "brier": metrics.brier_score_loss(label, p),
        "log_loss": metrics.log_loss(label, p),
        "accuracy": metrics.accuracy_score(label, p > limit),
        "precision": metrics.precision_score(label, p > limit),
        "recall": metrics.recall_score(label, p > limit),
        "f1": metrics.f1_score(label, p > limit),
        "calibration_gap": abs(p.mean() - label.mean()),
    }
    found = {metric: table["card", metric, "origin:2005"].value for metric in expected}
    assert found == pytest.approx(expected)


def test_ranking_never_compares_records_of_two_vintages(run, study):
    table, scored = cells(scores(run, study)), run.headline
    # lifting one vintage's predictions changes no ranking within a vintage, and so no figure of ranking
    lift = np.where(scored.vintage == 2006, 0.4, 1.0)
    moved = {name: p * lift for name, p in scored.predicted.items()}
    other = cells(scores(made_record(run.records, replace(scored, predicted=moved)), study))
    for metric in ("auc", "gini", "ks", "h_measure", "average_precision"):
        parts = [table["ours", metric, f"origin:{year}"].value for year in ORIGINS]
        sizes = [int((scored.vintage == year).sum()) for year in ORIGINS]
        assert table["ours", metric, "origin:"].value == pytest.approx(np.average(parts, weights=sizes))
        assert other["ours", metric, "origin:"].value == pytest.approx(table["ours", metric, "origin:"].value)
    assert other["ours", "log_loss", "origin:"].value != table["ours", "log_loss", "origin:"].value


def test_the_threshold_left_open_is_the_training_share_of_bads(run, study):
    (first, second) = planned_folds(run.records, study)["origin"]
    limit = thresholds(run.records, study, run.headline)
    for fold in (first, second):
        part = fold.parts[0]
        rows = np.concatenate([part.fit_rows, part.holdout_rows])
        inside = run.headline.vintage == fold.block
        assert set(limit[inside]) == {run.records.label[rows].mean()}
    fixed = study.model_copy(update={"evaluate": study.evaluate.model_copy(update={"threshold": 0.2})})
    assert set(thresholds(run.records, fixed, run.headline)) == {0.2}


def test_the_threshold_of_a_fold_under_cross_validation_is_of_the_other_folds():
    loose, study = made_records(900, years=None), made_study(folds=3, repeats=2)
    scored = made_scored(loose, study, ERRORS, protocol="cross_validation")
    limit = thresholds(loose, study, scored)
    for fold in planned_folds(loose, study)["cross_validation"]:
        rows = np.concatenate([fold.parts[0].fit_rows, fold.parts[0].holdout_rows])
        assert limit[scored.fold == fold.number] == pytest.approx(loose.label[rows].mean())


def test_networks_carry_the_spread_of_their_seeds(run, study):
    table, scored = cells(scores(run, study)), run.headline
    inside = scored.vintage == 2006
    seeds = [metrics.roc_auc_score(scored.label[inside], member[inside]) for member in scored.members["net"]]
    assert table["net", "auc", "origin:2006"].sd == pytest.approx(np.std(seeds, ddof=1))
    assert table["net", "log_loss", "origin:2006"].sd is None  # a single seed is not calibrated
    assert table["card", "auc", "origin:2006"].sd is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_calibration_is_not_claimed_retrospectively(run, study, lang):
    table = cells(scores(run, study, lang=lang))
    for metric in CALIBRATION:
        cell = table["ours", metric, "retrospective:"]
        assert cell.value is None
        assert cell.note
        assert table["ours", metric, "origin:"].value is not None
    assert table["ours", "brier", "retrospective:"].value is not None


def test_a_missing_prediction_blanks_the_cell_with_the_reason(run, study):
    scored = run.headline
    holed = scored.predicted["card"].copy()
    holed[np.flatnonzero(scored.vintage == 2005)[:3]] = np.nan
    spoilt = replace(scored, predicted={**scored.predicted, "card": holed})
    table = cells(scores(made_record(run.records, spoilt), study))
    assert table["card", "auc", "origin:"].value is None
    assert "3 of" in table["card", "auc", "origin:2005"].note
    assert table["card", "auc", "origin:2006"].value is not None


def test_one_class_leaves_ranking_undefined_and_losses_known(run, study):
    scored = run.headline
    label = np.where(scored.vintage == 2005, 0.0, scored.label)
    table = cells(scores(made_record(run.records, replace(scored, label=label)), study))
    cell = table["ours", "auc", "origin:2005"]
    assert cell.value is None
    assert "one class" in cell.note
    assert table["ours", "brier", "origin:2005"].value is not None


def test_losses_given_default_have_figures_of_their_own():
    study = made_study(head="hurdle_beta", origins=ORIGINS)
    losses = made_records(3000, loss=True)
    scored = made_scored(losses, study, ERRORS)
    table = cells(scores(made_record(losses, scored), study))
    assert {metric for _, metric, _ in table} == set(LOSS_FIGURES)
    p = scored.predicted["net"]
    assert table["net", "r2", "origin:"].value == pytest.approx(metrics.r2_score(scored.label, p))
    assert table["net", "mae", "origin:"].value == pytest.approx(metrics.mean_absolute_error(scored.label, p))
    assert table["net", "mae", "origin:"].sd > 0
    for metric in ("spearman", "loss_capture"):
        assert 0 < table["net", metric, "origin:"].value < 1


def test_every_figure_has_a_name():
    for lang in LANGUAGES:
        for metric in (*PROBABILITY_FIGURES, *LOSS_FIGURES):
            assert has_text(f"names.metric.{metric}", lang), metric
