"""Current experience: the defaults of the last twelve months and nothing older, of loans that may train."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.core.record_table import Records
from barograph.engines.scoring.combining import hazard_shift
from barograph.engines.scoring.experience import Experience, experience_at
from small_scoring import book, small_scoring, snapshot_of

CUT = np.datetime64("2014-12-31")
WINDOW = 12
YEAR = np.timedelta64(365, "D")


@pytest.fixture(scope="module")
def records() -> Records:
    return snapshot_of(book(400), small_scoring()).records


def lived(records: Records, *, since: int = 0) -> Experience:
    found = experience_at(records, CUT, since=since, months=WINDOW)
    assert found is not None
    return found


def test_loans_whose_window_closed_before_the_last_year_say_nothing_of_the_present(records: Records) -> None:
    never = np.datetime64("NaT", "D")
    ended = records.time + 2 * YEAR + 10 < CUT
    spared = replace(records, event_time=np.where(ended, never, records.event_time))
    assert lived(spared).default_rate == lived(records).default_rate
    running = replace(
        records, event_time=np.where(~ended & (records.group % 2 == 0), never, records.event_time)
    )
    assert lived(running).default_rate < 0.7 * lived(records).default_rate


def test_defaults_at_a_steady_pace_give_the_rate_of_that_pace() -> None:
    """One percent of the loans on the books default each month: 1 - 0.99^12 do within a year."""
    many = snapshot_of(book(3000), small_scoring()).records
    months = np.random.default_rng(2).geometric(0.01, many.n)
    paced = replace(many, event_time=many.time + (months * 30.44 - 15).astype(np.int64))
    n_recent = int(((many.time > CUT - 2 * YEAR) & (many.time <= CUT)).sum())
    assert lived(paced).default_rate == pytest.approx(1 - 0.99**WINDOW, abs=4 * np.sqrt(0.1 / n_recent))


def test_only_vintages_that_may_train_and_loans_made_by_the_cut_count(records: Records) -> None:
    for since in (0, 2013):
        found = lived(records, since=since)
        assert np.array_equal(found.rows, np.flatnonzero((records.time <= CUT) & (records.vintage >= since)))
        assert np.isin(found.recent, found.rows).all()
        assert (records.time[found.recent] > records.time[found.rows].max() - YEAR - 2).all()


def test_too_few_defaults_in_the_last_year_are_no_experience(records: Records) -> None:
    quarter = np.timedelta64(93, "D")  # a default counts when its quarter has ended
    late = (records.event_time > CUT - YEAR - quarter) & (records.event_time <= CUT)
    few = np.where(late & (np.cumsum(late) > 15), np.datetime64("NaT", "D"), records.event_time)
    assert experience_at(replace(records, event_time=few), CUT, since=0, months=WINDOW) is None


def test_a_shifted_hazard_expects_as_many_defaults_in_the_last_year_as_there_were(records: Records) -> None:
    found = lived(records)
    odds = np.random.default_rng(3).normal(-3.0, 1.0, found.at_risk.shape)
    shift = hazard_shift(odds, found.rows, found).b
    expected = found.recent_at_risk / (1.0 + np.exp(-(odds + shift)))
    assert expected.sum() == pytest.approx(found.recent_event.sum(), rel=1e-9)
