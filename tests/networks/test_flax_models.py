"""Modules of flax as models: same outputs as the module, drawn from the key, dropout in training only."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.networks import linen_model, nnx_model
from overparam.training import Outcome, TrainSpec, train_model

nn = pytest.importorskip("flax.linen")
nnx = pytest.importorskip("flax.nnx")

KEY = jax.random.key(4)
POINTS = np.random.default_rng(0).normal(size=(10, 3))
LABELS = np.sign(np.random.default_rng(1).normal(size=10))


class Linen(nn.Module):
    rate: float = 0.0

    @nn.compact
    def __call__(self, x, train=False):
        x = nn.Dropout(self.rate, deterministic=not train)(nn.tanh(nn.Dense(8)(x)))
        return nn.Dense(1)(x)


class Nnx(nnx.Module):
    def __init__(self, rngs):
        self.hidden = nnx.Linear(3, 8, rngs=rngs)
        self.dropout = nnx.Dropout(0.25, rngs=rngs)
        self.readout = nnx.Linear(8, 1, rngs=rngs)

    def __call__(self, x):
        return self.readout(self.dropout(nnx.tanh(self.hidden(x))))


class Averaged(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(1)(nn.BatchNorm(use_running_average=True)(x))


class AveragedNnx(nnx.Module):
    def __init__(self, rngs):
        self.norm = nnx.BatchNorm(3, rngs=rngs)

    def __call__(self, x):
        return self.norm(x)[:, 0]


MODELS = {
    "linen": linen_model(Linen(0.25), training={"train": True}, evaluating={"train": False}),
    "nnx": nnx_model(Nnx, is_random=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_it_says_what_the_module_says(name):
    """Two layers written out in NumPy; float64 products of at most 8 terms."""
    model = MODELS[name]
    params = model.draw(KEY, 3, "float64")
    leaves = {
        jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(params)
    }
    assert {leaf.dtype for leaf in leaves.values()} == {np.dtype("float64")}
    (w, b), (v, c) = ([next(leaf for path, leaf in leaves.items() if layer in path and part in path)
                       for part in ("kernel", "bias")]
                      for layer in (("Dense_0", "Dense_1") if name == "linen" else ("hidden", "readout")))  # fmt: skip
    wanted = (np.tanh(POINTS @ w + b) @ v + c)[:, 0]
    np.testing.assert_allclose(model.apply(params, jnp.asarray(POINTS)), wanted, rtol=1e-12, atol=1e-13)
    other = model.apply(params, jnp.asarray(POINTS), key=jax.random.key(1))
    assert other.shape == (10,) and not np.allclose(other, wanted)
    assert np.array_equal(other, model.apply(params, jnp.asarray(POINTS), key=jax.random.key(1)))
    assert not np.array_equal(other, model.apply(params, jnp.asarray(POINTS), key=jax.random.key(2)))
    again = jax.tree.leaves(model.draw(jax.random.key(5), 3, "float64"))
    assert not np.array_equal(again[1], jax.tree.leaves(params)[1])


@pytest.mark.slow  # programs to compile
@pytest.mark.parametrize("name", MODELS)
def test_it_trains_with_dropout_and_minibatches(name):
    how = TrainSpec(
        loss="logistic", batch_size=4, optimizer="adam", step_size=0.02, step_unit="absolute", max_steps=2000,
        tolerance=0.05, check_every=50,
    )  # fmt: skip
    run = train_model(POINTS, LABELS, KEY, 3, model=MODELS[name], how=how, chunk=2)
    assert (run.stopped == Outcome.FITTED).any()
    fitted = int(np.argmax(run.stopped == Outcome.FITTED))
    params = jax.tree.map(lambda leaf: jnp.asarray(leaf[fitted]), run.params)
    margins = MODELS[name].apply(params, jnp.asarray(POINTS, "float32")) * LABELS.astype("float32")
    assert np.min(margins) >= 0.05 - 1e-5


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: linen_model(object()), "flax.linen.Module"),
        (lambda: linen_model(Averaged()).draw(KEY, 3, "float32"), "has batch_stats"),
        (lambda: nnx_model(AveragedNnx).draw(KEY, 3, "float32"), "averages of a batch"),
        (lambda: nnx_model(lambda rngs: 3).draw(KEY, 3, "float32"), "flax.nnx.Module"),
    ],
)
def test_refusals_teach(make, says):
    with pytest.raises(InputError, match=says):
        make()
