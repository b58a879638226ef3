"""Empirical kernels: every method against `jax.jacobian`, and what must hold exactly.

An entry is a sum of p products of derivatives, at most the largest diagonal entry in absolute sum (Cauchy-Schwarz), so
two orders of adding differ by at most p EPS of that.  Each derivative comes with a relative error of its own: chains of
at most four layers of sums of at most 60 terms, less than 2^8 roundings, allowed to grow twofold by cancellation.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError, PrecisionError
from overparam.networks import Params, apply, layers_of
from overparam.ntk import costs, empirical_kernel, first_layer_gram, kernel_product, layers_found, network_gram

EPS = {"float32": 2.0**-23, "float64": 2.0**-52}
NUMBERS = ("NHWC", "HWIO", "NHWC")
X = np.array([[1.0, 2.0]])


def drawn(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [jnp.asarray(rng.normal(size=shape)) for shape in shapes]


def perceptron(params, x):
    """NTK parameterization; two outputs; the leaves are a tree of lists, tuples and dictionaries."""
    first, (second, last) = params["first"], params["rest"]
    h = jnp.tanh(x @ (first["w"] / np.sqrt(x.shape[1]).astype(x.dtype).item()) + first["b"][None, :])
    h = jax.nn.relu((h @ second[0]) * 0.5 - -second[1][None, :])
    return h @ last.T


def convolutions(params, x):
    """Strides, padding on one side, holes, groups, an average at the end, three outputs."""
    k1, b1, k2, w, c = params
    h = jax.lax.conv_general_dilated(
        x, k1, (2, 1), [(1, 0), (2, 1)], rhs_dilation=(1, 2), dimension_numbers=NUMBERS
    ) + b1.reshape(1, 1, 1, -1)  # fmt: skip
    h = jax.lax.conv_general_dilated(jnp.tanh(h), k2, (1, 1), "SAME", dimension_numbers=NUMBERS, feature_group_count=2)
    return jax.nn.relu(h).mean((1, 2)) @ w + c[None, :]


def few_pixels(params, x):
    """A convolution with two positions and many channels: Gram matrices of positions are cheapest."""
    kernel, bias, readout = params
    numbers = ("NCW", "OIW", "NWC")
    h = jax.lax.conv_general_dilated(x, kernel, (2,), "VALID", dimension_numbers=numbers) * 0.25 + bias[None, None, :]
    return jnp.tanh(h).reshape(len(h), -1) @ readout


def tied(params, x):
    """The same weights and bias three times, and a number that is no layer's."""
    for _ in range(3):
        x = jnp.tanh(x @ (params["w"].T * 0.4) + 2 * params["b"][None, :])
    return jnp.exp(params["scale"]) * (x @ params["v"])


def crossed(params, x):
    """The same weights both ways round, which cannot be put side by side; a bias in two layers; a loop."""
    h = jnp.tanh(x @ params["w"] + params["b"][None, :])
    h = jnp.tanh(h @ params["w"].T + params["b"][None, :])
    h = jax.lax.fori_loop(0, 2, lambda _, h: jnp.sin(h @ params["u"]), h)
    return jax.checkpoint(lambda h: h @ params["v"] + params["c"][None])(h)


def case(name):
    if name == "perceptron":
        w, b, u, a, v, x, y = drawn((4, 6), (6,), (6, 5), (5,), (2, 5), (7, 4), (3, 4))
        return perceptron, {"first": {"w": w, "b": b}, "rest": ([u, a], v)}, x, y
    if name == "convolutions":
        *params, x, y = drawn((3, 2, 2, 4), (4,), (2, 2, 2, 6), (6, 3), (3,), (5, 6, 5, 2), (3, 6, 5, 2))
        return convolutions, params, x, y
    if name == "few pixels":
        *params, x, y = drawn((24, 20, 3), (24,), (48,), (4, 20, 5), (3, 20, 5))
        return few_pixels, params, x, y
    if name == "tied":
        w, b, v, scale, x, y = drawn((5, 5), (5,), (5,), (), (6, 5), (3, 5))
        return tied, {"w": w, "b": b, "v": v, "scale": scale}, x, y
    if name == "crossed":
        w, b, u, v, c, x, y = drawn((5, 5), (5,), (5, 5), (5,), (), (6, 5), (3, 5))
        return crossed, {"w": w, "b": b, "u": u / 3, "v": v, "c": c}, x, y
    u, b, v, c, x, y = drawn((20, 4), (20,), (20,), (), (7, 4), (3, 4))
    return apply, Params(u, b, v, c), x, y


CASES = ("perceptron", "convolutions", "few pixels", "tied", "crossed", "two-layer")
FOUND = {
    "perceptron": {
        "['first']['b']": "bias of ['first']['w']",
        "['first']['w']": "dense: gram",
        "['rest'][0][0]": "dense: gram",
        "['rest'][0][1]": "whole Jacobian",  # subtracted, which is not looked for
        "['rest'][1]": "dense: gram",
    },
    "convolutions": {
        "[0]": "convolution: jacobian",
        "[1]": "bias of [0]",
        "[2]": "convolution: jacobian",
        "[3]": "dense: gram",
        "[4]": "bias of [3]",
    },
    "few pixels": {"[0]": "convolution: positions", "[1]": "bias of [0]", "[2]": "dense: jacobian"},
    "tied": {
        "['b']": "bias of ['w']",
        "['scale']": "whole Jacobian",
        "['v']": "dense: jacobian",
        "['w']": "dense: jacobian, used 3 times",
    },
    "crossed": {
        "['b']": "whole Jacobian",
        "['c']": "bias of ['v']",
        "['u']": "whole Jacobian",
        "['v']": "dense: gram",
        "['w']": "whole Jacobian",
    },
    "two-layer": {".u": "dense: gram", ".b": "bias of .u", ".v": "dense: gram", ".c": "bias of .v"},
}


def rows(f, params, x):
    """The Jacobian, (n outputs, p), by automatic differentiation of the whole batch."""
    blocks = jax.tree.leaves(jax.jit(jax.jacobian(f))(params, x))
    shape = f(params, x).shape
    return np.concatenate([np.asarray(block).reshape(*shape, -1) for block in blocks], axis=-1)


@functools.cache
def oracle(name, cross=False):
    """The kernel of the first samples, or with `cross` of these and the others."""
    f, params, x, y = case(name)
    left = rows(f, params, x)
    right = rows(f, params, y) if cross else left
    return left @ right.T if left.ndim == 2 else np.einsum("iap,jbp->ijab", left, right)


def close(found, wanted, name, dtype="float64"):
    """See the top; two derivatives in each product."""
    p = sum(leaf.size for leaf in jax.tree.leaves(case(name)[1]))
    outputs = oracle(name).shape[-1] if oracle(name).ndim == 4 else 1
    biggest = np.abs(oracle(name)).max() * (outputs if np.ndim(found) == 2 else 1)
    return np.abs(np.asarray(found) - wanted).max() <= (p + 2 * 2**8 * 2) * EPS[dtype] * biggest


def trace(kernel):
    return np.einsum("ijaa->ij", kernel) if kernel.ndim == 4 else kernel


@pytest.mark.parametrize("name", CASES)
def test_structured_derivatives_are_those_of_automatic_differentiation(name):
    f, params, x, y = case(name)
    own = oracle(name)
    assert layers_found(f, params, x) == FOUND[name]
    kernel = empirical_kernel(f, params, x, method="structured")
    assert kernel.shape == own.shape and close(kernel, own, name)
    assert (kernel == (kernel.T if own.ndim == 2 else kernel.transpose(1, 0, 3, 2))).all()
    if name in ("perceptron", "few pixels"):  # the others among the slow tests
        wanted = trace(oracle(name, cross=True))
        assert close(empirical_kernel(f, params, x, y, method="structured", traced=True), wanted, name)


@pytest.mark.parametrize("name", ["perceptron", "few pixels"])
def test_contraction_and_vector_products_agree_with_it(name):
    f, params, x, y = case(name)
    assert close(empirical_kernel(f, params, x, method="contraction", traced=True), trace(oracle(name)), name)
    assert close(empirical_kernel(f, params, x, y, method="products"), oracle(name, cross=True), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("method", ["contraction", "products", "structured"])
def test_every_method_in_every_setting(name, method):
    f, params, x, y = case(name)
    for batch in (None, 3, 40):
        for others, wanted in ((None, oracle(name)), (y, oracle(name, cross=True))):
            options = {"method": method, "batch": batch}
            assert close(empirical_kernel(f, params, x, others, **options), wanted, name)
            assert close(empirical_kernel(f, params, x, others, traced=True, **options), trace(wanted), name)


@pytest.mark.parametrize("name", [pytest.param("convolutions", marks=pytest.mark.slow), "few pixels"])
def test_float32_agrees_to_its_rounding(name):
    f, params, x, _ = case(name)
    kernel = empirical_kernel(f, params, x, dtype="float32")
    assert kernel.dtype == "float32" and close(kernel, oracle(name), name, "float32")


@pytest.mark.parametrize("activation", ["relu", pytest.param("threshold", marks=pytest.mark.slow)])
def test_the_closed_form_of_two_layers(activation):
    """Against automatic differentiation, at a kink too: a zero row and a zero bias, where the derivative is 1/2."""
    params, x, y = case("two-layer")[1:]
    params, x = params._replace(b=params.b.at[3].set(0)), x.at[2].set(0)
    f = functools.partial(apply, activation=activation)
    left, right = rows(f, params, x), rows(f, params, y)
    size = np.abs(left @ left.T).max()
    for others, wanted in ((None, left @ left.T), (y, left @ right.T)):
        found = empirical_kernel(f, params, x, others, method="two-layer")
        assert np.abs(found - wanted).max() <= (left.shape[1] + 64) * EPS["float64"] * size
    if activation == "relu":
        away = x.at[2].set(1.0)
        mine, theirs = empirical_kernel(f, params, away), network_gram(layers_of(params), away)
        assert np.abs(mine - theirs).max() <= (left.shape[1] + 64) * EPS["float64"] * float(theirs.max())


SETTINGS = [("perceptron", 45, "structured"), ("few pixels", 10, "structured")]


@pytest.mark.parametrize(("name", "n", "method"), SETTINGS + [
    pytest.param(*rest, marks=pytest.mark.slow) for rest in [
        ("perceptron", 150, "contraction"), ("perceptron", 45, "products"), ("convolutions", 45, "structured"),
        ("two-layer", 300, "two-layer"), ("tied", 10, "structured"), ("few pixels", 45, "products"),
    ]
])  # fmt: skip
def test_a_permutation_of_samples_permutes_exactly(name, n, method):
    f, params, x, _ = case(name)
    rng = np.random.default_rng(n)
    points = rng.normal(size=(n, *x.shape[1:]))
    points[3] = points[1]
    order = rng.permutation(n)
    for dtype in ("float32", "float64"):
        kernel, moved = (
            np.asarray(empirical_kernel(f, params, some, method=method, dtype=dtype))
            for some in (points, points[order])
        )
        assert (moved == kernel[np.ix_(order, order)]).all()
        assert (kernel[1] == kernel[3]).all()
        assert (kernel == (kernel.T if kernel.ndim == 2 else kernel.transpose(1, 0, 3, 2))).all()


@pytest.mark.slow
def test_tiles_join_without_seams():
    f, params, _, _ = case("perceptron")
    x, y = drawn((70, 4), (41, 4), seed=1)
    whole, cross = empirical_kernel(f, params, x), empirical_kernel(f, params, x, y)
    assert float(jnp.abs(whole[:, 5] - empirical_kernel(f, params, x, x[5:6])[:, 0]).max()) <= 1e-13 * float(
        whole.max()
    )
    tiles = empirical_kernel(f, params, x, batch=32)
    assert (tiles == tiles.transpose(1, 0, 3, 2)).all() and (jnp.einsum("iiaa->i", tiles) != 0).all()
    assert float(jnp.abs(tiles - whole).max()) <= 1e-13 * float(whole.max())
    assert float(jnp.abs(empirical_kernel(f, params, x, y, batch=32) - cross).max()) <= 1e-13 * float(whole.max())


@pytest.mark.parametrize("method", ["auto", "contraction", "products", "structured"])
def test_one_sample_of_one_feature_by_hand(method):
    """f = tanh(w x) v at w = 0, v = 3, x = 2: df/dw = 2 * 3, df/dv = 0."""
    f = lambda p, x: jnp.tanh(x @ p[0]) @ p[1]  # noqa: E731
    assert empirical_kernel(f, (jnp.zeros((1, 1)), jnp.full(1, 3.0)), jnp.full((1, 1), 2), method=method).tolist() == [
        [36.0]
    ]


def test_leaves_that_do_not_act_or_are_no_parameters():
    params = {"w": jnp.ones((2, 1)), "count": jnp.arange(3), "unused": jnp.ones(4), "key": jax.random.key(0)}
    f = lambda p, x: x @ p["w"] * p["count"].sum().astype(x.dtype)  # noqa: E731
    assert empirical_kernel(f, params, X, method="structured").tolist() == [[[[45.0]]]]
    assert layers_found(f, params, X)["['unused']"] == "without effect"
    assert layers_found(lambda p, x: x @ jax.lax.stop_gradient(p["w"]), params, X)["['w']"] != "dense: gram"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["convolutions", "tied"])
def test_vector_products_are_those_of_the_kernel(name):
    f, params, x, y = case(name)
    own, cross = oracle(name), oracle(name, cross=True)
    n_outputs = own.shape[2:3]
    for others, kernel, batch in ((None, own, 4), (y, cross, None)):
        vectors = np.random.default_rng(0).normal(size=(kernel.shape[1], *n_outputs, 2))
        wanted = np.einsum("ijab,jbc->iac", kernel, vectors) if n_outputs else kernel @ vectors
        found = kernel_product(f, params, x, vectors, others=others, batch=batch)
        assert found.shape == wanted.shape
        # as `close`, for a sum of at most 20 entries times normal numbers below 4
        assert np.abs(found - wanted).max() <= 20 * 4 * (300 + 2 * 2**8 * 2) * EPS["float64"] * np.abs(own).max()
    single = kernel_product(f, params, x, np.ones(own.shape[:1] + n_outputs), batch=4)
    assert single.shape == own.shape[:1] + n_outputs


def test_costs_say_what_is_chosen():
    f = perceptron
    wide = {
        "first": {"w": jnp.ones((4, 300)), "b": jnp.ones(300)},
        "rest": ([jnp.ones((300, 300)), jnp.ones(300)], jnp.ones((2, 300))),
    }
    found = costs(f, wide, jnp.ones((500, 4)), dtype="float32")
    F = 4 * 300 + 300 * 300 + 2 * 300
    p, pairs = F + 600, 500 * 501 // 2
    assert found["contraction"].multiply_adds == 500 * 5 * F + pairs * 4 * p or not found["contraction"].at_once
    assert found["products"].multiply_adds == 500 * 5 * F + pairs * 2 * 2 * 2 * F
    layers = (4 + 4 * 300) + (300 + 4 * 300) + (300 + 4 * 2)
    assert found["structured"].multiply_adds == 500 * (3 + 2) * F + pairs * (layers + 4 * 300)
    assert min(found, key=lambda name: found[name].multiply_adds) == "structured"
    small = costs(*case("two-layer")[:3])
    assert (
        small["two-layer"].multiply_adds == 7 * 80 + 28 * (4 + 40) and min(small.values())[0] == small["two-layer"][0]
    )
    traced = costs(f, wide, jnp.ones((500, 4)), traced=True, dtype="float32")
    assert traced["structured"].multiply_adds < found["structured"].multiply_adds
    huge = costs(f, wide, jnp.ones((50_000, 4)), dtype="float32")
    assert not huge["contraction"].at_once and huge["contraction"].bytes >= 4 * 4 * 50_000**2


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: empirical_kernel(lambda p, x: x * p, jnp.ones((1, 2)), X, method="structured"), "contraction"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.ones(2), X, method="two-layer"), "'auto'"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.ones(2), X[0]), r"\(n, dim\)"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.ones(2), X, jnp.ones((1, 1))), "others must be samples"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.arange(2), X), "at least one array"),
        (lambda: empirical_kernel(lambda p, x: x @ p["w"], {"w": "a"}, X), "must be an array"),
        (lambda: empirical_kernel(lambda p, x: (x @ p).sum(), jnp.ones(2), X), "apply must return"),
        (lambda: empirical_kernel(lambda p, x: (x @ p,), jnp.ones(2), X), "a tuple"),
        (lambda: empirical_kernel(lambda p, x: (x @ p).astype("float32"), jnp.ones(2), X), "float32"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.ones(2), X, batch=0), "batch"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.ones(2), X, dtype="int32"), "dtype"),
        (lambda: empirical_kernel(lambda p, x: x @ p, jnp.ones(2, complex), X), "complex"),
        (lambda: kernel_product(lambda p, x: x @ p, jnp.ones(2), X, jnp.ones((2, 2))), "vectors"),
    ],
)  # fmt: skip
def test_wrong_calls_say_what_to_do(call, says):
    with pytest.raises(InputError, match=says):
        call()


def test_a_missing_dtype_is_refused():
    with jax.enable_x64(False), pytest.raises(PrecisionError):
        empirical_kernel(lambda p, x: x @ p, jnp.ones(2), X)


def test_a_wide_network_is_near_its_limit():
    """Hoeffding, union over n*n entries of means of terms in [0, 1]: the chance of a false alarm is below 1e-9."""
    n, width = 5, 20_000
    w, v, x = drawn((3, width), (width,), (n, 3))
    x, v = x / jnp.linalg.norm(x, axis=1)[:, None], jnp.sign(v) / width**0.5
    found = empirical_kernel(lambda p, x: jax.nn.relu(x @ p["w"]) @ v, {"w": w}, x)
    t = np.sqrt(np.log(2 * n * n / 1e-9) / (2 * width))
    assert float(jnp.abs(found - first_layer_gram(x)).max()) <= t


@pytest.mark.parametrize(
    "apply",
    [
        lambda p, x: (x @ p["w"] + p["b"][None, :]) + p["b"][None, :],
        lambda p, x: jnp.tanh(x @ p["w"] + p["b"][None, :]) * p["b"][None, :],
        lambda p, x: (x @ p["w"] + p["b"][None, :]) * jnp.sum(p["b"] ** 2),
    ],
)
def test_a_bias_that_serves_elsewhere_too_is_counted_once(apply):
    params = {"w": jnp.asarray(np.random.default_rng(0).normal(size=(3, 2))), "b": jnp.asarray([0.5, -1.0])}
    points = jnp.asarray(np.random.default_rng(1).normal(size=(4, 3)))
    found = [empirical_kernel(apply, params, points, traced=True, method=m) for m in ("structured", "contraction")]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-13, atol=1e-13)
