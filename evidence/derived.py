"""Tables that the studies of this folder read and that are made from others: labels where there are none.

Nothing here looks at a feature: a derived table adds what must be known to judge, and says how.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

FIRST_DAY = dt.date(2024, 1, 1)
"""Step 0 of simulations that count days."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A table made from files of the folder of own data."""

    sources: tuple[str, ...]
    make: Callable[[Path], pl.DataFrame]


def amlsim_labelled(folder: Path) -> pl.DataFrame:
    """AMLSim's transfers with a label each: its own are of accounts.

    A transfer counts as laundering if payer and receiver are both flagged. That is nearly right: members of
    a scheme also pay each other for other reasons, and a flagged account's dealings with strangers are left
    legitimate. Which scheme a transfer belongs to is not told. Steps are days after `FIRST_DAY`.

    Parameters
    ----------
    folder : Path
        With `amlsim_transactions.parquet` (step, source_id, target_id, amount) and `amlsim_accounts.parquet`
        (account_id, is_fraud).

    Returns
    -------
    DataFrame
        day, payer, payee, amount, laundering (0 or 1); in the order of the file.
    """
    accounts = pl.read_parquet(folder / "amlsim_accounts.parquet")
    flagged = accounts.filter(pl.col("is_fraud") == 1)["account_id"].to_list()
    transfers = pl.read_parquet(folder / "amlsim_transactions.parquet")
    both = pl.col("source_id").is_in(flagged) & pl.col("target_id").is_in(flagged)
    return transfers.select(
        day=pl.lit(FIRST_DAY) + pl.duration(days=pl.col("step")),
        payer="source_id",
        payee="target_id",
        amount="amount",
        laundering=both.cast(pl.Int8),
    )


DERIVED = {
    "amlsim_labelled.parquet": Derived(
        ("amlsim_transactions.parquet", "amlsim_accounts.parquet"), amlsim_labelled
    )
}
"""Name of a study's source -> how it is made."""


def found(source: str, data: Path | None, made: Path) -> Path | None:
    """The file of a study's source: in the folder of own data, or made from files there; None without them.

    Parameters
    ----------
    source : str
        Name of the file.
    data : Path or None
        Folder of own data.
    made : Path
        Folder that a derived table is written to.
    """
    if data is None:
        return None
    if (data / source).is_file():
        return data / source
    derived = DERIVED.get(source)
    if derived is None or not all((data / name).is_file() for name in derived.sources):
        return None
    made.mkdir(parents=True, exist_ok=True)
    derived.make(data).write_parquet(made / source)
    return made / source


def needed(source: str) -> tuple[str, ...]:
    """The files that a study's source needs in the folder of own data."""
    return DERIVED[source].sources if source in DERIVED else (source,)
