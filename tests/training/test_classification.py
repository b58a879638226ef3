"""Many classifiers at once: against a plain loop, seed by seed bit for bit, and compiled once."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from overparam.errors import InputError
from overparam.keys import Purpose, key_for
from overparam.networks import MlpClassifier
from overparam.training import ClassTrainSpec, compilations, train_classifiers
from overparam.training.general._batches import epochs_of

KEY = jax.random.key(7)
NET = MlpClassifier((8,), 3)
HOW = ClassTrainSpec(epochs=3, batch_size=4, step_size=0.05, dtype="float64")
RNG = np.random.default_rng(0)
POINTS, LABELS = RNG.normal(size=(10, 5)), RNG.integers(0, 3, 10)  # the last batch of an epoch has 2 samples
TESTS = {"test_points": RNG.normal(size=(7, 5)), "test_labels": RNG.integers(0, 3, 7)}


def by_hand(how: ClassTrainSpec, seed: int, net: MlpClassifier = NET):
    """Layers after training, with NumPy for everything but the draws and optax's Adam."""
    layers, _ = net.draw(key_for(KEY, Purpose.INIT, seed), (5,), "float64")
    params = [np.asarray(leaf) for layer in layers for leaf in layer]
    velocity = [np.zeros_like(leaf) for leaf in params]
    adam = optax.adam(1.0, b1=0.9, b2=0.999, eps=1e-8)
    with jax.numpy_dtype_promotion("standard"):
        moments = adam.init(params)
    for epoch in range(how.epochs):
        order = np.arange(10)
        if how.batch_size is not None:
            key = jax.random.fold_in(key_for(KEY, Purpose.BATCHES, seed), epoch)
            order = np.asarray(jax.random.permutation(key, 10))
        size = how.batch_size or 10
        steps = -(-10 // size)
        for number in range(steps):
            x, y = POINTS[order[number * size : (number + 1) * size]], LABELS[order[number * size :][:size]]
            w1, b1, w2, b2 = params
            pre = x @ w1.T + b1
            hidden = np.maximum(pre, 0)
            out = hidden @ w2.T + b2
            marks = np.eye(3)[y]
            if how.loss == "squared":
                slope = 2 * (out - marks) / out.size
            else:
                slope = (np.exp(out) / np.exp(out).sum(axis=1, keepdims=True) - marks) / len(y)
            back = (slope @ w2) * (pre > 0)
            found = [back.T @ x, back.sum(axis=0), slope.T @ hidden, slope.sum(axis=0)]
            rate = how.step_size
            if how.schedule == "cosine":
                rate *= (1 + np.cos(np.pi * (epoch * steps + number) / (how.epochs * steps))) / 2
            if how.schedule == "exponential":
                rate *= how.decay**epoch
            if how.optimizer != "adamw":
                found = [slope + how.weight_decay * weight for slope, weight in zip(found, params, strict=True)]
            if how.optimizer == "sgd":
                velocity = [how.momentum * old + new for old, new in zip(velocity, found, strict=True)]
                params = [weight - rate * move for weight, move in zip(params, velocity, strict=True)]
                continue
            with jax.numpy_dtype_promotion("standard"):
                moves, moments = adam.update(found, moments)
            extra = how.weight_decay if how.optimizer == "adamw" else 0.0
            params = [w + rate * (np.asarray(m) - extra * w) for w, m in zip(params, moves, strict=True)]
    return params


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"weight_decay": 0.1, "momentum": 0.5},
        *(
            pytest.param(change, marks=pytest.mark.slow)
            for change in (
                {"loss": "squared", "batch_size": None},
                {"schedule": "cosine"},
                {"schedule": "exponential", "decay": 0.5},
                {"optimizer": "adam", "weight_decay": 0.1},
                {"optimizer": "adamw", "weight_decay": 0.1},
            )
        ),
    ],
    ids=lambda change: "-".join(map(str, change.values())),
)
def test_a_plain_loop_gives_the_same_weights(change):
    """Some 30 operations of size one a weight and step, 9 steps: 1e-12 is a thousand times what rounding makes."""
    how = dataclasses.replace(HOW, **change)
    found = train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=how, chunk=2)
    for seed in range(2):
        trained = [leaf[seed] for layer in found.params for leaf in layer]
        for ours, theirs in zip(trained, by_hand(how, seed), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    out = np.maximum(POINTS @ trained[0].T + trained[1], 0) @ trained[2].T + trained[3]
    assert found.accuracy[1, -1] == pytest.approx(np.mean(out.argmax(axis=1) == LABELS), rel=1e-15)
    assert (found.correct[1, -1] == (out.argmax(axis=1) == LABELS)).all()
    chances = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
    expected = np.mean((out - np.eye(3)[LABELS]) ** 2) if how.loss == "squared" else 0
    expected = expected or -np.log(chances[np.arange(10), LABELS]).mean()
    assert found.loss[1, -1] == pytest.approx(expected, rel=1e-12)


def test_orders_are_those_of_the_general_engine():
    """One law for all engines: sample orders by epoch."""
    orders = epochs_of(KEY, jnp.uint32(3), jnp.int32(0), n_steps=9, n_samples=10, batch_size=4).orders
    key = jax.random.fold_in(key_for(KEY, Purpose.BATCHES, 3), 1)
    np.testing.assert_array_equal(orders[1], np.asarray(jax.random.permutation(key, 10)))


@pytest.mark.slow
@pytest.mark.parametrize("net", [NET, MlpClassifier((8,), 3, dropout=0.3, batch_norm=True)], ids=["plain", "noisy"])
def test_companions_do_not_change_a_record(net):
    """Bit for bit: another order of the seeds, other companions, a last chunk that is filled up."""
    how = dataclasses.replace(HOW, dtype="float32")

    def run(seeds):
        return train_classifiers(POINTS, LABELS, KEY, seeds, model=net, how=how, chunk=3, **TESTS)

    whole, turned, alone = run(5), run([4, 3, 2, 1, 0]), run([3])
    leaves, *others = (jax.tree.leaves(found._replace(epochs=None)) for found in (whole, turned, alone))
    for one, back, lonely in zip(leaves, *others, strict=True):
        np.testing.assert_array_equal(one, back[::-1])
        np.testing.assert_array_equal(one[3:4], lonely)
    assert not (whole.params[0].weights[0] == whole.params[0].weights[1]).any()  # seeds differ


@pytest.mark.slow
def test_own_data_and_labels_of_each_seed():
    """A seed with data of its own trains as it does alone on them, whatever is shared."""
    how = dataclasses.replace(HOW, dtype="float32")
    points = np.stack([POINTS, POINTS[::-1]])
    labels = np.stack([LABELS, LABELS[::-1]])
    both = train_classifiers(points, labels, KEY, 2, model=NET, how=how, chunk=2)
    mixed = train_classifiers(POINTS, labels, KEY, 2, model=NET, how=how, chunk=2, **TESTS)
    first = train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=how, chunk=2, **TESTS)
    second = train_classifiers(POINTS[::-1], LABELS[::-1], KEY, 2, model=NET, how=how, chunk=2)
    np.testing.assert_allclose(both.loss[0], first.loss[0], rtol=1e-5)
    np.testing.assert_allclose(both.loss[1], second.loss[1], rtol=1e-5)
    np.testing.assert_allclose(mixed.loss[0], first.loss[0], rtol=1e-5)
    np.testing.assert_allclose(mixed.test_loss[0], first.test_loss[0], rtol=1e-5)
    assert both.test_correct is None
    assert np.isnan(both.test_accuracy).all()
    assert mixed.test_correct is not None
    assert mixed.test_correct.shape == (2, 4, 7)


@pytest.mark.slow
def test_one_compilation_for_all_labels_seeds_and_numbers():
    """What is a number is an argument; another shape is another program."""
    how = dataclasses.replace(HOW, dtype="float32")
    train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=how, chunk=2)
    before = compilations()["classification.advance"]
    for change in ({"step_size": 0.1}, {"weight_decay": 0.1}, {"epochs": 5, "record_every": 2}, {"momentum": 0.0}):
        changed = dataclasses.replace(how, **change)
        train_classifiers(2 * POINTS, LABELS[::-1], jax.random.key(1), [5, 9, 11], model=NET, how=changed, chunk=2)
    assert compilations()["classification.advance"] == before
    train_classifiers(POINTS[:9], LABELS[:9], KEY, 2, model=NET, how=how, chunk=2)
    assert compilations()["classification.advance"] == before + 1


@pytest.mark.slow
def test_looks():
    """At the start, every so many epochs, and at the end; a step of size 0 changes nothing."""
    how = dataclasses.replace(HOW, epochs=5, record_every=2, step_size=0.0)
    found = train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=how, chunk=2, keep_correct=False)
    assert found.epochs.tolist() == [0, 2, 4, 5]
    assert (found.loss == found.loss[:, :1]).all()
    for one, other in zip(jax.tree.leaves(found.params), jax.tree.leaves(found.initial), strict=True):
        np.testing.assert_array_equal(one, other)
    assert found.correct is None
    fits = found._replace(accuracy=np.array([[0.1, 0.5, 1.0, 0.9], [0.1, 0.2, 0.3, 0.99]]))
    assert fits.epochs_to_fit().tolist() == [4, np.inf]
    assert fits.epochs_to_fit(0.5).tolist() == [2, 5]


@pytest.mark.slow
def test_given_weights():
    """A run goes on from weights that are handed in: two full steps without momentum are one and one more."""
    how = dataclasses.replace(HOW, epochs=1, batch_size=None, momentum=0.0)
    first = train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=how, chunk=2)
    second = train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=how, chunk=2, initial=first.params)
    both = train_classifiers(POINTS, LABELS, KEY, 2, model=NET, how=dataclasses.replace(how, epochs=2), chunk=2)
    for one, other in zip(jax.tree.leaves(second.params), jax.tree.leaves(both.params), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(second.initial[0].weights, first.params[0].weights)
    with pytest.raises(InputError, match="initial"):
        train_classifiers(POINTS, LABELS, KEY, 3, model=NET, how=how, chunk=2, initial=first.params)


@pytest.mark.slow
def test_a_run_that_diverges_is_marked():
    """No NaN in the losses, and nothing counts as correct."""
    how = dataclasses.replace(HOW, step_size=1e300, epochs=2)
    found = train_classifiers(POINTS, LABELS, KEY, 1, model=NET, how=how, chunk=1, **TESTS)
    assert np.isinf(found.loss[0, -1])
    assert np.isinf(found.test_loss[0, -1])
    assert found.accuracy[0, -1] == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": LABELS + 1}, "from 0 to 2, but they are integers from 1 to 3"),
        ({"labels": LABELS.astype(float)}, "of type float64"),
        ({"labels": LABELS[:9]}, r"got \(10, 5\) and \(9,\)"),
        ({"test_points": POINTS}, "give both or neither"),
        ({"test_points": POINTS[:, :4], "test_labels": LABELS}, "samples of one shape"),
        ({"seeds": []}, "seeds must be"),
        ({"how": ClassTrainSpec(epochs=-1)}, "epochs must be"),
        ({"how": ClassTrainSpec(momentum=1.0)}, "momentum must be"),
        ({"how": ClassTrainSpec(decay=0.9)}, 'belongs to schedule "exponential"'),
    ],
)
def test_errors_teach(change, told):
    """Each names the argument and what it was."""
    given = {"points": POINTS, "labels": LABELS, "root": KEY, "seeds": 2, "model": NET, "how": HOW} | change
    with pytest.raises(InputError, match=told):
        train_classifiers(**given)
