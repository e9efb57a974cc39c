"""The regulators' back-tests: shares passed per model and test, then every test of every entity."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.core.results import BackTest
from barograph.evaluate.backtests import WHOLE
from barograph.evaluate.report.blocks import Block, Cell, Chart, Fold, Paragraph, Table
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.views.findings import MAIN_TESTS, passed_share
from barograph.evaluate.report.words import BLANK, Words, level, percent, probability

_ENOUGH = 0.8

Rows = tuple[tuple[str | Cell, ...], ...]


def back_tests(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Main tests of the lower tail in sight; upper tail, further tests, single entities behind a line."""
    if not content.back_tests:
        return (Paragraph(words("report.back_tests.absent"), "note"),)
    tail = [test for test in content.back_tests if test.alpha != WHOLE]
    main = [test for test in tail if test.test.name in MAIN_TESTS]
    lower = [test for test in main if test.side == "lower"]
    further = [test for test in tail if test.test.name not in MAIN_TESTS and test.side == "lower"]
    folds = (
        ("upper_title", [test for test in main if test.side == "upper"], "upper"),
        ("further_title", further, "lower"),
        ("whole_title", [test for test in content.back_tests if test.alpha == WHOLE], "whole"),
    )
    return (
        Paragraph(words("report.back_tests.intro")),
        *(_in_sight(lower, content, words) if lower else ()),
        *(
            Fold(words(f"report.back_tests.{title}"), (_shares(tests, where, content, words),))
            for title, tests, where in folds
            if tests
        ),
        *_single(content, words),
    )


def _in_sight(tests: list[BackTest], content: ReportContent, words: Words) -> tuple[Block, ...]:
    models, kinds = _models(tests, content), _kinds(tests)
    share = np.array([[_share(_count(tests, model, kind)) for kind in kinds] for model in models])
    figure = charts.passed_shares(
        [words.model(model) for model in models],
        [_kind_name(kind, words) for kind in kinds],
        share=share,
        enough=_ENOUGH,
        blank=BLANK,
    )
    caption = words(
        "report.back_tests.chart_caption", side=words("report.back_tests.lower"), enough=percent(_ENOUGH, 0)
    )
    return (Chart(figure, caption), _shares(tests, "lower", content, words))


def _models(tests: list[BackTest], content: ReportContent) -> list[str]:
    tested = {test.model for test in tests}
    return [model for model in content.roles if model in tested]


def _kinds(tests: list[BackTest]) -> list[tuple[float, str]]:
    """Tail probabilities and test names: by level, then as they come."""
    return sorted(dict.fromkeys((test.alpha, test.test.name) for test in tests), key=lambda kind: kind[0])


def _kind_name(kind: tuple[float, str], words: Words) -> str:
    alpha, name = kind
    return words.test(name) if alpha == WHOLE else f"{words.test(name)}\n{level(alpha)}"


def _count(tests: list[BackTest], model: str, kind: tuple[float, str]) -> tuple[int, int]:
    return passed_share(t for t in tests if t.model == model and (t.alpha, t.test.name) == kind)


def _shares(tests: list[BackTest], where: str, content: ReportContent, words: Words) -> Table:
    kinds = _kinds(tests)
    columns = (words("report.columns.model"), *(_kind_name(kind, words) for kind in kinds))
    rows: Rows = tuple(
        (words.model(model), *(_share_cell(_count(tests, model, kind), words) for kind in kinds))
        for model in _models(tests, content)
    )
    return Table(words("report.back_tests.caption", side=words(f"report.back_tests.{where}")), columns, rows)


def _share(count: tuple[int, int]) -> float:
    passed, judged = count
    return passed / judged if judged else float("nan")


def _share_cell(count: tuple[int, int], words: Words) -> Cell:
    passed, judged = count
    if not judged:
        return Cell(BLANK, reason=words("report.back_tests.not_testable"))
    return Cell(percent(passed / judged, 0), small=f"{passed} / {judged}")


def _single(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Every test of every entity, for the champion, the candidate, the reference and the networks."""
    networks = (model for model, role in content.roles.items() if role == "network")
    chosen = dict.fromkeys((content.verdict.champion, content.candidate, content.reference, *networks))
    found = []
    for model in chosen:
        tests = [test for test in content.back_tests if test.model == model and test.alpha != WHOLE]
        if tests:
            title = words("report.back_tests.details", model=words.model(model))
            found.append(Fold(title, (_details(tests, words),)))
    return tuple(found)


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
    rows: Rows = tuple(
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
        return Cell(BLANK, reason=words.note(test.test.note) or words("report.back_tests.not_testable"))
    mark = words("report.back_tests.passed" if test.passed else "report.back_tests.rejected")
    known = probability(test.test.p_value)
    return Cell(
        mark, small=words.note(test.test.note) if known == BLANK else f"p {known}", strong=not test.passed
    )
