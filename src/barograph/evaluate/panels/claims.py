"""Claims of a panel study, held against what came out; then the overall answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray
from barograph.core.errors import unknown
from barograph.core.panel_study import PanelClaim, PanelStudy
from barograph.core.panel_table import PanelRecord
from barograph.core.results import ClaimResult, Standing, TestResult, Verdict
from barograph.core.texts import text
from barograph.evaluate.panels.cells import Cell, panel_cells, pooled_duel, pooled_ratio
from barograph.evaluate.panels.losses import blocks, headline_of
from barograph.evaluate.wording import label, p_text
from barograph.measures.comparison.multiple import holm

DM_OF_MOONSHOT = 2.0
"""A `ratio_tested` cell needs Clark-West below the claim's p-value, Diebold-Mariano below twice that."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class _Found:
    """What a claim's rule found."""

    held: bool
    standing: Standing
    difference: float  # mean ratio less one
    test: TestResult
    cells: int
    passed: int


def judge_panel(
    record: PanelRecord, study: PanelStudy, *, lang: str = "en"
) -> tuple[list[ClaimResult], Verdict]:
    """Each claim on each block of origins, then the verdict.

    The rules, about cells (series × horizon of `claim.horizons`):

    - `never_worse`: no cell is significantly worse than the opponent (Diebold-Mariano, Holm over the cells);
    - `better`: the mean ratio is below one at every horizon, and the panel Diebold-Mariano test says so at
      one of them at least;
    - `ratio`: the ratio is below `bound` in a `share` of the cells;
    - `mean_ratio`: the mean over series of the ratio is at most `bound` at every horizon;
    - `ratio_tested`: as `ratio`, with Clark-West below `p_value`, one-sided Diebold-Mariano below twice that.

    The verdict is about the candidate at the headline horizon against the study's opponent, by squared errors
    pooled over series: `worse` if a floor of the candidate does not hold (over all origins or the confirming
    ones) or the panel test says so; `better` if the panel test says so on the origins that decide (the
    confirming ones, or all where none chose the recipe); `indistinguishable` otherwise. The champion is the
    candidate, unless the standing is `worse`: then the baseline with the smallest CRPS; `deploy.champion`
    overrides.
    """
    parts = blocks(record, study)
    results = [
        _judged(record, study, claim, block, rows, lang)
        for claim in study.evaluate.claims
        for block, rows in parts.items()
    ]
    return results, _verdict(record, study, results, lang)


def _judged(
    record: PanelRecord, study: PanelStudy, claim: PanelClaim, block: str, rows: BoolArray, lang: str
) -> ClaimResult:
    model, opponent = (_named(record, name) for name in (claim.model, claim.opponent))
    common = (claim.key, claim.rung, model, opponent, claim.metric)
    wanted = [h for h in record.samples.horizons if not claim.horizons or h in claim.horizons]
    why = _unjudged(record, claim, (model, opponent), wanted, lang)
    if why:
        return ClaimResult(*common, None, "none", None, None, "indistinguishable", False, block, why)
    cells = panel_cells(record, study, model, opponent, rows=rows)
    found = _RULES[claim.kind](record, claim, [cell for cell in cells if cell.horizon in wanted], rows)
    detail = text(
        f"panels.detail.{claim.kind}",
        lang,
        model=label("model", model, lang),
        opponent=label("model", opponent, lang),
        metric=label("metric", claim.metric, lang),
        horizons=", ".join(map(str, wanted)),
        bound=f"{claim.bound:g}",
        share=f"{claim.share:.0%}",
        size=f"{claim.p_value:g}",
        cells=found.cells,
        passed=found.passed,
        ratio=f"{1.0 + found.difference:.3f}",
        p=p_text(found.test.p_value, lang),
    )
    return ClaimResult(
        *common,
        _finite(found.difference),
        found.test.name,
        _finite(found.test.statistic),
        _finite(found.test.p_value),
        found.standing,
        found.held,
        block,
        detail,
    )


def _unjudged(
    record: PanelRecord, claim: PanelClaim, models: Sequence[str], wanted: Sequence[int], lang: str
) -> str:
    """Why a claim cannot be judged on this run; empty where it can."""
    missing = [name for name in models if name not in record.forecasts]
    if missing:
        return text("panels.unjudged", lang, name=missing[0])
    if not wanted:
        return text("panels.unjudged_horizon", lang, horizons=", ".join(map(str, claim.horizons)))
    return ""


def _named(record: PanelRecord, name: str) -> str:
    """`network` stands for the first network of the study."""
    return record.networks[0] if name == "network" and record.networks else name


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _ratios(claim: PanelClaim, cells: Sequence[Cell]) -> list[float]:
    return [cell.ratio if claim.metric == "squared_error" else cell.crps_ratio for cell in cells]


def _mean_less_one(claim: PanelClaim, cells: Sequence[Cell]) -> float:
    known = [ratio for ratio in _ratios(claim, cells) if math.isfinite(ratio)]
    return float(np.mean(known)) - 1.0 if known else float("nan")


def _never_worse(record: PanelRecord, claim: PanelClaim, cells: Sequence[Cell], rows: BoolArray) -> _Found:
    tests = [cell.squared if claim.metric == "squared_error" else cell.crps for cell in cells]
    adjusted = holm(np.array([test.p_value for test in tests]))
    worse = [p < claim.p_value and test.statistic > 0.0 for p, test in zip(adjusted, tests, strict=True)]
    same = [math.isnan(test.p_value) and "never differ" not in test.note for test in tests]
    judged = len(tests) - sum(same)
    worst = max(tests, key=lambda test: test.statistic if math.isfinite(test.statistic) else -math.inf)
    shown = TestResult("diebold_mariano_holm", worst.statistic, _smallest(adjusted, worse), judged)
    held = judged > 0 and not any(worse)
    return _Found(
        held,
        "worse" if any(worse) else "indistinguishable",
        _mean_less_one(claim, cells),
        shown,
        judged,
        judged - sum(worse),
    )


def _smallest(adjusted: np.ndarray[tuple[int], np.dtype[np.float64]], worse: Sequence[bool]) -> float:
    """The p-value that decides: the smallest of a worse cell, or none."""
    bad = [float(p) for p, is_worse in zip(adjusted, worse, strict=True) if is_worse]
    return min(bad) if bad else float("nan")


def _better(record: PanelRecord, claim: PanelClaim, cells: Sequence[Cell], rows: BoolArray) -> _Found:
    model, opponent = (_named(record, name) for name in (claim.model, claim.opponent))
    duels = [
        pooled_duel(record, model, opponent, claim.metric, place, rows=rows, size=claim.p_value)
        for place, horizon in enumerate(record.samples.horizons)
        if any(cell.horizon == horizon for cell in cells)
    ]
    below = [duel.difference < 0.0 for duel in duels]
    held = bool(duels) and all(below) and any(duel.standing == "better" for duel in duels)
    shown = min((duel.test for duel in duels), key=lambda test: test.statistic) if duels else _COUNTED
    standing: Standing = "better" if held else "indistinguishable"
    return _Found(held, standing, _mean_less_one(claim, cells), shown, len(duels), sum(below))


_COUNTED = TestResult("cells", float("nan"), float("nan"), 0)


def _ratio(record: PanelRecord, claim: PanelClaim, cells: Sequence[Cell], rows: BoolArray) -> _Found:
    """A forecast that equals its opponent's is no gain: a ratio of exactly one does not count."""
    passed = sum(ratio < claim.bound - ROUNDING for ratio in _ratios(claim, cells))
    held = bool(cells) and passed >= claim.share * len(cells) - ROUNDING
    return _Found(held, _read(held), _mean_less_one(claim, cells), _COUNTED, len(cells), passed)


def _mean_ratio(record: PanelRecord, claim: PanelClaim, cells: Sequence[Cell], rows: BoolArray) -> _Found:
    horizons = list(dict.fromkeys(cell.horizon for cell in cells))
    means = [1.0 + _mean_less_one(claim, [c for c in cells if c.horizon == h]) for h in horizons]
    passed = sum(mean <= claim.bound + ROUNDING for mean in means)
    held = bool(means) and passed == len(means)
    return _Found(held, _read(held), _mean_less_one(claim, cells), _COUNTED, len(means), passed)


def _ratio_tested(record: PanelRecord, claim: PanelClaim, cells: Sequence[Cell], rows: BoolArray) -> _Found:
    passed = 0
    for cell, ratio in zip(cells, _ratios(claim, cells), strict=True):
        test = cell.squared if claim.metric == "squared_error" else cell.crps
        one_sided = test.p_value / 2.0 if test.statistic < 0.0 else 1.0
        nested = cell.nested.p_value < claim.p_value
        passed += ratio <= claim.bound + ROUNDING and nested and one_sided < DM_OF_MOONSHOT * claim.p_value
    held = bool(cells) and passed >= claim.share * len(cells) - ROUNDING
    return _Found(held, _read(held), _mean_less_one(claim, cells), _COUNTED, len(cells), passed)


def _read(held: bool) -> Standing:
    return "better" if held else "indistinguishable"


_RULES = {
    "never_worse": _never_worse,
    "better": _better,
    "ratio": _ratio,
    "mean_ratio": _mean_ratio,
    "ratio_tested": _ratio_tested,
}


def _verdict(record: PanelRecord, study: PanelStudy, results: list[ClaimResult], lang: str) -> Verdict:
    candidate, chosen, opponent = study.deploy.candidate, study.deploy.champion, study.evaluate.opponent
    _check_names(record, study)
    horizon = headline_of(record, study)
    place = record.samples.horizons.index(horizon)
    parts = blocks(record, study)
    decides = parts.get("confirmation", parts["all"])
    broken = _broken(study, results)
    whole = pooled_duel(record, candidate, opponent, "squared_error", place)
    shown = pooled_duel(record, candidate, opponent, "squared_error", place, rows=decides)
    standing: Standing = shown.standing
    if broken or "worse" in (whole.standing, shown.standing):
        standing = "worse"
    best = best_baseline(record)
    champion = chosen if chosen != "auto" else best if standing == "worse" else candidate
    ratio = pooled_ratio(record, candidate, opponent, "squared_error", place, rows=decides)
    values = {
        "candidate": label("model", candidate, lang),
        "opponent": label("model", opponent, lang),
        "champion": label("model", champion, lang),
        "claims": ", ".join(broken),
        "ratio": f"{ratio:.3f}",
        "p": p_text(shown.test.p_value, lang),
        "origins": int(decides.sum()),
        "horizon": horizon,
    }
    sentences = [text(f"panels.sentence.{'no_floor' if broken else standing}", lang, **values)]
    if chosen != "auto":
        sentences.append(text("panels.sentence.chosen", lang, champion=values["champion"]))
    return Verdict(standing, champion, (" " if lang == "en" else "").join(sentences))


def _check_names(record: PanelRecord, study: PanelStudy) -> None:
    for key, name, known in (
        ("deploy.candidate", study.deploy.candidate, record.candidates),
        ("deploy.champion", study.deploy.champion, ("auto", *record.candidates)),
        ("evaluate.opponent", study.evaluate.opponent, record.baselines),
    ):
        if name not in known:
            raise unknown(key, name, known)


def _broken(study: PanelStudy, results: list[ClaimResult]) -> tuple[str, ...]:
    """Keys of the candidate's floors that do not hold on all origins or on the confirming ones."""
    floors = {claim.key for claim in study.evaluate.claims if claim.rung == "floor"}
    counted = (r for r in results if r.claim in floors and r.block != "development" and r.test != "none")
    return tuple(dict.fromkeys(r.claim for r in counted if r.model == study.deploy.candidate and not r.held))


def best_baseline(record: PanelRecord) -> str:
    """The baseline with the smallest CRPS relative to the random walk's, mean over series and horizons."""

    def rank(name: str) -> float:
        ratios = [
            pooled_ratio(record, name, "random_walk", "crps", place)
            for place in range(len(record.samples.horizons))
        ]
        mean = float(np.mean(ratios))
        return mean if math.isfinite(mean) else math.inf

    return min(record.baselines, key=rank)
