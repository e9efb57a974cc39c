"""A live state as plain arrays and back: what a bundle or a state store keeps.

Keys stand in order of name, a key's events in order of time (then amount, risk, counterparty), ids in order
of time (then id); nothing expired is among them. So equal states give equal arrays, whatever their past.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from operator import itemgetter

import numpy as np

from barograph.core.arrays import AnyArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.state import EventState

Arrays = dict[str, AnyArray]


def to_arrays(state: LiveState) -> Arrays:
    """All of a state, expired things dropped first.

    Returns
    -------
    dict of str to array
        `plan` (JSON as bytes), `watermark` [1], `counts`, `label_counts`; per side (`actor`, `counterparty`)
        names, `_start` [keys + 1] (where each key's events begin), `_time` and `_cents` of its events, for
        actors also `_partner` (place in `partner`, the names) and `_risk`; per id `id`, `id_time`,
        `id_partner`, `id_label` (-1: not known), `id_known_at`; `rows` [k, F], of the last k ids. Names and
        ids are UTF-8 bytes, with where each begins in `…_at`.
    """
    state.expire()
    actors = sorted(state.actor_events(), key=itemgetter(0))
    others = sorted((one for one in state.counterparty_events() if len(one[1])), key=itemgetter(0))
    ids = sorted((kept[0], name, kept) for name, kept in state.ledger.ids.items())
    partners = sorted({*chain.from_iterable(one[3] for one in actors), *(kept[1] for _, _, kept in ids)})
    code = {name: place for place, name in enumerate(partners)}
    arrays: Arrays = {
        "plan": plan_bytes(state.plan),
        "watermark": np.array([state.watermark]),
        "counts": np.array(state.counts),
        "label_counts": np.array(state.label_counts),
        **_side("actor", [one[:3] for one in actors]),
        "actor_partner": _integers(code[name] for one in actors for name in one[3]),
        "actor_risk": np.array([risk for one in actors for risk in one[4]], dtype=np.float64),
        **_side("counterparty", others),
        **texts("partner", partners),
        **texts("id", [name for _, name, _ in ids]),
        "id_time": _integers(time for time, _, _ in ids),
        "id_partner": _integers(code[kept[1]] for _, _, kept in ids),
        "id_label": np.array([kept[2] for _, _, kept in ids], dtype=np.int8),
        "id_known_at": _integers(kept[3] for _, _, kept in ids),
    }
    rows = [state.ledger.row(kept[4]) for time, _, kept in ids if time >= state.recent]
    arrays["rows"] = np.array(rows, dtype=np.float64).reshape(-1, state.width)
    return arrays


def from_arrays(plan: EventPlan, arrays: Mapping[str, AnyArray]) -> EventState:
    """The state that `to_arrays` wrote; it goes on to the bit as the one that was written.

    Raises
    ------
    DataError
        If the arrays were written under another plan, or one of them is missing or does not fit the others.
    """
    state = EventState(plan)
    restore(state, arrays)
    return state


def restore(state: LiveState, arrays: Mapping[str, AnyArray]) -> None:
    """Put what `to_arrays` wrote into a new state.

    Raises
    ------
    DataError
        As `from_arrays`.
    """
    _check(state.plan, arrays)
    state.watermark = int(arrays["watermark"][0])
    state.counts, state.label_counts = arrays["counts"].tolist(), arrays["label_counts"].tolist()
    partners = read_texts("partner", arrays)
    codes, risks = arrays["actor_partner"].tolist(), arrays["actor_risk"]
    for name, part in _keys("counterparty", arrays):
        state.put_counterparty(name, arrays["counterparty_time"][part], arrays["counterparty_cents"][part])
    for name, part in _keys("actor", arrays):
        times, cents = arrays["actor_time"][part], arrays["actor_cents"][part]
        state.put_actor(name, times, cents, [partners[one] for one in codes[part]], risks[part])
    ids = read_texts("id", arrays)
    columns = [arrays[f"id_{name}"].tolist() for name in ("time", "partner", "label", "known_at")]
    kept = [
        (time, partners[place], label, known_at, number)
        for number, (time, place, label, known_at) in enumerate(zip(*columns, strict=True))
    ]
    state.ledger.restore(ids, kept, arrays["rows"].tolist())
    for one in kept:
        state.count(one, add=True)


def plan_bytes(plan: EventPlan) -> AnyArray:
    """The plan as JSON, as bytes."""
    return np.frombuffer(json.dumps(plan.to_plain(), sort_keys=True).encode(), dtype=np.uint8)


def texts(name: str, values: Sequence[str]) -> Arrays:
    """Texts as one array of UTF-8 bytes and one of where each begins, [n + 1]."""
    coded = [one.encode("utf-8", "surrogatepass") for one in values]
    at = np.concatenate([[0], np.cumsum([len(one) for one in coded], dtype=np.int64)]).astype(np.int64)
    return {name: np.frombuffer(b"".join(coded), dtype=np.uint8), f"{name}_at": at}


def read_texts(name: str, arrays: Mapping[str, AnyArray]) -> list[str]:
    """The inverse of `texts`."""
    data, at = arrays[name].tobytes(), arrays[f"{name}_at"].tolist()
    return [data[begin:end].decode("utf-8", "surrogatepass") for begin, end in pairwise(at)]


def _side(side: str, keys: Sequence[tuple[str, Sequence[int], Sequence[int]]]) -> Arrays:
    start = np.cumsum([0, *(len(times) for _, times, _ in keys)], dtype=np.int64)
    return {
        **texts(side, [name for name, _, _ in keys]),
        f"{side}_start": start,
        f"{side}_time": _integers(chain.from_iterable(times for _, times, _ in keys)),
        f"{side}_cents": _integers(chain.from_iterable(cents for _, _, cents in keys)),
    }


def _keys(side: str, arrays: Mapping[str, AnyArray]) -> Iterable[tuple[str, slice]]:
    """Every key's name, and where its events stand."""
    start = arrays[f"{side}_start"].tolist()
    for name, (begin, end) in zip(read_texts(side, arrays), pairwise(start), strict=True):
        yield name, slice(begin, end)


def _integers(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)


def _check(plan: EventPlan, arrays: Mapping[str, AnyArray]) -> None:
    """Refuse arrays of another plan, and arrays of which a part is missing or cut short."""
    empty = to_arrays(EventState(plan))
    missing = sorted(set(empty) - set(arrays))
    if missing:
        raise _damaged(f"without {', '.join(missing)}")
    if arrays["plan"].tobytes() != empty["plan"].tobytes():
        raise _damaged("written under another plan")
    lengths = {
        "watermark": 1,
        "counts": empty["counts"].size,
        "label_counts": empty["label_counts"].size,
        **{f"{side}_start": arrays[f"{side}_at"].size for side in ("actor", "counterparty")},
        **{
            f"{side}_{part}": int(arrays[f"{side}_start"][-1])
            for side in ("actor", "counterparty")
            for part in ("time", "cents")
        },
        **{f"actor_{part}": arrays["actor_time"].size for part in ("partner", "risk")},
        **{f"id_{part}": arrays["id_at"].size - 1 for part in ("time", "partner", "label", "known_at")},
        **{name: int(arrays[f"{name}_at"][-1]) for name in ("actor", "counterparty", "partner", "id")},
    }
    for name, length in lengths.items():
        if arrays[name].shape != (length,):
            raise _damaged(f"{name} of shape {arrays[name].shape} instead of ({length},)")
    rows = arrays["rows"].shape
    if len(rows) != 2 or rows[1] != empty["rows"].shape[1] or rows[0] > arrays["id_time"].size:
        raise _damaged(f"rows of shape {rows}")


def _damaged(came: str) -> DataError:
    return DataError(
        "a state must be restored as it was written",
        came=f"this one is {came}",
        do="Use its own plan and arrays",
    )
