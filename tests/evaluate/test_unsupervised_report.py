"""The part of an alert report on models without labels: what was computed is printed, and blanks say why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_alerts import alert_content, alert_run, alert_study

from barograph.core.scoring_study import ScoringClaim
from barograph.core.unsupervised import ANOMALY_RIVALS, BEST_RIVAL, UNSUPERVISED
from barograph.evaluate.records.arena import Arena
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import pairs
from barograph.evaluate.report import ScoringContent, render
from barograph.measures.credit.discrimination import average_precision

CLAIM = ScoringClaim(
    key="moon",
    rung="moonshot",
    kind="times_better",
    model="autoencoder",
    opponent=BEST_RIVAL,
    metric="average_precision",
    margin=1.25,
)


def ranked_run(deep: float = 0.5):
    """The made run with models that say ranks: networks see something, rivals little, knn most of them."""
    study = alert_study(claims=(CLAIM,))
    run, study, link = alert_run(study)
    scored, random = run.headline, np.random.default_rng(2)
    sizes = dict.fromkeys(ANOMALY_RIVALS, 0.05) | {"knn": 0.3, "autoencoder": deep, "vae": 0.4}
    noise = {name: random.random(scored.label.size) for name in UNSUPERVISED}
    ranks = {
        name: (1.0 - sizes[name]) * noise[name]
        + sizes[name] * scored.label * random.random(scored.label.size)
        for name in UNSUPERVISED
    }
    more = replace(scored, predicted=scored.predicted | ranks, unsupervised=UNSUPERVISED)
    return replace(run, protocols=(more,)), study, link


def content(lang: str = "en", deep: float = 0.5) -> ScoringContent:
    run, study, link = ranked_run(deep)
    return alert_content(run, study, link, lang=lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("pack", ["fraud", "general", "model_risk"])
def test_every_pack_prints_the_models_with_their_figures(lang: str, pack: str) -> None:
    made = content(lang)
    page = render(made, lang=lang, policy=pack)
    assert made.alerts is not None
    for one in made.alerts.figures.models:
        assert f"{one.average_precision:.4f}" in page
    assert ("Isolation forest" if lang == "en" else "孤立森林") in page


def test_the_table_of_models_that_learn_from_labels_has_none_that_do_not() -> None:
    page = render(content(), lang="en", policy="fraud")
    table = page[
        page.index("Every model on the same events") : page.index("Models without labels on the same")
    ]
    assert "Isolation forest" not in table[: table.index("</table>")]


def test_a_run_without_such_models_says_so() -> None:
    run, study, link = alert_run(alert_study())
    assert "No model without labels ran" in render(alert_content(run, study, link), lang="en", policy="fraud")


def test_networks_without_labels_meet_their_rivals_and_nobody_else() -> None:
    run, _, _ = ranked_run()
    met = [pair for pair in pairs(run.headline) if set(pair) & set(UNSUPERVISED)]
    assert sorted(met) == sorted((deep, rival) for deep in ("autoencoder", "vae") for rival in ANOMALY_RIVALS)


def test_the_best_rival_is_the_one_with_the_highest_mean_of_folds() -> None:
    run, study, _ = ranked_run()
    court, scored = Arena(run, study).headline, run.headline
    folds = [np.flatnonzero(scored.fold == number) for number in np.unique(scored.fold)]
    mean = {
        name: np.mean([average_precision(scored.label[f], scored.predicted[name][f]) for f in folds])
        for name in ANOMALY_RIVALS
    }
    assert court.best_rival("average_precision", "all") == max(mean, key=lambda name: mean[name]) == "knn"


@pytest.mark.parametrize(("deep", "held"), [(0.5, True), (0.3, False), (0.05, False)])
def test_the_claim_holds_where_the_network_is_far_ahead_and_else_is_printed_as_failed(
    deep: float, held: bool
) -> None:
    run, study, _ = ranked_run(deep)
    (result,) = judge(run, study)[0]
    assert result.held == held
    court = Arena(run, study).headline
    ours, theirs = (court.value(name, "average_precision") for name in ("autoencoder", "knn"))
    assert result.difference == pytest.approx(ours - 1.25 * theirs)
    assert f"{ours / theirs:.2f} times" in result.detail


def test_without_a_rival_the_claim_is_not_judged() -> None:
    run, study, _ = ranked_run()
    alone = replace(run, protocols=(replace(run.headline, unsupervised=("autoencoder",)),))
    (result,) = judge(alone, study)[0]
    assert not result.held
    assert "Not judged" in result.detail
