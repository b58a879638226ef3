"""Modules of flax as pure functions: same outputs, parameters apart from everything else, impure modules refused."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError
from overparam.networks import from_linen, from_nnx
from overparam.ntk import empirical_kernel, layers_found

nn = pytest.importorskip("flax.linen")
nnx = pytest.importorskip("flax.nnx")

EPS = 2.0**-52
IMAGES = np.random.default_rng(0).normal(size=(4, 6, 6, 2))


class Linen(nn.Module):
    rate: float = 0.0

    @nn.compact
    def __call__(self, x, train=False):
        x = nn.Conv(3, (3, 3), strides=2, param_dtype="float64")(x)
        x = nn.BatchNorm(use_running_average=not train, param_dtype="float64")(x)
        x = nn.Dropout(self.rate, deterministic=not train)(nn.relu(x))
        return nn.Dense(2, param_dtype="float64")(x.reshape(len(x), -1))


class Nnx(nnx.Module):
    def __init__(self, rngs):
        self.conv = nnx.Conv(2, 3, (3, 3), strides=2, rngs=rngs, param_dtype="float64")
        self.norm = nnx.BatchNorm(3, rngs=rngs, param_dtype="float64")
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.readout = nnx.Linear(27, 2, rngs=rngs, param_dtype="float64")

    def __call__(self, x):
        x = self.dropout(nnx.relu(self.norm(self.conv(x))))
        return self.readout(x.reshape(len(x), -1))


@pytest.fixture(scope="module")
def linen():
    module = Linen()
    with jax.numpy_dtype_promotion("standard"):  # flax keeps its averages in float32
        variables = module.init(jax.random.key(0), IMAGES)
    return module, jax.tree.map(lambda leaf: leaf.astype("float64"), variables)


def agrees(apply, params):
    """Structured derivatives of the adapted module are those of automatic differentiation; under 300 parameters."""
    shape = apply(params, jnp.asarray(IMAGES)).shape
    blocks = jax.tree.leaves(jax.jit(jax.jacobian(apply))(params, jnp.asarray(IMAGES)))
    rows = np.concatenate([np.asarray(block).reshape(*shape, -1) for block in blocks], axis=-1)
    wanted = np.einsum("iap,jbp->ijab", rows, rows)
    found = empirical_kernel(apply, params, IMAGES, method="structured")
    return np.abs(found - wanted).max() <= (300 + 2 * 2**8 * 2) * EPS * np.abs(wanted).max()


def test_a_linen_module(linen):
    module, variables = linen
    apply, params = from_linen(module, variables, train=False)
    assert (apply(params, jnp.asarray(IMAGES)) == module.apply(variables, IMAGES)).all()
    assert "batch_stats" not in params and agrees(apply, params)
    ways = layers_found(apply, params, IMAGES)
    assert ways["['Conv_0']['kernel']"].startswith("convolution") and ways["['Dense_0']['kernel']"] == "dense: gram"
    assert ways["['Conv_0']['bias']"] == "bias of ['Conv_0']['kernel']"


def test_an_nnx_module():
    module = Nnx(nnx.Rngs(0))
    module.eval()
    apply, params = from_nnx(module)
    with jax.numpy_dtype_promotion("standard"):
        assert (apply(params, jnp.asarray(IMAGES)) == module(jnp.asarray(IMAGES))).all()
    assert len(jax.tree.leaves(params)) == 6 and agrees(apply, params)


def test_modules_that_change_or_draw_are_refused(linen):
    module, variables = linen
    with jax.numpy_dtype_promotion("standard"), pytest.raises(InputError, match="train=False"):
        empirical_kernel(*from_linen(module, variables, train=True), IMAGES)
    still = nn.Dropout(0.5, deterministic=False)
    with pytest.raises(InputError, match="random"):
        from_linen(still, {"params": {}})[0]({}, jnp.asarray(IMAGES))
    apply, params = from_nnx(Nnx(nnx.Rngs(0)))
    with jax.numpy_dtype_promotion("standard"), pytest.raises(InputError, match=r"module\.eval\(\)"):
        apply(params, jnp.asarray(IMAGES))


def test_wrong_arguments_and_an_absent_flax(linen, monkeypatch):
    module, variables = linen
    with pytest.raises(InputError, match="from_nnx"):
        from_linen(object(), variables)
    with pytest.raises(InputError, match="from_linen"):
        from_nnx(module)
    with pytest.raises(InputError, match="params"):
        from_linen(module, variables["params"])
    monkeypatch.setitem(sys.modules, "flax", None)
    with pytest.raises(InputError, match=r"overparam\[flax\]"):
        from_linen(module, variables)
