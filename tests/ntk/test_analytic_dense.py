"""Dense and residual kernels against 600 bits, against wide finite networks, and at the points where formulas break."""

import dataclasses
import functools
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from overparam.errors import InputError, PrecisionError
from overparam.keys import Purpose, key_for
from overparam.ntk import LeakyRelu, Monomial, dense_kernel, first_layer_gram, hermite, residual_kernel
from overparam.ntk.analytic._angles import NEAR
from tests.ntk.kernel_oracle import angles, angular_oracle

slow = pytest.mark.slow
U = {"float32": 2.0**-24, "float64": 2.0**-53}


def near(dim, gap, dtype="float64"):
    """Rows at angles of about `gap` and pi - gap to the first, a duplicate, another length, and two at large."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=dim)
    rows = [x, x + gap * rng.normal(size=dim), -x + gap * rng.normal(size=dim), x, 3 * x, *rng.normal(size=(2, dim))]
    return np.array(rows, dtype)


def allowed(points, dtype, depth, bias=0.0):
    """An error e0 of the first angle grows by 10 roundings a layer, never by a factor; (depth + 1)^2 sums them up.

    The angle of normalized rows errs by dim + 8 roundings of the inner product over its sine, which the differences of
    near rows keep above sqrt(2 NEAR).  Relative to the two norms.
    """
    if bias:
        points = np.hstack([points * math.sqrt(2 / points.shape[1]), np.full((len(points), 1), math.sqrt(bias))])
    u = U[dtype]
    sine = np.maximum(np.sin(angles(points)), math.sqrt(2 * NEAR[dtype]))
    return (depth + 1) ** 2 * ((points.shape[1] + 8) * u / sine + (10 * depth + 20) * u)


def compare(kernel, points, dtype, depth, wanted, bias=0.0):
    got = [np.asarray(gram, "float64") for gram in kernel(points, dtype=dtype)]
    largest = np.sqrt(got[0].diagonal())
    scale = np.outer(largest, largest) * (depth + 1)
    if kernel.width:
        scale = scale * (kernel.width + points.shape[1])
    bound = allowed(points, dtype, depth, bias) * scale
    for i, x in enumerate(points):
        for j, z in enumerate(points):
            for mine, true in zip(got, wanted(x, z), strict=True):
                assert abs(float(mine[i, j]) - float(true)) <= bound[i, j] + 1e-300, (i, j)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("dim", "gaps"), [(3, (1e-2, 1e-8)), (40, (1e-2, 1e-4, 1e-8))])
def test_relu_is_right_near_parallel_and_antipodal_points(dim, gaps, dtype):
    for gap in gaps:
        compare(dense_kernel(4), near(dim, gap, dtype), dtype, 4, functools.partial(angular_oracle, depth=4))


@pytest.mark.parametrize("slope", [0.2, *(pytest.param(x, marks=slow) for x in (0.0, -0.5, -1.0, 1.0))])
@pytest.mark.parametrize(
    ("depth", "blocks", "bias", "width"),
    [(3, None, 0.3, 50), *(pytest.param(*x, marks=slow) for x in [
        (0, None, 0.0, 50), (3, None, 0.0, None), (3, None, 0.0, 50), (3, None, 0.3, None),
        (3, 2, 0.0, None), (3, 2, 0.3, 50),
    ])],
)  # fmt: skip
def test_leaky_relus_biases_and_both_parameterizations(slope, depth, blocks, bias, width):
    """blocks = 2 has three layers after the first."""
    options = {"weight_variance": 1.3, "bias_variance": bias, "width": width}
    options["parameterization"] = "standard" if width else "ntk"
    shape = {"depth": depth, "blocks": blocks}
    wanted = functools.partial(angular_oracle, **shape, slope=slope, weight=1.3, bias=bias, width=width)
    make = dense_kernel if blocks is None else residual_kernel
    kernel = make(blocks or depth, LeakyRelu(slope), **options)
    compare(kernel, near(12, 1e-6), "float64", depth, wanted, bias)


@pytest.mark.parametrize("bias", [0.1, pytest.param(0.0, marks=slow)])
def test_angles_survive_depth(bias):
    """Steps in a loop; 40 layers, points 1e-7 apart: the oracle takes differences that floats could not."""
    points = near(20, 1e-7)[:4]
    wanted = functools.partial(angular_oracle, depth=40, bias=bias)
    compare(dense_kernel(40, bias_variance=bias), points, "float64", 40, wanted, bias)


def test_small_kernels_of_antipodal_points_keep_their_digits():
    """kappa_1 = angle^3 / (3 pi) near pi: a relative error of 1e-6 at 1e-4, where 1 - c leaves no digit of the cube."""
    x = np.random.default_rng(0).normal(size=4)
    points = np.stack([x, -x + 1e-4 * np.array([1.0, -2.0, 0.5, 1.0])])
    got = float(dense_kernel(1)(points).nngp[0, 1])
    true = float(angular_oracle(*points)[0])
    assert abs(got - true) <= 1e-9 * true


def test_depth_one_is_the_closed_form():
    """kappa_0(0.3) = 0.5969866840206782905, kappa_1(0.3) = 0.4827442838354876216; and the room's older kernel."""
    points = np.array([[1.0, 0.0], [0.3, math.sqrt(1 - 0.09)]])
    got = dense_kernel(1, weight_variance=2)(points)
    assert abs(float(got.nngp[0, 1]) - 0.4827442838354876216349992) <= 20 * U["float64"]
    assert abs(float(got.ntk[0, 1]) - (0.4827442838354876216 + 0.3 * 0.5969866840206782905)) <= 40 * U["float64"]
    rows = np.random.default_rng(0).normal(size=(30, 6))
    got = dense_kernel(1)(rows)
    first = np.asarray(first_layer_gram(rows)) * 4 / 6
    assert np.abs(np.asarray(got.ntk) - np.asarray(got.nngp) - first).max() <= 200 * U["float64"] * first.max()


def draw(key, dim, width, depth, blocks, weight, bias):
    """Gaussian weights of a finite network, to be scaled by `outputs`."""
    sizes = [dim, *[width] * (depth if blocks is None else blocks + 1), 1]
    keys = jax.random.split(key, 2 * len(sizes))
    return [
        (jax.random.normal(keys[2 * k], (m, n), "float64"), jax.random.normal(keys[2 * k + 1], (m, 1), "float64"))
        for k, (n, m) in enumerate(itertools.pairwise(sizes))
    ]


def outputs(params, x, phi, blocks, weight, bias):
    last = len(params) - 1
    h = x.T
    for k, (w, b) in enumerate(params):
        new = math.sqrt(weight / w.shape[1]) * w @ (h if k == 0 else phi(h)) + math.sqrt(bias) * b
        h = h + new if blocks is not None and 0 < k < last else new
    return h[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "blocks"),
    [("relu", 2), *(pytest.param(*x, marks=slow) for x in [("erf", None), ("relu", None), ("erf", 2)])],
)
def test_wide_networks_have_these_kernels(activation, blocks):
    """Means over 100 networks of width 100 within 6 standard errors; the bias of order 1 / width is far below one."""
    phi = {"relu": lambda t: jnp.maximum(t, 0), "erf": jax.scipy.special.erf}[activation]
    dim, width, weight, bias, seeds = 3, 100, 1.6, 0.2, 100
    points = jnp.asarray(np.random.default_rng(1).normal(size=(3, dim)))

    @jax.jit
    def one(seed):
        params = draw(key_for(jax.random.key(0), Purpose.INIT, seed), dim, width, 2, blocks, weight, bias)
        tangents = jax.jacrev(outputs)(params, points, phi, blocks, weight, bias)
        flat = [[j.reshape(len(points), -1) for j in layer] for layer in tangents]
        ntk = sum(j @ j.T for layer in flat for j in layer)
        fan = [layer[0].shape[1] for layer in params]
        standard = sum(w @ w.T * n / weight + b @ b.T / bias for (w, b), n in zip(flat, fan, strict=True))
        return ntk, standard

    samples = [np.stack(s) for s in zip(*(jax.device_get(one(s)) for s in range(seeds)), strict=True)]
    make = functools.partial(dense_kernel, 2) if blocks is None else functools.partial(residual_kernel, blocks)
    for sample, options in zip(samples, ({}, {"parameterization": "standard", "width": width}), strict=True):
        kernel = make(activation, weight_variance=weight, bias_variance=bias, **options)
        error = sample.std(axis=0, ddof=1) / math.sqrt(seeds)
        assert (np.abs(sample.mean(axis=0) - np.asarray(kernel(points).ntk)) <= 6 * error).all()
        assert (6 * error <= 0.3 * np.abs(sample.mean(axis=0)).max()).all()  # or it would say nothing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "n", "dim", "dtype"),
    [("relu", 300, 20, "float32"), ("gelu", 33, 17, "float64"), *(pytest.param(*x, marks=slow) for x in [
        ("relu", 300, 20, "float64"), ("relu", 33, 17, "float32"), ("relu", 300, 300, "float64"),
        ("relu", 10, 3, "float64"), ("gelu", 300, 20, "float32"), ("erf", 150, 70, "float64"),
    ])],
)  # fmt: skip
def test_permutations_permute_and_halves_mirror(activation, n, dim, dtype):
    rng = np.random.default_rng(n)
    points = rng.normal(size=(n, dim)).astype(dtype)
    points[3], points[4] = points[1], -points[1]
    kernel = dense_kernel(3, activation, bias_variance=0.1)
    order = rng.permutation(n)
    gram, moved = (np.asarray(kernel(rows, dtype=dtype).ntk) for rows in (points, points[order]))
    assert (gram == gram.T).all()
    assert (moved == gram[np.ix_(order, order)]).all()
    cross = np.asarray(kernel(points[:9], points, dtype=dtype).ntk)
    assert np.abs(cross - gram[:9]).max() <= 200 * U[dtype] * np.abs(gram).max()
    if activation == "relu":
        assert gram[1, 3] == gram[1, 1]
    diagonal = np.asarray(kernel.diagonal(points, dtype=dtype).ntk)
    assert np.abs(gram.diagonal() - diagonal).max() <= 8 * U[dtype] * diagonal.max()
    assert np.abs(kernel.only("ntk", points, dtype=dtype) - gram).max() <= 8 * U[dtype] * np.abs(gram).max()


@pytest.mark.slow
def test_tiles_join_without_seams():
    """Several tiles on either side, overlapping ones among them, against one point at a time and against each other."""
    right = np.random.default_rng(0).normal(size=(290, 10))
    left = right[:150]
    kernel = dense_kernel(1, weight_variance=1.5, bias_variance=0.2)
    whole, square = (np.asarray(kernel(*pair).ntk) for pair in ((left, right), (right,)))
    for j in (0, 95, 96, 200, 289):
        assert np.abs(whole[:, j] - np.asarray(kernel(left, right[j : j + 1]).ntk)[:, 0]).max() <= 1e-13
    assert np.abs(whole - square[:150]).max() <= 1e-13
    assert np.abs(square[150:, 150:].diagonal() - kernel.diagonal(right).ntk[150:]).max() <= 1e-13
    assert (square != 0).all()  # no entry was left out


def test_rows_of_zeros_single_points_and_one_feature():
    points = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 2.0]])
    for gram in residual_kernel(2)(points):
        assert (np.asarray(gram)[:2] == 0).all() and gram[2, 2] > 0
    biased = dense_kernel(2, bias_variance=0.5)(points)
    assert np.isfinite(biased.ntk).all() and biased.ntk[0, 1] == biased.ntk[0, 0] > 0
    line = np.asarray(dense_kernel(1)(np.array([[2.0], [-3.0], [5.0]])).ntk)
    assert (
        abs(line[0, 2] - 2 * (2 * 2 * 5)) <= 50 * U["float64"] * 40 and abs(line[0, 1]) <= 1e-15 * 40
    )  # 2 <x, z>, twice
    assert dense_kernel(1)(np.ones((1, 1))).ntk.shape == (1, 1)
    huge = dense_kernel(2, bias_variance=0.5)(np.array([[1e-150, 0.0], [0.0, 0.0], [1e150, 1e150]]))
    assert np.isfinite(np.asarray(huge.ntk)[:2]).all() and huge.ntk[0, 2] > 1e149


def test_what_is_singular_and_what_is_not():
    """Parallel rows without biases, and monomials of a degree that leaves too few dimensions, have null vectors."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(12, 3))
    assert np.linalg.eigvalsh(dense_kernel(1)(points).ntk)[0] > 1e-6
    points[1] = 2 * points[0]
    null = np.zeros(12)
    null[:2] = 2, -1
    gram = np.asarray(dense_kernel(3)(points).ntk)
    assert np.abs(gram @ null).max() <= 100 * U["float64"] * gram.max()
    assert np.linalg.eigvalsh(dense_kernel(3, bias_variance=0.1)(points).ntk)[0] > 1e-6
    square = np.linalg.eigvalsh(dense_kernel(1, Monomial(2))(points).ntk)
    assert (np.abs(square[: 12 - 6]) <= 100 * U["float64"] * square[-1]).all() and square[6] > 1e-3 * square[-1]


@pytest.mark.slow
@slow
def test_smooth_activations_agree_with_their_expansion():
    points = np.random.default_rng(0).normal(size=(6, 4))
    points /= np.linalg.norm(points, axis=1)[:, None]  # variances of at most 1 in all layers
    expanded = hermite(jax.scipy.special.erf, degree=60, nodes=120)
    closed, series = (dense_kernel(2, phi, bias_variance=0.2)(points) for phi in ("erf", expanded))
    for a, b in zip(closed, series, strict=True):
        assert np.abs(np.asarray(a) - np.asarray(b)).max() <= 1e-9


def test_kernels_are_static_arguments_and_tell_their_name():
    kernel = dense_kernel(4, "gelu", weight_variance=1.5, bias_variance=0.25)
    assert kernel == dense_kernel(4, "gelu", weight_variance=1.5, bias_variance=0.25)
    assert hash(kernel) != hash(dataclasses.replace(kernel, depth=3))
    assert kernel.words == (
        "dense network, hidden layers: 4, activation: gelu (exact), weight variance: 1.5 / fan-in, bias variance: "
        "0.25, NTK parameterization"
    )
    standard = residual_kernel(2, LeakyRelu(0.1), parameterization="standard", width=64).words
    assert "leaky relu (slope 0.1)" in standard and standard.endswith("standard parameterization, width 64")
    points, linear = jnp.eye(3), dense_kernel(0)
    inside = jax.jit(lambda kernel, rows: kernel(rows).ntk, static_argnums=0)(linear, points)
    assert np.abs(inside - linear(points).ntk).max() <= 1e-15
    assert jax.eval_shape(kernel, points, points[:2]).nngp.shape == (3, 2)
    assert residual_kernel(0, "erf").recipe(3) == dense_kernel(1, "erf").recipe(3)


def test_wrong_calls():
    for make in (
        lambda: dense_kernel(-1),
        lambda: dense_kernel(1, "tanhh"),
        lambda: dense_kernel(1, weight_variance=0.0),
        lambda: dense_kernel(1, bias_variance=-1.0),
        lambda: dense_kernel(1, width=5),
        lambda: residual_kernel(1, parameterization="standard"),
        lambda: dense_kernel(1)(np.zeros(3)),
        lambda: dense_kernel(1)(np.zeros((0, 3))),
        lambda: dense_kernel(1)(np.eye(3), np.eye(2)),
        lambda: dense_kernel(1)(np.eye(3), dtype="float16"),
    ):
        with pytest.raises(InputError):
            make()
    with jax.enable_x64(False), pytest.raises(PrecisionError):
        dense_kernel(1)(np.eye(2))
