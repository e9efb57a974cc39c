"""Five bundles to serve, one of every way to answer, kept in the cache of the benchmarks for the next run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import barograph as bg
from measuring.cache import CACHE
from measuring.served import small_bundle
from measuring.streamed import bundles, payments

ROWS, YEARS = 3_000, range(2010, 2017)


def loans() -> pl.DataFrame:
    """A made book of loans."""
    random = np.random.default_rng(0)
    day = np.sort(random.integers(0, 365 * len(YEARS), ROWS))
    income, debt = random.lognormal(1.0, 0.5, ROWS), random.uniform(0.0, 100.0, ROWS)
    chance = 1.0 / (1.0 + np.exp(1.5 + np.log(income) - debt / 40.0))
    return pl.DataFrame(
        {
            "made": np.datetime64(f"{YEARS[0]}-01-01") + day,
            "income": income.round(3),
            "debt": debt.round(2),
            "tenure": random.uniform(0.0, 40.0, ROWS).round(2),
            "amount": random.lognormal(9.0, 0.6, ROWS).round(2),
            "region": random.choice(["north", "south", "east"], ROWS),
            "bad": (random.random(ROWS) < chance).astype(int),
        }
    )


def credit(place: Path, **more: Any) -> Path:
    """The tabular network on those loans."""
    settings: dict[str, Any] = {
        "collect.known_after": 12,
        "collect.deny": {},
        "collect.amount": "amount",
        "model.hazard": "",
        "evaluate.origins": [2015],
        "evaluate.development": [2015],
        "deploy.champion": "tabm",
        **more,
    }
    options: dict[str, Any] = {"data": loans(), "target": "bad", "time": "made", "settings": settings}
    return bg.run("credit/default", budget="quick", network=["tabm"], out=place, **options).bundle


def fraud(place: Path) -> Path:
    """The tabular network on simulated payments."""
    return bundles(payments(7)[0], place, networks=("tabm",), champions=("tabm",))["tabm"]


def wide(place: Path) -> Path:
    """The same with the network of the recipe's standard budget."""
    return credit(place, **{"model.settings": {"tabm": {"k": 16, "hidden": [64]}}})


WAYS = {
    "credit": credit,
    "events": fraud,
    "market": small_bundle,
    "german": lambda place: bg.run("credit/german", budget="quick", out=place).bundle,
    "rate": lambda place: bg.run("credit/default-rate", budget="quick", out=place).bundle,
}

OTHERS = {"credit-wide": wide}


def made(name: str, folder: Path | None = None) -> Path:
    """A bundle of that name, made where none lies there."""
    folder = folder or CACHE / "bundles"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{name}.txt"
    if not kept.exists():
        kept.write_text(str((WAYS | OTHERS)[name](folder / name)))
    return Path(kept.read_text())
