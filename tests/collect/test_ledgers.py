"""Loss ledgers: packaged, simulated, own; what is refused and in which words."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.files import read_file
from barograph.collect.ledgers import (
    Truth,
    ledger_from_frame,
    ledger_of,
    load_ledger,
    open_ledger,
    save_ledger,
    simulate_ledger,
)
from barograph.collect.ledgers.simulated import weekly_means
from barograph.core.errors import DataError, SettingError, StorageError
from barograph.core.ledger_study import LedgerSection
from barograph.measures.losses.pareto import fit_pareto
from small_ledgers import table

OWN = LedgerSection(target="amount", time="day")


def test_the_packaged_losses_are_those_of_the_literature() -> None:
    """McNeil (1997): 109 losses over ten million, shape .497, scale 6.98."""
    snapshot = open_ledger(LedgerSection())
    ledger = snapshot.ledger
    assert (ledger.n, ledger.threshold, len(ledger.years())) == (2167, 1.0, 11)
    assert int((ledger.amount > 10.0).sum()) == 109
    tail = fit_pareto(ledger.amount, threshold=10.0)
    assert (tail.shape, tail.scale) == (pytest.approx(0.497, abs=5e-4), pytest.approx(6.98, abs=5e-3))
    assert snapshot.provenance.rows == 2167


def test_a_simulated_ledger_has_the_moments_of_its_truth() -> None:
    truth = Truth(regime=0.0, season=0.0, dispersion=0.2, inflation=1.0)
    frame = simulate_ledger(truth, years=60, seed=1)
    days = frame["day"].to_numpy().astype("datetime64[D]")
    counts = np.bincount((days - days[0]).astype(int) // 7)
    assert counts.mean() == pytest.approx(truth.weekly, rel=0.05)
    assert counts.var() == pytest.approx(truth.weekly + 0.2 * truth.weekly**2, rel=0.12)
    over = frame["amount"].to_numpy() > truth.severity.tail.threshold
    assert over.mean() == pytest.approx(truth.severity.tail_share, rel=0.1)
    shape = fit_pareto(frame["amount"].to_numpy(), threshold=truth.severity.tail.threshold).shape
    assert shape == pytest.approx(truth.severity.tail.shape, abs=0.1)


def test_the_restless_regime_and_the_season_are_in_the_means() -> None:
    truth = Truth()
    _, means, restless = weekly_means(truth, weeks=52 * 200, seed=0)
    ratio = means[restless > 0].mean() / means[restless == 0].mean()
    assert ratio == pytest.approx(np.exp(truth.regime), rel=0.05)
    assert simulate_ledger(truth, years=3, seed=7).equals(simulate_ledger(truth, years=3, seed=7))
    assert not simulate_ledger(truth, years=3, seed=7).equals(simulate_ledger(truth, years=3, seed=8))


def test_a_snapshot_comes_back_from_its_folder_and_a_changed_one_does_not(tmp_path: Path) -> None:
    snapshot = ledger_from_frame(table(), OWN)
    save_ledger(snapshot, tmp_path)
    again = load_ledger(tmp_path)
    assert again.provenance == snapshot.provenance
    assert again.ledger.amount.tobytes() == snapshot.ledger.amount.tobytes()
    changed = replace(snapshot, ledger=replace(snapshot.ledger, amount=snapshot.ledger.amount + 1.0))
    save_ledger(changed, tmp_path)
    with pytest.raises(StorageError, match="not those it was written with"):
        load_ledger(tmp_path)
    (tmp_path / "ledger.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StorageError, match="Collect the data again"):
        load_ledger(tmp_path)


def test_an_untidy_file_is_read_and_says_what_was_assumed(tmp_path: Path) -> None:
    frame = table()
    rows = [f'{day:%d.%m.%Y};"${amount:,.2f}"' for day, amount in frame.iter_rows()]
    (tmp_path / "losses.csv").write_text("\n".join(["day;amount", *reversed(rows)]), encoding="utf-8")
    ledger, notes = ledger_of(read_file(tmp_path / "losses.csv"), OWN)
    assert ledger.n == frame.height
    assert (np.diff(ledger.day.astype(int)) >= 0).all()
    assert sorted(ledger.amount) == pytest.approx(sorted(frame["amount"].to_list()), abs=0.005)
    assert any("currency signs" in note for note in notes)


def test_losses_below_the_reporting_threshold_are_left_out_and_told() -> None:
    snapshot = ledger_from_frame(table(), OWN.model_copy(update={"threshold": 20_000.0}))
    assert snapshot.ledger.amount.min() >= 20_000.0
    assert any("below the reporting threshold 20000" in note for note in snapshot.provenance.notes)


LONG = table()
TODAY = datetime.date.today()


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (
            LONG.with_columns(amount=pl.when(pl.int_range(pl.len()) == 7).then(-5.0).otherwise("amount")),
            "above 0",
        ),
        (
            LONG.with_columns(amount=pl.when(pl.int_range(pl.len()) == 7).then(0.0).otherwise("amount")),
            "above 0",
        ),
        (
            LONG.with_columns(amount=pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise("amount")),
            "an amount in every row",
        ),
        (
            LONG.with_columns(day=pl.when(pl.int_range(pl.len()) == 7).then(None).otherwise("day")),
            "say in every row when the loss was",
        ),
        (
            LONG.with_columns(
                day=pl.when(pl.int_range(pl.len()) == 7)
                .then(pl.lit(TODAY + datetime.timedelta(days=2)))
                .otherwise("day")
            ),
            "not be later than today",
        ),
        (LONG.with_columns(amount=pl.format("about {}", pl.col("amount"))), "hold numbers"),
        (LONG.unique("day").with_columns(amount=pl.lit(3.0)), "must differ"),
        (LONG.head(99), "at least 100 losses"),
        (LONG.filter(pl.col("day").dt.year() == 2003), "at least 4 complete calendar years"),
        (pl.concat([LONG, LONG]), "losses of their own"),
    ],
)
def test_a_ledger_that_cannot_be_judged_is_refused_in_words(frame: pl.DataFrame, words: str) -> None:
    with pytest.raises(DataError, match=words):
        ledger_from_frame(frame, OWN)


def test_a_loss_named_twice_is_refused_and_equal_losses_with_names_of_their_own_are_not() -> None:
    twice = pl.concat([LONG, LONG.head(200)]).with_row_index("id")
    section = OWN.model_copy(update={"loss_id": "id"})
    assert ledger_from_frame(twice, section).ledger.n == LONG.height + 200
    same = twice.with_columns(id=pl.when(pl.col("id") == 5).then(4).otherwise("id"))
    with pytest.raises(DataError, match=r"name each loss once.*row 6"):
        ledger_from_frame(same, section)


def test_columns_and_sources_that_do_not_exist_are_named() -> None:
    with pytest.raises(SettingError, match="Columns are: day, amount"):
        ledger_from_frame(LONG, LedgerSection())
    with pytest.raises(SettingError, match="Did you mean 'amount'"):
        ledger_from_frame(LONG, LedgerSection(target="amuont", time="day"))
    with pytest.raises(SettingError, match="one role"):
        ledger_from_frame(LONG, LedgerSection(target="day", time="day"))
    with pytest.raises(SettingError, match="danish-fire"):
        open_ledger(LedgerSection(source="danish-fires"))
    with pytest.raises(SettingError, match="no columns to name"):
        open_ledger(LedgerSection(source="simulated-losses", target="amount"))
    with pytest.raises(DataError, match="none is left"):
        open_ledger(LedgerSection(since="2000-01-01"))
