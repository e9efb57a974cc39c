"""From the record of a run to the content of its report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from barograph.core.errors import LeakError, unknown
from barograph.core.forecast import OutOfSample
from barograph.core.records import Provenance
from barograph.core.results import BackTest, ClaimResult, Comparison, Score, Verdict
from barograph.core.study import Study
from barograph.evaluate.report import diagnostics
from barograph.evaluate.report.content import (
    AssetSeries,
    LossPath,
    PitHistogram,
    ReliabilityCurve,
    ReportContent,
    RunFacts,
)
from barograph.evaluate.report.single_days import single_days
from barograph.evaluate.report.study_content import Role, SeedSpread

_CHART_ALPHA = 0.01
_USUAL_REFERENCES = ("gjr_garch_t", "garch_t")
_TAIL_ONLY = ("filtered_historical",)  # its variance is that of another baseline


class _Scored(TypedDict):
    """The fields of `ReportContent` that say what was scored."""

    entities: tuple[str, ...]
    development: tuple[str, ...]
    folds: int
    since: str
    until: str
    origins: int
    near: int


class _Diagnosed(TypedDict):
    """The fields of `ReportContent` that are computed from the forecasts."""

    series: tuple[AssetSeries, ...]
    pit: tuple[PitHistogram, ...]
    reliability: tuple[ReliabilityCurve, ...]
    seed_spread: tuple[SeedSpread, ...]
    reference_qlike: float
    loss_paths: tuple[LossPath, ...]


def content_from(
    out: OutOfSample,
    study: Study,
    *,
    scores: Sequence[Score],
    comparisons: Sequence[Comparison],
    back_tests: Sequence[BackTest],
    claims: Sequence[ClaimResult],
    verdict: Verdict,
    provenance: Provenance,
    facts: RunFacts,
    every: OutOfSample | None = None,
) -> ReportContent:
    """Collect what a report prints.

    Parameters
    ----------
    out : OutOfSample
        The rows that are judged and every candidate's forecasts; histograms and seed spreads come from it.
    study : Study
        The settings, printed in full.
    scores, comparisons, back_tests, claims, verdict
        What evaluation found, already computed.
    provenance : Provenance
        Where the data came from.
    facts : RunFacts
        What only the run knows: seconds, memory, versions, training, next-day figures.
    every : OutOfSample, optional
        The same run with held rates in it (see `evaluate.apart`): what charts of series and single days show.
    """
    roles = roles_of(out)
    candidate = study.deploy.candidate
    for model in (candidate, verdict.champion):
        if model not in roles:
            raise unknown("a model of the report", model, roles)
    reference, shown = reference_of(out), every or out
    opponents = [model for model in out.baselines if model not in _TAIL_ONLY]
    return ReportContent(
        name=study.name,
        question=study.question,
        settings=study.model_dump(mode="json"),
        verdict=verdict,
        claims=tuple(claims),
        scores=tuple(scores),
        comparisons=tuple(comparisons),
        back_tests=tuple(back_tests),
        provenance=provenance,
        roles=roles,
        candidate=candidate,
        reference=reference,
        **_scored(out, study.evaluate.development),
        **_diagnosed(out, shown, candidate, reference, verdict.champion),
        single_days=single_days(
            shown, out, study, opponents=[*out.controls, *opponents], reference=reference
        ),
        facts=facts,
    )


def _scored(out: OutOfSample, development: Sequence[str]) -> _Scored:
    """Which series were scored, from when to when, over how many folds."""
    present = [out.samples.entities[number] for number in np.unique(out.samples.entity[out.rows])]
    days = out.samples.time[out.rows]
    return _Scored(
        entities=tuple(present),
        development=tuple(name for name in present if name in development),
        folds=int(np.unique(out.fold).size),
        since=str(days.min()),
        until=str(days.max()),
        origins=int(out.rows.size),
        near=min(out.samples.horizons),
    )


def _diagnosed(
    out: OutOfSample, shown_of: OutOfSample, candidate: str, reference: str, champion: str
) -> _Diagnosed:
    """What the charts show: every candidate's calibration, single seeds, and losses through time."""
    shown = tuple(dict.fromkeys((candidate, reference, champion)))
    limits = tuple(dict.fromkeys((champion, candidate, reference)))
    judged = tuple(dict.fromkeys((*shown, *out.networks, *out.controls)))
    opponents = dict.fromkeys((reference, *out.controls))
    near = 1 in out.samples.horizons
    return _Diagnosed(
        series=diagnostics.asset_series(shown_of, volatility_of=shown, limits_of=limits, alpha=_CHART_ALPHA),
        pit=tuple(diagnostics.pit_histogram(out, model) for model in judged),
        reliability=tuple(diagnostics.reliability(out, model) for model in shown) if near else (),
        seed_spread=tuple(diagnostics.seed_spread(out, network) for network in out.members),
        reference_qlike=diagnostics.entity_mean(out, diagnostics.near_qlike(out, reference)),
        loss_paths=tuple(
            diagnostics.loss_path(out, candidate, opponent) for opponent in opponents if opponent != candidate
        ),
    )


def roles_of(out: OutOfSample) -> dict[str, Role]:
    """Every model scored and its part, in the order the tables list them."""
    parts: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("combination", out.combinations),
        ("network", out.networks),
        ("control", out.controls),
        ("baseline", out.baselines),
    )
    roles = {model: role for role, models in parts for model in models if model in out.distributions}
    if set(roles) != set(out.distributions):
        raise LeakError(f"models without a role: {sorted(set(out.distributions) - set(roles))}")
    return roles


def reference_of(out: OutOfSample) -> str:
    """The baseline that differences are taken to: GJR-GARCH-t, else GARCH-t, else the first one."""
    if not out.baselines:
        raise unknown("the reference of a report", "none", _USUAL_REFERENCES)
    usual = [model for model in _USUAL_REFERENCES if model in out.baselines]
    return (usual or list(out.baselines))[0]
