"""Studies of kernels: right formulas pass, each wrong one is noticed by the link that is about it."""

import itertools
import math

import jax.numpy as jnp
import numpy as np
import pytest

from overparam.ntk import (
    Duals,
    Erf,
    Gelu,
    LeakyRelu,
    dense_kernel,
    empirical_kernel,
    first_layer_gram,
    hermite,
    nystrom,
    quadrature,
)  # fmt: skip
from overparam.studies.kernels import (
    _angles,
    _arccos,
    _hermite,
    _integrals,
    _large_n,
    _recursion,
    _smooth,
    _strategies,
)  # fmt: skip
from tests.studies.judging import judged

slow = pytest.mark.slow


@pytest.mark.parametrize(
    "module",
    [_angles, _arccos, _smooth, *(pytest.param(m, marks=slow) for m in (_hermite, _large_n, _recursion, _strategies))],
    ids=lambda m: m.STUDY.id,
)
def test_right_formulas_pass(tmp_path, module):
    claim = judged(module, tmp_path)
    assert claim.verdict == "CONSISTENT", claim.evidence


def sigmoid_gelu(t):
    return t / (1 + jnp.exp(-1.702 * t))


def one_degree_less(f, degree, nodes):
    return hermite(f, degree=degree - 1, nodes=nodes)


SHIFTED = dense_kernel(3, "relu", weight_variance=2.2, bias_variance=0.1)


def half_the_error(*arguments):
    found = nystrom(*arguments)
    return found._replace(error=found.error / 30)


def one_method_off(*arguments, method, traced):
    return empirical_kernel(*arguments, method=method, traced=traced) * (1 + 1e-9 * (method == "structured"))


class Nothing(LeakyRelu):
    def duals(self, q12, q11, q22, gap=None):
        del gap
        return Duals(jnp.nan * q12, jnp.nan * q11 * q22)


class Steeper(LeakyRelu):
    @property
    def bend(self):
        return super().bend * (1 + 1e-10)


@pytest.mark.parametrize(
    ("module", "mechanism", "verdict"),
    [
        (_angles, {"gram": _angles.textbook_gram}, "REFUTED"),
        (_angles, {"gram": lambda rows: first_layer_gram(rows) * (1 + 1e-14)}, "REFUTED"),
        (_angles, {"gram": lambda rows: first_layer_gram(rows) * np.nan}, "REFUTED"),
        (_arccos, {"dual": Steeper}, "INCONCLUSIVE"),
        (_smooth, {"closed": {"gelu": quadrature(sigmoid_gelu)}}, "INCONCLUSIVE"),
        (_smooth, {"closed": {"erf": Gelu()}}, "INCONCLUSIVE"),
        (_arccos, {"dual": Nothing}, "INCONCLUSIVE"),
        (_smooth, {"closed": {"gelu": Nothing()}}, "INCONCLUSIVE"),
        pytest.param(_hermite, {"tail": 0.9}, "REFUTED", marks=slow),
        pytest.param(_hermite, {"tail": math.nan}, "REFUTED", marks=slow),
        pytest.param(_hermite, {"expand": one_degree_less}, "REFUTED", marks=slow),
        pytest.param(_recursion, {"kernel": SHIFTED}, "REFUTED", marks=slow),
        pytest.param(_recursion, {"coefficient": 3.5}, "REFUTED", marks=slow),
        pytest.param(_large_n, {"approximate": half_the_error}, "INCONCLUSIVE", marks=slow),
        pytest.param(_large_n, {"fewer": 100}, "INCONCLUSIVE", marks=slow),
        pytest.param(_strategies, {"kernel": one_method_off}, "REFUTED", marks=slow),
    ],
)  # fmt: skip
def test_a_wrong_formula_is_noticed(tmp_path, module, mechanism, verdict):
    claim = judged(module, tmp_path, **mechanism)
    assert claim.verdict == verdict, claim.evidence


@pytest.mark.parametrize("slope", [0.0, 0.25, -1.0])
def test_the_integral_of_a_leaky_relu_is_the_mean_over_the_circle(slope):
    """g = R cos(t), g' = R cos(t - angle), E R^2 = 2: arcs integrated by hand, where both are linear."""
    for angle in (1e-6, 0.3, 2.0, math.pi - 1e-6):
        edges = np.sort([-math.pi / 2, math.pi / 2, angle - math.pi / 2, angle + math.pi / 2])
        edges = np.append(edges, edges[0] + 2 * math.pi)
        value = share = 0.0
        for low, high in itertools.pairwise(edges):
            middle = (low + high) / 2
            gains = math.prod(1 if math.cos(x) > 0 else slope for x in (middle, middle - angle))
            primitive = [t * math.cos(angle) / 2 + math.sin(2 * t - angle) / 4 for t in (low, high)]
            value += gains * 2 * (primitive[1] - primitive[0]) / (2 * math.pi)
            share += gains * (high - low) / (2 * math.pi)
        np.testing.assert_allclose(_integrals.of_leaky(slope, angle), (value, share), atol=2e-15)


def test_quadrature_of_pairs_has_the_moments_of_a_gaussian():
    assert _integrals.over_pairs(lambda t: t**2, 0.3, 0.8, 1.1) == pytest.approx(0.8 * 1.1 + 2 * 0.09, rel=1e-13)
    assert Erf().duals(*map(jnp.asarray, (0.3, 1.0, 1.0))).value == pytest.approx(0.12818843369794986322, abs=1e-15)


def test_the_series_of_the_first_layer_sums_to_a_half():
    """The tail of h falls like 0.127 / sqrt(N)."""
    h = _arccos.series_coefficients(20_000)
    assert 0.5 - h.sum() == pytest.approx(40_000**-0.5 / (math.sqrt(2) * math.pi**1.5), rel=1e-3)
    np.testing.assert_allclose(h[[1, 2, 4, 6]], [1 / 4, 1 / (2 * math.pi), 1 / (12 * math.pi), 3 / (80 * math.pi)])


def test_the_exact_angle():
    angle, inner = _angles.exact_angle(np.array([[1.0, 0.0], [1.0, 2.0**-40]]))
    assert (angle, inner) == (math.atan(2.0**-40), 1.0)
