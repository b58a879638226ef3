"""The programs that studies of memorization run, against the same computations by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.data import friedman40
from overparam.keys import Purpose, key_for
from overparam.networks import Layer, MlpClassifier, Params, apply
from overparam.studies.memorization import (
    _baum_not_found,
    _dropout_robust,
    _mixed,
    _refit_differs,
    _regression,
    _sensitivity_gini,
)
from overparam.training import ClassTrainSpec, train_classifiers


@pytest.mark.slow
def test_a_narrow_network_inside_wide_arrays():
    """Zero units stay zero and change nothing: four units alone are the four of a sweep with wider ones."""
    alone = _regression.width_sweep(3, (4,), 60, 1.0, 2, 400)
    beside = _regression.width_sweep(3, (4, 8), 60, 1.0, 2, 400)
    assert np.allclose(alone.train[:, 0], beside.train[:, 0], rtol=1e-2)
    assert alone.train.shape == (2, 1, 10)
    for seed in range(2):
        best = alone.held[seed, 0].argmin()
        assert alone.stopped[seed, 0] == alone.test[seed, 0, best] and alone.last[seed, 0] == alone.test[seed, 0, -1]


@pytest.mark.slow
def test_the_sweep_against_adam_by_hand():
    """NumPy in float64, two looks of 40 steps, by the derivatives of a network of one hidden layer written out."""
    n, width, steps = 30, 3, 80
    found = _regression.width_sweep(5, (width,), n, 0.5, 1, steps)
    sets = _regression.drawn(np.random.default_rng([5, 0, 0]), n, 0.5)
    start = _regression._starts(5, 1, [width])
    u, b, v, c = (np.array(leaf, float)[0, 0] for leaf in start)
    x, y = sets.points.astype(float), sets.targets.astype(float)
    first, second = ([np.zeros_like(leaf) for leaf in (u, b, v, c)] for _ in range(2))
    for step in range(1, steps + 1):
        pre = u @ x.T + b[:, None]
        on = np.maximum(pre, 0)
        r = 2 * (v @ on + c - y) / n
        back = v[:, None] * r[None, :] * (pre > 0)
        moved = []
        for place, (leaf, slope) in enumerate(zip((u, b, v, c), (back @ x, back.sum(1), on @ r, r.sum()), strict=True)):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            size = 3e-3 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            moved.append(leaf - size * first[place] / (np.sqrt(second[place]) + 1e-8))
        u, b, v, c = moved
    wanted = np.mean((v @ np.maximum(u @ x.T + b[:, None], 0) + c - y) ** 2)
    assert found.train[0, 0, -1] == pytest.approx(wanted, rel=1e-3)
    assert found.test[0, 0, -1] == pytest.approx(
        np.mean((np.asarray(apply(Params(*map(jnp.asarray, (u, b, v, c))), jnp.asarray(sets.test_points, float)))
                 - sets.test_targets) ** 2), rel=1e-3,
    )  # fmt: skip


def test_the_data_of_the_sweep():
    """Standardized by the training set; the test targets are without noise, in the same units."""
    sets = _regression.drawn(np.random.default_rng(0), 500, 4.0)
    assert np.allclose(sets.points.mean(0), 0, atol=1e-5) and np.allclose(sets.points.std(0), 1, rtol=1e-4)
    assert sets.targets.std() == pytest.approx(1, rel=1e-5)
    # the function's variance is about 23.8, with noise 39.8
    assert sets.test_targets.std() == pytest.approx((23.8 / 39.8) ** 0.5, rel=0.1)
    rng = np.random.default_rng(0)
    _, clean = friedman40(rng, 200_000, 0.0)
    assert clean.std() == pytest.approx(4.88, rel=0.01), "which the study prints"


def test_widths_at_the_threshold():
    assert [_regression.parameters(m) for m in (2, 4, 256)] == [85, 169, 10_753]
    for n in (100, 200, 1000, 13_000):
        m = _regression.interpolating_width(n)
        assert _regression.parameters(m) >= n > _regression.parameters(m - 1)


@pytest.mark.slow
def test_mixed_networks_are_those_of_their_cells():
    """Units beyond the width are zero before and after training; rates are in the state; seeds fall into cells."""
    model, key = _mixed.Mixed(((3, 0.0), (8, 0.5)), 4), jax.random.key(0)
    seeds = model.seeds(key, 4)
    assert seeds.shape == (2, 4) and len(set(seeds.ravel().tolist())) == 8
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(40, 5)), rng.integers(0, 4, 40)
    how = ClassTrainSpec(epochs=3, record_every=3, batch_size=20, optimizer="adam")
    run = train_classifiers(points, labels, key, seeds.ravel(), model=model, how=how, chunk=8)
    first, last = run.params
    assert run.state.tolist() == [0.0] * 4 + [0.5] * 4
    assert not first.weights[:4, 3:].any() and not first.bias[:4, 3:].any() and not last.weights[:4, :, 3:].any()
    assert all(leaf[:4, :3].any() for leaf in first) and first.weights[4:].all()
    assert not np.array_equal(first.weights, run.initial[0].weights)


@pytest.mark.slow
def test_mixed_initial_weights_have_the_variances_of_the_narrow_network():
    model = _mixed.Mixed(((64, 0.0), (512, 0.0)), 10)
    key = jax.random.key(1)
    draws = jax.vmap(lambda seed: model.draw(jax.random.fold_in(key, seed), (50,), "float32")[0])(jnp.arange(40))
    first, last = (np.asarray(layer.weights) for layer in draws)
    widths = (first != 0).any(axis=2).sum(axis=1)
    assert set(widths.tolist()) == {64, 512}
    for width in (64, 512):
        inside = widths == width
        some = first[inside][:, :width]
        assert some.var() == pytest.approx(2 / 50, rel=4 * (2 / some.size) ** 0.5)
        some = last[inside][:, :, :width]
        assert some.var() == pytest.approx(1 / width, rel=4 * (2 / some.size) ** 0.5)


@pytest.mark.slow
def test_mixed_without_dropout_answers_as_its_perceptron():
    model, plain = _mixed.Mixed(((6, 0.5),), 3), MlpClassifier((6,), 3)
    key = jax.random.key(2)
    params, rate = model.draw(key, (4,), "float32")
    points = jax.random.normal(jax.random.key(3), (7, 4), "float32")
    assert np.array_equal(model.apply(params, rate, points)[0], plain.apply(params, (), points)[0])
    keys = jax.random.split(jax.random.key(5), 2000)
    dropped = jax.vmap(lambda key: model.apply(params, rate, points, key=key, training=True)[0])(keys)
    # the outputs are linear in the masks, whose mean is 1: an average within 5 standard errors
    mean, error = np.mean(dropped, axis=0), np.std(dropped, axis=0) / 2000**0.5
    assert (np.abs(mean - plain.apply(params, (), points)[0]) <= 5 * error + 1e-6).all()


def test_gini_against_its_definition():
    values = np.random.default_rng(1).exponential(size=(3, 40))
    pairs = np.abs(values[:, :, None] - values[:, None, :]).sum(axis=(1, 2))
    assert np.allclose(_sensitivity_gini.gini(values), pairs / (2 * 40**2 * values.mean(axis=1)), rtol=1e-12)


@pytest.mark.slow
def test_sensitivities_by_finite_differences():
    """One look after five steps, at step size as used: the network is trained here once more, by the same batches."""
    model, key = MlpClassifier((6,), 3), jax.random.key(4)
    rng = np.random.default_rng(2)
    points, labels = rng.normal(size=(1, 12, 5)), rng.integers(0, 3, (1, 12))
    batches = rng.integers(0, 12, (1, 1, 5, 4)).astype(np.int32)
    found = np.asarray(
        _sensitivity_gini._sensitivities(
            key, jnp.asarray(points), jnp.asarray(labels), jnp.asarray(batches), model
        )
    )  # fmt: skip
    params = model.draw(key_for(key, Purpose.INIT, 0), (5,), "float64")[0]
    first, last = ([np.array(leaf, float) for leaf in layer] for layer in params)
    velocity = [np.zeros_like(leaf) for leaf in (*first, *last)]
    weights = [*first, *last]

    def loss(weights, x, y):
        w, b, v, c = weights
        logits = np.maximum(x @ w.T + b, 0) @ v.T + c
        return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]

    for batch in batches[0, 0]:
        slopes = []
        for leaf in weights:
            slope = np.zeros_like(leaf)
            for place in np.ndindex(leaf.shape):
                old = leaf[place]
                ends = []
                for shift in (1e-6, -1e-6):
                    leaf[place] = old + shift
                    ends.append(loss(weights, points[0][batch], labels[0][batch]).mean())
                leaf[place] = old
                slope[place] = (ends[0] - ends[1]) / 2e-6
            slopes.append(slope)
        velocity = [0.9 * v + g for v, g in zip(velocity, slopes, strict=True)]
        weights = [w - 0.01 * v for w, v in zip(weights, velocity, strict=True)]
    for i in range(12):
        total = 0.0
        for j in range(5):
            up, down = (points[0][i : i + 1] + s * 1e-6 * np.eye(5)[j] for s in (1, -1))
            total += abs(loss(weights, up, labels[0][i : i + 1]) - loss(weights, down, labels[0][i : i + 1]))[0] / 2e-6
        assert found[0, i] == pytest.approx(total, rel=1e-5)


def test_ablation_of_nothing_and_of_everything_but_one():
    weights = [
        np.eye(3, dtype=np.float32),
        np.zeros(3, np.float32),
        np.eye(3, dtype=np.float32),
        np.zeros(3, np.float32),
    ]
    points = np.eye(3, dtype=np.float32)
    rng = np.random.default_rng(0)
    found = _dropout_robust._ablated(rng, weights, points, np.arange(3), 2000)
    assert found[0] == 1.0
    # a point is right while its own unit is left, or if it is the first and all outputs are 0
    for level, share in zip(_dropout_robust.LEVELS[1:], found[1:], strict=True):
        assert share == pytest.approx((1 - level) * 2 / 3 + 1 / 3, abs=0.05)


def test_the_signed_network_of_two_outputs_and_its_margin():
    rng = np.random.default_rng(3)
    layers = [Layer(rng.normal(size=(9, 4)), rng.normal(size=9)), Layer(rng.normal(size=(2, 9)), rng.normal(size=2))]
    points = rng.normal(size=(20, 4))
    logits = _refit_differs.outputs(tuple(layers), points.astype(np.float32))
    signs = np.where(logits[:, 1] > logits[:, 0], 1.0, -1.0)
    net = _baum_not_found._difference(layers)
    answers = np.asarray(apply(Params(*map(jnp.asarray, net)), jnp.asarray(points)))
    assert np.allclose(answers, logits[:, 1] - logits[:, 0], atol=1e-4)
    scaled = _baum_not_found._unit_margin(net, points, signs)
    values = np.maximum(points @ scaled[0].weights.T + scaled[0].bias, 0) @ scaled[1].weights[0] + scaled[1].bias[0]
    assert (signs * values).min() == pytest.approx(1, rel=1e-9)
    rewritten = _refit_differs.rewritten(rng, scaled)
    assert np.allclose(_refit_differs.outputs(rewritten, points.astype(np.float32))[:, 0], values, rtol=1e-4, atol=1e-4)
