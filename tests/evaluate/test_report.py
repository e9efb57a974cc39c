from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
import yaml

from barograph.charts.page import figure_json
from barograph.core.errors import SettingError
from barograph.core.forecast import ALPHAS, LEVELS, Distribution, OutOfSample
from barograph.core.records import ByDay, Provenance, Samples
from barograph.core.results import BackTest, ClaimResult, Comparison, Score, TestResult, Verdict
from barograph.core.study import Study
from barograph.evaluate.report import (
    BookFigures,
    NextDay,
    PoolWeight,
    ReportContent,
    RunFacts,
    TrainingFact,
    content_from,
    policy_names,
    render,
)
from barograph.evaluate.report import diagnostics as report_diagnostics
from barograph.evaluate.report.policy import policy
from barograph.evaluate.report.views import FORECASTING

HOSTILE = "<script>alert('x')</script>&\"{{7*7}}"
HORIZONS = (1, 22)
NETWORKS = ("mlp", "rnn")
BASELINES = ("gjr_garch_t", "har", "historical")
CONTROLS = ("linear", "linear_combination")
NORMAL = np.array(
    [-2.576, -2.326, -1.960, -1.645, -1.282, -1.036, -0.842, -0.674, -0.524, -0.385, -0.253, -0.126, 0.0]
)
STANDARD = np.concatenate([NORMAL, -NORMAL[-2::-1]])


def simulated_samples(entities: tuple[str, ...], n_days: int) -> tuple[Samples, np.ndarray]:
    """Stochastic volatility with normal shocks; also the true variance of the day after each origin."""
    rng = np.random.default_rng(11)
    n = n_days * len(entities)
    log_variance = np.empty((len(entities), n_days + 22))
    log_variance[:, 0] = -9.0
    for day in range(1, n_days + 22):
        shock = 0.12 * rng.standard_normal(len(entities)) + 0.1 * rng.standard_normal()
        log_variance[:, day] = -9.0 + 0.98 * (log_variance[:, day - 1] + 9.0) + shock
    returns = np.exp(log_variance / 2) * rng.standard_normal(log_variance.shape)
    ahead = {h: np.zeros((len(entities), n_days)) for h in HORIZONS}
    squares = {h: np.zeros((len(entities), n_days)) for h in HORIZONS}
    for h in HORIZONS:
        for step in range(1, h + 1):
            part = returns[:, step : step + n_days] if step + n_days <= n_days + 22 else None
            part = np.pad(part, ((0, 0), (0, n_days - part.shape[1])), constant_values=np.nan)
            ahead[h] += part
            squares[h] += part**2
    days = np.datetime64("2012-01-02") + np.arange(n_days)
    samples = Samples(
        entities=entities,
        entity=np.repeat(np.arange(len(entities)), n_days),
        time=np.tile(days, len(entities)),
        features=np.zeros((n, 1)),
        feature_names=("x",),
        channels=np.zeros((n, 1)),
        channel_names=("x",),
        window=5,
        cross_section=ByDay(np.zeros((1, 2 * len(entities))), np.zeros(n, np.int64)),
        returns=returns[:, :n_days].ravel(),
        proxy=returns[:, :n_days].ravel() ** 2,
        price=np.ones(n),
        horizons=HORIZONS,
        target=np.stack([squares[h].ravel() for h in HORIZONS], axis=1),
        target_return=np.stack([ahead[h].ravel() for h in HORIZONS], axis=1),
        known_at=np.stack([np.tile(days + h, len(entities)) for h in HORIZONS], axis=1),
        admissible=np.ones(n, dtype=bool),
        held=np.zeros(n, dtype=bool),
    )
    truth = np.exp(log_variance[:, 1 : n_days + 1]).ravel()
    return samples, truth


def simulated_out(entities: tuple[str, ...], n_days: int) -> OutOfSample:
    """Every model is the truth with its own noise and its own bias in log variance."""
    samples, truth = simulated_samples(entities, n_days)
    rng = np.random.default_rng(5)
    noise = {"combination": 0.1, "mlp": 0.15, "rnn": 0.2, "linear": 0.2, "linear_combination": 0.18}
    distributions = {}
    for model in ("combination", *NETWORKS, *CONTROLS, *BASELINES):
        error = noise.get(model, 0.35) * rng.standard_normal(truth.size)
        variance = np.outer(truth * np.exp(error), HORIZONS)
        sigma = np.sqrt(variance)
        distributions[model] = Distribution(
            variance, sigma[..., None] * STANDARD, sigma[..., None] * np.array([2.67, 2.34])
        )
    rows = np.arange(samples.n)
    seeds = {
        name: np.log(np.stack([np.outer(truth, HORIZONS) * np.exp(0.1 * s) for s in (-2, -1, 0, 1)]))
        for name in NETWORKS
    }
    return OutOfSample(
        samples=samples,
        rows=rows,
        fold=rows % 3,
        distributions=distributions,
        members=seeds,
        event_threshold=np.full(samples.n, 3e-4),
        controls=CONTROLS,
        baselines=BASELINES,
        networks=NETWORKS,
        combinations=("combination",),
    )


def simulated_findings(out: OutOfSample) -> dict[str, object]:
    """Hand-made results with every kind of cell: seeds, blanks, failed claims, tests that failed."""
    rng = np.random.default_rng(3)
    models, entities = tuple(out.distributions), out.samples.entities
    scores = [
        Score(m, metric, -8.9 + 0.01 * i, h, e, 0.003 if m in NETWORKS else None)
        for i, m in enumerate(models)
        for metric in ("qlike", "fz0_1", "fz0_2.5")
        for h in HORIZONS
        for e in ("", *entities)
    ]
    scores += [Score(m, "crps", 0.005, 1, "") for m in models if m != "historical"]
    scores.append(Score("historical", "crps", None, 1, "", None, "no full distribution"))
    scores += [Score(m, k, 0.4, 1) for m in models for k in ("log_loss", "accuracy", "recall", "f1")]
    scores += [Score(m, "precision", None, 1, "", None, "no alarm was raised") for m in models]
    comparisons = [
        Comparison(m, o, "qlike", h, e, d, TestResult("panel_diebold_mariano", d / 0.004, 0.03, 900), s, b)
        for m in models
        for o in ("gjr_garch_t", *CONTROLS)
        if m != o
        for h in HORIZONS
        for e, b in (("", "all"), ("", "confirmation"), *((name, "confirmation") for name in entities))
        for d, s in (((-0.02, "better"), (0.011, "worse"))[int(rng.random() < 0.3)],)
    ]
    tests = ("kupiec", "independence", "conditional_coverage", "dynamic_quantile", "traffic_light")
    back_tests = [
        BackTest(
            m,
            e,
            side,
            alpha,
            int(alpha * 900),
            TestResult(t, 1.0, p, 900) if p > 0.02 else TestResult(t, np.nan, np.nan, 900, "no exception"),
            (p > 0.05) if p > 0.02 else None,
        )
        for m in models
        for e in entities
        for side in ("lower", "upper")
        for alpha in ALPHAS
        for t in tests
        for p in (float(rng.random()),)
    ]
    back_tests += [
        BackTest(m, e, "lower", 0.0, 0, TestResult("pit_bins", 9.0, 0.4, 900), True)
        for m in models
        for e in entities
    ]
    claims = [
        ClaimResult(
            "floor", "floor", "combination", "gjr_garch_t", "qlike", -0.021, "panel_diebold_mariano",
            -4.2, 0.00001, "better", True, "confirmation", "Never significantly worse; worse on 0 of 3.",
        ),
        ClaimResult(
            "target-share", "target", "combination", "gjr_garch_t", "qlike", None, "diebold_mariano",
            None, None, "indistinguishable", False, "development", "Better on 85 %; found 40 %.",
        ),
    ]  # fmt: skip
    sentence = "Combination is better than GJR-GARCH-t on the confirmation series."
    return {
        "scores": scores,
        "comparisons": comparisons,
        "back_tests": back_tests,
        "claims": claims,
        "verdict": Verdict("better", "combination", sentence),
        "provenance": Provenance(
            "simulation", "CC0", "ab" * 32, out.samples.n, "2012-01-02", "2014-12-31", ("note",)
        ),
    }


FACTS = RunFacts(
    seconds=412.3,
    peak_memory_mib=812.0,
    versions={"python": "3.11.9", "numpy": "2.4.0"},
    confirmation_scored=2,
    training=(TrainingFact("mlp", 3, 4, 310.5, 41.2, 1953),),
    pool_weights=(PoolWeight(0, 1, "mlp", 0.6), PoolWeight(0, 1, "gjr_garch_t", 0.4)),
    next_day=(NextDay("alpha", "2014-12-31", "combination", 0.18, {0.01: 0.026}, {0.025: 0.027}),),
    limits=("One asset class only.",),
    book=BookFigures("Book of three", ("Position", "VaR"), (("alpha", "12,000 USD"),), "Held one day."),
    made_on="2026-11-22",
)


def simulated_content(entities: tuple[str, ...], n_days: int, facts: RunFacts = FACTS) -> ReportContent:
    out = simulated_out(entities, n_days)
    study = Study(name="market/volatility", question="How much will each asset move?")
    study = study.model_copy(
        update={"evaluate": study.evaluate.model_copy(update={"development": entities[:1]})}
    )
    return content_from(out, study, facts=facts, **simulated_findings(out))


@cache
def small() -> ReportContent:
    return simulated_content(("alpha", "beta", "gamma"), 500)


@cache
def page(lang: str = "en", pack: str = "general") -> str:
    return render(small(), lang=lang, policy=pack)


class Reader(HTMLParser):
    """Collects what a browser would load or show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.scripts: list[str] = []
        self.shown: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "srcset", "data", "poster"} or (name == "href" and tag != "a"):
                self.loaded.append(f"{tag} {name}={value}")
            if name.startswith("on"):
                self.handlers.append(f"{tag} {name}")
            if name == "id":
                self.ids.append(str(value))
            if name == "href" and tag == "a":
                self.links.append(str(value))
        if tag not in {"meta", "br", "link", "img"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)
        elif self._open and self._open[-1] != "style":
            self.shown.append(data)
        if self._open and self._open[-1] == "h2":
            self.headings.append(data.strip())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("pack", policy_names("forecasting"))
def test_a_report_loads_nothing_from_outside_and_stays_small(lang: str, pack: str) -> None:
    text = page(lang, pack)
    reader = Reader(text)
    assert reader.loaded == []
    assert reader.handlers == []
    css = re.findall(r"<style>(.*?)</style>", text, re.S)[0]
    assert "@import" not in css
    assert "url(" not in css
    assert "default-src 'none'" in text
    assert len(text.encode()) < 8_000_000


def test_plotly_is_inlined_exactly_once() -> None:
    scripts = re.findall(r"<script>(.*?)</script>", page(), re.S)
    assert sum(len(script) > 1_000_000 for script in scripts) == 1
    assert page().count("plotly.js v") == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("pack", policy_names("forecasting"))
def test_every_heading_of_the_policy_pack_stands_in_the_report(lang: str, pack: str) -> None:
    reader = Reader(page(lang, pack))
    titles = [section.title[lang] for section in policy(pack, "forecasting").sections]
    assert [heading for heading in reader.headings if heading in titles] == titles
    assert [link.removeprefix("#") for link in reader.links] == reader.ids


@pytest.mark.parametrize("pack", policy_names("forecasting"))
def test_every_policy_pack_prints_every_part_once(pack: str) -> None:
    parts = [part for section in policy(pack, "forecasting").sections for part in section.parts]
    assert sorted(parts) == sorted(FORECASTING.parts)
    assert all(set(s.title) == {"en", "zh"} for s in policy(pack, "forecasting").sections)


def test_hostile_words_from_data_are_printed_and_never_run() -> None:
    content = simulated_content((HOSTILE, "beta", "</script><b>"), 300)
    content = replace(content, verdict=replace(content.verdict, sentence=HOSTILE), question=HOSTILE)
    reader = Reader(render(content))
    code = [script for script in reader.scripts if not script.lstrip().startswith("{")]
    assert len(code) == 2
    assert not any("alert('x')" in script for script in code)
    assert HOSTILE in reader.shown
    assert "49" not in "".join(part for part in reader.shown if "alert" in part)


def test_every_figure_is_plain_json_within_the_page() -> None:
    figures = re.findall(r'<script type="application/json">(.*?)</script>', page(), re.S)
    assert len(figures) > 10
    for figure in figures:
        assert "<" not in figure
        assert json.loads(figure)["data"]


def test_traces_over_the_same_days_share_one_list() -> None:
    days = ["2020-01-01", "2020-01-02"]

    class Two:
        def to_plotly_json(self) -> dict[str, object]:
            return {"data": [{"x": days}, {"x": ["a"]}, {"x": list(days)}], "layout": {}}

    assert [trace["x"] for trace in json.loads(figure_json(Two()))["data"]] == [days, ["a"], {"of": 0}]


def test_a_blank_cell_says_why_it_is_blank() -> None:
    shown = "".join(Reader(page()).shown)
    assert "no full distribution" in shown
    assert "no alarm was raised" in shown
    assert "The claim is not about a difference in a mean loss." in shown


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_cell_of_any_table_is_silently_blank(lang: str) -> None:
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", page(lang), re.S)
    assert len(cells) > 300
    assert not [cell for cell in cells if not cell.strip()]
    assert not [cell for cell in cells if re.fullmatch(r"(<b>)?–(</b>)?", cell.strip())]
    assert not re.search(r">\s*(nan|None|inf)\b", "".join(cells))


def test_back_tests_of_the_whole_distribution_stand_apart_from_those_of_a_tail() -> None:
    shown = "".join(Reader(page()).shown)
    assert "Tests of the whole distribution" in shown
    assert "100\u00a0%\u00a0" not in shown
    head = shown[: shown.index("Next-day figures")]
    judged = [t for t in small().back_tests if t.model == "combination" and t.side == "lower"]
    main = [t for t in judged if t.test.name not in {"independence", "pit_bins"} and t.passed is not None]
    assert f"{sum(bool(t.passed) for t in main)} of {len(main)} that could be judged" in head


def test_the_settings_printed_are_the_settings_of_the_study() -> None:
    text = re.findall(r"<pre[^>]*>(.*?)</pre>", page(), re.S)[0].replace("&#39;", "'").replace("&#34;", '"')
    assert yaml.safe_load(text) == small().settings
    assert Study.model_validate(yaml.safe_load(text)).evaluate.development == ("alpha",)


def test_the_head_of_the_report_names_champion_claims_and_how_often_confirmation_was_scored() -> None:
    shown = "".join(Reader(page()).shown)
    head = shown[: shown.index("Next-day figures")]
    for words in ("Combination is better than GJR-GARCH-t", "1 / 1", "confirmation block scored 2 ×"):
        assert words in head


def test_the_summary_counts_what_was_judged_on_the_confirmation_series_only() -> None:
    shown = "".join(Reader(page()).shown)
    assert "target-share" not in shown[: shown.index("Next-day figures")]
    everything = tuple(replace(claim, block="all") for claim in small().claims)
    all_chose = replace(small(), claims=everything, development=small().entities)
    shown = "".join(Reader(render(all_chose)).shown)
    head = shown[: shown.index("Next-day figures")]
    assert "1 / 2" in head
    assert "Claims at the floor or the target that did not hold: target-share." in head


@pytest.mark.parametrize("standing", ["better", "indistinguishable", "worse"])
def test_each_verdict_has_its_own_meaning(standing: str) -> None:
    content = replace(small(), verdict=replace(small().verdict, standing=standing))
    said = {
        "better": "met what was declared",
        "indistinguishable": "was not met",
        "worse": "did not hold its floor",
    }
    shown = "".join(Reader(render(content)).shown)
    meant = shown[shown.index("What it means") : shown.index("What to watch")]
    assert said[standing] in meant.split(".")[0]


def test_a_run_that_hands_over_little_still_gives_a_whole_report_that_says_so() -> None:
    content = simulated_content(("alpha", "beta"), 300, RunFacts(seconds=1.0))
    content = replace(content, comparisons=(), back_tests=(), claims=(), seed_spread=())
    shown = "".join(Reader(render(content)).shown)
    for words in (
        "No next-day figures",
        "The study declares no claims",
        "No comparison over the whole panel",
        "No back-test was run",
        "No network with seeds",
        "No training figures",
        "not measured",
    ):
        assert words in shown


def test_an_unknown_policy_or_language_is_refused_with_a_hint() -> None:
    with pytest.raises(SettingError, match="general"):
        render(small(), policy="generel")
    with pytest.raises(SettingError, match="zh"):
        render(small(), lang="fr")


def test_a_champion_that_was_not_scored_is_refused() -> None:
    out = simulated_out(("alpha", "beta"), 300)
    findings = simulated_findings(out) | {"verdict": Verdict("worse", "garch_t", "x")}
    with pytest.raises(SettingError, match="garch_t"):
        content_from(out, Study(name="a/b", question="?"), facts=FACTS, **findings)


def test_pit_bins_agree_with_a_plain_count_between_quantiles() -> None:
    out = simulated_out(("alpha", "beta"), 300)
    histogram = report_diagnostics.pit_histogram(out, "mlp")
    quantiles = out.distributions["mlp"].quantiles[:, 0]
    counts = [0] * 20
    for row, value in enumerate(out.samples.target_return[:, 0]):
        if np.isnan(value):
            continue
        bin_number = 0
        for k in range(1, 20):
            bin_number += value > quantiles[row, LEVELS.index(round(0.05 * k, 2))]
        counts[bin_number] += 1
    np.testing.assert_allclose(histogram.share, np.array(counts) / sum(counts))
    assert histogram.n_obs == sum(counts)


def test_the_pit_band_widens_when_series_are_copies_of_each_other() -> None:
    out = simulated_out(("alpha",), 400)
    one = report_diagnostics.pit_histogram(out, "mlp")
    s = out.samples
    doubled = replace(
        s,
        entities=("alpha", "beta"),
        entity=np.repeat([0, 1], s.n),
        time=np.tile(s.time, 2),
        target_return=np.tile(s.target_return, (2, 1)),
    )
    twice = {
        name: Distribution(*(np.concatenate([part, part]) for part in (d.variance, d.quantiles, d.shortfall)))
        for name, d in out.distributions.items()
    }
    two = report_diagnostics.pit_histogram(
        replace(out, samples=doubled, rows=np.arange(2 * s.n), distributions=twice), "mlp"
    )
    np.testing.assert_allclose(two.half_width, one.half_width)


def test_the_loss_path_ends_at_the_mean_difference_of_balanced_panels() -> None:
    out = simulated_out(("alpha", "beta"), 300)
    path = report_diagnostics.loss_path(out, "combination", "har")
    r2, h = out.samples.target[:, 0], {m: out.distributions[m].variance[:, 0] for m in ("combination", "har")}
    loss = {m: np.log(v) + r2 / v for m, v in h.items()}
    assert path.difference.mean() == pytest.approx(np.nanmean(loss["combination"] - loss["har"]))
    assert path.difference.mean() < 0


def test_seed_scores_are_those_of_a_plain_loop() -> None:
    out = simulated_out(("alpha", "beta"), 300)
    spread = report_diagnostics.seed_spread(out, "rnn")
    r2 = out.samples.target[:, 0]
    by_hand = [np.nanmean(member[:, 0] + r2 / np.exp(member[:, 0])) for member in out.members["rnn"]]
    np.testing.assert_allclose(spread.seeds, by_hand, rtol=1e-3)


@pytest.mark.soak
def test_twenty_three_series_of_fifteen_years_stay_below_eight_megabytes() -> None:
    entities = tuple(f"series{i:02d}" for i in range(23))
    content = simulated_content(entities, 3800)
    assert len(render(content).encode()) < 8_000_000
