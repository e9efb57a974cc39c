"""From a panel to samples: one row per entity and origin, made from the past of that origin alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from barograph.core.arrays import BoolArray, DateArray, FloatArray
from barograph.core.errors import DataError
from barograph.core.records import Panel, Samples
from barograph.core.study import PrepareSection
from barograph.measures.returns import sums_ahead
from barograph.prepare.currencies import currency_states, without_ranges
from barograph.prepare.own import LOOKBACK, REFERENCE_WINDOW, OwnState, own_state
from barograph.prepare.panel_state import PanelState, panel_state
from barograph.prepare.series import Series, series_of


def history_rows(section: PrepareSection) -> int:
    """Rows an entity must have, the origin's own included, for every feature and the whole window.

    Examples
    --------
    >>> history_rows(PrepareSection(window=22)), history_rows(PrepareSection(window=260))
    (250, 325)
    """
    return max(LOOKBACK, section.window + REFERENCE_WINDOW - 1)


def build(
    panel: Panel,
    section: PrepareSection,
    *,
    classes: Mapping[str, str] | None = None,
    entities: Sequence[str] | None = None,
) -> Samples:
    """All samples of a panel.

    Every feature, channel and cross-section of a row uses days at or before its origin and a finite window of
    rows, so that it does not change, to the last bit, when later days do. Targets look ahead: the sum of
    squared log returns and the log return over the entity's next h rows, and the day of the last of them.

    Parameters
    ----------
    panel : Panel
    section : PrepareSection
        Horizons and window.
    classes : mapping of str to str, optional
        Entity -> its class, such as "stock": adds the median over that class. Entities that are not named get
        0 and an indicator.
    entities : sequence of str, optional
        The entities and their order; those of the panel, sorted, unless said. A model fitted on more entities
        than the panel has is served by naming them all: those without rows count as unknown.

    Returns
    -------
    Samples
        NaN in features and channels only where the window is not full, never where `admissible`.
        In `cross_section` an entity whose latest value is missing or older than 7 days is 0, and so is its
        indicator.

    Raises
    ------
    DataError
        If the panel holds no entity with two prices, or one that is not among `entities`.
    """
    names = _named(panel, entities)
    parts, nothing = panel.each(), Panel(panel.table.clear())
    series = [series_of(parts.get(name, nothing), name) for name in names]
    if not any(one.time.size for one in series):
        raise DataError(
            "a panel must hold at least two prices of one series",
            came="got none with two",
            do="Give the daily history of the series",
        )
    states = [own_state(one) for one in series]
    panel_at = panel_state(series, states, classes=classes or {})
    return _joined(names, series, states, panel_at=panel_at, section=section)


def _named(panel: Panel, entities: Sequence[str] | None) -> tuple[str, ...]:
    """The entities in their order; a stranger in the panel is refused."""
    if entities is None:
        return panel.entities
    strangers = sorted(set(panel.entities) - set(entities))
    if strangers:
        raise DataError(
            f"series must be among the {len(entities)} that the model was prepared with",
            came=f"got {', '.join(strangers)}",
            do=f"Use {', '.join(entities)}",
        )
    return tuple(entities)


def _joined(
    names: tuple[str, ...],
    series: Sequence[Series],
    states: Sequence[OwnState],
    *,
    panel_at: PanelState,
    section: PrepareSection,
) -> Samples:
    """Put the entities one under the other."""
    features, channels = [], []
    of_panel = currency_states(series, section) if section.inputs == "currencies" else None
    for number, (one, state) in enumerate(zip(series, states, strict=True)):
        columns = state.features | panel_at.features(number, one.time)
        features.append(columns if of_panel is None else without_ranges(columns) | of_panel[number].features)
        median = panel_at.medians[5][panel_at.place(one.time)]
        channels.append(state.channels | {"panel_median": median})
    time = np.concatenate([one.time for one in series])
    lengths = [one.time.shape[0] for one in series]
    return Samples(
        entities=names,
        entity=np.repeat(np.arange(len(names), dtype=np.int64), lengths),
        time=time,
        features=_stacked(features),
        feature_names=tuple(features[0]),
        channels=_stacked(channels),
        channel_names=tuple(channels[0]),
        window=section.window,
        cross_section=panel_at.cross_section(time),
        returns=np.concatenate([one.returns for one in series]),
        proxy=np.concatenate([one.proxy for one in series]),
        price=np.concatenate([one.close for one in series]),
        horizons=section.horizons,
        target=np.concatenate([sums_ahead(one.returns**2, section.horizons) for one in series]),
        target_return=np.concatenate([sums_ahead(one.returns, section.horizons) for one in series]),
        known_at=np.concatenate([_known_at(one.time, section.horizons) for one in series]),
        admissible=np.concatenate([_admissible(n, section) for n in lengths]),
        held=np.zeros(time.shape[0], dtype=np.bool_)
        if of_panel is None
        else np.concatenate([state.held for state in of_panel]),
    )


def _stacked(blocks: Sequence[Mapping[str, FloatArray]]) -> FloatArray:
    """Entities below each other, columns side by side."""
    return np.concatenate([np.stack(list(block.values()), axis=1) for block in blocks])


def _known_at(time: DateArray, horizons: Sequence[int]) -> DateArray:
    """The day of the h-th next row, NaT where it has not come yet, [n, n_horizons]."""
    known = np.full((time.shape[0], len(horizons)), np.datetime64("NaT"), dtype="datetime64[D]")
    for column, horizon in enumerate(horizons):
        known[: max(time.shape[0] - horizon, 0), column] = time[horizon:]
    return known


def _admissible(n_rows: int, section: PrepareSection) -> BoolArray:
    """Rows with enough rows before them."""
    return np.asarray(np.arange(n_rows) >= history_rows(section) - 1)
