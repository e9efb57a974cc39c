"""One row of features from the accounts of one transfer; `flows` has the same for a whole table."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.core.fitted_graph import CENTS, SECOND
from barograph.prepare.events_graph.account import Account, Windows
from barograph.prepare.events_graph.paths import PathFinder

NAN = float("nan")


def row_of(
    paths: PathFinder, source: Account, target: Account, time: int, cents: int, widths: Sequence[int]
) -> list[float]:
    """Features of a transfer that is not yet in the graph, [F]; times in µs."""
    figures = [side.figures(time, widths) for one in (source, target) for side in (one.sent, one.received)]
    pair, paid = _between(source, target, time, widths)
    reciprocal, repaid = _between(target, source, time, widths)
    found = paths.figures(source, target, time, cents)
    row: list[float] = []
    for k in range(len(widths)):
        for (n_out, out, receivers), (n_in, in_, senders) in (figures[:2], figures[2:]):
            row += (n_out[k], out[k] / CENTS, receivers[k], _ratio(receivers[k], n_out[k]))
            row += (n_in[k], in_[k] / CENTS, senders[k], _ratio(senders[k], n_in[k]))
            row.append(_ratio(out[k], in_[k]))
        row += (pair[k], reciprocal[k], min(figures[1][2][k], figures[0][2][k] + (not pair[k])))
        shortest = 2 if reciprocal[k] else 3 if found.cycles_3[k] else 4 if found.cycles_4[k] else 0
        row += (found.cycles_3[k], found.cycles_4[k], shortest, found.scatter_gather[k])
    row += (_age(time, paid), _age(time, repaid), _age(time, found.similar_in))
    return row


def _between(payer: Account, receiver: Account, time: int, widths: Sequence[int]) -> tuple[Windows, int]:
    """Transfers from one account to the other per window, and the time of the last (-1: none)."""
    if len(payer.sent.times) <= len(receiver.received.times):
        return payer.sent.with_partner(receiver, time, widths)
    return receiver.received.with_partner(payer, time, widths)


def _ratio(part: int, whole: int) -> float:
    """Both as float64 first: whole numbers of any size then divide as they do in a table."""
    return float(part) / float(whole) if whole else NAN


def _age(time: int, last: int) -> float:
    return (time - last) / SECOND if last >= 0 else NAN
