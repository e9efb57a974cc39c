"""What a bundle on currency fixings carries besides: how their records are made, and the known ones' end."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl

from barograph.core.fitted import GarchParameters, fitted_from_plain
from barograph.core.record_sections import FixingsSection
from barograph.core.record_table import FixingLink
from barograph.core.records import Panel
from barograph.deploy.bundle import Bundle
from barograph.deploy.manifest import ScoringManifest

FIXINGS, PRICES = "parts/fixings.json", "state/prices.parquet"


def fixing_files(link: FixingLink | None) -> dict[str, bytes]:
    """What makes records of new fixings: settings, GARCH, frequencies and the end of the known ones."""
    if link is None:
        return {}
    plain = {
        "section": link.section.model_dump(mode="json"),
        "garch": {name: one.to_plain() for name, one in link.garch.items()},
        "variance": link.variance,
        "climatology": link.climatology,
        "steps": link.steps,
    }
    stream = io.BytesIO()
    link.prices.table.write_parquet(stream, compression="zstd")
    return {FIXINGS: json.dumps(plain, indent=1).encode(), PRICES: stream.getvalue()}


def read_fixings(bundle: Bundle[ScoringManifest]) -> FixingLink | None:
    """The inverse of `fixing_files`; None of a bundle on other records."""
    if not bundle.has(FIXINGS):
        return None
    plain = bundle.json(FIXINGS)
    return FixingLink(
        section=FixingsSection.model_validate(plain["section"]),
        prices=Panel(pl.read_parquet(bundle.folder / PRICES)),
        garch={name: _garch(one) for name, one in plain["garch"].items()},
        variance={name: float(value) for name, value in plain["variance"].items()},
        climatology={name: float(value) for name, value in plain["climatology"].items()},
        steps=int(plain["steps"]),
    )


def _garch(plain: dict[str, Any]) -> GarchParameters:
    value = fitted_from_plain(plain)
    if not isinstance(value, GarchParameters):
        raise TypeError(f"GarchParameters expected, {type(value).__name__} found")
    return value
