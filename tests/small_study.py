"""A small simulated market and a study of it that runs in seconds: what the tests of whole runs share."""

from __future__ import annotations

import atexit
import dataclasses
import datetime
import functools
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from barograph.api.study import Run, Silent, run
from barograph.collect.frames import from_frame
from barograph.core.arrays import DateArray, FloatArray
from barograph.core.contracts import Memory
from barograph.core.forecast import ALPHAS, LEVELS
from barograph.core.records import PRICE_COLUMNS, Panel, Samples, Snapshot
from barograph.core.study import CollectSection, Study
from barograph.deploy.bundle import write_bundle
from barograph.deploy.manifest import Manifest
from barograph.engines.forecasting.export import export
from barograph.engines.forecasting.fit import WalkForward, walk_forward
from barograph.pipeline import settings
from barograph.pipeline.executors import InProcess
from barograph.prepare.samples import build

torch.set_num_threads(1)

ENTITIES = ("alpha", "beta", "index")
DAYS = 1600
FIRST_DAY = np.datetime64("2015-01-01")
INTRADAY = 12
"""Steps of a simulated day whose highest and lowest make its range."""

SMALL: dict[str, Any] = {
    "collect.source": "frame",
    "collect.entities": (),
    "collect.until": None,
    "model.networks": ("mlp", "rnn"),
    "model.settings": {"mlp": {"hidden": (16,)}, "rnn": {"hidden": 4}},
    "train.seeds": 2,
    "train.max_steps": 160,
    "train.check_every": 20,
    "train.patience": 50,
    "train.learning_rate": 0.02,
    "train.batch": 256,
    "train.refit_every": 230,
    "train.baseline_refit_every": 115,
    "train.validation_days": 200,
    "train.tail_days": 300,
    "train.workers": 1,
    "prepare.window": 10,
    "evaluate.test_since": "2018-09-03",
    "evaluate.development": ("alpha",),
    "evaluate.bootstrap": 100,
    "deploy.champion": "combination",  # whatever forty steps amount to, the bundle holds every kind of part
}
"""What makes the shipped recipe small."""


def small_study(**changes: Any) -> Study:
    """The shipped recipe on a small scale; changes as dotted keys with `__` for the dot."""
    dotted = {key.replace("__", "."): value for key, value in changes.items()}
    return settings.with_overrides(settings.load("market/volatility", budget="quick"), {**SMALL, **dotted})


def gjr_returns(calendar: DateArray, *, seed: int, plant: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Student-t returns and their true sigma, about one percent a day, under a GJR recursion.

    `plant` adds what neither GARCH nor a regression can see: tomorrow's log sigma is higher or lower by that
    much, according to whether exactly one of two things holds today: a fall, and a Tuesday or Thursday.
    """
    random = np.random.default_rng(seed)
    noise = random.standard_t(6, size=calendar.size) / np.sqrt(6 / 4)
    weekday = (calendar.astype(np.int64) + 3) % 7  # 0 is Monday
    odd = (weekday == 1) | (weekday == 3)
    variance, lift = 1e-4, 0.0
    returns, sigma = np.empty(calendar.size), np.empty(calendar.size)
    for day in range(calendar.size):
        sigma[day] = np.sqrt(variance) * np.exp(lift)
        returns[day] = sigma[day] * noise[day]
        plain = returns[day] * np.exp(-lift)
        variance = 2e-6 + (0.03 + 0.12 * (plain < 0)) * plain**2 + 0.89 * variance
        lift = plant if (returns[day] < 0) != odd[day] else -plant
    return returns, sigma


def calendar_of(number: int, days: int) -> DateArray:
    """Business days with a few holidays that other entities do not keep."""
    all_days = np.busday_offset(FIRST_DAY, np.arange(days + 40), roll="forward")
    keep = np.ones(all_days.size, dtype=bool)
    keep[np.random.default_rng(1000 + number).choice(all_days.size, size=15 + number, replace=False)] = False
    return all_days[keep][:days]


def prices_of(returns: FloatArray, sigma: FloatArray, *, ranges: bool, seed: int) -> dict[str, FloatArray]:
    """Closes that carry the returns; with `ranges` also an open, a high and a low that fit them."""
    close = 100.0 * np.exp(np.cumsum(returns))
    if not ranges:
        return {"close": close}
    random = np.random.default_rng(seed)
    before = np.concatenate([[100.0], close[:-1]])
    opening = before * np.exp(0.2 * sigma * random.normal(size=returns.size))
    steps = random.normal(size=(returns.size, INTRADAY)) * (sigma / np.sqrt(INTRADAY))[:, None]
    bridge = np.cumsum(steps, axis=1)
    share = np.arange(1, INTRADAY + 1) / INTRADAY
    whole = np.log(close / opening)
    path = np.log(opening)[:, None] + bridge - share * bridge[:, -1:] + share * whole[:, None]
    high = np.maximum(np.exp(path.max(axis=1)), np.maximum(opening, close))
    low = np.minimum(np.exp(path.min(axis=1)), np.minimum(opening, close))
    return {"open": opening, "high": high, "low": low, "close": close}


def market(
    days: int = DAYS, *, seed: int = 1, entities: tuple[str, ...] = ENTITIES, plant: float = 0.8
) -> pl.DataFrame:
    """The simulated market as a long table; the last entity carries open, high and low."""
    tables = []
    for number, name in enumerate(entities):
        calendar = calendar_of(number, days)
        returns, sigma = gjr_returns(calendar, seed=100 * seed + number, plant=plant)
        prices = prices_of(returns, sigma, ranges=name == entities[-1], seed=seed)
        table = pl.DataFrame({"time": calendar, **prices})
        tables.append(table.with_columns(entity=pl.lit(name)))
    return pl.concat(tables, how="diagonal").select("entity", "time", "open", "high", "low", "close")


def snapshot_of(table: pl.DataFrame) -> Snapshot:
    """The checked snapshot of a table, as `api.study.run` makes it of a frame."""
    return from_frame(table, CollectSection(source="frame"), today=datetime.date(2026, 11, 22))


def samples_of(table: pl.DataFrame, study: Study) -> Samples:
    """The samples of a table, with the preparation of a study."""
    return build(snapshot_of(table).panel, study.prepare)


class NoMemory:
    """A `core.contracts.Memory` that remembers nothing and runs everything here."""

    def run(
        self, name: str, work: Any, tasks: Any, *, keys: Any, pack: Any, unpack: Any, on_done: Any
    ) -> list[Any]:
        """See `core.contracts.Memory`; every outcome is packed and unpacked, as a resumed run would."""
        outcomes = []
        for outcome in InProcess().map(work, tasks):
            outcomes.append(unpack(*pack(outcome)))
            on_done()
        return outcomes


def walked(table: pl.DataFrame, study: Study, folder: Path) -> WalkForward:
    """The walk-forward run of a study on a table, without evaluation, report or bundle."""
    memory: Memory = NoMemory()
    return walk_forward(
        samples_of(table, study), study, memory=memory, progress=Silent(), checkpoints=folder, least_days=100
    )


def after(table: pl.DataFrame, last: np.datetime64, values: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """The table with columns replaced on every day later than `last`."""
    later = pl.col("time") > last.astype("datetime64[D]").item()
    return table.with_columns(
        pl.when(later & pl.col(name).is_not_null()).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def garbage_after(table: pl.DataFrame, last: np.datetime64, *, seed: int = 7) -> pl.DataFrame:
    """Every price later than a day replaced: one fall by half, then moves of some ten percent a day."""
    wild = 50.0 * np.exp(np.random.default_rng(seed).normal(0.0, 0.1, size=table.height))
    with_wild = table.with_columns(wild=pl.Series(wild))
    spread = {"open": 1.0, "close": 1.01, "high": 1.03, "low": 0.96}
    values = {name: pl.col("wild") * factor for name, factor in spread.items()}
    return after(with_wild, last, values).drop("wild")


def same(one: Any, other: Any) -> bool:
    """Whether two values of plain data, arrays or frozen records are equal, arrays bit for bit."""
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and one.tobytes() == other.tobytes()
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one)
        )
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def appended(panel: Panel, days: int, *, seed: int) -> pl.DataFrame:
    """`days` further days of every entity of a panel, on one calendar, with ranges where it has any."""
    tables = []
    first = panel.table["time"].max()
    calendar = np.busday_offset(np.datetime64(first) + 1, np.arange(days), roll="forward")
    for number, name in enumerate(panel.entities):
        last = panel.of(name).tail(1)
        returns, sigma = gjr_returns(calendar, seed=seed + number, plant=0.8)
        ranges = last["open"].item() is not None
        prices = prices_of(returns, sigma, ranges=ranges, seed=seed + number)
        scale = last["close"].item() / 100.0
        table = pl.DataFrame({"time": calendar, **{key: scale * value for key, value in prices.items()}})
        tables.append(table.with_columns(entity=pl.lit(name)))
    return pl.concat(tables, how="diagonal")


@functools.cache
def finished() -> Run:
    """A finished run of the small study, made once per process; its folder goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-small-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return run(small_study(), data=market(), out=folder / "run")


def bundled(walk: WalkForward, study: Study, champion: str, table: pl.DataFrame, folder: Path) -> Path:
    """The bundle of any candidate of a walk-forward run."""
    snapshot = snapshot_of(table)
    exported = export(walk, study, champion, snapshot.panel)
    manifest = Manifest(
        study=study.name,
        question=study.question,
        engine=study.engine,
        champion=champion,
        combine=exported.combine,
        created="2026-11-22T00:00:00+00:00",
        barograph="0",
        versions={},
        entities=exported.entities,
        horizons=study.prepare.horizons,
        levels=LEVELS,
        alphas=ALPHAS,
        columns=("entity", "time", *PRICE_COLUMNS),
        fitted_until=exported.fitted_until,
        data=dataclasses.asdict(snapshot.provenance),
        seeds=tuple(range(study.train.seeds)),
        prepare=study.prepare.model_dump(mode="json"),
        verdict="",
    )
    return write_bundle(folder, manifest, exported.files).folder
