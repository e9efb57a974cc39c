"""Events as records: nothing later is looked at, blocks are cut by days, and what is refused is said."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.core.errors import DataError
from barograph.core.event_table import Events, EventSnapshot
from barograph.core.record_sections import EventsSection
from barograph.core.scoring_study import (
    EncodeSection,
    JudgeSection,
    RecordsSection,
    ScorersSection,
    ScoringStudy,
)
from barograph.engines.scoring.event_records import blocks, event_records
from barograph.evaluate.records.plan import planned_folds, unknown_still

WORLD = CardWorld(cards=120, terminals=200, days=56, seed=3, card_fraud=0.02, terminal_fraud=0.02)
SNAPSHOT = simulate_cards(WORLD)


def study(**changes: object) -> ScoringStudy:
    collect = {key: value for key, value in changes.items() if key in ("since", "until")}
    judge = {key: value for key, value in changes.items() if key in JudgeSection.model_fields}
    return ScoringStudy(
        name="my/fraud",
        question="Who?",
        collect=RecordsSection(source="made", label_days=7, **collect),
        prepare=EncodeSection(events=EventsSection(), history_months=0),
        model=ScorersSection(networks=("rnn",), baselines=("logistic",), experience=False),
        evaluate=JudgeSection(**judge),
    )


def changed(**fields: object) -> EventSnapshot:
    return dataclasses.replace(SNAPSHOT, events=dataclasses.replace(SNAPSHOT.events, **fields))


def test_corrupting_every_event_after_a_moment_changes_no_record_up_to_it() -> None:
    events = SNAPSHOT.events
    plain = event_records(SNAPSHOT, study()).records
    late = events.time > events.time[events.n // 2]
    random = np.random.default_rng(0)
    spoilt = changed(
        amount=np.where(late, random.uniform(0, 9999, events.n).round(2), events.amount),
        counterparty=np.where(late, random.integers(0, 5, events.n), events.counterparty),
        label=np.where(late, 1 - events.label, events.label),
    )
    after = event_records(spoilt, study()).records
    kept = np.flatnonzero(~late)
    assert plain.table[kept.tolist()].equals(after.table[kept.tolist()])
    np.testing.assert_array_equal(plain.sequence[kept], after.sequence[kept])
    assert not plain.table.equals(after.table)


def test_days_before_the_study_are_looked_back_on_but_make_no_records() -> None:
    whole = event_records(SNAPSHOT, study()).records
    part = event_records(SNAPSHOT, study(since="2024-01-22", until="2024-02-11")).records
    inside = (whole.time >= np.datetime64("2024-01-22")) & (whole.time <= np.datetime64("2024-02-11"))
    assert part.record_id.tolist() == whole.record_id[inside].tolist()
    assert part.table.equals(whole.table.filter(pl.Series(inside)))
    assert np.unique(part.vintage).tolist() == [20240122, 20240129, 20240205]


def test_without_the_counterpartys_amounts_all_other_columns_stay_as_they_are() -> None:
    whole = event_records(SNAPSHOT, study()).records
    own = EncodeSection(events=EventsSection(keys=("actor",)), history_months=0)
    lean = event_records(SNAPSHOT, study().model_copy(update={"prepare": own})).records
    left_out = {name for name in whole.numeric if name.startswith("counterparty_")}
    assert len(left_out) == 3 * 4 + 2
    assert lean.numeric == tuple(name for name in whole.numeric if name not in left_out)
    assert lean.table.equals(whole.table.select(lean.columns))


def test_blocks_are_named_by_their_first_day_across_months_and_years() -> None:
    days = np.array(["2023-12-27", "2024-01-02", "2024-01-03", "2024-02-29"], dtype="datetime64[D]")
    found = blocks(days, 7, first=np.datetime64("2023-12-27"))
    assert found.tolist() == [20231227, 20231227, 20240103, 20240228]


def test_what_is_refused_is_left_out_and_counted() -> None:
    events = SNAPSHOT.events
    time, ids = events.time.copy(), events.event_id.copy()
    time[5] = np.datetime64("1970-01-01T00:00:00", "us")
    ids[7] = ids[6]
    found = event_records(changed(time=time, event_id=ids), study())
    assert found.records.n == events.n - 2
    assert "1 events are duplicate: left out" in found.notes
    assert "1 events are bad time: left out" in found.notes


def test_too_few_events_are_refused() -> None:
    few = dataclasses.replace(SNAPSHOT, events=SNAPSHOT.events.take(np.arange(500)))
    with pytest.raises(DataError, match="needs at least 1,000 of them; 500 of 500 are left"):
        event_records(few, study())


def test_a_further_column_called_like_a_feature_gets_a_name_of_its_own() -> None:
    columns = pl.DataFrame({"night": np.zeros(SNAPSHOT.events.n), "channel": ["x"] * SNAPSHOT.events.n})
    found = event_records(changed(columns=columns), study())
    assert "given_night" in found.records.numeric
    assert any("night: called given_night" in note for note in found.notes)


def test_a_fold_trains_on_the_newest_matured_blocks_and_holds_the_last_of_them_out_whole() -> None:
    plan = study(train_blocks=3, hold_out="vintage", origins=(20240212,))
    records = event_records(SNAPSHOT, plan).records
    (fold,) = planned_folds(records, plan)["origin"]
    (part,) = fold.parts
    assert np.unique(records.vintage[part.fit_rows]).tolist() == [20240115, 20240122]
    assert np.unique(records.vintage[part.holdout_rows]).tolist() == [20240129]
    assert records.label_time[part.holdout_rows].max() <= fold.cut < records.time[fold.test_rows].min()
    assert fold.calibration_rows.tolist() == part.holdout_rows.tolist()


def test_a_card_leaves_the_test_on_the_day_after_its_fraud_is_known() -> None:
    plan = study(train_blocks=3, hold_out="vintage", origins=(20240212,), remove_known=True)
    records = event_records(SNAPSHOT, plan).records
    (fold,) = planned_folds(records, plan)["origin"]
    whole = np.flatnonzero(records.vintage == 20240212)
    train = np.concatenate([fold.parts[0].fit_rows, fold.parts[0].holdout_rows])
    since = records.time[train].min()
    expected = []
    for row in whole.tolist():
        mine = (records.group == records.group[row]) & (records.label == 1) & (records.time >= since)
        if not (records.label_time[mine] < records.time[row]).any():
            expected.append(row)
    assert fold.test_rows.tolist() == expected
    assert 0 < len(expected) < whole.size
    assert unknown_still(records, train[:0], whole).size == whole.size


def test_labels_count_only_once_they_are_known() -> None:
    """A fraud confirmed later than the delay leaves the risk of its terminal unchanged until then."""
    events: Events = SNAPSHOT.events
    bad = int(np.flatnonzero((events.label == 1) & (events.time < events.time[events.n // 3]))[0])
    late = events.label_time.copy()
    late[bad] += np.timedelta64(20, "D")
    plain, moved = (event_records(one, study()).records for one in (SNAPSHOT, changed(label_time=late)))
    differs = plain.table["risk_frauds_30d"].to_numpy() != moved.table["risk_frauds_30d"].to_numpy()
    instants = events.time[np.flatnonzero(differs)]
    assert differs.any()
    assert (instants > events.label_time[bad]).all()
    assert (instants <= late[bad]).all()
