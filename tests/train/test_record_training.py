"""Training on records: the same loop, on another kind of data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from planted_records import HELD_OUT, SETTINGS, SMALL, VALIDATION, members, planted
from scipy import special

from barograph.core.errors import LeakError
from barograph.models.scorers import RECONSTRUCTION, SCORERS, SCORING_CATALOGUE
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember, predict_records
from barograph.train.stack import TrainedStack

torch.set_num_threads(1)


def trained(
    network: str = "tabm",
    *,
    head: str = "bernoulli",
    data: RecordData | None = None,
    team: list[RecordMember] | None = None,
    **changes: float,
) -> TrainedStack:
    return train_stack(
        network,
        SMALL.get(network, {}),
        head,
        team or members(),
        data or planted(head=head),
        SETTINGS.model_copy(update=changes),
        catalogue=SCORING_CATALOGUE,
    )


def log_loss(stack: TrainedStack, data: RecordData, rows: np.ndarray) -> np.ndarray:
    """Of every member's mean probability over sub-networks, by plain numpy."""
    raw = predict_records(stack, data, rows, catalogue=SCORING_CATALOGUE).astype(np.float64)
    p = special.expit(raw[..., 0] + data.offset[rows]).mean(axis=2)
    bad = data.target[rows, 0]
    return -np.mean(bad * np.log(p) + (1.0 - bad) * np.log1p(-p), axis=1)


def assert_same(a: TrainedStack, b: TrainedStack) -> None:
    assert a.history == b.history
    for name, values in a.weights.items():
        np.testing.assert_array_equal(values, b.weights[name], err_msg=name)


@pytest.mark.parametrize("network", [key for key in SCORERS if key != "linear"])
def test_a_planted_interaction_is_found_beyond_the_linear_control(network: str) -> None:
    data = planted()
    control = log_loss(trained("linear"), data, HELD_OUT)
    assert (log_loss(trained(network), data, HELD_OUT) < control - 0.05).all()


@pytest.mark.parametrize("head", ["hazard", "hurdle_beta"])
def test_every_head_learns_with_sub_networks(head: str) -> None:
    stack = trained(head=head)
    assert stack.shape.n_outputs == 3
    for history in stack.history:
        assert history.best_loss < history.start_loss - 0.03
        assert history.skipped == 0


def test_a_reconstruction_learns_what_is_usual_and_flags_what_is_not() -> None:
    data = planted(head="reconstruction")
    stack = trained(RECONSTRUCTION, head="reconstruction", data=data, max_steps=400)
    stranger = data.features.copy()
    stranger[HELD_OUT] = np.random.default_rng(1).permuted(stranger[HELD_OUT], axis=0)
    missed = [
        ((predict_records(stack, replace(data, features=seen), HELD_OUT, catalogue=SCORING_CATALOGUE)[:, :, 0]
          + data.offset[HELD_OUT] - seen[HELD_OUT]) ** 2).mean(axis=2)
        for seen in (data.features, stranger)
    ]  # fmt: skip
    usual, unusual = missed
    assert (usual.mean(axis=1) < 0.2 * data.features[HELD_OUT].var(axis=0).mean()).all()
    assert (np.quantile(unusual, 0.5, axis=1) > np.quantile(usual, 0.95, axis=1)).all()


@pytest.mark.parametrize("network", SCORERS)
def test_a_member_trains_alike_alone_and_in_company(network: str) -> None:
    team = members(3)
    together = trained(network, team=team, max_steps=30)
    alone = trained(network, team=team[1:2], max_steps=30)
    # Not the weights: attention's key bias changes no answer, so that Adam drives it by rounding alone.
    ours, own = (
        predict_records(stack, planted(), HELD_OUT, catalogue=SCORING_CATALOGUE)
        for stack in (together, alone)
    )
    np.testing.assert_allclose(ours[1], own[0], rtol=1e-3, atol=1e-5)
    assert together.history[1].best_step == alone.history[0].best_step


@pytest.mark.parametrize("network", SCORERS)
def test_the_same_seeds_give_the_same_bits(network: str) -> None:
    assert_same(trained(network, max_steps=30), trained(network, max_steps=30))


def test_another_seed_gives_another_network() -> None:
    one, other = (trained(max_steps=15, team=members(1, first_seed=seed)) for seed in (10, 11))
    assert not np.array_equal(one.weights["last_weight"], other.weights["last_weight"])


class Killed(Exception):
    pass


@pytest.mark.parametrize("network", ["tabm", "transformer"])
@pytest.mark.parametrize("kill_at", [30, 60])
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path, network: str, kill_at: int) -> None:
    def run(path: Path | None, until: int = 0) -> TrainedStack:
        def watch(done: int, most: int) -> None:
            if done == until:
                raise Killed

        return train_stack(
            network, SMALL[network], "bernoulli", members(), planted(),
            SETTINGS.model_copy(update={"max_steps": 75}), catalogue=SCORING_CATALOGUE,
            checkpoint=path, checkpoint_every=2, on_progress=watch,
        )  # fmt: skip

    path = tmp_path / "stack"
    with pytest.raises(Killed):
        run(path, kill_at)
    assert path.exists()
    assert_same(run(path), run(None))


def test_the_kept_weights_are_those_of_the_best_look_at_the_mean_probability() -> None:
    data, team = planted(), members()
    stack = trained(data=data, team=team)
    for number, member in enumerate(team):
        found = log_loss(stack, data, member.validation_rows)[number]
        assert found == pytest.approx(stack.history[number].best_loss, rel=1e-5)


def test_nothing_outside_a_members_rows_reaches_it() -> None:
    data = planted()
    later = {name: getattr(data, name).copy() for name in ("features", "sequence", "target")}
    for values in later.values():
        values[HELD_OUT] = 777.0
    later["target"][HELD_OUT] = np.nan  # not known yet
    before, after = (trained("rnn", data=one, max_steps=30) for one in (data, replace(data, **later)))
    assert_same(before, after)


@pytest.mark.parametrize("changed", ["features", "sequence", "target"])
def test_what_is_not_finite_is_refused_where_it_counts(changed: str) -> None:
    data = planted()
    values = getattr(data, changed).copy()
    values[VALIDATION[3]] = np.nan
    ill = replace(data, **{changed: values})
    with pytest.raises(LeakError, match="finite" if changed != "target" else "known target"):
        trained("rnn", data=ill, max_steps=15)
    if changed == "sequence":
        trained("tabm", data=ill, max_steps=15)  # which does not read it
    if changed == "target":
        weight = data.weight.copy()
        weight[VALIDATION[3]] = 0.0
        trained("rnn", data=replace(ill, weight=weight), max_steps=15)


def test_predictions_do_not_depend_on_the_company_of_rows() -> None:
    data = planted()
    stack = trained(max_steps=30)
    every = predict_records(stack, data, np.arange(600), catalogue=SCORING_CATALOGUE)
    assert every.shape == (2, 600, 4, 1)
    few = predict_records(stack, data, np.array([590, 3]), catalogue=SCORING_CATALOGUE)
    np.testing.assert_allclose(few, every[:, [590, 3]], rtol=1e-5, atol=1e-6)
    nothing = predict_records(stack, data, np.empty(0, dtype=np.int64), catalogue=SCORING_CATALOGUE)
    assert nothing.shape == (2, 0, 4, 1)


def test_a_shape_with_groups_survives_the_way_through_bytes() -> None:
    stack = trained(max_steps=15)
    again = TrainedStack.from_bytes(stack.to_bytes())
    assert again.shape == stack.shape
    assert again.shape.groups == (2, 1, 3)
