"""What a run ends with: the verdict table, of series next-day VaR and ES, and where report and bundle lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console

from barograph.api.study import Run
from barograph.cli.reading import assumed_table
from barograph.cli.show import Column, line, number, p_value, percent, plain, stdout, table
from barograph.cli.words import called, said
from barograph.core.notes import in_language
from barograph.core.results import ClaimResult
from barograph.core.texts import text

__all__ = ["claims_table", "show"]


def show(run: Run, lang: str) -> None:
    """Print the outcome of a run on stdout."""
    console = stdout()
    line(console)
    assumed_table(console, run.outcome.provenance.assumed, lang)
    claims_table(console, run.claims, lang)
    if run.next_day:
        _next_day(console, run, lang)
    elif run.coming:
        _coming(console, run, lang)
    elif run.newest:
        _newest(console, run, lang)
    elif run.forecasts:
        _forecasts(console, run, lang)
    else:
        _scores(console, run, lang)
    if run.falls:
        _falls(console, run, lang)
    if "test" in run.outcome.told:
        _separate(console, run.outcome.told["test"], lang)
    for note in run.outcome.provenance.warnings:
        shown = in_language(note, lang)
        line(console, shown[:1].upper() + shown[1:])
    line(console, said("run.verdict", lang, sentence=run.verdict.sentence))
    line(console, said("run.champion", lang, champion=run.verdict.champion))
    line(console, said("run.report", lang, path=run.report))
    line(console, said("run.bundle", lang, path=run.bundle))
    if run.outcome.provenance.snapshot:
        line(console, said("run.snapshot", lang, hash=run.outcome.provenance.snapshot[:12]))
    line(console, said("run.cost", lang, seconds=run.seconds, mebibytes=run.peak_rss_mib))


def claims_table(console: Console, claims: Iterable[ClaimResult], lang: str) -> None:
    """The claims as one row per block (development, confirmation, all) in the order they were stated."""
    figures = ("difference", "p_value")
    keys = ("claim", "judged_on", "model", "opponent", "difference", "test", "p_value", "verdict", "held")
    columns = [Column(said(f"column.{key}", lang), figures=key in figures) for key in keys]
    table(console, said("title.claims", lang), columns, [_claim(claim, lang) for claim in claims])


def _claim(claim: ClaimResult, lang: str) -> list[str]:
    return [
        claim.claim,
        called("block", claim.block, lang),
        claim.model,
        claim.opponent or "–",
        number(claim.difference),
        called("test", claim.test, lang),
        p_value(claim.p_value),
        said(f"standing.{claim.verdict}", lang),
        said("held.held" if claim.held else "held.failed", lang),
    ]


SHOWN = (
    "average_precision",
    "auc",
    "gini",
    "ks",
    "brier",
    "log_loss",
    "calibration_gap",
    "r2",
    "mae",
    "spearman",
)
"""Scores of a study of records that are printed, where it has them; the report and the JSON have all."""


def _scores(console: Console, run: Run, lang: str) -> None:
    """The pooled scores of every model, one table per protocol, the headline first."""
    protocols = dict.fromkeys(score.entity for score in run.scores if score.entity.endswith(":"))
    for entity in protocols:
        cells = {(s.model, s.metric): s.value for s in run.scores if s.entity == entity}
        metrics = [m for m in SHOWN if any(cells.get((model, m)) is not None for model, _ in cells)]
        columns = [Column(said("column.model", lang))]
        columns += [Column(called("metric", metric, lang), figures=True) for metric in metrics]
        rows = [
            [model, *(plain(cells.get((model, metric))) for metric in metrics)]
            for model in dict.fromkeys(model for model, _ in cells)
        ]
        table(console, said(f"title.scores_{entity.removesuffix(':')}", lang), columns, rows)


def _forecasts(console: Console, run: Run, lang: str) -> None:
    keys = ("period", "mean", "q_0.05", "q_0.5", "q_0.95", "last_known")
    columns = [Column(said(f"column.{key.replace('.', '_')}", lang), figures=key != "period") for key in keys]
    rows = [[str(row["period"]), *(plain(row[key]) for key in keys[1:])] for row in run.forecasts]
    table(console, said("title.level", lang), columns, rows)


def _newest(console: Console, run: Run, lang: str) -> None:
    """Levels now and their forecasts, a column for each horizon, with the central 80 %."""
    horizons = list(dict.fromkeys(row["horizon"] for row in run.newest))
    cells = {(row["series"], row["horizon"]): row for row in run.newest}
    columns = [Column(said("column.series", lang)), Column(said("column.last_known", lang), figures=True)]
    columns += [Column(said("column.ahead", lang, h=h), figures=True) for h in horizons]
    rows = []
    for name in dict.fromkeys(series for series, _ in cells):
        mine = [cells.get((name, horizon)) for horizon in horizons]
        told = ["–" if row is None else _interval(row) for row in mine]
        rows.append([name, plain(next(row["last"] for row in mine if row is not None)), *told])
    table(console, said("title.newest", lang), columns, rows)


def _falls(console: Console, run: Run, lang: str) -> None:
    """Of every currency the probability of the fall, the likeliest first."""
    shares = ("probability", "implied", "climatology")
    names = [text(f"currency.newest.{key}", lang) for key in ("entity", "time", *shares, "alarm")]
    columns = [Column(name, figures=2 <= place < 5) for place, name in enumerate(names)]
    rows = [
        [
            row["entity"],
            str(row["time"]),
            *(percent(row[key]) for key in shares),
            text("currency.newest.yes", lang) if row["alarm"] else "–",
        ]
        for row in sorted(run.falls, key=lambda row: -row["probability"])
    ]
    table(console, text("currency.part.newest", lang), columns, rows)


def _separate(console: Console, found: Mapping[str, Any], lang: str) -> None:
    """The figures on a separate test file, with their intervals."""
    ahead = any(one["horizon"] for one in found["figures"])
    keys = ("metric", *(["horizon"] if ahead else []), "value", "interval", "n")
    columns = [Column(text(f"report.separate.{key}", lang), figures=key != "metric") for key in keys]
    rows = [
        [
            called("metric", one["metric"], lang),
            *([str(one["horizon"])] if ahead else []),
            _small(one["value"]),
            f"{_small(one['lower'])} … {_small(one['upper'])}",
            f"{one['n']:,}",
        ]
        for one in found["figures"]
    ]
    counts = {key: f"{found[key]:,}" for key in ("scored", "labelled")}
    table(console, said("title.separate", lang, source=found["source"], **counts), columns, rows)


def _small(value: float | None) -> str:
    """A figure with four decimals; small ones (errors of rates) with three digits that count."""
    return f"{value:.3g}" if value is not None and 0.0 < abs(value) < 0.01 else plain(value)


def _interval(row: Mapping[str, Any]) -> str:
    return f"{plain(row['forecast'])} ({plain(row['q_0.1'])} … {plain(row['q_0.9'])})"


def _coming(console: Console, run: Run, lang: str) -> None:
    levels = [key for key in run.coming[0] if key.startswith("q_")]
    columns = [Column(said("column.what", lang)), Column(said("column.period_from", lang))]
    columns += [Column(said("column.period", lang)), Column(said("column.mean", lang), figures=True)]
    columns += [Column(f"{100.0 * float(key[2:]):g} %", figures=True) for key in levels]
    rows = [
        [
            said(f"what.{row['what']}", lang),
            *(str(row[key]) for key in ("since", "until")),
            *(plain(row[key]) for key in ("mean", *levels)),
        ]
        for row in run.coming
    ]
    table(console, said("title.coming", lang), columns, rows)


def _next_day(console: Console, run: Run, lang: str) -> None:
    columns = [Column(said("column.asset", lang)), Column(said("column.volatility", lang), figures=True)]
    measures = ("VaR 97.5 %", "ES 97.5 %", "VaR 99 %", "ES 99 %")
    columns += [Column(name, figures=True) for name in measures]
    keys = ("volatility", "var_97.5", "es_97.5", "var_99", "es_99")
    rows = [[str(row["entity"]), *(percent(row[key]) for key in keys)] for row in run.next_day]
    table(console, said("title.next_day", lang), columns, rows)
