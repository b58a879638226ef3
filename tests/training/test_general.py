"""Any network through one interface: the program for two-layer networks, a NumPy loop and optax as oracles."""

import os
import pathlib
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from overparam.errors import InputError
from overparam.keys import Purpose, key_for
from overparam.networks import Custom, Mlp, TwoLayer, initialize
from overparam.training import ModelSpec, Outcome, TrainSpec, train, train_model
from overparam.training.general import _descent as descent
from overparam.training.general import _search as search
from tests.training.problems import flat, gaussian, jacobian, one_seed, outputs, same_bits

ROOT = jax.random.key(3)
REPOSITORY = pathlib.Path(__file__).parents[2]
SMALL = gaussian(12, 4)
SIGNS = SMALL[0], np.sign(SMALL[1])
MLP = ModelSpec(architecture="mlp", width=5, depth=2, activation="tanh")


def how(**options):
    return TrainSpec(**({"max_steps": 60, "check_every": 20, "dtype": "float64", "step_size": 0.3} | options))


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "unit"), [("gd", "absolute"), ("momentum", "sharpness"), ("adam", "absolute")])
def test_it_follows_the_two_layer_program(optimizer, unit):
    """The same algebra in another order of sums: 60 small steps leave about 60 * 100 roundings."""
    spec = how(optimizer=optimizer, step_unit=unit, step_size=0.01 if unit == "absolute" else 0.5)
    hot = train(*SMALL, ROOT, 5, model=ModelSpec(width=7), how=spec, chunk=3)
    run = train_model(*SMALL, ROOT, 5, model=TwoLayer(7), how=spec, chunk=3)
    assert run.stopped.tolist() == hot.stopped.tolist()
    for a, b in zip(hot.params, run.params, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(run.residual_norm, hot.residual_norm, rtol=1e-11)
    np.testing.assert_allclose(run.gradient_norm, hot.gradient_norm, rtol=1e-10, atol=1e-12)
    if optimizer != "gd":
        return
    first, last = train(*SMALL, ROOT, 5, model=ModelSpec(architecture="mlp", width=7), how=spec, chunk=3).params
    for a, b in zip(hot.params, (first.weights, first.bias, last.weights[:, 0], last.bias[:, 0]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.slow  # programs to compile
@pytest.mark.parametrize("unit", ["absolute", "sharpness"])
def test_the_mean_is_the_sum_with_another_step(unit):
    """Through both programs, and for a batch that holds everything."""
    spec = how(loss="squared-mean", step_unit=unit, optimizer="momentum")
    hot = train(*SMALL, ROOT, 3, model=ModelSpec(width=7), how=spec, chunk=3)
    run = train_model(*SMALL, ROOT, 3, model=TwoLayer(7), how=spec, chunk=3)
    whole = train_model(*SMALL, ROOT, 3, model=TwoLayer(7), how=how(**vars_of(spec, batch_size=99)), chunk=3)
    assert same_bits(run, whole)
    step = 0.3 if unit == "sharpness" else 0.3 / 12
    total = train(*SMALL, ROOT, 3, model=ModelSpec(width=7), how=how(**vars_of(spec, loss="squared", step_size=step)),
                  chunk=3)  # fmt: skip
    for other in (run, total):
        for a, b in zip(hot.params, other.params, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


def vars_of(spec, **changes):
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__} | changes


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "beta", "loss"), [("gd", 0.0, "squared-mean"), ("momentum", 0.9, "squared")])
def test_minibatches_momentum_and_decay_by_hand(optimizer, beta, loss):
    """A NumPy loop with the same orders; 5 does not divide 12, so each epoch ends with a batch of 2."""
    points, labels = SMALL
    spec = how(
        optimizer=optimizer, loss=loss, batch_size=5, step_size=0.01, step_unit="absolute", weight_decay=0.1,
        max_steps=40, check_every=8,
    )  # fmt: skip
    run = train_model(points, labels, ROOT, 3, model=TwoLayer(6), how=spec, scale=0.7, chunk=2)
    for seed in range(3):
        params = initialize(key_for(ROOT, Purpose.INIT, seed), "he", width=6, dim=4, scale=0.7)
        theta, velocity = flat(params), 0.0
        for step in range(40):
            epoch, place = divmod(step, 3)
            order = jax.random.permutation(jax.random.fold_in(key_for(ROOT, Purpose.BATCHES, seed), epoch), 12)
            batch = np.asarray(order)[5 * place : 5 * place + 5]
            assert len(batch) == (5, 5, 2)[place]
            now = unflat(theta, 6, 4)
            gradient = jacobian(now, points[batch]).T @ (outputs(now, points[batch]) - labels[batch])
            velocity = beta * velocity + gradient / (len(batch) if loss == "squared-mean" else 1) + 0.1 * theta
            theta = theta - 0.01 * velocity
        np.testing.assert_allclose(flat(one_seed(run.params, seed)), theta, rtol=1e-10, atol=1e-12)
        assert abs(run.residual_norm[seed] - np.linalg.norm(outputs(unflat(theta, 6, 4), points) - labels)) < 1e-10


def unflat(theta, width, dim):
    u, b, v, c = np.split(theta, np.cumsum([width * dim, width, width]))
    return u.reshape(width, dim), b, v, c[0]


@pytest.mark.slow  # programs to compile
def test_adam_on_the_logistic_loss_is_that_of_optax():
    """Deep network, decay added to the gradient, the loss written out and differentiated as a whole."""
    points, labels = (jnp.asarray(part) for part in SIGNS)
    model = Mlp(5, depth=2, activation="gelu")
    spec = how(optimizer="adam", loss="logistic", step_size=0.02, step_unit="absolute", weight_decay=0.05, tolerance=9)
    run = train_model(points, labels, ROOT, [4], model=model, how=spec, chunk=2)

    def loss(params):
        squares = sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(params))
        return jnp.sum(jnp.log1p(jnp.exp(-labels * model.apply(params, points)))) + 0.05 / 2 * squares

    params = model.draw(key_for(ROOT, Purpose.INIT, 4), 4, "float64")
    reference = optax.adam(0.02)
    with jax.numpy_dtype_promotion("standard"):
        state = reference.init(params)
        for _ in range(60):
            updates, state = reference.update(jax.grad(loss)(params), state)
            params = optax.apply_updates(params, updates)
    for a, b in zip(jax.tree.leaves(one_seed(run.params, 0)), jax.tree.leaves(params), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


EVERYTHING = {
    "batch_size": 5, "label_noise": 0.01, "dropout": 0.1, "augmentation": "noise", "augmentation_size": 0.1,
    "weight_decay": 1e-4, "optimizer": "momentum", "loss": "logistic", "dtype": "float32", "tolerance": 0.05,
    "max_steps": 400, "check_every": 10, "step_size": 0.1,
}  # fmt: skip
NARROW = ModelSpec(architecture="mlp", width=3, depth=3, activation="relu")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "options", "chunk"),
    [(MLP, EVERYTHING, 3), (NARROW, {"max_steps": 200, "tolerance": 0.5, "dtype": "float32"}, 5)],
    ids=["every option", "full batch"],
)
def test_a_seed_does_not_know_its_companions(model, options, chunk):
    """Alone, among others, in another slot, entering late, or resumed with other seeds: the same bits."""

    def runs(seeds):
        return train(*SIGNS, ROOT, seeds, model=model, how=how(**options), chunk=chunk)

    everyone = runs(11)
    assert len({int(n) for n in everyone.n_steps}) > 1  # they stop at different times, so slots are handed on
    assert same_bits(runs(11), everyone)
    for seeds in ([7], [10, 7, 0], [7] * 6, list(range(10, -1, -1)), [8, 9, 10]):
        some = runs(seeds)
        for place, seed in enumerate(seeds):
            assert same_bits(one_seed(some, place), one_seed(everyone, seed))


@pytest.mark.slow  # programs to compile
def test_steps_do_not_know_where_a_run_is_looked_at():
    """Batches and noise belong to the step's number, not to the block that it falls into."""
    options = EVERYTHING | {"max_steps": 60, "tolerance": 1e6, "dtype": "float64"}
    one, two = (train(*SIGNS, ROOT, 2, model=MLP, how=how(**options | {"check_every": each}), chunk=2)
                for each in (6, 20))  # fmt: skip
    for a, b in zip(jax.tree.leaves(one.params), jax.tree.leaves(two.params), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


@pytest.mark.slow
def test_each_seed_may_have_its_own_data_and_its_own_step():
    sets = [gaussian(12, 4, seed) for seed in range(5)]
    points, labels = (np.stack(part) for part in zip(*sets, strict=True))
    steps = [0.1, 0.2, 0.3, 1e5, 0.5]
    together = train(points, labels, ROOT, 5, model=MLP, how=how(batch_size=5), step_size=steps, chunk=2)
    for seed in (0, 4):
        alone = train(*sets[seed], ROOT, [seed], model=MLP, how=how(batch_size=5, step_size=steps[seed]), chunk=2)
        np.testing.assert_allclose(alone.residual_norm[0], together.residual_norm[seed], rtol=1e-10)
    assert together.stopped.tolist() == [1, 1, 1, Outcome.DIVERGED, 1]
    hot = train(*SMALL, ROOT, 2, model=ModelSpec(), how=how(), step_size=[0.3, 1e6], chunk=2)
    assert hot.stopped.tolist() == [Outcome.MAX_STEPS, Outcome.DIVERGED]


@pytest.mark.slow
def test_compiled_once(monkeypatch):
    """Other seeds, data, budgets, tolerances, step sizes, sizes of noise and scales: no second trace."""
    traces = []

    def counted(module, name):
        plain = getattr(module, name)

        def call(*args, **options):
            traces.append(name)
            return plain(*args, **options)

        monkeypatch.setattr(module, name, call)

    counted(descent, "block")
    counted(search, "step")
    points, labels = gaussian(7, 4)  # a shape of this test's own
    small = {"check_every": 5, "batch_size": 3, "max_steps": 10}

    def run(seeds, sign=1.0, scale=1.0, step_size=None, **options):
        spec = how(**{"label_noise": 0.1, "weight_decay": 0.1} | small | options)
        train_model(points * sign, labels, ROOT, seeds, model=Mlp(3, depth=2), how=spec, scale=scale,
                    step_size=step_size, chunk=3)  # fmt: skip

    def lm(seeds, sign=1.0, **options):
        spec = how(optimizer="lm", check_every=1, **options)
        train_model(points * sign, labels, ROOT, seeds, model=Mlp(3, depth=2), how=spec, chunk=3)

    run(2)
    lm(2, max_steps=5)
    assert sorted(set(traces)) == ["block", "step"]
    first = list(traces)
    run([8, 1, 30, 4, 5], -1.0, 0.5, [0.1, 0.2, 0.3, 0.4, 0.5], max_steps=25, tolerance=0.1, label_noise=0.3)
    run(4, weight_decay=0.5, step_size=0.01)
    lm([5, 6, 7, 8], -1.0, max_steps=7, tolerance=1e-3)
    assert traces == first


@pytest.mark.slow
def test_a_network_without_gradient_is_stuck_only_where_nothing_else_moves_it():
    """All points 0: only the output bias learns, and the labels' mean, 0, is where it already is."""
    points, labels = np.zeros((4, 1)), np.array([1.0, -1.0, 1.0, -1.0])
    for loss in ("squared", "hinge"):
        run = train(points, labels, ROOT, 2, model=MLP, how=how(loss=loss, tolerance=0.1), chunk=2)
        assert run.stopped.tolist() == [Outcome.STUCK] * 2
        assert run.n_steps.tolist() == [0, 0]
    for loss, noise in (
        ("squared", {"batch_size": 3}),
        ("logistic", {"dropout": 0.1}),
        ("hinge", {"label_noise": 0.1}),
    ):
        run = train(points, labels, ROOT, 1, model=MLP, how=how(loss=loss, tolerance=0.1, **noise), chunk=2)
        assert run.stopped.tolist() == [Outcome.MAX_STEPS]


@pytest.mark.slow  # programs to compile
@pytest.mark.parametrize("loss", ["squared", "logistic", "hinge"])
def test_every_loss_fits_and_blows_up(loss):
    """Margins and residuals of the weights handed back are what the class says."""
    spec = how(loss=loss, tolerance=0.2, max_steps=2000, step_size=0.5)
    run = train(*SIGNS, ROOT, 4, model=MLP, how=spec, chunk=4)
    assert (run.stopped == Outcome.FITTED).all()
    for seed in range(4):
        f = np.asarray(Mlp(5, depth=2, activation="tanh").apply(one_seed(run.params, seed), jnp.asarray(SIGNS[0])))
        if loss in ("logistic", "hinge"):
            assert (f * SIGNS[1]).min() >= 0.2 - 1e-12
        else:
            assert np.linalg.norm(f - SIGNS[1]) <= 0.2 * 12**0.5 + 1e-12
    wild = train(*SIGNS, ROOT, 4, model=MLP, how=spec, step_size=1e30, chunk=4)
    assert (wild.stopped == Outcome.DIVERGED).all()
    assert np.isfinite(flat_leaves(wild)).all()


@pytest.mark.slow  # programs to compile
@pytest.mark.parametrize("loss", ["squared", "logistic", "hinge"])
@pytest.mark.parametrize("size", [0.0, 1e300, 1e-300, 1e10])
def test_no_nan_goes_unmarked(loss, size):
    run = train(SIGNS[0] * size, SIGNS[1], ROOT, 2, model=MLP, how=how(loss=loss, batch_size=5), chunk=2)
    assert set(run.stopped) <= set(Outcome)
    assert not np.isnan(run.residual_norm).any() and not np.isnan(run.gradient_norm).any()
    assert np.isfinite(flat_leaves(run)).all()


def flat_leaves(run):
    return np.concatenate([leaf.reshape(-1) for leaf in jax.tree.leaves(run.params)])


def linear(params, points):
    return points @ params["w"]


def start_linear(key, dim, dtype):
    return {"w": jax.random.normal(key, (dim,), dtype)}


@pytest.mark.slow
def test_a_users_own_network_and_its_sharpness():
    """Linear regression: K = X X^T at all times, and c below 1 is stable, above it is not."""
    points, _ = gaussian(3, 6)
    labels = points @ np.ones(6)
    model = Custom(start_linear, linear)
    spec = how(max_steps=5000, tolerance=1e-6)
    run = train_model(points, labels, ROOT, 4, model=model, how=spec, step_size=[0.3, 0.9, 0.999, 1.2], chunk=4)
    assert run.stopped.tolist()[:2] == [Outcome.FITTED] * 2
    assert run.stopped[3] == Outcome.DIVERGED
    one = how(max_steps=1, check_every=1, step_size=0.25)
    moved = train_model(points, labels, ROOT, 1, model=model, how=one, chunk=1).params["w"][0]
    w = np.asarray(start_linear(key_for(ROOT, Purpose.INIT, 0), 6, "float64")["w"])
    step = 0.25 * 2 / np.linalg.eigvalsh(points @ points.T)[-1]
    np.testing.assert_allclose(moved, w - step * points.T @ (points @ w - labels), rtol=1e-12)


@pytest.mark.slow  # programs to compile
@pytest.mark.parametrize(("loss", "curvature"), [("squared-mean", 1 / 12), ("logistic", 1 / 4)])
def test_sharpness_counts_the_losss_curvature(loss, curvature):
    model = Custom(start_linear, linear)
    points, labels = SIGNS
    unit = how(loss=loss, max_steps=1, check_every=1, step_size=0.25, tolerance=1.0)
    top = np.linalg.eigvalsh(points @ points.T)[-1]
    plain = how(**vars_of(unit, step_unit="absolute", step_size=0.25 * 2 / (curvature * top)))
    one, two = (train_model(points, labels, ROOT, 2, model=model, how=spec, chunk=2) for spec in (unit, plain))
    np.testing.assert_allclose(one.params["w"], two.params["w"], rtol=1e-11)


def column(params, points):
    return points @ params["w"][:, None]


def start_single(key, dim, dtype):
    return {"w": jax.random.normal(key, (dim,), "float32")}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model": Custom(start_linear, column)}, "one number a point"),
        ({"model": Custom(start_single, linear)}, "draw weights of the dtype"),
        ({"model": Custom(start_linear, linear), "how": how(dropout=0.1)}, "give the rate there"),
        ({"how": how(loss="logistic")}, "labels -1 and \\+1"),
        ({"how": how(loss="hinge"), "labels": np.arange(12.0)}, "labels -1 and \\+1"),
        ({"points": np.ones((12, 5)), "how": how(augmentation="flip")}, "square images"),
        ({"step_size": [0.1, 0.2]}, "step_size"),
        ({"step_size": -1.0}, "step_size"),
        ({"scale": 0.0}, "scale"),
        ({"seeds": 0}, "seeds"),
        ({"labels": np.ones(3)}, "points must be"),
        ({"how": how(max_steps=30)}, "multiple of check_every"),
        ({"model": Mlp(50_000_000)}, "GiB"),
        ({"model": Mlp(50_000_000), "how": how(optimizer="lm", check_every=1)}, "GiB"),
    ],
)
def test_refusals_teach(change, says):
    arguments = {"points": SMALL[0], "labels": SMALL[1], "root": ROOT, "seeds": 3, "model": Mlp(3), "how": how()}
    with pytest.raises(InputError, match=says):
        train_model(**(arguments | {"chunk": 2} | change))


@pytest.mark.slow  # a process with two devices
def test_devices_share_the_seeds_and_change_no_bit():
    """Two host devices against one of them: every seed has the same row, whichever device ran it."""
    program = """
import jax, numpy as np
jax.config.update("jax_enable_x64", True)
from overparam.training import ModelSpec, TrainSpec, train
rng = np.random.default_rng(0)
points, labels = rng.normal(size=(12, 4)), np.sign(rng.normal(size=12))
model = ModelSpec(architecture="mlp", width=5, depth=2, activation="tanh")
for how in (
    TrainSpec(batch_size=5, max_steps=40, check_every=10, dropout=0.1, loss="logistic"),
    TrainSpec(optimizer="lm", max_steps=20, check_every=1, dtype="float64"),
):
    runs = [
        train(points, labels, jax.random.key(1), 7, model=model, how=how, chunk=2, devices=devices)
        for devices in (None, jax.devices()[:1], jax.devices()[1:])
    ]
    assert len(jax.devices()) == 2
    for other in runs[1:]:
        for a, b in zip(jax.tree.leaves(runs[0]), jax.tree.leaves(other), strict=True):
            assert np.array_equal(a, b)
    light = train(points, labels, jax.random.key(1), 7, model=model, how=how, chunk=2, keep_params=False)
    assert light.params is None and np.array_equal(light.residual_norm, runs[0].residual_norm)
print("same bits")
"""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=os.environ | flags, cwd=REPOSITORY,
        check=False,
    )  # fmt: skip
    assert done.stdout == "same bits\n", done.stderr
