"""How near is near enough: a case's tolerance, applied to every number in its expected answer.

``rel`` and ``abs`` hold for every number. A more specific key names a group: ``weibull_b_rel``, ``p_abs``
or ``multiplier: exact``. A group holds for a number when its words are found in one of the keys that lead
to it, the outermost first and the group with most words first; then only the group's bounds count.
`ALIASES` spells out groups that name a kind of number and not a key. A number for which the case gives no
bound must be exact. The absolute floor of 1e-9 is allowed everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FLOOR = 1e-9
ALIASES = {
    "coef": ("mu", "omega", "alpha", "beta", "gamma", "coefficient"),
    "llh": ("log_likelihood", "loglikelihood"),
    "median": ("0_5",),
    "q_ge_095": ("0_95", "0_99", "0_999", "unexpected_loss"),
    "mean_sd": ("single_loss",),  # closed forms all
}
_KINDS = ("rel", "abs", "exact")


@dataclass(frozen=True, slots=True)
class Bound:
    """What one group of a tolerance allows."""

    group: str  # "" = every number
    kind: str  # rel, abs or exact
    size: float

    def allowance(self, expected: float) -> float:
        """The largest admissible distance from the expected number."""
        return self.size * abs(expected) if self.kind == "rel" else self.size


def bounds_of(tolerance: Mapping[str, Any]) -> list[Bound]:
    """The tolerance of a case, read."""
    found = []
    for key, value in tolerance.items():
        parts = key.lower().split("_")
        kind = next((part for part in parts if part in _KINDS), "exact")
        group = "_".join(part for part in parts if part != kind)
        if kind == "exact" or not isinstance(value, (int, float)):
            found.append(Bound(group, "exact", 0.0))
        else:
            found.append(Bound(group, kind, float(value)))
    return found


def allowance(path: tuple[str, ...], expected: float, bounds: list[Bound]) -> float:
    """The largest distance allowed for the number at the end of a path of keys."""
    chosen = [bound for bound in bounds if not bound.group]
    for key in path:
        groups = {bound.group for bound in bounds if bound.group and _names(bound.group, key)}
        if groups:
            winner = max(groups, key=lambda group: (len(group.split("_")), len(group)))
            chosen = [bound for bound in bounds if bound.group == winner]
            break
    return max([FLOOR, *(bound.allowance(expected) for bound in chosen)])


def differences(
    expected: Any, answered: Any, bounds: list[Bound], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every place where the answer is not the expected one: the keys that lead there, and what is wrong."""
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            here = (*path, str(key))
            if isinstance(answered, Mapping) and key in answered:
                yield from differences(value, answered[key], bounds, here)
            else:
                yield here, f"{' / '.join(here)}: was not produced"
    elif isinstance(expected, list):
        values = list(answered) if hasattr(answered, "__len__") and not isinstance(answered, str) else None
        if values is None or len(values) != len(expected):
            yield path, f"{' / '.join(path)}: expected {len(expected)} values, got {answered!r}"
            return
        for index, (one, other) in enumerate(zip(expected, values, strict=True)):
            yield from differences(one, other, bounds, (*path, str(index)))
    else:
        problem = _scalar(expected, answered, bounds, path)
        if problem:
            yield path, f"{' / '.join(path)}: {problem}"


def _scalar(expected: Any, answered: Any, bounds: list[Bound], path: tuple[str, ...]) -> str:
    """What is wrong with one value; empty where nothing is."""
    if expected is None:
        return "" if _absent(answered) else f"expected nothing, got {answered!r}"
    if isinstance(expected, (str, bool)):
        return "" if answered == expected else f"expected {expected!r}, got {answered!r}"
    try:
        value = float(answered)
    except (TypeError, ValueError):
        return f"expected the number {expected!r}, got {answered!r}"
    allowed = allowance(path, float(expected), bounds)
    if abs(value - expected) <= allowed or (math.isnan(value) and math.isnan(expected)):
        return ""
    return f"expected {expected!r} within {allowed:.3g}, got {value!r}"


def _absent(answered: Any) -> bool:
    return answered is None or (isinstance(answered, float) and math.isnan(answered))


def _names(group: str, key: str) -> bool:
    """Whether a group names a key: its words all start a word of the key, or their letters start the key."""
    if key.isdigit():
        return False
    present = re.findall(r"[a-z0-9]+", key.lower())
    if any(set(alias.split("_")) <= set(present) for alias in ALIASES.get(group, ())):
        return True
    wanted = group.split("_")
    if all(_starts(word, present) for word in wanted) or set(present) <= set(wanted):
        return True
    return len(group) > 3 and "".join(present).startswith("".join(wanted))


def _starts(word: str, present: list[str]) -> bool:
    return any(other == word or (len(word) > 2 and other.startswith(word)) for other in present)
