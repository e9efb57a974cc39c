"""What the packaged sources of records have in common: which columns a section leaves as features."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from barograph.collect.records.roles import OF_OWN_TABLES
from barograph.core.errors import SettingError, unknown
from barograph.core.scoring_study import RecordsSection


def split_features(
    features: Mapping[str, pl.Series], section: RecordsSection
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """The columns that stay features, and the protected ones; denied and ignored ones are neither."""
    for key in OF_OWN_TABLES:
        if getattr(section, key):
            raise SettingError(
                f"collect.{key} must be empty for the packaged source '{section.source}'",
                came=f"got {getattr(section, key)!r}",
                do="Leave it out, or give your own file",
            )
    for key in ("ignore", "protected"):
        for name in getattr(section, key):
            if name not in features:
                raise unknown(f"collect.{key}", name, features)
    out = {*section.ignore, *section.protected, *section.deny}
    kept = {name: values for name, values in features.items() if name not in out}
    return kept, {name: features[name] for name in section.protected}


def refuse_window(section: RecordsSection, *, why: str = "these records have no time") -> None:
    """Raises `SettingError` where a window is asked of records without a time of their own."""
    for key in ("since", "until"):
        if getattr(section, key) is not None:
            raise SettingError(
                f"collect.{key} must be empty for the packaged source '{section.source}'",
                came=f"got '{getattr(section, key)}'",
                do=f"Leave it out: {why}",
            )
