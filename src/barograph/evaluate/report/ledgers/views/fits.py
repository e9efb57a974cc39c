"""Counts and severities as they were fitted, weekly forecasts, calibration, seeds."""

from __future__ import annotations

from barograph import charts
from barograph.evaluate.report.blocks import Block, Chart, Grid, Paragraph, Table
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.ledgers.views.summary import money
from barograph.evaluate.report.ledgers.views.units import unit_of
from barograph.evaluate.report.study_content import PitBins
from barograph.evaluate.report.words import BLANK, Words, number, percent, probability


def counts(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Losses a year, and whether they vary more than Poisson ones."""
    years = Table(
        words("ledgers.counts.years"),
        tuple(str(year) for year in content.yearly),
        (tuple(str(count) for count in content.yearly.values()),),
        words=0,
    )
    rows = tuple(
        (words(f"ledgers.dispersion.{_key(test.name)}"), number(test.statistic, 2), probability(test.p_value))
        for test in content.dispersion
    )
    names = ("test", "statistic", "p_value")
    columns = tuple(words(f"report.columns.{name}") for name in names)
    mean, dispersion = content.count_fit
    values = {"mean": number(mean, 2), "dispersion": number(dispersion, 3)}
    values |= {"yearly": number(content.frequency.mean, 1), "spread": number(content.frequency.dispersion, 4)}
    return (
        Paragraph(words("ledgers.counts.fit", **values)),
        years,
        Table(words("ledgers.counts.caption"), columns, rows),
    )


def _key(test: str) -> str:
    return test.replace(" ", "_")


def severities(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Fitted severities, mean excess and Hill's estimate."""
    names = ("mean_log", "sd_log", "threshold", "tail_share", "shape", "scale")
    rows = []
    for model, fit in content.fits.items():
        tailed = fit.tail_share > 0.0
        tail = (
            money(fit.threshold, words), percent(fit.tail_share), number(fit.shape, 3),
            money(fit.scale, words),
        )  # fmt: skip
        own = tail if tailed else (BLANK,) * len(tail)
        rows.append((words.model(model), number(fit.mean_log, 3), number(fit.sd_log, 3), *own))
    columns = (
        words("report.columns.model"),
        *(words(f"ledgers.columns.{name}", unit=unit_of(content, words)) for name in names),
    )
    caption = words("ledgers.severities.caption", losses=content.all_losses)
    return (Table(caption, columns, tuple(rows)), Grid((_excess(content, words), _hill(content, words))))


def _excess(content: LedgerContent, words: Words) -> Chart:
    tail = content.tail
    width = 1.96 * tail.excess_error
    chart = charts.lines(
        tail.thresholds,
        {words("ledgers.severities.excess"): tail.excess},
        x_label=words("ledgers.severities.threshold", unit=unit_of(content, words)),
        y_label=words("ledgers.severities.excess"),
        band=(words("ledgers.severities.band"), tail.excess - width, tail.excess + width),
    )
    return Chart(chart, words("ledgers.severities.excess_caption", threshold=money(tail.threshold, words)))


def _hill(content: LedgerContent, words: Words) -> Chart:
    tail = content.tail
    width = 1.96 * tail.hill / tail.order**0.5
    chart = charts.lines(
        tail.order,
        {words("ledgers.severities.hill"): tail.hill},
        x_label=words("ledgers.severities.order"),
        y_label=words("ledgers.severities.hill"),
        band=(words("ledgers.severities.band"), tail.hill - width, tail.hill + width),
    )
    return Chart(chart, words("ledgers.severities.hill_caption"))


def series(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Weekly counts and their intervals."""
    band = content.bands
    chart = charts.bands(
        band.week,
        band.came,
        centre=band.median,
        intervals={
            words("levels.series.interval", share=percent(share, 0)): ends
            for share, ends in band.intervals.items()
        },
        lines={words.model(name): values for name, values in band.others.items()},
        came_name=words("levels.series.came"),
        centre_name=words("levels.series.median", model=words.model(band.model)),
        y_label=words("ledgers.series.y"),
        y_format="~g",
    )
    return (Chart(chart, words("ledgers.series.caption", model=words.model(band.model))),)


def calibration(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """PIT histograms of candidate and convention, counts and amounts."""
    blocks: list[Block] = [Paragraph(words("ledgers.calibration.intro"))]
    for part, found in content.pits.items():
        blocks.append(Grid(tuple(_pit(one, part, words) for one in found)))
    return tuple(blocks)


def _pit(one: PitBins, part: str, words: Words) -> Chart:
    chart = charts.pit_histogram(
        one.share,
        half_width=one.half_width,
        x_label=words("levels.calibration.x"),
        y_label=words("ledgers.calibration.y"),
        share_name=words("levels.calibration.share"),
        band_name=words("levels.calibration.band"),
    )
    return Chart(chart, words(f"ledgers.calibration.{part}", model=words.model(one.model), n=one.n_obs))


def seeds(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """The log score of counts of every seed of every network."""
    if not content.seed_spread:
        return ()
    rows = (s for s in content.scores if (s.model, s.metric) == ("linear", "count_log_score"))
    reference = next((row.value for row in rows if row.value is not None), 0.0)
    chart = charts.seed_spread(
        {words.model(one.network): one.seeds for one in content.seed_spread},
        ensembles={words.model(one.network): one.ensemble for one in content.seed_spread},
        reference=reference,
        seed_name=words("levels.seeds.seed"),
        ensemble_name=words("levels.seeds.ensemble"),
        reference_name=words.model("linear"),
        x_label=words("ledgers.seeds.x"),
    )
    return (Chart(chart, words("ledgers.seeds.caption")),)
