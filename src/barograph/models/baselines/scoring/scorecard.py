"""The conventional scorecard of credit: monotone bins, weights of evidence, a logistic regression on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted_records import ScorecardParameters
from barograph.measures.credit.scorecard import bin_index
from barograph.measures.credit.weight_of_evidence import information_value, weight_of_evidence
from barograph.models.baselines.scoring.binning import Tally, level_groups, numeric_cuts
from barograph.models.baselines.scoring.logistic import fit_logistic

MAX_BINS = 6
"""Ordinary bins of a column at most."""
LEAST_SHARE = 0.05
"""Share of the column's known values that an ordinary bin holds at least."""
SMOOTHING = 20.0
"""Records of the average kind added to every bin's counts before its weight of evidence is taken."""
LEAST_INFORMATION = 0.01
"""A column with a smaller information value gets no coefficient."""
RIDGE = 1e-5
"""Ridge of the regression on the weights of evidence, per record."""


def fit_scorecard(
    numeric: Mapping[str, FloatArray],
    categorical: Mapping[str, AnyArray],
    label: FloatArray,
    *,
    specials: Sequence[float] = (),
    max_bins: int = MAX_BINS,
    least_share: float = LEAST_SHARE,
) -> ScorecardParameters:
    """Fit a weight-of-evidence scorecard (Siddiqi 2006, Credit Risk Scorecards, ch. 6).

    Numeric columns are cut by monotone optimal binning, categorical levels are put in order of their bad
    rate and binned alike (`binning`). Missing values have a bin of their own, which unseen and rare levels
    share; so does each special code that occurs. Every bin's weight of evidence is smoothed, so that a bin of
    few records says little and an empty one nothing: where training knew no missing value, a missing one is
    neutral. A logistic regression weighs the columns. Those that say next to nothing
    (`LEAST_INFORMATION`), and one by one those whose coefficient would turn their own bad rates round, keep
    their bins with coefficient 0. The order of the rows is of no account.

    Parameters
    ----------
    numeric : mapping of str to array [n]
        NaN is missing.
    categorical : mapping of str to array of str or None [n]
        None is missing.
    label : array [n]
        1 bad, 0 good.
    specials : sequence of float
        Codes that are no quantities, such as -999, in whichever numeric column they occur.
    max_bins : int
        Ordinary bins per column, besides specials and missing.
    least_share : float
        Least share of a column's ordinary values per ordinary bin.

    Raises
    ------
    DataError
        Where there is no column, or a label is neither 0 nor 1, or all are the same.
    """
    y = _binary(label)
    if not numeric and not categorical:
        raise DataError("a scorecard needs columns", came="got none", do="Name at least one feature")
    numbers = {name: np.asarray(values, dtype=np.float64) for name, values in numeric.items()}
    texts = {name: np.asarray(values, dtype=object) for name, values in categorical.items()}
    bins = _Bins(max_bins, least_share, tuple(sorted(set(map(float, specials)))))
    cut = [bins.of_numbers(values, y) for values in numbers.values()]
    grouped = [bins.of_texts(values, y) for values in texts.values()]
    unweighed = ScorecardParameters(
        columns=(*numbers, *texts),
        numeric=(True,) * len(numbers) + (False,) * len(texts),
        edges=(*(edges for edges, _ in cut), *(() for _ in texts)),
        specials=(*(found for _, found in cut), *(() for _ in texts)),
        groups=(*(() for _ in numbers), *grouped),
        woe=(),
        counts=(),
        coefficients=np.zeros(len(numbers) + len(texts)),
        intercept=0.0,
    )
    return _weighed(unweighed, bin_index(unweighed, numbers, texts), y)


@dataclass(frozen=True, slots=True)
class _Bins:
    """How columns are cut."""

    max_bins: int
    least_share: float
    specials: tuple[float, ...]

    def of_numbers(self, values: FloatArray, y: FloatArray) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Inner cuts, and the special codes that occur."""
        found = tuple(code for code in self.specials if (values == code).any())
        plain = ~np.isnan(values) & ~np.isin(values, found)
        cuts = numeric_cuts(values[plain], y[plain], max_bins=self.max_bins, least_share=self.least_share)
        return cuts, found

    def of_texts(self, values: AnyArray, y: FloatArray) -> tuple[tuple[str, ...], ...]:
        """Groups of levels."""
        known = np.array([value is not None for value in values], dtype=bool)
        return level_groups(values[known], y[known], max_bins=self.max_bins, least_share=self.least_share)


def _weighed(card: ScorecardParameters, bins: IntArray, y: FloatArray) -> ScorecardParameters:
    """The scorecard with counts, weights of evidence, coefficients (none above zero) and intercept."""
    sizes = [
        len(edges) + len(specials) + len(groups) + (2 if is_numeric else 1)
        for edges, specials, groups, is_numeric in zip(
            card.edges, card.specials, card.groups, card.numeric, strict=True
        )
    ]
    tallies = [Tally.of(bins[:, place], y, size) for place, size in enumerate(sizes)]
    woe = [weight_of_evidence(one.goods, one.bads, smoothing=SMOOTHING) for one in tallies]
    used = [
        place
        for place, one in enumerate(tallies)
        if information_value(one.goods, one.bads, smoothing=SMOOTHING) >= LEAST_INFORMATION
    ]
    evidence = np.stack([table[bins[:, place]] for place, table in enumerate(woe)], axis=1)
    while True:
        fitted = fit_logistic(evidence[:, used], y, [card.columns[place] for place in used], l2=RIDGE)
        if not used or fitted.coefficients.max() < 0.0:
            break
        used.pop(int(np.argmax(fitted.coefficients)))
    coefficients = np.zeros(len(sizes))
    coefficients[used] = fitted.coefficients
    return replace(
        card,
        woe=tuple(tuple(table.tolist()) for table in woe),
        counts=tuple(tuple(zip(one.goods.tolist(), one.bads.tolist(), strict=True)) for one in tallies),
        coefficients=coefficients,
        intercept=fitted.intercept,
    )


def _binary(label: FloatArray) -> FloatArray:
    y = np.asarray(label, dtype=np.float64)
    kinds = np.unique(y)
    if kinds.tolist() != [0.0, 1.0]:
        raise DataError(
            "a scorecard needs labels 0 (good) and 1 (bad), some of each",
            came=f"got {', '.join(f'{kind:g}' for kind in kinds[:5]) or 'none'}",
            do="Widen the training window, or check which value of the target means bad",
        )
    return y
