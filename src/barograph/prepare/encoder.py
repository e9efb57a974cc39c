"""What the models see of a record: four views, each a pure function of the fitted encoder and the records.

- `features` for networks: piecewise-linear bins (Gorishniy, Rubachev and Babenko, 2022, "On embeddings for
  numerical features in tabular deep learning", section 3.2) and one-hot categories;
- `plain` for linear models: standard scores and one-hot categories;
- `coded` for trees: the numbers as they are, categories numbered by frequency;
- `steps` for sequence networks: the standardised history.

A missing number is read as the training mean; where training had missing numbers, an indicator says so (trees
see NaN). Numbers outside the range of training saturate. A column that was constant in training says nothing
ever. A category that training never had counts with the rare ones, or, where there were none, as the average
record of training; `unseen` counts such values, so that the answer can carry a flag.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError, LeakError
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.prepare import encoder_rows
from barograph.prepare.encoder_rows import Float32Array
from barograph.prepare.record_columns import numbered_texts, numbers


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRecord:
    """Every view of one record."""

    features: Float32Array  # [n_features]
    plain: FloatArray  # [n_plain]
    coded: Float32Array  # [n_numeric + n_categorical]
    steps: Float32Array  # [T, C]
    unseen: tuple[str, ...]  # categorical columns whose value training never had


def features(parameters: EncoderParameters, records: Records) -> Float32Array:
    """Piecewise-linear bins, missing indicators and one-hot categories, [n, n_features], all in [0, 1].

    A number x and edges ``e_0 < … < e_b`` give ``clip((x - e_{i-1}) / (e_i - e_{i-1}), 0, 1)``, i = 1 … b.
    Unlike in the paper, the first and the last bin are clipped as well: beyond training nothing extrapolates.

    Raises
    ------
    DataError
        If a column is absent, or of another type than in training.
    """
    values = numbers(records.table, parameters.numeric)
    return encoder_rows.features(parameters, values, codes(parameters, records))


def plain(parameters: EncoderParameters, records: Records) -> FloatArray:
    """Standard scores clipped to ± `limit`, missing indicators and one-hot categories, [n, n_plain]."""
    values = numbers(records.table, parameters.numeric)
    return encoder_rows.plain(parameters, values, codes(parameters, records))


def coded(parameters: EncoderParameters, records: Records) -> Float32Array:
    """The numbers as they are and categories by their place in the order of frequency, [n, columns].

    A missing number is NaN where training had missing ones, and the training mean where it had none: a tree
    that never met NaN has no rule for it. All rare and unseen categories
    share the last place. (Numbered by their mean label instead, trees ranked later vintages worse.)
    """
    values = numbers(records.table, parameters.numeric)
    return encoder_rows.coded(parameters, values, codes(parameters, records))


def steps(parameters: EncoderParameters, records: Records) -> Float32Array:
    """The history, standardised and clipped to ± `limit`, [n, T, C]; 0 where missing.

    Raises
    ------
    DataError
        If the records' channels are not those of training.
    """
    if records.channels != parameters.channels:
        raise DataError(
            f"the records' history must have the channels {', '.join(parameters.channels) or '(none)'}",
            came=f"got {', '.join(records.channels) or 'none'}",
            do="Give the history as in the records that the model was trained on",
        )
    return encoder_rows.steps(parameters, records.sequence)


def unseen(parameters: EncoderParameters, records: Records) -> IntArray:
    """How many of a record's categories training never had, not even rarely, [n].

    A missing value counts where training had none in that column.
    """
    count: IntArray = unseen_columns(parameters, records).sum(axis=1, dtype=np.int64)
    return count


def unseen_columns(parameters: EncoderParameters, records: Records) -> BoolArray:
    """Which categories training never had, [n, n_categorical]."""
    return new_categories(parameters, codes(parameters, records))


def new_categories(parameters: EncoderParameters, codes: IntArray) -> BoolArray:
    """Which codes [n, n_categorical] are of categories that training never had."""
    kept = np.array([len(categories) for categories in parameters.categories], dtype=np.int64)
    never: BoolArray = codes > kept
    return never


def codes(parameters: EncoderParameters, records: Records) -> IntArray:
    """Per categorical column: place among its K kept categories, K for a rarer one, K + 1 for a new one."""
    found = np.empty((records.n, len(parameters.categorical)), dtype=np.int64)
    for place, (name, kept) in enumerate(zip(parameters.categorical, parameters.categories, strict=True)):
        number = encoder_rows.numbering(parameters, place)
        found[:, place] = numbered_texts(records.table, name, number, otherwise=len(kept) + 1)
    return found


def encode_one(parameters: EncoderParameters, record: Records) -> EncodedRecord:
    """Every view of a single record, equal to the bit to its row among many."""
    if record.n != 1:
        raise ValueError(f"encode_one takes a single record; it was given {record.n}")
    never = unseen_columns(parameters, record)[0]
    return EncodedRecord(
        features=features(parameters, record)[0],
        plain=plain(parameters, record)[0],
        coded=coded(parameters, record)[0],
        steps=steps(parameters, record)[0],
        unseen=tuple(name for name, new in zip(parameters.categorical, never, strict=True) if new),
    )


def refuse_fit_window(parameters: EncoderParameters, records: Records) -> None:
    """Raise `LeakError` if records that are to be scored were made inside the encoder's fit window."""
    if not parameters.until:
        return
    inside = records.time[~(records.time > np.datetime64(parameters.until))]
    if inside.size:
        raise LeakError(
            f"an encoder fitted until {parameters.until} would be judged on {records.n} records,"
            f" {inside.size} of them not later"
        )


def feature_groups(parameters: EncoderParameters) -> dict[str, int]:
    """How many columns of `features` each source column has, in their order."""
    widths = encoder_rows.feature_widths(parameters)
    numeric = dict(zip(parameters.numeric, widths, strict=True))
    return numeric | {
        name: encoder_rows.one_hot_width(parameters, place)
        for place, name in enumerate(parameters.categorical)
    }


def feature_names(parameters: EncoderParameters) -> tuple[str, ...]:
    """Names of the columns of `features`."""
    names: list[str] = []
    for name, edges, missing in zip(parameters.numeric, parameters.edges, parameters.missing, strict=True):
        names += [f"{name}:{number}" for number in range(1, len(edges))]
        names += [f"{name}:missing"] * missing
    return (*names, *_all_one_hot_names(parameters))


def plain_names(parameters: EncoderParameters) -> tuple[str, ...]:
    """Names of the columns of `plain`."""
    names: list[str] = []
    for name, missing in zip(parameters.numeric, parameters.missing, strict=True):
        names += [name] + [f"{name}:missing"] * missing
    return (*names, *_all_one_hot_names(parameters))


def coded_names(parameters: EncoderParameters) -> tuple[str, ...]:
    """Names of the columns of `coded`: the source columns."""
    return (*parameters.numeric, *parameters.categorical)


def _one_hot_names(parameters: EncoderParameters, place: int) -> list[str]:
    """Names of a categorical column's one-hot columns; the one for others only if training had any."""
    name = parameters.categorical[place]
    names = [f"{name}={one}" if one else f"{name}:missing" for one in parameters.categories[place]]
    return names + [f"{name}:other"] * (parameters.shares[place][-1] > 0)


def _all_one_hot_names(parameters: EncoderParameters) -> list[str]:
    return [
        name for place in range(len(parameters.categorical)) for name in _one_hot_names(parameters, place)
    ]
