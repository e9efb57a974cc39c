"""From a made scoring run to the content of its report: every figure against a plain computation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_scores import ERRORS, made_record, made_records, made_scored, made_study
from scipy import stats
from sklearn import metrics

from barograph.core.errors import LeakError, SettingError
from barograph.core.fitted_records import GradeParameters
from barograph.core.record_table import RecordSchema
from barograph.core.records import Provenance
from barograph.core.scored import LeakFinding
from barograph.core.scoring_study import RecordsSection, ScoringClaim
from barograph.evaluate.records.arena import Arena
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons
from barograph.evaluate.records.plan import planned_folds
from barograph.evaluate.records.scores import scores
from barograph.evaluate.records.thresholds import thresholds
from barograph.evaluate.report import ScoringFacts, render
from barograph.evaluate.report.scoring.gather import Practice, scoring_content
from barograph.evaluate.report.scoring.gather_data import event_sentence

ORIGINS = (2004, 2006)
WINDOWS = ((2000, 2003, 2004, 2005), (2000, 2004, 2006, 2007))
NOTHING = Practice(None, None, (), None)
CLAIMS = (
    ScoringClaim(key="floor", rung="floor", kind="not_worse", model="ours", opponent="card"),
    ScoringClaim(
        key="past", rung="target", kind="better", model="ours", opponent="card", protocol="retrospective"
    ),
    ScoringClaim(
        key="mixed", rung="target", kind="better", model="ours", opponent="card", protocol="cross_validation"
    ),
)


def content_of(run, study, *, lang="en", practice=NOTHING, champion=None, dates=()):
    records = run.records
    claims, verdict = judge(run, study, lang=lang)
    return scoring_content(
        run,
        study,
        scores=scores(run, study, lang=lang),
        comparisons=comparisons(run, study, lang=lang),
        claims=claims,
        verdict=verdict if champion is None else replace(verdict, champion=champion),
        provenance=Provenance(
            source="made",
            licence="none",
            content_hash="0" * 64,
            rows=records.n,
            since="2000-01-01",
            until="2009-12-31",
        ),
        schema=RecordSchema(records.numeric, records.categorical, dates=dates),
        reading=("nothing was assumed",),
        facts=ScoringFacts(seconds=1.0),
        practice=practice,
        lang=lang,
    )


@pytest.fixture(scope="module")
def records():
    return made_records(5000)


@pytest.fixture(scope="module")
def study():
    return made_study(
        claims=CLAIMS,
        protocols=("origin", "retrospective"),
        origins=ORIGINS,
        retrospective=WINDOWS,
        development=(2004,),
        train_since=2001,
    )


@pytest.fixture(scope="module")
def run(records, study):
    found = [made_scored(records, study, ERRORS, protocol=one) for one in ("origin", "retrospective")]
    cuts = {
        str(name): np.array([fold.cut for fold in folds])
        for name, folds in planned_folds(records, study).items()
    }
    leak = LeakFinding("noise", "alone", 0.97, 0.9, "it knows")
    return replace(made_record(records, *found), cuts=cuts, leaks=(leak,))


@pytest.fixture(scope="module")
def content(run, study):
    return content_of(run, study)


@pytest.fixture(scope="module")
def crossed():
    """A cross-validated run: 1,200 records of 600 customers, two repetitions."""
    study = made_study(folds=3, repeats=2)
    records = made_records(1200, years=None, customers=600)
    scored = made_scored(records, study, ERRORS, protocol="cross_validation")
    return made_record(records, scored), study


@pytest.fixture(scope="module")
def lost():
    """A loss study; one model predicts losses outside 0 … 1."""
    records = made_records(3000, loss=True)
    study = made_study(head="hurdle_beta", origins=ORIGINS)
    scored = made_scored(records, study, ERRORS)
    wide = 1.5 * scored.predicted["card"] - 0.25
    return made_record(records, replace(scored, predicted={**scored.predicted, "card": wide})), study


def made(kind, request):
    """A fixture's run and study."""
    found = request.getfixturevalue(kind)
    return (found, request.getfixturevalue("study")) if kind == "run" else found


def folds_of(scored):
    return [np.flatnonzero(scored.fold == number) for number in np.unique(scored.fold)]


def auc_within_folds(scored, p):
    rows = folds_of(scored)
    areas = [metrics.roc_auc_score(scored.label[one], p[one]) for one in rows]
    return float(np.average(areas, weights=[one.size for one in rows]))


def test_blocks_say_what_their_models_could_know(content, run, records):
    origin, past = content.protocols
    assert [block.name for block in origin.blocks] == ["2004", "2006"]
    assert [block.name for block in past.blocks] == ["2004-2005", "2006-2007"]
    for block, year in zip(origin.blocks, ORIGINS, strict=True):
        inside = records.vintage == year
        cut = records.time[inside].min() - np.timedelta64(1, "D")
        assert block.cut == str(cut)
        assert block.trained == int(((records.label_time <= cut) & (records.vintage >= 2001)).sum())
        assert block.records == int((inside & np.isfinite(records.label)).sum())
        assert block.outcome == pytest.approx(np.nanmean(records.label[inside]))
    assert [block.cut for block in past.blocks] == ["", ""]
    assert past.blocks[0].trained == int((records.vintage <= 2003).sum())
    assert origin.records == run.headline.rows.size
    assert origin.outcome == pytest.approx(run.headline.label.mean())


def test_scores_are_named_by_block_alone(content, run, study):
    cells = {(c.model, c.metric, c.entity): c.value for c in scores(run, study)}
    for protocol in content.protocols:
        assert {score.entity for score in protocol.scores} == {"", *(b.name for b in protocol.blocks)}
        for score in protocol.scores:
            assert score.value == cells[score.model, score.metric, f"{protocol.protocol}:{score.entity}"]


def test_the_reference_is_the_baseline_of_smallest_log_loss(content, run):
    loss = {m: metrics.log_loss(run.headline.label, run.headline.predicted[m]) for m in ("card", "trees")}
    assert content.reference == min(loss, key=loss.get) == "trees"


@pytest.mark.parametrize("kind", ["run", "crossed", "lost"])
def test_intervals_are_those_of_the_tests(kind, request):
    run, study = made(kind, request)
    courts, told = Arena(run, study).courts, 0
    for protocol in content_of(run, study).protocols:
        for row in protocol.differences:
            duel = courts[protocol.protocol].duel(row.model, row.opponent, row.metric, row.block or "all")
            assert row.difference == pytest.approx(duel.difference)
            assert (row.lower, row.upper) == pytest.approx(duel.interval)
            assert (row.test, row.p_value) == (duel.test.name, pytest.approx(duel.test.p_value))
            assert row.standing == duel.standing()
            told += 1
    assert told > 20


def test_every_other_model_is_set_against_the_reference(content):
    for protocol in content.protocols:
        pooled = [r for r in protocol.differences if r.opponent == "trees" and r.block == ""]
        assert sorted(row.model for row in pooled) == ["card", "linear", "net", "ours"]
    blocks = {row.block for row in content.headline.differences}
    assert blocks == {"", "development", "confirmation", "2004", "2006"}


def test_an_area_below_a_roc_curve_is_the_auc_of_the_table(content, run):
    for protocol, scored in zip(content.protocols, run.protocols, strict=True):
        assert [curve.model for curve in protocol.roc] == ["ours", "trees", "net"]
        for curve in protocol.roc:
            area = np.trapezoid(curve.true_positive, curve.false_positive)
            assert area == pytest.approx(auc_within_folds(scored, scored.predicted[curve.model]), abs=2e-3)
            assert (np.diff(curve.false_positive) >= 0).all()
            assert (np.diff(curve.true_positive) >= -1e-12).all()
            ends = [curve.false_positive[0], curve.true_positive[0]]
            assert ends == [0, 0]
            assert [curve.false_positive[-1], curve.true_positive[-1]] == pytest.approx([1, 1])


def test_a_roc_curve_of_one_fold_is_that_of_an_independent_library(run, study):
    scored = run.headline
    rows = folds_of(scored)[0]
    fields = ("rows", "fold", "vintage", "label")
    said = {name: p[rows] for name, p in scored.predicted.items()}
    one = replace(scored, **{f: getattr(scored, f)[rows] for f in fields}, predicted=said, members={})
    alone = content_of(replace(run, protocols=(one,)), study).headline.roc[0]
    x, y, _ = metrics.roc_curve(one.label, one.predicted["ours"], drop_intermediate=False)
    inside = slice(1, None)  # the first point is the corner
    place = np.searchsorted(x, alone.false_positive[inside], side="right") - 1
    assert np.abs(alone.true_positive[inside] - y[place]).max() < 0.02


def test_goods_and_bads_fall_into_the_bins_of_the_distribution(content, run):
    shown, scored = content.headline.distribution, run.headline
    p = scored.predicted["ours"]
    assert shown.edges[-1] == pytest.approx(np.quantile(p, 0.999))
    for share, kind in ((shown.goods, 0.0), (shown.bads, 1.0)):
        own = p[scored.label == kind]
        assert share.sum() == pytest.approx(1.0)
        assert share[3] == pytest.approx(((own >= shown.edges[3]) & (own < shown.edges[4])).mean())
        assert share[-1] == pytest.approx((own >= shown.edges[-2]).mean())


def test_threshold_is_the_studys_own_for_the_champion(content, run, study):
    mean = thresholds(run.records, study, run.headline).mean()
    (stated,) = [row for row in content.headline.thresholds if row.stated]
    assert content.headline.threshold == stated.threshold == pytest.approx(mean)


def test_levels_are_means_block_by_block(content, run):
    scored, headline = run.headline, content.headline
    assert list(headline.predicted) == ["ours", "trees"]
    for model, level in headline.predicted.items():
        expected = [scored.predicted[model][scored.vintage == year].mean() for year in ORIGINS]
        assert level.tolist() == pytest.approx(expected)


def test_brier_parts_add_up_and_hosmer_lemeshow_counts_tenths(content, run):
    scored = run.headline
    rows = {row.model: row for row in content.headline.calibration}
    assert list(rows) == ["ours", "net", "linear", "card", "trees"]
    for model, row in rows.items():
        p, label = scored.predicted[model], scored.label
        total = row.reliability - row.resolution + row.uncertainty + row.within
        assert total == pytest.approx(metrics.brier_score_loss(label, p))
        assert (row.predicted, row.observed) == pytest.approx((p.mean(), label.mean()))
        tenths = pd.DataFrame({"p": p, "y": label}).groupby(pd.qcut(p, 10, labels=False)).agg(["sum", "size"])
        n, said, came = tenths["p"]["size"], tenths["p"]["sum"], tenths["y"]["sum"]
        statistic = float(((came - said) ** 2 / (said * (1 - said / n))).sum())
        assert row.hosmer_lemeshow == pytest.approx(statistic)
        assert row.p_value == pytest.approx(stats.chi2.sf(statistic, 10))


def test_bins_hold_a_tenth_each_with_jeffreys_intervals(content, run):
    assert [bins.model for bins in content.headline.bins] == ["ours", "trees"]
    for bins in content.headline.bins:
        p, label = run.headline.predicted[bins.model], run.headline.label
        grouped = pd.DataFrame({"p": p, "y": label}).groupby(pd.qcut(p, 10, labels=False))
        assert bins.predicted.tolist() == pytest.approx(grouped["p"].mean().tolist())
        assert bins.observed.tolist() == pytest.approx(grouped["y"].mean().tolist())
        bad, n = grouped["y"].sum().to_numpy(), grouped["y"].size().to_numpy()
        lower = np.where(bad == 0, 0.0, stats.beta.ppf(0.025, bad + 0.5, n - bad + 0.5))
        assert bins.lower.tolist() == pytest.approx(lower.tolist())


def test_nothing_is_said_of_calibration_in_retrospect(content):
    past = content.protocols[1]
    assert (past.calibration, past.bins, past.predicted) == ((), (), {})
    assert past.roc
    assert past.differences


def test_seeds_carry_their_own_score_beside_the_ensembles(content, run):
    (spread,) = content.headline.seeds
    scored = run.headline
    expected = [auc_within_folds(scored, one) for one in scored.members["net"]]
    assert spread.seeds.tolist() == pytest.approx(expected)
    assert spread.ensemble == pytest.approx(auc_within_folds(scored, scored.predicted["net"]))


def test_grades_are_counted_on_the_bundles_scale_or_one_of_their_own(run, study, content):
    scale = GradeParameters(("A", "B", "C"), np.array([0.1, 0.3, 1.0]))
    given = content_of(run, study, practice=replace(NOTHING, scale=scale)).grades
    p, label = run.headline.predicted["ours"], run.headline.label
    middle = (p > 0.1) & (p <= 0.3)
    assert [row.name for row in given.rows] == ["A", "B", "C"]
    assert (given.rows[1].records, given.rows[1].defaults) == (middle.sum(), label[middle].sum())
    assert len(content.grades.rows) == study.deploy.grades
    assert sum(row.records for row in content.grades.rows) == p.size


def test_population_vintages_and_groups_come_with_the_headline(run, study, records):
    told = replace(NOTHING, unlike_by_block={"2004": 0.02, "2006": 0.04})
    found = content_of(run, study, practice=told)
    assert found.stability.blocks == ("2004", "2006")
    assert found.unlike == (0.02, 0.04)
    assert found.stability.columns == records.columns
    assert min(int(curve.vintage) for curve in found.vintages) == 2001
    groups = {row.group: row.records for row in found.fairness}
    sex = records.protected["sex"][run.headline.rows]
    assert groups == {name: int((sex == name).sum()) for name in ("f", "m")}


def test_columns_alarms_claims_and_development_are_listed(run, study, records):
    denied = study.model_copy(
        update={"collect": RecordsSection(source="mine.csv", deny={"term": "it tells"})}
    )
    holed = records.table.with_columns(records.table["noise"].set(records.table["noise"] > 0, None))
    channels = np.zeros((records.n, 4, 1))
    channels[:100] = np.nan
    more = replace(records, table=holed, sequence=channels, channels=("arrears",))
    found = content_of(replace(run, records=more), denied, dates=("signal",))
    facts = {fact.name: (fact.kind, fact.missing, fact.levels) for fact in found.columns}
    missing = float((records.table["noise"].to_numpy() > 0).mean())
    assert facts == {
        "signal": ("date", 0.0, None),
        "noise": ("numeric", pytest.approx(missing), None),
        "state": ("categorical", 0.0, 3),
        "arrears": ("sequence", pytest.approx(100 / records.n), None),
    }
    assert [(leak.column, leak.kind) for leak in found.leaks] == [("noise", "alone"), ("term", "denied")]
    assert found.claim_protocols == {"floor": "origin", "past": "retrospective", "mixed": "origin"}
    assert found.development == ("2004",)
    assert list(found.roles.values()) == ["combination", "network", "control", "baseline", "baseline"]


@pytest.mark.parametrize(
    ("head", "section", "said"),
    [
        ("bernoulli", RecordsSection(), "within 36 months"),
        ("bernoulli", RecordsSection(target="paid", positive="no"), "paid = no"),
        ("bernoulli", RecordsSection(target="paid"), "column paid."),
        ("hurdle_beta", RecordsSection(), "share of the exposure"),
    ],
)
def test_the_event_is_said_in_one_sentence(head, section, said, records):
    asked = made_study(head=head).model_copy(update={"collect": section})
    assert said in event_sentence(records, asked, "en")
    assert event_sentence(records, asked, "zh") != event_sentence(records, asked, "en")


def test_records_without_time_or_target_go_by_the_label_of_their_source(crossed):
    run, study = crossed
    assert event_sentence(run.records, study, "en") == "as the source labels it."


def test_repetitions_do_not_multiply_the_records_of_a_test(crossed):
    run, study = crossed
    found, scored = content_of(run, study), run.headline
    assert [block.name for block in found.headline.blocks] == ["1", "2"]
    assert found.headline.records == 2 * run.records.n
    assert [block.trained for block in found.headline.blocks] == [800, 800]  # two thirds, on average
    assert sum(row.records for row in found.grades.rows) == run.records.n
    assert sum(row.records for row in found.fairness) == run.records.n
    first = scored.vintage == 0
    (ours,) = [row for row in found.headline.calibration if row.model == "ours"]
    brier = metrics.brier_score_loss(scored.label[first], scored.predicted["ours"][first])
    total = ours.reliability - ours.resolution + ours.uncertainty + ours.within
    assert total == pytest.approx(brier)
    assert (found.stability, found.unlike, found.vintages) == (None, (), ())


def test_a_loss_study_has_captures_scatter_and_bins_in_place_of_classes(lost):
    run, study = lost
    found, scored = content_of(run, study), run.headline
    here = found.headline
    assert (here.roc, here.distribution, here.thresholds, here.threshold) == ((), None, (), None)
    assert (found.grades, found.vintages, found.fairness, found.target) == (None, (), (), "loss")
    mae = {m: np.abs(scored.predicted[m] - scored.label).mean() for m in scored.baselines}
    assert found.reference == min(mae, key=mae.get)
    pairs = set(zip(scored.predicted["ours"], scored.label, strict=True))
    assert set(zip(here.scatter.predicted, here.scatter.observed, strict=True)) <= pairs
    assert here.scatter.predicted.size == min(1000, scored.rows.size)
    for row in here.calibration:
        p = scored.predicted[row.model]
        assert (row.predicted, row.observed) == pytest.approx((p.mean(), scored.label.mean()))
        assert row.reliability is None


def test_loss_captures_add_up_the_largest_predictions(lost):
    run, study = lost
    scored = run.headline
    for curve in content_of(run, study).headline.capture:
        caught = []
        for rows in folds_of(scored):
            label = scored.label[rows][np.argsort(-scored.predicted[curve.model][rows])]
            whole = np.append(0.0, np.cumsum(label)) / label.sum()
            caught.append(np.interp(0.2 * rows.size, np.arange(rows.size + 1), whole))
        expected = np.average(caught, weights=[rows.size for rows in folds_of(scored)])
        assert np.interp(0.2, curve.share[1:], curve.captured[1:]) == pytest.approx(expected, abs=1e-6)


def test_bins_of_losses_have_intervals_of_the_mean_also_outside_zero_and_one(lost):
    run, study = lost
    found = content_of(run, study, champion="card")
    bins = next(one for one in found.headline.bins if one.model == "card")
    p, label = run.headline.predicted["card"], run.headline.label
    assert p.min() < 0 < 1 < p.max()
    grouped = pd.DataFrame({"p": p, "y": label}).groupby(pd.qcut(p, 10, labels=False))
    assert bins.predicted.tolist() == pytest.approx(grouped["p"].mean().tolist())
    lower, upper = stats.t.interval(0.95, grouped["y"].size() - 1, grouped["y"].mean(), grouped["y"].sem())
    assert bins.lower.tolist() == pytest.approx(lower.tolist())
    assert bins.upper.tolist() == pytest.approx(upper.tolist())


def test_missing_predictions_leave_a_report_that_says_so(run, study):
    holed = run.headline.predicted["net"].copy()
    holed[run.headline.vintage == 2006] = np.nan
    origin = replace(run.headline, predicted={**run.headline.predicted, "net": holed})
    found = content_of(replace(run, protocols=(origin,)), study, champion="net")
    assert np.isnan(found.headline.predicted["net"]).tolist() == [False, True]
    blank = {s.entity for s in found.headline.scores if (s.model, s.metric, s.value) == ("net", "auc", None)}
    assert blank == {"", "2006"}
    assert render(found, policy="credit")


def test_models_without_a_part_or_a_name_are_refused(run, study):
    with pytest.raises(SettingError, match="nobody"):
        content_of(run, study, champion="nobody")
    scored = replace(run.headline, predicted={**run.headline.predicted, "ghost": run.headline.label})
    with pytest.raises(LeakError, match="ghost"):
        content_of(replace(run, protocols=(scored,)), study)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", ["run", "crossed", "lost"])
def test_what_was_gathered_becomes_a_report(kind, lang, request):
    run, study = made(kind, request)
    page = render(content_of(run, study, lang=lang), lang=lang, policy="credit")
    assert page.startswith("<!doctype html>")
    assert "credit/made" in page
