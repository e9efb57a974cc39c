"""Calibrations of supervisory shocks: packaged versions, a user's own, and wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.collect.shock_sizes import open_calibration, packaged
from barograph.core.errors import DataError, InputError
from barograph.core.shock_sizes import ShockSizes

OWN = "version: mine\nsource: made up\nbasis_points:\n  CHF: {parallel: 125, short: 175, long: 100}\n"


def own(folder: Path, content: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", packaged())
def test_every_packaged_version_names_itself_and_its_source(name: str) -> None:
    found = open_calibration(name)
    assert found.version == name
    assert len(found.source) > 60
    assert len(found.sizes) >= 21


def test_the_european_version_has_the_currencies_it_extends() -> None:
    basel, union = open_calibration("bcbs_d368"), open_calibration("eu_2024_856")
    assert set(union.sizes) - set(basel.sizes) == {"BGN", "CZK", "DKK", "HUF", "PLN", "RON"}
    assert all(union.of(currency) == basel.of(currency) for currency in basel.sizes)
    assert (basel.gains_counted, basel.floor) == (0.0, None)
    assert (union.gains_counted, union.floor) == (0.5, (-0.015, 0.0003))


def test_an_own_file_may_extend_a_version_and_replace_its_sizes(tmp_path: Path) -> None:
    alone = open_calibration(own(tmp_path, OWN))
    assert dict(alone.sizes) == {"CHF": ShockSizes(parallel=0.0125, short=0.0175, long=0.01)}
    more = open_calibration(own(tmp_path, OWN + "extends: bcbs_d368\n"))
    assert more.of("CHF") == alone.of("CHF")
    assert more.of("EUR") == open_calibration().of("EUR")


def test_a_currency_without_sizes_is_an_answer_with_a_way_out() -> None:
    with pytest.raises(DataError, match=r"'NOK' has none.*calibration file"):
        open_calibration().of("NOK")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (OWN.replace("version", "versoin"), ["got 'versoin'", "Did you mean 'version'"]),
        (OWN.replace("version: mine\n", ""), ["must have a version"]),
        ("version: mine\nbasis_points: 200\n", ["basis_points by currency"]),
        (OWN.replace("CHF", "Chf"), ["ISO 4217", "'Chf'"]),
        (OWN.replace(", long: 100", ""), ["'CHF' has parallel, short"]),
        (OWN.replace("125", "0.0125"), ["between 1 and 2000 basis points", "parallel of 'CHF' is '0.0125'"]),
        (OWN.replace("125", "lots"), ["'lots'"]),
        (OWN + "gains_counted: 50\n", ["between 0 and 1", "'50'"]),
        (OWN + "floor: -150\n", ["floor", "a_year", "got -150"]),
        (OWN + "floor: {now: 100, a_year: 3}\n", ["at most 0"]),
        (OWN + "extends: bcbs_d386\n", ["got 'bcbs_d386'", "Did you mean 'bcbs_d368'"]),
    ],
)
def test_a_wrong_calibration_is_refused(content: str, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_calibration(own(tmp_path, content))
    assert [word for word in words if word not in str(caught.value)] == [], str(caught.value)


def test_a_misspelt_version_meets_the_nearest_one() -> None:
    with pytest.raises(InputError, match="Did you mean 'bcbs_d368'"):
        open_calibration("bcbs_d366")


def test_sizes_that_are_no_decimals_are_refused() -> None:
    with pytest.raises(DataError, match=r"at most 0\.2"):
        ShockSizes(parallel=200.0, short=250.0, long=100.0)
