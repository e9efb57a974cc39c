"""Training of stacks: signal found, noise left alone, members strangers, same figures everywhere."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest
import torch
from planted_panel import HORIZONS, SETTINGS, WINDOW, N, members, planted

from barograph.core.errors import LeakError
from barograph.measures.heads import interpret
from barograph.models.catalogue import CATALOGUE, NETWORKS
from barograph.train.loop import train_stack
from barograph.train.predict import predict_stack
from barograph.train.stack import Member, StackData, TrainedStack

torch.set_num_threads(1)


def trained(
    network: str = "mlp",
    *,
    count: int = 3,
    data: StackData | None = None,
    head: str = "qlike",
    team: list[Member] | None = None,
    **changes: float,
) -> TrainedStack:
    settings = SETTINGS.model_copy(update=changes)
    chosen = members(count) if team is None else team
    return train_stack(network, {}, head, chosen, data or planted(), settings, catalogue=CATALOGUE)


def assert_same(a: TrainedStack, b: TrainedStack) -> None:
    assert a.history == b.history
    for name, values in a.weights.items():
        np.testing.assert_array_equal(values, b.weights[name], err_msg=name)


def test_a_planted_signal_is_found() -> None:
    data, team = planted(), members(3)
    stack = trained()
    rows = np.arange(1300, N)
    truth = np.clip(data.features[rows, 0], -2, 2) - 0.5
    for raw, history in zip(
        predict_stack(stack, team, data, [rows] * 3, catalogue=CATALOGUE), stack.history, strict=True
    ):
        assert history.best_loss < history.start_loss - 0.05
        forecast = interpret("qlike", raw, offset=data.offset[0, rows]).log_variance
        assert np.corrcoef(forecast[:, 0], truth)[0, 1] > 0.8


def test_shuffled_targets_teach_nothing() -> None:
    data = planted(shuffled=True)
    gains = []
    for first in range(0, 24, 8):
        stack = trained(count=8, team=members(8, first_seed=first), data=data, learning_rate=2e-3)
        rows = np.arange(1300, N)
        held_out = predict_stack(stack, members(8, first_seed=first), data, [rows] * 8, catalogue=CATALOGUE)
        for raw in held_out:
            ratio = data.target[rows] * np.exp(9.0)
            delta = raw[..., 0]
            gains.append(float(np.mean(ratio) - np.mean(delta + ratio * np.exp(-delta))))
    assert np.mean(gains) < 0.01


@pytest.mark.parametrize("network", NETWORKS)
def test_a_member_trains_alike_alone_and_in_company(network: str) -> None:
    team = members(3)
    together = trained(network, max_steps=20)
    alone = trained(network, team=team[1:2], max_steps=20)
    for name, values in alone.weights.items():
        np.testing.assert_allclose(together.weights[name][1], values[0], rtol=1e-4, atol=1e-6)
    assert together.history[1].best_step == alone.history[0].best_step


@pytest.mark.parametrize("spoilt", ["target", "offset"])
def test_garbage_in_one_fold_cannot_touch_another(spoilt: str) -> None:
    data, team = planted(), members(3)
    ill = np.nan if spoilt == "target" else -np.inf
    parts = {name: getattr(data, name) for name in StackData.__dataclass_fields__ if name != "window"}
    bad = parts | {spoilt: np.full_like(parts[spoilt], ill)}
    double = StackData(
        window=WINDOW, **{name: np.concatenate([parts[name], bad[name]], axis=-2) for name in parts}
    )
    sick = replace(team[1], fit_rows=team[1].fit_rows + N, validation_rows=team[1].validation_rows + N)
    healthy = trained(data=double)
    mixed = trained(data=double, team=[team[0], sick, team[2]])
    for name, values in mixed.weights.items():
        np.testing.assert_array_equal(values[[0, 2]], healthy.weights[name][[0, 2]])
        assert np.isfinite(values).all()
    assert mixed.history[1].best_step == 0
    assert mixed.history[1].skipped == mixed.history[1].steps > 0
    raw = predict_stack(mixed, [team[0], sick, team[2]], data, [np.arange(50, 60)] * 3, catalogue=CATALOGUE)
    np.testing.assert_array_equal(raw[1], 0.0)


@pytest.mark.parametrize("network", ["mlp", "rnn", "autoencoder"])
def test_a_missing_input_reads_as_the_mean(network: str) -> None:
    data, team = planted(), members(1)
    missing, mean = (
        replace(
            data,
            **{
                name: spoilt(getattr(data, name), value) for name in ("features", "channels", "cross_section")
            },
        )
        for value in (np.nan, 0.0)
    )
    assert_same(
        trained(network, data=missing, team=team, max_steps=20),
        trained(network, data=mean, team=team, max_steps=20),
    )


def spoilt(values: np.ndarray, value: float) -> np.ndarray:
    """A copy with every seventh row replaced."""
    copy = values.copy()
    copy[::7] = value
    return copy


def test_a_few_missing_targets_cost_only_the_steps_that_drew_them() -> None:
    data = planted()
    target = data.target.copy()
    target[500] = np.nan
    stack = trained(data=replace(data, target=target), count=2)
    for history in stack.history:
        assert 0 < history.skipped < history.steps
        assert history.best_loss < history.start_loss


def test_members_that_have_finished_leave_and_the_others_do_not_notice() -> None:
    team = members(3)
    quick = replace(team[0], validation_rows=team[0].validation_rows[:40])
    stack = trained("mlp", team=[quick, *team[1:]], patience=1, max_steps=200)
    assert len({history.steps for history in stack.history}) > 1
    for number, member in enumerate([quick, *team[1:]]):
        alone = trained("mlp", team=[member], patience=1, max_steps=200)
        assert alone.history[0].steps == stack.history[number].steps
        for name, values in alone.weights.items():
            np.testing.assert_allclose(values[0], stack.weights[name][number], rtol=1e-4, atol=1e-6)


def test_the_same_seeds_give_the_same_bits() -> None:
    assert_same(trained("rnn", max_steps=20), trained("rnn", max_steps=20))


def test_a_spawned_process_gives_the_same_bits() -> None:
    context = multiprocessing.get_context("spawn")
    arguments = ("mlp", {}, "qlike", members(2), planted(), SETTINGS)
    with context.Pool(1) as pool:
        elsewhere = pool.apply(train_stack, arguments, {"catalogue": CATALOGUE})
    assert_same(elsewhere, trained(count=2))


def test_the_kept_weights_are_those_of_the_best_look() -> None:
    data, team = planted(), members(2)
    stack = trained(count=2)
    for number, raw in enumerate(
        predict_stack(stack, team, data, [m.validation_rows for m in team], catalogue=CATALOGUE)
    ):
        ratio = data.target[team[number].validation_rows] * np.exp(9.0)
        delta = raw[..., 0].astype(np.float64)
        loss = np.mean(delta + ratio * np.exp(-delta))
        assert loss == pytest.approx(stack.history[number].best_loss, rel=1e-5)


def test_nothing_outside_a_members_rows_and_windows_reaches_it() -> None:
    data = planted()
    before = trained("rnn", max_steps=20)
    later = {
        name: getattr(data, name).copy()
        for name in ("features", "channels", "cross_section", "target", "target_return")
    }
    for values in later.values():
        values[1300:] = 777.0
    after = trained("rnn", data=replace(data, **later), max_steps=20)
    assert_same(before, after)


@pytest.mark.parametrize("head", ["student_t", "quantile", "fz0"])
def test_every_head_trains(head: str) -> None:
    stack = trained(head=head, count=2)
    for history in stack.history:
        assert history.best_loss < history.start_loss
        assert history.skipped == 0


def test_progress_is_told_after_every_look() -> None:
    told: list[tuple[int, int]] = []
    train_stack(
        "linear",
        {},
        "qlike",
        members(2),
        planted(),
        SETTINGS.model_copy(update={"max_steps": 25, "patience": 100}),
        catalogue=CATALOGUE,
        on_progress=lambda done, most: told.append((done, most)),
    )
    assert told == [(10, 25), (20, 25), (25, 25)]


def test_a_window_that_would_reach_beyond_the_table_is_refused() -> None:
    early = replace(members(1)[0], fit_rows=np.arange(WINDOW - 2, 500))
    with pytest.raises(LeakError, match="beyond the table"):
        trained("rnn", team=[early])
    trained("mlp", team=[early], max_steps=10)


def test_a_member_without_rows_is_refused() -> None:
    with pytest.raises(LeakError, match="no rows"):
        trained(team=[replace(members(1)[0], validation_rows=np.empty(0, dtype=np.int64))])


def test_predictions_come_back_for_each_members_own_rows() -> None:
    data, team = planted(), members(3)
    stack = trained("rnn", max_steps=20)
    rows = [np.arange(100, 700), np.array([321]), np.empty(0, dtype=np.int64)]
    several = predict_stack(stack, team, data, rows, catalogue=CATALOGUE)
    assert [one.shape for one in several] == [(600, HORIZONS, 1), (1, HORIZONS, 1), (0, HORIZONS, 1)]
    one_by_one = predict_stack(stack, team, data, [np.array([i]) for i in (650, 321, 9)], catalogue=CATALOGUE)
    np.testing.assert_allclose(several[0][550], one_by_one[0][0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(several[1], one_by_one[1], rtol=1e-4, atol=1e-6)


def test_a_member_reads_its_own_fold_scaling_and_limit() -> None:
    data, team = planted(), members(2)
    stack = trained("linear", count=2)
    rows = np.arange(200, 210)
    raw = predict_stack(stack, team, data, [rows, rows], catalogue=CATALOGUE)
    for number, member in enumerate(team):
        x = np.column_stack([data.features[rows], data.fold_inputs[member.fold, rows]]).astype(np.float64)
        x = np.clip((x - member.feature_mean) / member.feature_scale, -member.limit, member.limit)
        expected = x @ stack.weights["last.weight"][number] + stack.weights["last.bias"][number]
        np.testing.assert_allclose(raw[number][..., 0], expected, rtol=1e-4, atol=1e-6)
