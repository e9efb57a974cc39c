"""Training on rows that are read block by block: the order, and what a network learns in it."""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
import torch
from planted_records import FIT, HELD_OUT, SETTINGS, SMALL, VALIDATION, planted
from scipy import special

from barograph.core.errors import LeakError, StorageError
from barograph.models.scorers import SCORING_CATALOGUE
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember, predict_records
from barograph.train.stack import TrainedStack
from barograph.train.streaming import RowStream

torch.set_num_threads(1)


@dataclass
class Blocks:
    """Rows of planted records in blocks of so many, of which some may not be trained on."""

    data: RecordData
    usable: np.ndarray
    size: int = 100
    mark: str = "planted"
    largest: int = 0
    asked: list[int] = field(default_factory=list)

    @cached_property
    def sizes(self) -> np.ndarray:
        return np.array([self.block(one).size for one in range(-(-FIT.size // self.size))])

    def block(self, number: int) -> np.ndarray:
        rows = FIT[number * self.size : (number + 1) * self.size]
        return rows[self.usable[rows]]

    def read(self, blocks: np.ndarray) -> np.ndarray:
        rows = np.concatenate([self.block(one) for one in blocks])
        self.largest = max(self.largest, rows.size)
        self.asked += blocks.tolist()
        return rows

    def encoded(self, rows: np.ndarray) -> RecordData:
        chosen = {
            name: getattr(self.data, name)[rows]
            for name in ("features", "sequence", "offset", "target", "weight")
        }
        return replace(self.data, **chosen)


def blocks(size: int = 100, *, without: slice = slice(300, 430)) -> Blocks:
    """Rows 300 to 429 may not be trained on: all of one block and part of the next."""
    usable = np.ones(FIT.size, dtype=bool)
    usable[without] = False
    return Blocks(planted(), usable, size)


def trained(
    source: Blocks | None, *, checkpoint: Path | None = None, network: str = "tabm", **further: object
) -> TrainedStack:
    changes = {"max_steps": 60} | {name: further.pop(name) for name in ("max_steps",) if name in further}
    return train_stack(
        network,
        SMALL.get(network, {}),
        "bernoulli",
        [RecordMember(10, FIT, VALIDATION)],
        planted(),
        SETTINGS.model_copy(update=changes),
        catalogue=SCORING_CATALOGUE,
        checkpoint=checkpoint,
        source=source,
        **further,
    )


def assert_same(a: TrainedStack, b: TrainedStack) -> None:
    assert a.history == b.history
    for name, values in a.weights.items():
        np.testing.assert_array_equal(values, b.weights[name], err_msg=name)


@pytest.mark.parametrize("window", [1, 3, 7, 100])
@pytest.mark.parametrize("size", [1, 100, 1800])
def test_every_row_comes_exactly_once_an_epoch(window: int, size: int) -> None:
    source = blocks(size)
    stream = RowStream(source, 5, window)
    assert stream.n_rows == 1800 - 130
    for epoch in range(3):
        seen = stream.rows(epoch * stream.n_rows, stream.n_rows)
        np.testing.assert_array_equal(np.sort(seen), FIT[source.usable])


def test_the_order_is_the_same_in_steps_of_any_size_and_from_any_place() -> None:
    stream = RowStream(blocks(), 5, 3)
    whole = stream.rows(0, 5000)
    steps = RowStream(blocks(), 5, 3)
    np.testing.assert_array_equal(np.concatenate([steps.rows(i, 125) for i in range(0, 5000, 125)]), whole)
    np.testing.assert_array_equal(RowStream(blocks(), 5, 3).rows(3333, 200), whole[3333:3533])


def test_another_epoch_and_another_seed_shuffle_anew() -> None:
    stream = RowStream(blocks(), 5, 3)
    first, second = stream.rows(0, stream.n_rows), stream.rows(stream.n_rows, stream.n_rows)
    other = RowStream(blocks(), 6, 3).rows(0, stream.n_rows)
    for one in (second, other):
        assert (one == first).mean() < 0.02


def test_rows_of_a_window_come_from_all_over_and_are_mixed() -> None:
    source = blocks(10, without=slice(0, 0))
    first = RowStream(source, 5, 60).rows(0, 600)
    assert Counter(first // 10).most_common(1)[0][1] == 10  # 60 blocks of 180, each whole
    assert len(set(first // 450)) == 4  # of every quarter of the table
    neighbours = np.abs(np.diff(first)) == 1
    assert neighbours.mean() < 0.02


def test_no_more_than_a_window_is_held_and_each_block_is_read_once_an_epoch() -> None:
    source = blocks(without=slice(0, 0))
    stream = RowStream(source, 5, 3)
    for since in range(0, 1800, 50):
        stream.rows(since, 50)
    assert source.largest == 300
    assert sorted(source.asked) == list(range(18))


def test_rows_that_may_not_be_trained_on_reach_no_weight() -> None:
    before, spoilt = blocks(), blocks()
    values = {name: getattr(spoilt.data, name).copy() for name in ("features", "target")}
    for one in values.values():
        one[300:430] = np.nan
    spoilt.data = replace(spoilt.data, **values)
    assert_same(trained(before), trained(spoilt))


def test_a_planted_interaction_is_learnt_from_a_stream() -> None:
    data, stack = planted(), trained(blocks(), max_steps=150)
    raw = predict_records(stack, data, HELD_OUT, catalogue=SCORING_CATALOGUE)[0].astype(np.float64)
    p = special.expit(raw[..., 0] + data.offset[HELD_OUT]).mean(axis=1)
    bad = data.target[HELD_OUT, 0]
    base = special.expit(data.offset[HELD_OUT, 0])
    lost = [-np.mean(bad * np.log(one) + (1 - bad) * np.log1p(-one)) for one in (p, base)]
    assert lost[0] < lost[1] - 0.05


def test_the_same_seed_gives_the_same_bits_and_another_order_does_not() -> None:
    one, other = trained(blocks()), trained(blocks(50))
    assert_same(one, trained(blocks()))
    assert not np.array_equal(one.weights["last_weight"], other.weights["last_weight"])


class Killed(Exception):
    pass


def test_a_killed_training_goes_on_in_the_same_order(tmp_path: Path) -> None:
    def watch(done: int, most: int) -> None:
        if done == 45:
            raise Killed

    path = tmp_path / "member"
    with pytest.raises(Killed):
        trained(blocks(), checkpoint=path, checkpoint_every=1, on_progress=watch)
    changed = blocks()
    changed.mark = "another file"
    with pytest.raises(StorageError, match="another training"):
        trained(changed, checkpoint=path)
    assert_same(trained(blocks(), checkpoint=path), trained(blocks()))


def test_rows_are_streamed_to_one_member_and_not_from_nothing() -> None:
    team = [RecordMember(seed, FIT, VALIDATION) for seed in (1, 2)]
    with pytest.raises(LeakError, match="one member alone"):
        train_stack(
            "tabm", SMALL["tabm"], "bernoulli", team, planted(), SETTINGS, catalogue=SCORING_CATALOGUE,
            source=blocks(),
        )  # fmt: skip
    with pytest.raises(LeakError, match="none of which"):
        trained(blocks(without=slice(0, 1800)))


def test_a_target_that_is_not_known_is_refused() -> None:
    source = blocks()
    target = source.data.target.copy()
    target[7] = np.nan
    source.data = replace(source.data, target=target)
    with pytest.raises(LeakError, match="known target"):
        trained(source)
