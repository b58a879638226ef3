"""Studies of the documents that algebra settles: designed verdicts, broken mechanisms, other ways to their numbers."""

import dataclasses
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import proofs_check
from overparam.exact import evaluate
from overparam.studies._experiment import Setting
from overparam.studies.documents import (
    _bit_network,
    _gauss_shell,
    _l2_unique,
    _memo_exists,
    _params_ge_n,
    _poly_line,
    _poly_nonsense,
    _polynomials,
    _uat_deep,
    _uat_iff,
    _zero_sample,
)
from tests.studies.judging import named, well_told

SLOW = pytest.mark.slow
DESIGNED = [
    (_poly_line, "CERTIFIED"),
    (_poly_nonsense, "SCOPED"),
    (_l2_unique, "CERTIFIED"),
    pytest.param(_gauss_shell, "CONSISTENT", marks=SLOW),
    pytest.param(_memo_exists, "CERTIFIED", marks=SLOW),
    (_uat_iff, "SCOPED"),
    pytest.param(_uat_deep, "SCOPED", marks=SLOW),
    pytest.param(_params_ge_n, "SCOPED", marks=SLOW),
    pytest.param(_zero_sample, "CONSISTENT", marks=SLOW),
]
BROKEN = [  # a theorem that floats contradict stays open
    (_poly_line, {"repeated": True}, "INCONCLUSIVE"),
    (_poly_line, {"moved": Fraction(1, 10)}, "INCONCLUSIVE"),
    (_poly_nonsense, {"tilt": Fraction(1, 100)}, "REFUTED"),
    (_poly_nonsense, {"sd": 1.0}, "REFUTED"),
    (_l2_unique, {"penalty": "none"}, "INCONCLUSIVE"),
    (_l2_unique, {"penalty": "l1", "repeated": True}, "INCONCLUSIVE"),
    (_l2_unique, {"rate": 0.5}, "INCONCLUSIVE"),
    pytest.param(_gauss_shell, {"spread": 2.0}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_gauss_shell, {"heavy": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_memo_exists, {"repeated": True}, "INCONCLUSIVE", marks=SLOW),
    (_uat_iff, {"activations": ("relu", "square")}, "INCONCLUSIVE"),
    (_uat_iff, {"activations": ("tanh",), "biases": False}, "INCONCLUSIVE"),
    pytest.param(_uat_deep, {"before": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_params_ge_n, {"real_labels": True}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_params_ge_n, {"shift": 2}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_zero_sample, {"coin": 0.6}, "INCONCLUSIVE", marks=SLOW),
    pytest.param(_zero_sample, {"output_bias": True}, "INCONCLUSIVE", marks=SLOW),
]
FILES = {_poly_line: 26, _l2_unique: 3, _memo_exists: 19, _uat_iff: 6, _uat_deep: 9, _params_ge_n: 1}


@pytest.mark.parametrize(("module", "verdict"), DESIGNED, ids=named)
def test_designed_verdicts(tmp_path, module, verdict):
    claim = well_told(module.STUDY(tmp_path, "ci"))
    assert claim.verdict == verdict, claim.evidence
    assert claim.instances > 0 and "nan" not in claim.evidence and all(link.holds for link in claim.links)
    statements = list(tmp_path.rglob("statement.json"))
    assert len(statements) == FILES.get(module, 0) and (claim.certificate is None) is (module not in FILES)
    for statement in statements:
        assert proofs_check.check(statement.parent).status == "accepted"


@pytest.mark.parametrize(("module", "broken", "verdict"), BROKEN, ids=named)
def test_broken_mechanisms(tmp_path, module, broken, verdict):
    found = []

    def measure(setting):
        found.append(module.measure(setting, **broken))
        return found[-1]

    claim = dataclasses.replace(module.STUDY, measure=measure)(tmp_path, "ci")
    assert claim.verdict == verdict, claim.evidence
    assert module.STUDY.proved is (verdict == "INCONCLUSIVE")
    assert all(finding.holds is False for finding in found)


def test_rounding_leaves_a_scoped_claim_open(tmp_path, monkeypatch):
    """An error in floats of the member that is right everywhere is no counterexample."""
    monkeypatch.setattr(_poly_nonsense, "ROUNDING", 0.0)
    claim = _poly_nonsense.STUDY(tmp_path, "ci")
    assert claim.verdict == "INCONCLUSIVE" and not claim.links[-1].holds


def test_a_repeated_column_leaves_the_l2_fit_unique(tmp_path):
    """The control of L1 against it: the penalty is what differs, not the design."""
    found = _l2_unique.measure(Setting("ci", 0, tmp_path), repeated=True)
    assert found.links[0].holds


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9])
def test_the_products_are_the_null_vectors(n):
    """NumPy's product of roots; and Lagrange's polynomials, which differ from the solution by a multiple of it."""
    points = _polynomials.on_grid(n)
    assert len(set(points)) == n and all(-1 <= x <= 1 for x in points)
    roots = _polynomials.product(points)
    assert np.allclose(np.array(roots, float), np.poly(np.array(points, float))[::-1], rtol=1e-12, atol=1e-12)
    labels = [Fraction(i * i - 3, 7) for i in range(n)]
    lagrange = [Fraction(0)] * (n + 1)
    for i, (x, y) in enumerate(zip(points, labels, strict=True)):
        others = [z for j, z in enumerate(points) if j != i]
        scale = y / math.prod((x - z for z in others), start=Fraction(1))
        for k, c in enumerate(_polynomials.product(others)):
            lagrange[k] += scale * c
    for t in (Fraction(0), Fraction(5, 3), Fraction(-100)):
        member = [c + t * r for c, r in zip(lagrange, roots, strict=True)]
        assert _polynomials.values_of(_polynomials.vandermonde(points, n), member) == labels


def test_the_smooth_truths_have_the_stated_covariance():
    """The factors of their series, summed: exp(-(x - x')^2 / 8) without any random number."""
    ones = np.eye(30)

    class Fixed(np.random.Generator):
        def __init__(self, row):
            super().__init__(np.random.PCG64(0))
            self.row = row

        def normal(self, size):
            return self.row

    terms = [_poly_nonsense._truth("smooth", Fixed(row)) for row in ones]
    x, z = np.array([-1.0, -0.2, 0.7]), np.array([0.9, 0.4, 0.7])
    assert np.allclose(sum(f(x) * f(z) for f in terms), np.exp(-((x - z) ** 2) / 8), rtol=1e-13)


def test_descent_by_hand():
    """J = (c1 + c2 - 1)^2 + lam |c|^2 is least at 1 / (2 + lam) for both; without penalty c_0 keeps its difference."""
    matrix, labels = np.array([[1.0, 1.0]]), np.array([1.0])
    starts = np.array([[3.0, 0.0], [0.0, 1.0]])
    assert _l2_unique._descend(matrix, labels, starts, 0.5, "l2", 500) == pytest.approx(0.4, abs=1e-14)
    free = _l2_unique._descend(matrix, labels, starts, 0.0, "none", 500)
    assert free.tolist() == [pytest.approx([2.0, -1.0]), pytest.approx([0.0, 1.0])]
    lasso = _l2_unique._descend(matrix, labels, np.array([[3.0, 1.0]]), 0.5, "l1", 5000)
    assert lasso.sum() == pytest.approx(1 - 0.25), "the total is that of one column, shared in some way"


@pytest.mark.parametrize(
    ("d", "mean", "variance"),
    [(10, 3.0843, 0.4869), (100, 9.97503, 0.49874), (1000, 31.6149, 0.49987), (7, 2.55323, 0.48101), (55, 7.38257,
    0.49771)],
)  # fmt: skip
def test_the_chi_law(d, mean, variance):
    found = _gauss_shell.chi_mean(d)
    # log Gamma(d/2) is some d log d, so an exponent, and the mean, lose a few thousand units in the last place
    assert found == pytest.approx(mean, abs=5e-5) and found == pytest.approx(stats.chi(d).mean(), rel=1e-11)
    assert d - found**2 == pytest.approx(variance, abs=5e-5) and d - found**2 < 0.5
    assert d - found**2 == pytest.approx(stats.chi(d).var(), abs=4e-11 * d)


def test_lengths_drawn_by_their_law():
    """Beyond the dimensions that are drawn by coordinates: the mean is within 5 standard errors."""
    size = _gauss_shell.Sizes((2000,), 4000, 1000)
    drawn = _gauss_shell._lengths(np.random.default_rng(0), 2000, size, heavy=False)
    assert abs(drawn.mean() - _gauss_shell.chi_mean(2000)) < 5 * math.sqrt(0.5 / 4000)


def test_every_labelling_of_six_points_is_read_from_its_digits():
    for labels in itertools.product((-1, 1), repeat=6):
        for group in (1, 2, 3, 6):
            network = _bit_network.bit_network(labels, group)
            assert evaluate(network, [[i] for i in range(6)]) == list(labels)


def test_how_many_weights_the_digits_need():
    """Layer by layer: 2 (n/L) - 1 units on x, two units, then six on the last two or four, and four on those six."""
    n, group = 600, 12
    wide = 2 * (n // group) - 1
    wanted = 2 * wide + 2 * (wide + 1) + 6 * 3 + 4 * 7 + (group - 1) * (6 * 5 + 4 * 7) + 5
    assert _bit_network.weights_of(_bit_network.bit_network([1] * n, group)) == wanted


def test_a_linear_model_leaves_what_counting_says():
    """Coordinates: the projection keeps the first p, so the share is a Beta variable of mean 1 - p/n."""
    found = _params_ge_n._linear(np.random.default_rng(5), 4000)
    n = _params_ge_n.N_LINEAR
    for p, column in zip(_params_ge_n.P_LINEAR, found.T, strict=True):
        law = stats.beta((n - p) / 2, p / 2)
        assert stats.kstest(column, law.cdf).pvalue > 1e-6


def test_smallest_networks_for_xor():
    """Written down: four units without biases, three with; and one unit fires at one corner of a pair only."""
    corners = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]])
    four = np.maximum(corners @ np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]]).T, 0) @ [1, 1, -1, -1]
    three = np.maximum(corners @ np.array([[1, 1], [-1, -1], [0, 0]]).T + [0, 0, 1], 0) @ [1, 1, -1]
    assert (four > 0).tolist() == (three > 0).tolist() == [True, True, False, False]


def test_draws_of_one_unit():
    """Without biases f > 0 at a point with probability 1/4, and never at x and -x; 6 standard errors."""
    points, count = np.array([[1, 1], [-1, -1]], np.float32), 40_000
    outputs = np.concatenate(list(_zero_sample._draws(np.random.default_rng(1), points, 1, count, False, False)))
    assert outputs.shape == (count, 2) and not np.any(np.all(outputs > 0, axis=1))
    assert abs(np.mean(outputs[:, 0] > 0) - 0.25) < 6 * math.sqrt(3 / 16 / count)


def test_a_copy_before_the_first_layer_is_another_function(tmp_path):
    found = _uat_deep.measure(Setting("ci", 0, tmp_path), before=True)
    observed = found.links[0].observed
    assert observed is not None and observed > 0.1


def test_functions_are_counted_once():
    size = _zero_sample.Sizes(1, 1, 2, 5000)
    shares = _zero_sample._functions(np.random.default_rng(2), size)
    assert sum(shares) == pytest.approx(1) and len(shares) <= 16 and shares == sorted(shares, reverse=True)


def test_floor_among_equal_inputs():
    floor, error = _memo_exists._floor(np.random.default_rng(3))
    assert floor == error > 0
    assert isinstance(floor, Fraction)
