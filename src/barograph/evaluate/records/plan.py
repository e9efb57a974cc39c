"""The plan of a scoring study: which records are scored, by models fitted on which.

- `origin`: walk forward by vintage. The cut is the day (in a stream, the second) before the test vintage's
  first record; a record trains if its observation window had closed by then, whatever its label.
- `retrospective`: earlier vintages train, later ones test, with final outcomes on both sides. Some of the
  training labels matured after the first test record, so this compares models and claims no calibration.
- `cross_validation`: repeated stratified folds, customers whole, for records without time.

Each training window is parted into rows to fit on and rows held out, for early stopping, calibration and
stacking. With time and no bag the held-out rows are half of the last matured vintage: those that are nearest
to what will be scored.
"""

from __future__ import annotations

import math

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError, SettingError
from barograph.core.record_table import Records
from barograph.core.scored import BagPart, Protocol, RecordFold
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import seed_of
from barograph.evaluate.records.enough import LEAST_CLASS, LEAST_ROWS, both_classes, checked
from barograph.evaluate.records.parting import bag_part, dealt, held_out
from barograph.measures.alerts import known_cards

NO_DAY = np.datetime64("NaT", "D")
NO_ROWS: IntArray = np.empty(0, dtype=np.int64)


def planned_folds(records: Records, study: ScoringStudy) -> dict[Protocol, tuple[RecordFold, ...]]:
    """The folds of every protocol of the study, the headline first; records without time have only one.

    Parameters
    ----------
    records : Records
    study : ScoringStudy
        `evaluate` (protocols, origins, windows, folds, repetitions) and `train` (bag, seed).

    Returns
    -------
    dict of Protocol to tuple of RecordFold
        Numbered from 0 within each protocol.

    Raises
    ------
    DataError
        If a fold has too few records of either class, or nothing to score.
    SettingError
        If a retrospective test does not lie after its training window.
    """
    protocols = study.evaluate.protocols if records.has_time else ("cross_validation",)
    folds: dict[Protocol, tuple[RecordFold, ...]] = {}
    for protocol in protocols:
        if protocol == "origin":
            folds[protocol] = _walk_forward(records, study)
        elif protocol == "retrospective":
            folds[protocol] = _retrospective(records, study)
        else:
            folds[protocol] = _cross_validation(records, study)
    return folds


def refit_fold(records: Records, study: ScoringStudy) -> RecordFold:
    """The fold behind the bundle: everything known at the data's end, and nothing to score.

    With time its held-out rows are chosen as at an origin that comes right after the data.
    """
    if not records.has_time:
        rows = np.flatnonzero(np.isfinite(records.label))
        return _random_fold(records, study, 0, 0, rows, NO_ROWS, purpose="refit")
    known = np.isfinite(records.label)
    cut = max(records.time.max(), records.label_time[known].max()) if known.any() else records.time.max()
    return _at_origin(records, study, number=0, block=int(records.vintage.max()) + 1, cut=cut, test=NO_ROWS)


def labels_of(records: Records, protocol: str) -> FloatArray:
    """What a protocol trains on and scores: the label, or the final outcome for the retrospective one."""
    return records.outcome if protocol == "retrospective" else records.label


def block_name(study: ScoringStudy, protocol: str, block: int) -> str:
    """A block as claims and tables name it: ``2004``, ``2004-2005``, or the repetition counted from 1."""
    if protocol == "retrospective":
        _, _, first, last = study.evaluate.retrospective[block]
        return f"{first}-{last}"
    return str(block + 1) if protocol == "cross_validation" else str(block)


def training_rows(records: Records, study: ScoringStudy, protocol: str, block: int) -> IntArray:
    """Rows that may train for a block of a protocol with time.

    Parameters
    ----------
    protocol : {"origin", "retrospective"}
    block : int
        Test vintage, or number of the retrospective test.
    """
    if protocol == "origin":
        return _known_rows(records, study, _just_before(records, records.vintage == block))
    first, last, _, _ = study.evaluate.retrospective[block]
    inside = (records.vintage >= first) & (records.vintage <= last)
    return np.flatnonzero(inside & np.isfinite(records.outcome))


def _known_rows(records: Records, study: ScoringStudy, cut: np.datetime64) -> IntArray:
    """Rows whose label is known at a cut, of the vintages that may train."""
    rows = np.flatnonzero(records.known_at(cut) & (records.vintage >= study.evaluate.train_since))
    if not study.evaluate.train_blocks or not rows.size:
        return rows
    last = _last_matured(records, rows, cut)
    newest = np.unique(records.vintage[rows])
    kept = newest[newest <= last][-study.evaluate.train_blocks :]
    return rows[np.isin(records.vintage[rows], kept)]


def _just_before(records: Records, rows: BoolArray) -> np.datetime64:
    """The day (in a stream, the second) before the first of some records; not a time if there is none."""
    first: np.datetime64 = records.time[rows].min() - 1 if rows.any() else NO_DAY
    return first


def _origins(records: Records, study: ScoringStudy) -> tuple[int, ...]:
    """Test vintages: those named, else of the last two fifths of the scorable ones those that can learn."""
    if study.evaluate.origins:
        return study.evaluate.origins
    known = np.isfinite(records.label)
    years = np.unique(records.vintage[known]).tolist()
    labels = {year: records.label[known & (records.vintage == year)] for year in years}
    scorable = [year for year in years if both_classes(labels[year], study, least=1)]
    late = scorable[-math.ceil(0.4 * len(scorable)) :] if scorable else []
    able = tuple(year for year in late if _can_learn(records, study, year))
    if not able:
        raise DataError(
            f"a walk-forward needs a vintage to score, with {LEAST_ROWS} labels known before it"
            f" and {LEAST_CLASS} of either class to fit on and as many to calibrate on",
            came=f"of {len(scorable)} vintages with known labels none of the last {len(late)} has them",
            do="Give more history, shorten collect.known_after, name vintages in evaluate.origins,"
            " or leave out the time column to cross-validate",
        )
    return able


def _can_learn(records: Records, study: ScoringStudy, year: int) -> bool:
    try:
        _origin_fold(records, study, 0, year)
    except DataError:
        return False
    return True


def _walk_forward(records: Records, study: ScoringStudy) -> tuple[RecordFold, ...]:
    years = _origins(records, study)
    return tuple(_origin_fold(records, study, number, year) for number, year in enumerate(years))


def _origin_fold(records: Records, study: ScoringStudy, number: int, year: int) -> RecordFold:
    inside = records.vintage == year
    test = np.flatnonzero(inside & np.isfinite(records.label))
    if test.size == 0:
        raise DataError(
            f"every test vintage must have records whose label is known, {year} too",
            came=f"the {int(inside.sum())} of {year} have none",
            do=f"Take {year} out of evaluate.origins",
        )
    return _at_origin(records, study, number=number, block=year, cut=_just_before(records, inside), test=test)


def _at_origin(
    records: Records, study: ScoringStudy, *, number: int, block: int, cut: np.datetime64, test: IntArray
) -> RecordFold:
    rows = _known_rows(records, study, cut)
    last = _last_matured(records, rows, cut)
    seed = seed_of(study.train.seed, f"origin {block}")
    if study.train.bag > 1:
        parts, held = held_out(records, rows, records.label, bag=study.train.bag, seed=seed)
        held = held[records.vintage[held] == last]
    elif study.evaluate.hold_out == "vintages":
        held, parts = _last_two(records, rows)
    elif study.evaluate.hold_out == "vintage":
        held = rows[records.vintage[rows] == last]
        parts = (BagPart(rows[records.vintage[rows] < last], held),)
    else:
        newest = rows[records.vintage[rows] == last]
        held = newest[dealt(records, newest, records.label, 2, seed=seed) == 0]
        parts = (bag_part(records, rows, held),)
    if study.evaluate.remove_known:
        test = unknown_still(records, rows, test)
    fold = RecordFold(number, "origin", block, cut, parts, held, test)
    return checked(fold, records.label, study)


def _last_two(records: Records, rows: IntArray) -> tuple[IntArray, tuple[BagPart, ...]]:
    """The known records of the last two vintages held out; to fit on, what was known before the first."""
    vintage = records.vintage[rows]
    earlier = np.unique(vintage)[-2:]
    held = rows[np.isin(vintage, earlier)]
    before = rows[vintage < earlier[0]] if earlier.size else rows[:0]
    if held.size:
        before = before[records.label_time[before] < records.time[held].min()]
    return held, (BagPart(before, held),)


def unknown_still(records: Records, train: IntArray, test: IntArray) -> IntArray:
    """Test rows of customers of whom nothing bad was known on the day.

    A customer with a bad label since the first day of the training window leaves the test on the day after
    that label is known: nobody scores a card that is blocked.
    """
    if not train.size or not test.size:
        return test
    bad = (records.label == 1.0) & (records.time >= records.time[train].min())
    gone = known_cards(
        records.group[test],
        records.time[test].astype(np.int64),
        fraud_card=records.group[bad],
        fraud_day=records.label_time[bad].astype(np.int64),
        delay=0,
    )
    return test[~gone]


def _last_matured(records: Records, rows: IntArray, cut: np.datetime64) -> int:
    """The newest vintage wholly known at the cut, or else the newest that is known in part."""
    known = np.unique(records.vintage[rows])
    open_still = np.unique(records.vintage[~(records.label_time <= cut)])
    whole = np.setdiff1d(known, open_still)
    newest = whole if whole.size else known
    return int(newest[-1]) if newest.size else 0


def _retrospective(records: Records, study: ScoringStudy) -> tuple[RecordFold, ...]:
    if not study.evaluate.retrospective:
        raise SettingError(
            "the retrospective protocol must have its tests named",
            came="evaluate.retrospective is empty",
            do="Give first and last vintage of training and of the test, or drop it from evaluate.protocols",
        )
    return tuple(_retrospective_fold(records, study, n) for n in range(len(study.evaluate.retrospective)))


def _retrospective_fold(records: Records, study: ScoringStudy, number: int) -> RecordFold:
    first, last, since, until = study.evaluate.retrospective[number]
    if not first <= last < since <= until:
        raise SettingError(
            "a retrospective test must lie after its training window",
            came=f"training {first}-{last}, test {since}-{until}",
            do="Correct evaluate.retrospective",
        )
    rows = training_rows(records, study, "retrospective", number)
    tested = (records.vintage >= since) & (records.vintage <= until)
    test = np.flatnonzero(tested & np.isfinite(records.outcome))
    if test.size == 0:
        raise DataError(
            f"the retrospective test {since}-{until} must have records with an outcome",
            came=f"there are {int(tested.sum())} of these vintages, none with an outcome",
            do="Correct evaluate.retrospective, or give more data",
        )
    seed = seed_of(study.train.seed, f"retrospective {number}")
    parts, held = held_out(records, rows, records.outcome, bag=study.train.bag, seed=seed)
    cut = _just_before(records, tested)
    fold = RecordFold(number, "retrospective", number, cut, parts, held, test)
    return checked(fold, records.outcome, study)


def _cross_validation(records: Records, study: ScoringStudy) -> tuple[RecordFold, ...]:
    known = np.flatnonzero(np.isfinite(records.label))
    turns = study.evaluate.folds
    folds: list[RecordFold] = []
    for repetition in range(study.evaluate.repeats):
        seed = seed_of(study.train.seed, "repetition", repetition)
        part = dealt(records, known, records.label, turns, seed=seed)
        for turn in range(turns):
            train, test = known[part != turn], known[part == turn]
            purpose = f"fold {len(folds)}"
            folds.append(_random_fold(records, study, len(folds), repetition, train, test, purpose=purpose))
    return tuple(folds)


def _random_fold(
    records: Records,
    study: ScoringStudy,
    number: int,
    repetition: int,
    train: IntArray,
    test: IntArray,
    *,
    purpose: str,
) -> RecordFold:
    seed = seed_of(study.train.seed, purpose)
    parts, held = held_out(records, train, records.label, bag=study.train.bag, seed=seed)
    fold = RecordFold(number, "cross_validation", repetition, NO_DAY, parts, held, test)
    return checked(fold, records.label, study)
