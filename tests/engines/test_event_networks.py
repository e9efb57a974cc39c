"""Networks that read the last events of an account: each really does, in table, bundle and live alike."""

from __future__ import annotations

import dataclasses
import functools
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.event_records import event_records
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.live_events import LiveAnswer, LiveEvent
from barograph.engines.scoring.live_rows import LIVE_TOLERANCE
from barograph.engines.scoring.serving import figures
from barograph.models.scorers import SCORERS
from small_events import as_live, bundled, labels_by_time, past_and_rest, refitted, small_fraud, world

DAY = 86_400_000_000
READERS = ("transformer", "rnn", "cnn")
SETTINGS = {
    "transformer": {"width": 4, "heads": 1, "hidden": (8,), "patch": 2},
    "rnn": {"hidden": 4, "readout": (8,)},
    "cnn": {"channels": 4, "hidden": (8,)},
}


def study_of(network: str) -> ScoringStudy:
    settings = {network: SETTINGS[network]} if network in SETTINGS else {}
    return small_fraud(
        model__networks=(network,), model__settings=settings, train__seeds=1, train__max_steps=60
    )


@functools.cache
def records_of(network: str) -> RecordSnapshot:
    return event_records(past_and_rest()[0], study_of(network))


def with_steps(records: Records, steps: np.ndarray) -> Records:
    return dataclasses.replace(records, sequence=steps)


def test_the_catalogue_has_these_readers_and_no_others() -> None:
    """In studies of alerts `autoencoder` sees no label and reads no steps; elsewhere it predicts."""
    assert {key for key, entry in SCORERS.items() if entry.reads_sequence} == {*READERS, "autoencoder"}


@pytest.mark.parametrize("network", ["tabm", *READERS])
def test_the_last_events_are_there_for_a_network_that_reads_them_and_for_no_other(network: str) -> None:
    records, study = records_of(network).records, study_of(network)
    assert study.prepare.events is not None
    length = study.prepare.events.steps if network in READERS else 0
    assert records.sequence.shape[1] == length
    if length:  # the last step is the event's own
        amount = records.amount
        np.testing.assert_allclose(records.sequence[:, -1, 0], np.sign(amount) * np.log1p(np.abs(amount)))


@pytest.mark.parametrize("network", READERS)
def test_a_trained_network_hears_every_step_and_says_live_what_it_says_of_a_table(
    network: str, tmp_path: Path
) -> None:
    snapshot, study = records_of(network), study_of(network)
    folder = bundled(refitted(snapshot.records, study), study, network, snapshot, tmp_path / "bundle")
    predictor = load(folder)
    whole = event_records(world(), study).records
    arriving = as_live(past_and_rest()[1])[:150]
    place = {name: row for row, name in enumerate(whole.record_id.tolist())}
    table = whole.take(np.array([place[one.event_id] for one in arriving]))
    answers = told(LiveScorer(predictor), arriving)
    expected = figures(predictor.parts, table)
    assert max(abs(one.score - p) for one, p in zip(answers, expected, strict=True)) <= LIVE_TOLERANCE
    for step in range(table.sequence.shape[1]):
        spoilt = table.sequence.copy()
        spoilt[:, step, 0] += 3.0
        moved = figures(predictor.parts, with_steps(table, spoilt))
        known = np.isfinite(table.sequence[:, step, 0])
        assert np.abs(moved - expected)[known].max() > 1e-7, step


def told(scorer: LiveScorer, events: Sequence[LiveEvent]) -> list[LiveAnswer]:
    """Answers to events, each after the labels that were known before it."""
    labels = deque(one for one in labels_by_time(world().events) if one[0] > events[0].time - DAY)
    answers = []
    for one in events:
        while labels[0][0] < one.time:
            known_at, event_id, label = labels.popleft()
            scorer.learn(event_id, label, known_at)
        answers.append(scorer.update(one))
    return answers
