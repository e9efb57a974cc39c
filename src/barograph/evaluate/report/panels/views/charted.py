"""Ratios by series and horizon as cells, the newest curve as fans, spread over seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph import charts
from barograph.evaluate.panels.cells import Cell
from barograph.evaluate.report.blocks import Block, Chart, Choice, Heading, Paragraph, Table
from barograph.evaluate.report.panels.content import GroupFans, PanelContent
from barograph.evaluate.report.panels.words import BASIS_POINT, horizon_words
from barograph.evaluate.report.words import BLANK, Words, number

SIZE = 0.05


def cells(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Ratios of errors and of CRPS, a panel for each model."""
    order = [name for name in content.roles if name in content.cells]
    panels = tuple((words.model(name), _model(name, content, words)) for name in order)
    if not panels:
        return ()
    return (
        Paragraph(words(f"panels.cells.intro.{content.decides}", opponent=words.model(content.reference))),
        Choice(words("panels.cells.choose"), words("panels.cells.all"), panels),
        *_intervals(content, words),
    )


def _intervals(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """The candidate's ratios with their bootstrap intervals."""
    found = {(cell.entity, cell.horizon): cell for cell in content.cells.get(content.candidate, ())}
    if not found:
        return ()
    rows = tuple(
        (one.name, *(_ends(found.get((one.name, h))) for h in content.horizons)) for one in content.series
    )
    columns = (
        words("panels.columns.series"),
        *(horizon_words(h, content, words) for h in content.horizons),
    )
    names = {"model": words.model(content.candidate), "opponent": words.model(content.reference)}
    return (Table(words("panels.cells.intervals", **names), columns, rows),)


def _ends(cell: Cell | None) -> str:
    if cell is None:
        return BLANK
    return f"{number(cell.ratio, 3)} ({number(cell.lower, 3)} … {number(cell.upper, 3)})"


def _model(name: str, content: PanelContent, words: Words) -> tuple[Block, ...]:
    blocks: list[Block] = [
        Heading(words("panels.cells.errors", opponent=words.model(content.reference))),
        _heat(content.cells[name], content, words, crps=False, opponent=content.reference),
    ]
    if content.dense.get(name):
        blocks += [
            Heading(words("panels.cells.densities", opponent=words.model(content.dense_opponent))),
            _heat(content.dense[name], content, words, crps=True, opponent=content.dense_opponent),
        ]
    return tuple(blocks)


def _heat(found: Sequence[Cell], content: PanelContent, words: Words, *, crps: bool, opponent: str) -> Chart:
    names = [one.name for one in content.series]
    values = np.full((len(names), len(content.horizons)), np.nan)
    notes = [[""] * len(content.horizons) for _ in names]
    for cell in found:
        row, column = names.index(cell.entity), content.horizons.index(cell.horizon)
        values[row, column] = cell.crps_ratio if crps else cell.ratio
        notes[row][column] = _sign(cell, crps=crps)
    chart = charts.ratio_heat(
        names, [horizon_words(h, content, words) for h in content.horizons], values=values, notes=notes
    )
    key = "crps" if crps else "errors"
    return Chart(chart, words(f"panels.cells.caption.{key}", opponent=words.model(opponent)))


def _sign(cell: Cell, *, crps: bool) -> str:
    """A star where Diebold-Mariano finds a difference, a dagger where only Clark-West does."""
    test = cell.crps if crps else cell.squared
    if test.p_value < SIZE:
        return " *"
    return " †" if not crps and cell.nested.p_value < SIZE else ""


def fans(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """The curve now and its forecast, a small multiple for each horizon."""
    blocks: list[Block] = []
    for one in content.fans:
        if len(content.fans) > 1:
            blocks.append(Heading(one.group))
        blocks.append(_fan(one, content, words))
    return tuple(blocks)


def _fan(one: GroupFans, content: PanelContent, words: Words) -> Chart:
    chart = charts.curve_fans(
        one.series,
        {
            horizon_words(fan.horizon, content, words): charts.Fan(fan.centre, fan.intervals)
            for fan in one.fans
        },
        now=one.now,
        interval_names=(words("panels.fans.interval", share=95), words("panels.fans.interval", share=80)),
        now_name=words("panels.fans.now"),
        centre_name=words("panels.fans.centre"),
        came_name=words("panels.fans.came"),
        y_label=words("panels.fans.y" if content.rates else "panels.fans.level"),
        y_format=".1%" if content.rates else "~g",
        columns=2 if len(one.fans) == 4 else min(3, len(one.fans)),
    )
    champion = words.model(content.verdict.champion)
    return Chart(chart, words("panels.fans.caption", model=champion, origin=content.newest_origin))


def seeds(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """The error of every seed of every network at the headline horizon."""
    if not content.seed_spread:
        return ()
    unit = BASIS_POINT if content.rates else 1.0
    wanted = (content.reference, "rmse", content.headline, "")
    reference = next(
        (s.value for s in content.scores if (s.model, s.metric, s.horizon, s.entity) == wanted), None
    )
    chart = charts.seed_spread(
        {words.model(one.network): unit * one.seeds for one in content.seed_spread},
        ensembles={words.model(one.network): unit * one.ensemble for one in content.seed_spread},
        reference=unit * (reference or 0.0),
        seed_name=words("panels.seeds.seed"),
        ensemble_name=words("panels.seeds.ensemble"),
        reference_name=words.model(content.reference),
        x_label=words("panels.seeds.x" if content.rates else "panels.seeds.x_level"),
    )
    horizon = horizon_words(content.headline, content, words)
    return (Chart(chart, words("panels.seeds.caption", horizon=horizon)),)
