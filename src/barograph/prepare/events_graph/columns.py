"""Names of the graph features, in the order of the columns."""

from __future__ import annotations

from barograph.core.fitted_graph import GraphPlan

ROLES = ("source", "target")
FLOWS = (
    "out_count",
    "out_sum",
    "out_degree",
    "out_spread",
    "in_count",
    "in_sum",
    "in_degree",
    "in_spread",
    "pass_through",
)
PAIRS = ("pair_count", "reciprocal_count", "gather_scatter")
PATHS = ("cycles_3", "cycles_4", "shortest_cycle", "scatter_gather")
AGES = ("pair_age", "reciprocal_age", "similar_in_age")
UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def window_label(seconds: int) -> str:
    """A window in its largest whole unit.

    Examples
    --------
    >>> window_label(604800), window_label(5400)
    ('7d', '90m')
    """
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def feature_names(plan: GraphPlan) -> tuple[str, ...]:
    """Names of the features of a transfer from `source` to `target` at t, [F].

    Parameters
    ----------
    plan : GraphPlan

    Returns
    -------
    tuple of str
        Per window w, from transfers at s with t - w <= s < t, for `source` and then for `target`:

        - `out_count`, `out_sum` (money units), `out_degree` (distinct receivers) of what the account sent,
          `out_spread` = degree / count (NaN without transfers); `in_…` the same of what it received;
        - `pass_through` = out_sum / in_sum (NaN where nothing came in).

        Then of the two together:

        - `pair_count`, transfers source → target; `reciprocal_count`, transfers target → source, which is
          also the number of cycles of length 2 that this transfer closes;
        - `gather_scatter`, the smaller of the source's in_degree and its distinct receivers, target included;
        - `cycles_3`, `cycles_4`: chains of 2 and of 3 transfers target → … → source at strictly rising times,
          through distinct accounts, at most `plan.cap`; `shortest_cycle`: 2, 3, 4, or 0 where there is none;
        - `scatter_gather`, the most accounts m, this source among them, that one account o paid before they
          paid the target (o → m → target at rising times, o other than the target);
          0 where the source received nothing, 1 where no other account stands beside it.

        Last, seconds within the longest window, NaN where there is none: `pair_age` since the last source →
        target, `reciprocal_age` since the last target → source, `similar_in_age` since the source last
        received an amount within ± `plan.similar` of this one.

    Notes
    -----
    Paths and `similar_in_age` follow received transfers into the source, the target and middlemen, sent ones
    elsewhere. Patterns: Altman et al. (2023), "Realistic synthetic financial transactions for anti-money
    laundering models"; here one shows only at the transfers that complete it, never at the earlier ones.
    """
    names: list[str] = []
    for label in map(window_label, plan.windows):
        names += [f"{role}_{figure}_{label}" for role in ROLES for figure in FLOWS]
        names += [f"{figure}_{label}" for figure in (*PAIRS, *PATHS)]
    return (*names, *AGES)
