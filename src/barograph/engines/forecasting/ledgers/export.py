"""The files of a ledger bundle, from the refitted champion."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from barograph.collect.ledgers.snapshot import ledger_table
from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.ledger_study import LedgerSection, LedgerStudy
from barograph.core.ledger_table import PARTS, AnnualLosses, CountForecast, Part
from barograph.deploy.bundle import packed
from barograph.deploy.manifest import LedgerCombine
from barograph.engines.forecasting.ledgers import parts as names
from barograph.engines.forecasting.ledgers.annual import year_values
from barograph.engines.forecasting.ledgers.conventional import COUNT_START, SEVERITY_START
from barograph.engines.forecasting.ledgers.deep import reference_rows
from barograph.engines.forecasting.ledgers.fit import LedgerRun
from barograph.engines.forecasting.ledgers.serving import counts_from, severity_over
from barograph.measures.losses.fitted import frequency_of
from barograph.measures.losses.severity import Severity
from barograph.models.ledger_heads import LEDGER_CATALOGUE
from barograph.prepare.ledgers import coming
from barograph.train.export import export_onnx

PROFILE_LEVELS = tuple(i / 10 for i in range(11))


@dataclass(frozen=True, slots=True, eq=False)
class LedgerExport:
    """A champion ready to be written."""

    combine: LedgerCombine
    files: dict[str, bytes]
    request: LedgerSection


def export_ledger(
    run: LedgerRun, study: LedgerStudy, pair: tuple[str, str], annual: Sequence[AnnualLosses]
) -> LedgerExport:
    """Turn the refitted champion, a pair of models, into the files of a bundle.

    Raises
    ------
    BundleError
        Where a graph does not reproduce its network.
    """
    chosen = dict(zip(PARTS, pair, strict=True))
    deep: dict[Part, str] = {part: name for part, name in chosen.items() if name in run.networks}
    combine = LedgerCombine(counts=pair[0], severities=pair[1], networks=dict(deep), head=study.model.head)
    files = {
        names.FITTED: names.as_json(_fitted(run, pair)),
        names.SCALERS: names.as_json(_scalers(run, deep)),
        names.LEDGER: _parquet(run),
        names.ANNUAL: names.as_json([asdict(one) for one in annual]),
        names.PROFILE: names.as_json(_profile(run)),
        names.PARITY: packed(_expected(run, study, pair, deep)),
    }
    for part, name in deep.items():
        stack = run.networks[name].refit[part]
        graph = export_onnx(stack, range(stack.shape.n_members), catalogue=LEDGER_CATALOGUE)
        files[names.graph_name(name, part)] = graph.content
        files[names.weights_name(name, part)] = stack.to_bytes()
    return LedgerExport(combine, files, request_of(study.collect, run))


def _fitted(run: LedgerRun, pair: tuple[str, str]) -> dict[str, Any]:
    """The conventional fits behind a pair, as plain data."""
    return {
        "counts": _counts(run, pair[0]).to_plain(),
        "severities": _severities(run, pair[1]).to_plain(),
        "frequency": run.frequency.to_plain(),
    }


def _scalers(run: LedgerRun, deep: dict[Part, str]) -> dict[str, Any]:
    """Standardisation of each part that a network answers for."""
    found = {part: run.networks[name].scaling[part] for part, name in deep.items()}
    return {
        part: {"features": one.features.to_plain(), "channels": one.channels.to_plain()}
        for part, one in found.items()
    }


def newest_of(run: LedgerRun, study: LedgerStudy, pair: tuple[str, str]) -> tuple[CountForecast, Severity]:
    """The refitted champion's counts of coming weeks, and its severity over the coming year."""
    ahead, _ = coming(run.record.samples.ledger, study.prepare)
    counts = counts_from(
        _counts(run, pair[0]),
        ahead.calendar,
        _coming(run, pair[0], "counts"),
        poisson=study.model.head == "poisson",
    )
    return counts, severity_over(_severities(run, pair[1]), _coming(run, pair[1], "severities"))


def request_of(section: LedgerSection, run: LedgerRun) -> LedgerSection:
    """How a serving request is read: like the user's own table, or as `day` and `amount`."""
    ledger = run.record.samples.ledger
    if section.target and section.time:
        return section.model_copy(update={"since": None, "until": None})
    return LedgerSection(
        source="request", target="amount", time="day", threshold=ledger.threshold, unit=ledger.unit
    )


def _counts(run: LedgerRun, name: str) -> Any:
    return run.fits[-1].counts[COUNT_START if name in run.networks else name]


def _severities(run: LedgerRun, name: str) -> Any:
    return run.fits[-1].severities[SEVERITY_START if name in run.networks else name]


def _coming(run: LedgerRun, name: str, part: Part) -> FloatArray | None:
    """Raw outputs at the rows to come, which stand after the reference rows."""
    if name not in run.networks:
        return None
    return run.networks[name].raw[part][-1][:, reference_rows(run.record.samples.part(part)).size :]


def _expected(
    run: LedgerRun, study: LedgerStudy, pair: tuple[str, str], deep: dict[Part, str]
) -> dict[str, AnyArray]:
    """The newest figures as the fit side has them, and torch's own outputs at reference rows."""
    counts, severity = newest_of(run, study, pair)
    year = year_values(frequency_of(run.frequency), severity, study.deploy.levels)
    stored: dict[str, AnyArray] = {"mean": counts.mean, "dispersion": counts.dispersion, "year": year}
    for part, name in deep.items():
        rows = reference_rows(run.record.samples.part(part))
        stored[f"rows_{part}"] = rows
        stored[f"raw_{part}"] = run.networks[name].raw[part][-1][:, : rows.size]
    return stored


def _parquet(run: LedgerRun) -> bytes:
    stream = io.BytesIO()
    ledger_table(run.record.samples.ledger).write_parquet(stream, compression="zstd")
    return stream.getvalue()


def _profile(run: LedgerRun) -> dict[str, Any]:
    """Quantiles of the inputs over the refit's training rows, against which drift is measured."""
    table: dict[str, Any] = {"levels": list(PROFILE_LEVELS)}
    for name in PARTS:
        part, rows = run.record.samples.part(name), run.folds[-1].parts[name].training
        table[name] = {}
        for column, values in zip(part.names, part.inputs[rows].T, strict=True):
            known = values[np.isfinite(values)]
            table[name][column] = np.quantile(known, PROFILE_LEVELS).tolist() if known.size else []
    return table
