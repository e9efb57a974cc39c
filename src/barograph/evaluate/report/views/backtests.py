"""The regulators' back-tests: shares passed per model and test, then every test of every entity."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.core.results import BackTest
from barograph.evaluate.report.blocks import Block, Cell, Chart, Fold, Paragraph, Table
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.views.findings import passed_share
from barograph.evaluate.report.words import BLANK, Words, level, percent, probability

_ENOUGH = 0.8


def back_tests(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Shares passed as a chart and a table, and the single tests behind a line for each model."""
    if not content.back_tests:
        return (Paragraph(words("report.back_tests.absent"), "note"),)
    models = tuple(m for m in content.roles if any(t.model == m for t in content.back_tests))
    blocks: list[Block] = [Paragraph(words("report.back_tests.intro"))]
    for side in ("lower", "upper"):
        tests = [test for test in content.back_tests if test.side == side]
        if tests:
            blocks.extend(_shares(tests, models, side, words))
    for model in models:
        tests = [test for test in content.back_tests if test.model == model]
        title = words("report.back_tests.details", model=words.model(model))
        blocks.append(Fold(title, (_details(tests, words),)))
    return tuple(blocks)


def _kinds(tests: list[BackTest]) -> list[tuple[float, str]]:
    """Tail probabilities and test names, as they come."""
    return list(dict.fromkeys((test.alpha, test.test.name) for test in tests))


def _shares(tests: list[BackTest], models: tuple[str, ...], side: str, words: Words) -> list[Block]:
    kinds = sorted(_kinds(tests), key=lambda kind: kind[0])
    counts = {
        (model, kind): passed_share(t for t in tests if t.model == model and (t.alpha, t.test.name) == kind)
        for model in models
        for kind in kinds
    }
    names = [f"{words.test(name)}\n{level(alpha)}" for alpha, name in kinds]
    columns = (words("report.columns.model"), *names)
    rows: tuple[tuple[str | Cell, ...], ...] = tuple(
        (words.model(m), *(_share_cell(counts[m, kind], words) for kind in kinds)) for m in models
    )
    where = words(f"report.back_tests.{side}")
    table = Table(words("report.back_tests.caption", side=where), columns, rows)
    if side == "upper":
        return [Fold(words("report.back_tests.upper_title"), (table,))]
    share = np.array([[_share(counts[model, kind]) for kind in kinds] for model in models])
    figure = charts.passed_shares(
        [words.model(model) for model in models],
        names,
        share=share,
        enough=_ENOUGH,
        blank=BLANK,
    )
    caption = words("report.back_tests.chart_caption", side=where, enough=percent(_ENOUGH, 0))
    return [Chart(figure, caption), table]


def _share(count: tuple[int, int]) -> float:
    passed, judged = count
    return passed / judged if judged else float("nan")


def _share_cell(count: tuple[int, int], words: Words) -> Cell:
    passed, judged = count
    if not judged:
        return Cell(BLANK, reason=words("report.back_tests.not_testable"))
    return Cell(percent(passed / judged, 0), small=f"{passed} / {judged}")


def _details(tests: list[BackTest], words: Words) -> Table:
    names = list(dict.fromkeys(test.test.name for test in tests))
    groups: dict[tuple[str, str, float], dict[str, BackTest]] = {}
    for test in tests:
        groups.setdefault((test.entity, test.side, test.alpha), {})[test.test.name] = test
    columns = (
        words("report.columns.entity"),
        words("report.columns.tail"),
        words("report.columns.days"),
        words("report.columns.exceptions"),
        *(words.test(name) for name in names),
    )
    rows: tuple[tuple[str | Cell, ...], ...] = tuple(
        (
            entity,
            f"{words(f'report.back_tests.{side}')} {level(alpha)}",
            str(next(iter(found.values())).test.n_obs),
            str(next(iter(found.values())).exceptions),
            *(_test_cell(found.get(name), words) for name in names),
        )
        for (entity, side, alpha), found in groups.items()
    )
    return Table(words("report.back_tests.details_caption"), columns, rows, words=2)


def _test_cell(test: BackTest | None, words: Words) -> Cell:
    if test is None:
        return Cell(BLANK, reason=words("report.back_tests.not_run"))
    if test.passed is None:
        return Cell(BLANK, reason=test.test.note or words("report.back_tests.not_testable"))
    mark = words("report.back_tests.passed" if test.passed else "report.back_tests.rejected")
    known = probability(test.test.p_value)
    small = test.test.note if known == BLANK else f"p {known}"
    return Cell(mark, small=small, strong=not test.passed)
