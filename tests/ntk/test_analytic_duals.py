"""Dual activations and angles against printed digits, 300 bits, quadrature, and samples."""

import math

import flint
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overparam.errors import InputError
from overparam.ntk import Erf, Gelu, LeakyRelu, Monomial, Sine, dense_kernel, dual_of, hermite, quadrature
from overparam.ntk.analytic._angles import ANGLE_ERRORS, FEW_COLUMNS, NEAR, acute, turns, units

EPS = 2.0**-52
TINY = 1e-37  # float32 flushes what is smaller to zero
GELU = [
    ((1, 0.3, 1), 0.16267721980564431953, 0.30428567783226090751),
    ((2, -0.9, 0.7), -0.063589354693632488004, 0.10490777339938123409),
    ((1, -1, 1), -0.07477851742970132508, 0.04414913435071287788),
    ((0.5, 0.4, 3), 0.20835278397604403149, 0.30476590898750597109),
]
ERF = [
    ((1, 0.3, 1), 0.12818843369794986322, 0.43316488957426450439),
    ((2, -0.9, 0.7), -0.34784940276303384081, 0.43018777601694691632),
]


@pytest.mark.parametrize(("dual", "cases"), [(Gelu(), GELU), (Erf(), ERF)])
def test_printed_digits(dual, cases):
    """A few dozen roundings of terms below 1."""
    for (q11, q12, q22), value, slope in cases:
        got = dual.duals(*(jnp.asarray(float(q)) for q in (q12, q11, q22)))
        assert abs(float(got.value) - value) <= 20 * EPS
        assert abs(float(got.slope) - slope) <= 20 * EPS


def test_cho_and_saul():
    """kappa_0(0.3) and kappa_1(0.3), to 25 digits; value = kappa_1 / 2 and slope = kappa_0 / 2."""
    got = LeakyRelu().duals(jnp.asarray(0.3), jnp.asarray(1.0), jnp.asarray(1.0))
    assert abs(float(got.value) - 0.4827442838354876216349992 / 2) <= 4 * EPS
    assert abs(float(got.slope) - 0.5969866840206782905013669 / 2) <= 4 * EPS


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_two_polynomials_err_as_little_as_stated(dtype):
    grid = np.concatenate([np.linspace(0, 1, 1501), np.logspace(-30, 0, 301), 1 - np.logspace(-7, -1, 100)]).astype(
        dtype
    )
    angle, rest = (np.asarray(a, "float64") for a in acute(jnp.asarray(grid)))
    u = np.finfo(dtype).eps / 2
    with flint.ctx.workprec(400):
        for m, mine, other in zip(grid.tolist(), angle.tolist(), rest.tolist(), strict=True):
            root, true = flint.arb(m).sqrt(), (1 - flint.arb(m)).acos()
            remainder = true.sin() - true * true.cos()
            errors = [float(abs(flint.arb(a) - b).upper()) for a, b in ((mine, true), (other, remainder))]
            # the stated error of A or B, then one rounding of the root and one or two of the products
            bounds = (
                ANGLE_ERRORS[dtype][0] * float(root) + 3 * u * mine,
                ANGLE_ERRORS[dtype][1] * m * float(root) + 4 * u * other,
            )
            assert errors[0] <= bounds[0] + TINY and errors[1] <= bounds[1] + TINY, m


@pytest.mark.parametrize("dim", [2, 30])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_angles_keep_their_digits(dim, dtype):
    """At 1e-3 arccos is wrong by 2e-2 and 1e-10 of it, at 1e-5 in float32 by any factor."""
    u = np.finfo(dtype).eps / 2
    rng = np.random.default_rng(dim)
    x, y = rng.normal(size=(2, dim))
    rows = np.stack([x, *(x + gap * y for gap in (1e-2, 1e-3, 1e-5, 1e-8)), -x + 1e-5 * y, 3 * x, x]).astype(dtype)
    unit, length = units(jnp.asarray(rows))
    turn = turns(unit, unit, True)
    sharp, _ = acute(turn.short)
    got = np.asarray(jnp.where(turn.obtuse, np.pi - sharp, sharp), "float64")
    with flint.ctx.workprec(400):
        exact = [[flint.arb(float(t)) for t in row] for row in rows]
        inner = [[sum((s * t for s, t in zip(a, b, strict=True)), flint.arb(0)) for b in exact] for a in exact]
        for i in range(len(rows)):
            for j in range(len(rows)):
                cosine = inner[i][j] / (inner[i][i] * inner[j][j]).sqrt()
                true = float(cosine.acos().mid()) if abs(cosine) < 1 else 0.0
                # normalizing costs each row (dim + 4) / 2 roundings in length and one in every coordinate; products of
                # units err by dim more, over the sine, and differences of near units by dim relative to themselves
                near = 1 - abs(math.cos(true)) < NEAR[dtype] or dim <= FEW_COLUMNS
                assert abs(got[i, j] - true) <= 3 * u * (2 + (dim + 8) * (1 if near else 1 / math.sin(true)))
    assert np.array_equal(got, got.T) and got[0, 7] == 0
    assert np.abs(
        np.asarray(length) - np.linalg.norm(rows.astype("float64"), axis=1)
    ).max() <= dim * u * 3 * np.linalg.norm(x)


def by_nodes(function, q12, q11, q22, nodes=80):
    """E[f(g) f(g')] with NumPy, in Gauss-Hermite nodes of the two independent parts."""
    t, w = np.polynomial.hermite_e.hermegauss(nodes)
    w = w / w.sum()
    g = math.sqrt(q11) * t[:, None]
    h = q12 / math.sqrt(q11) * t[:, None] + math.sqrt(max(q22 - q12**2 / q11, 0)) * t[None, :]
    return float((w[:, None] * w[None, :] * function(g + 0 * h) * function(h)).sum())


@settings(max_examples=5, deadline=None)
@given(st.floats(0.1, 1.5), st.floats(0.1, 1.5), st.floats(-1, 1))
def test_closed_forms_against_quadrature(q11, q22, cosine):
    """80 nodes resolve these functions to 1e-10 for variances up to 1.5; erf is the hardest of them."""
    q12 = cosine * math.sqrt(q11 * q22)
    for dual, function, slope in [
        (Sine(1.5, 1.2, 0.4), lambda t: 1.5 * np.sin(1.2 * t + 0.4), lambda t: 1.8 * np.cos(1.2 * t + 0.4)),
        (dual_of("cos"), np.cos, lambda t: -np.sin(t)),
        *((Monomial(q), lambda t, q=q: t**q, lambda t, q=q: q * t ** (q - 1)) for q in (1, 2, 3, 4, 7)),
        (Gelu(), lambda t: t * ndtr(t), lambda t: ndtr(t) + t * np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)),
        (Erf(), erf, lambda t: 2 / math.sqrt(math.pi) * np.exp(-(t**2))),
    ]:
        got = dual.duals(*(jnp.asarray(q) for q in (q12, q11, q22)))
        for mine, f in zip(got, (function, slope), strict=True):
            largest = max(1.0, by_nodes(f, q11, q11, q11), by_nodes(f, q22, q22, q22))
            assert abs(float(mine) - by_nodes(f, q12, q11, q22)) <= (1e-6 if isinstance(dual, Erf) else 1e-9) * largest


def erf(t):
    return np.asarray(jax.scipy.special.erf(jnp.asarray(t)))


def ndtr(t):
    return np.asarray(jax.scipy.special.ndtr(jnp.asarray(t)))


@pytest.mark.parametrize("slope", [0.0, 0.3, -1.0])
def test_leaky_relus_are_means_over_the_circle(slope):
    """g = R <u, s>, g' = R <v, s> with s uniform and E R^2 = 2: midpoints of the circle."""
    m = 200_000
    turn = (np.arange(m) + 0.5) * (2 * math.pi / m)
    leaky = lambda t: np.where(t > 0, t, slope * t)  # noqa: E731
    for angle in (0.0, 1e-3, 0.8, 2.5, math.pi):
        g, h = np.cos(turn), np.cos(turn - angle)
        value, gain = 2 * (leaky(g) * leaky(h)).mean(), (np.where(g > 0, 1, slope) * np.where(h > 0, 1, slope)).mean()
        got = LeakyRelu(slope).duals(jnp.asarray(math.cos(angle)), jnp.ones(()), jnp.ones(()))
        assert abs(float(got.value) - value) <= 1e-9
        assert (
            abs(float(got.slope) - gain) <= 4 * 2 / m
        )  # of the four jumps each may fall on the wrong side of a midpoint


def test_a_known_gap_saves_the_angle():
    """(q11 + q22) / 2 - q12 = 5e-17 is lost in q12 = 1; with it the slope keeps the angle 1e-8, without it is at 0."""
    gap = 5e-17
    one = jnp.ones(())
    with_it = LeakyRelu().duals(one - gap, one, one, gap=jnp.asarray(gap))
    assert abs((0.5 - float(with_it.slope)) * 2 * math.pi - 1e-8) <= 2 * math.pi * 2 * EPS
    assert float(LeakyRelu().duals(one - gap, one, one).slope) == 0.5


@pytest.mark.slow
def test_expansions_and_their_bounds():
    rng = np.random.default_rng(0)
    q11, q22 = (jnp.asarray(a) for a in rng.uniform(0.2, 1.2, size=(2, 40)))
    q12 = jnp.asarray(rng.uniform(-1, 1, 40)) * jnp.sqrt(q11 * q22)
    for dual, function in ((Gelu(), lambda t: t * jax.scipy.special.ndtr(t)),):
        true = dual.duals(q12, q11, q22)
        for degree, nodes in ((4, 60), (12, 60)):
            series = hermite(function, degree=degree, nodes=nodes)
            left, right = series.tails(q11), series.tails(q22)
            cosine = np.abs(np.asarray(q12 / jnp.sqrt(q11 * q22)))
            for k, mine in enumerate(series.duals(q12, q11, q22)):
                bound = np.sqrt(np.asarray(left[k] * right[k])) * cosine ** (degree + 1)
                gap = np.abs(np.asarray(mine - true[k]))
                assert (gap <= bound + 100 * EPS).all()
                if degree == 4:
                    assert gap.max() >= bound.max() / 30  # the bound is not an empty one
        wide = quadrature(function, nodes=24).duals(q12, q11, q22)
        assert max(float(jnp.max(jnp.abs(a - b))) for a, b in zip(wide, true, strict=True)) <= 1e-6


def test_parseval():
    series = hermite(jnp.sin, degree=40, nodes=100)
    squares = jnp.sum(series.coefficients(jnp.asarray(0.8))[0] ** 2)
    assert abs(float(squares) - (1 - math.exp(-1.6)) / 2) <= 40 * EPS


@pytest.mark.slow
def test_samples_have_these_moments():
    """Hoeffding, |phi phi'| <= 1, |slopes| <= 4 / pi, 8 numbers: false alarm below 1e-9."""
    m = 400_000
    rng = np.random.default_rng(3)
    g = rng.normal(size=m)
    h = -0.6 * g + 0.8 * rng.normal(size=m)
    t = math.sqrt(2 * math.log(2 * 8 / 1e-9) / m)
    slopes = {"sin": np.cos, "cos": lambda x: -np.sin(x), "erf": lambda x: 2 / math.sqrt(math.pi) * np.exp(-(x**2))}
    for name, function in (("sin", np.sin), ("cos", np.cos), ("erf", erf)):
        got = dual_of(name).duals(jnp.asarray(-0.6), jnp.ones(()), jnp.ones(()))
        assert abs((function(g) * function(h)).mean() - float(got.value)) <= t
        assert abs((slopes[name](g) * slopes[name](h)).mean() - float(got.slope)) <= 4 / math.pi * t
    got = dual_of("relu").duals(jnp.asarray(-0.6), jnp.ones(()), jnp.ones(()))
    assert abs(((g > 0) & (h > 0)).mean() - float(got.slope)) <= t


def test_wrong_calls_and_words():
    for make in (lambda: Monomial(0), lambda: hermite(jnp.sin, degree=9, nodes=9), lambda: quadrature(jnp.sin, nodes=0),
                 lambda: dual_of("swish")):  # fmt: skip
        with pytest.raises(InputError):
            make()
    assert LeakyRelu(0.25).words == "leaky relu (slope 0.25)" and LeakyRelu().words == "relu"
    assert "tanh" in hermite(jnp.tanh).words and Monomial(3).words == "t^3"


@pytest.mark.parametrize(("dtype", "sizes"), [("float32", (1e9, 1e15)), ("float64", (1e40, 1e77, 1e150))])
def test_large_points_keep_their_kernels(dtype, sizes):
    """For large points erf becomes the sign and gelu the relu, whose kernels are known."""
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    angle = math.atan2(2, 11)  # between the rows: cross and inner product
    for size in sizes:
        step = np.asarray(dense_kernel(1, "erf")(rows * size, dtype=dtype).nngp, "float64")
        np.testing.assert_allclose(step[0, 1], 2 * (1 - 2 * angle / math.pi), rtol=100 * np.finfo(dtype).eps)
    size = sizes[0] / 1e4
    smooth, kinked = (np.asarray(dense_kernel(1, name)(rows * size, dtype=dtype).ntk) for name in ("gelu", "relu"))
    np.testing.assert_allclose(smooth, kinked, rtol=1e-4)


@pytest.mark.parametrize("make", [lambda: LeakyRelu(math.nan), lambda: Sine(1, math.inf), lambda: Monomial(400)])
def test_activations_that_are_none_are_refused(make):
    with pytest.raises(InputError):
        make()
