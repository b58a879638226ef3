"""Grids of gradient-descent thresholds: seeds that never meet, undecided trials, and a second look at them."""

import dataclasses
import json

import jax
import numpy as np
import pytest

from overparam.data import DataSpec, load
from overparam.errors import InputError
from overparam.training import train_seeds
from overparam.widths import Protocol, SecondLook, WidthSpec, descent_grid
from overparam.widths import _trials as trials_file
from overparam.widths._second_look import basin, is_doubled, own_time
from overparam.widths._trials import Trials

ROOT = jax.random.key(0)
ORIGIN = DataSpec(data="gaussian", n=5, d=3)
SMALL = dataclasses.replace(
    Protocol.of(WidthSpec()), max_steps=1000, tolerance=1e-2, explore=16, confirm=48, step_sizes=(0.5, 0.9)
)


@pytest.fixture
def spied(monkeypatch):
    """Every call of the trainer: its width, root key, seeds and first point."""
    calls = []

    def spy(points, labels, root, seeds, **options):
        key = jax.random.key_data(root).tobytes()
        calls.append((options["width"], key, tuple(int(seed) for seed in seeds), np.asarray(points).tobytes()))
        return train_seeds(points, labels, root, seeds, **options)

    monkeypatch.setattr(trials_file, "train_seeds", spy)
    return calls


@pytest.mark.slow
@pytest.mark.parametrize("over", ["init", "law"])
def test_seeds_that_tune_or_explore_never_meet_those_that_confirm(spied, over):
    """By the keys and seeds the trainer is called with, and for a law by the data themselves."""
    run = Trials(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, over=over, max_steps=100), ROOT, lambda _: None)
    stages = ("tune", "explore", "confirm-high", "confirm-low")
    used: dict[str, set] = {}
    drawn: dict[str, set] = {}
    for stage in stages[1:]:
        for first in (0, 8):
            before = len(spied)
            run(4, stage, first, 8)
            for index, (_, key, seeds, data) in enumerate(spied[before:]):
                tuned = stage == "explore" and first == 0 and index == 0  # the first trials of a width
                used.setdefault("tune" if tuned else stage, set()).update((key, seed) for seed in seeds)
                drawn.setdefault("tune" if tuned else stage, set()).add(data)
    assert set(used) == set(stages)
    for one in stages:
        for other in stages[: stages.index(one)]:
            assert not used[one] & used[other], (one, other)
            assert over == "init" or not drawn[one] & drawn[other], (one, other)


def test_the_step_size_is_chosen_at_every_width_and_only_there(spied):
    run = Trials(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, max_steps=100), ROOT, lambda _: None)
    for width in (3, 4, 3):
        run(width, "explore", 0, 8)
    assert len(spied) == 2 + 3  # tuned once a width, then three batches
    assert set(run.step_size) == {3, 4}
    assert all(count["step_size"] in SMALL.step_sizes for count in run.counts)


def test_one_step_size_needs_no_tuning(spied):
    run = Trials(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, step_sizes=(0.9,), max_steps=100), ROOT, print)
    run(3, "explore", 0, 8)
    assert len(spied) == 1


@pytest.mark.slow
def test_a_grid_of_laws_has_joint_intervals():
    found = descent_grid(
        [ORIGIN, dataclasses.replace(ORIGIN, data="sphere")],
        dataclasses.replace(SMALL, over="law", max_steps=400),
        root=ROOT,
        at=lambda origin, data: {"norm": 1.0 if origin.data == "sphere" else 2.0},
        lowest=5,
        widest=1.6,
    )
    grid = found.thresholds
    assert [dict(cell.at) for cell in grid.cells] == [{"norm": 2.0}, {"norm": 1.0}]
    assert all(cell.threshold.level == 1 - 0.05 / 2 for cell in grid.cells)
    read = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert "gradient descent" in read["protocol"]
    for cell, counts in zip(read["cells"], found.counts, strict=True):
        assert cell["trials"] == sum(count["trials"] for count in counts)
        assert "second_look" not in cell
    with pytest.raises(InputError, match="needs a generator"):
        descent_grid([DataSpec(data="diabetes", samples=10)], dataclasses.replace(SMALL, over="law"), root=ROOT)


@pytest.mark.slow
def test_the_strong_optimizer_is_a_protocol_too():
    protocol = dataclasses.replace(SMALL, optimizer="lm", max_steps=60, tolerance=1e-10)
    run = Trials(load(ORIGIN), ORIGIN, protocol, ROOT, lambda _: None)
    assert (run(8, "explore", 0, 8) == 1).sum() >= 4  # far above counting
    assert "Levenberg-Marquardt" in protocol.words
    assert "chosen at each width" not in protocol.words


@pytest.mark.slow
def test_trials_out_of_steps_stay_undecided_after_the_second_look(monkeypatch):
    """All confirming trials are looked at once; the tenth is here all of them, and some fit with twice the steps."""
    monkeypatch.setattr(trials_file, "is_doubled", lambda stage, trial: True)
    protocol = dataclasses.replace(SMALL, max_steps=100, second_look=True)
    run = Trials(load(ORIGIN), ORIGIN, protocol, ROOT, lambda _: None)
    outcomes = run(12, "confirm-high", 0, 8)
    out = int((outcomes == 2).sum())
    look = run.second_look
    assert out > 0
    assert (look.looked, look.doubled) == (out, out)
    more = run._run(12, "confirm-high", np.arange(8), np.full(8, run.step_size[12]), times=2)
    assert look.changed == int(((outcomes == 2) & (more.stopped != 1)).sum())
    assert look.slow + look.elsewhere <= out
    run(12, "explore", 0, 8)
    assert run.second_look == look  # exploring trials are not looked at
    assert "looked at again" in protocol.words


@pytest.mark.slow
def test_a_slow_run_is_told_from_one_without_a_fit_near():
    """Networks a few steps from a fit; and the labels of two equal points, which nothing fits."""
    run = Trials(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, max_steps=400, tolerance=1e-9), ROOT, lambda _: None)
    params = run._run(12, "explore", np.arange(8), np.full(8, 0.9)).params
    fits, flips = basin(run.points, run.labels, params)
    assert fits.all()
    assert (flips >= 0).all()
    same = run.points.copy()
    same[1] = same[0]
    assert not basin(same, run.labels, params)[0].any()


@pytest.mark.slow
def test_the_clock_of_the_last_kernel():
    """Twice the steps are twice the time; two equal points have no clock."""
    run, eight = Trials(load(ORIGIN), ORIGIN, SMALL, ROOT, lambda _: None), np.arange(8)
    start = run._start(12, "confirm-high", eight)
    given = {"step_sizes": np.full(8, 0.9), "tolerance": 1e-3}
    once, singular = own_time(run.points, run.labels, start, start, n_steps=np.full(8, 100), **given)
    twice, _ = own_time(run.points, run.labels, start, start, n_steps=np.full(8, 200), **given)
    np.testing.assert_allclose(twice, 2 * once)
    assert not singular.any()
    same = run.points.copy()
    same[1] = same[0]
    assert own_time(same, run.labels, start, start, n_steps=np.full(8, 100), **given)[1].all()


def test_the_weights_a_trial_began_with_are_those_of_the_trainer():
    """A step of almost nothing leaves them where they were, up to 100 steps of it."""
    run = Trials(load(ORIGIN), ORIGIN, dataclasses.replace(SMALL, max_steps=100), ROOT, lambda _: None)
    seeds = np.arange(8)
    start = run._start(12, "confirm-low", seeds)
    end = run._run(12, "confirm-low", seeds, np.full(8, 1e-14)).params
    for a, b in zip(start, end, strict=True):
        np.testing.assert_allclose(np.asarray(a), b, atol=1e-9)


def test_counts_add_up_and_speak():
    total = SecondLook(looked=4, slow=2, doubled=1) + SecondLook(looked=6, elsewhere=1, doubled=4, changed=4)
    assert total == SecondLook(looked=10, slow=2, elsewhere=1, doubled=5, changed=4)
    assert total.budget_too_small  # at least 0.28 with 95 %, from 4 of 5
    assert "budget is too small" in total.sentence
    assert not SecondLook(looked=5, doubled=5, changed=2).budget_too_small  # 2 of 5 are too few to say so
    assert SecondLook(looked=1).budget_too_small is None
    assert "No confirming trial" in SecondLook().sentence
    assert total.as_json()["looked"] == 10


def test_about_a_tenth_is_doubled_whatever_the_batch():
    """1,000 trials: 100 expected, deviation 9.5; beyond 60 with probability below 1e-9."""
    chosen = [is_doubled(2, trial) for trial in range(1000)]
    assert 40 <= sum(chosen) <= 160
    assert chosen != [is_doubled(3, trial) for trial in range(1000)]
