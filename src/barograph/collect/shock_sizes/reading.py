"""From a calibration's YAML to a `Calibration`.

    version: bcbs_d368             what figures name as their calibration
    source: where the sizes come from
    extends: bcbs_d368             a packaged version whose currencies are taken over (optional)
    basis_points:
      EUR: {parallel: 200, short: 250, long: 100}
    gains_counted: 0.5             share of a currency's gain that counts (optional, 0)
    floor: {now: -150, a_year: 3}  lowest rate after a shock, basis points, rising to zero (optional)

Sizes are supervisors' decisions and change: d578 recalibrates d368 from 2026, and its table could not be had
here, so that whoever is under it gives it as a file.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from barograph.collect.plain_mapping import Mapping, file_text, number, parsed, scalar, sentence
from barograph.core.book import CURRENCY
from barograph.core.errors import SettingError, nearest
from barograph.core.shock_sizes import LARGEST_SHOCK, Calibration, ShockSizes

KEYS = ("basis_points", "extends", "floor", "gains_counted", "source", "version")
KINDS = ("parallel", "short", "long")
BASIS_POINTS = 10_000.0


def packaged() -> tuple[str, ...]:
    """The versions that come with Barograph, sorted."""
    files = resources.files("barograph.collect.shock_sizes").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def open_calibration(calibration: str | Path = "bcbs_d368") -> Calibration:
    """A calibration by the name of a packaged one, or from a YAML file.

    Raises
    ------
    SettingError
        It is neither, a key is not known, or a size is no number of basis points above zero.

    Examples
    --------
    >>> open_calibration().of("EUR")
    ShockSizes(parallel=0.02, short=0.025, long=0.01)
    """
    path = Path(calibration)
    if str(calibration) in packaged():
        file = resources.files("barograph.collect.shock_sizes") / f"{calibration}.yaml"
        return _calibration(parsed(file.read_text(encoding="utf-8"), file.name), file.name)
    if not path.is_file():
        raise SettingError(
            "a calibration must be a YAML file or the name of a packaged one",
            came=f"'{calibration}' is neither",
            do=sentence(nearest(path.stem, packaged())),
        )
    return _calibration(parsed(file_text(path), path.name), path.name)


def _calibration(top: Mapping, label: str) -> Calibration:
    for key in top:
        if key not in KEYS:
            raise SettingError(
                f"{label} may have the keys {', '.join(KEYS)}",
                came=f"got '{key}'",
                do=sentence(nearest(key, KEYS)),
            )
    version = scalar(top.get("version"), "version", label)
    given = top.get("basis_points")
    if not version or not isinstance(given, dict):
        raise SettingError(
            f"{label} must have a version, and basis_points by currency",
            came=f"it has {', '.join(top)}",
            do="Write `EUR: {parallel: 200, short: 250, long: 100}` below `basis_points:`",
        )
    base = scalar(top.get("extends"), "extends", label)
    if base and base not in packaged():
        raise SettingError(
            f"extends of {label} must name a packaged version",
            came=f"got '{base}'",
            do=sentence(nearest(base, packaged())),
        )
    taken = dict(open_calibration(base).sizes) if base else {}
    sizes = taken | {currency: _sizes(currency, found, label) for currency, found in given.items()}
    source = scalar(top.get("source"), "source", label)
    return Calibration(version, source, sizes, _gains(top, label), _floor(top.get("floor"), label))


def _gains(top: Mapping, label: str) -> float:
    share = number(top.get("gains_counted", "0"))
    if share is None or not 0.0 <= share <= 1.0:
        raise SettingError(
            f"gains_counted of {label} must be a share between 0 and 1",
            came=f"got '{top['gains_counted']}'",
            do="Write 0.5 for a half",
        )
    return share


def _floor(found: str | Mapping | None, label: str) -> tuple[float, float] | None:
    if found is None:
        return None
    parts = [number(found.get(key)) for key in ("now", "a_year")] if isinstance(found, dict) else []
    if len(parts) != 2 or parts[0] is None or parts[1] is None or parts[0] > 0.0 or parts[1] < 0.0:
        raise SettingError(
            f"floor of {label} must give now (at most 0) and a_year (at least 0), in basis points",
            came=f"got {found}",
            do="Write `floor: {now: -150, a_year: 3}`",
        )
    return parts[0] / BASIS_POINTS, parts[1] / BASIS_POINTS


def _sizes(currency: str, found: str | Mapping, label: str) -> ShockSizes:
    if not CURRENCY.fullmatch(currency) or not isinstance(found, dict) or set(found) != set(KINDS):
        raise SettingError(
            f"basis_points of {label} must give {', '.join(KINDS)} for each currency of ISO 4217",
            came=f"'{currency}' has {', '.join(found) if isinstance(found, dict) else found or 'nothing'}",
            do=f"Write `{currency}: {{parallel: 200, short: 250, long: 100}}`",
        )
    read = {kind: number(found[kind]) for kind in KINDS}
    for kind, points in read.items():
        if points is None or not 1.0 <= points <= LARGEST_SHOCK * BASIS_POINTS:
            raise SettingError(
                f"a shock of {label} must be between 1 and {LARGEST_SHOCK * BASIS_POINTS:g} basis points",
                came=f"{kind} of '{currency}' is '{found[kind]}'",
                do="Write basis points: 200 is two percent",
            )
    return ShockSizes(**{kind: points / BASIS_POINTS for kind, points in read.items() if points is not None})
