"""Approximate fits: the claim by another evaluation, the sizes that are promised, and refusals that name points."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

import proofs_check
from overparam.certificates import eigenvalue_witness, limit_gram
from overparam.data import Dataset
from overparam.errors import InputError
from overparam.exact import fraction_of
from overparam.memorizers import CATALOGUE, memorize
from overparam.memorizers.approximate import _ntk
from overparam.widths import certify
from proofs_check.theorems.bubeck2020_ntk import neurons
from tests.exact import oracles
from tests.memorizers.datasets import HOSTILE, gaussian, grids, moment_curve

PLAIN = ["ntk", "harmonic", "clipped"]
BIASED = [f"{name}-bias" for name in PLAIN]
ALL = [*PLAIN, *BIASED]
CLOUD = gaussian(12, 3, seed=1)


REFUSED = {  # without biases
    "two points on a line": "is 0 at 0",
    "constant labels": "is 0 at 0",
    "collinear zigzag": "on the ray",
    "nearly collinear zigzag": "double precision",  # in reach, but not of floats: the angles are 1e-12
    "huge, tiny and zero entries": "is 0 at 0",
    "neighbouring floats": "on the ray",
    "far from the origin": "double precision",
}


def unit(n, d, seed=0):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, d))
    return points / np.linalg.norm(points, axis=1, keepdims=True), rng.choice([-1.0, 1.0], size=n)


def outputs_by_integers(network, rows):
    """The same as the oracle, each neuron's numbers over one denominator."""
    below = math.lcm(*(x.denominator for row in rows for x in row))
    z = np.array([[int(x * below) for x in (*row, Fraction(1))] for row in rows], object)
    outputs = [network.c] * len(rows)
    for u, b, v in zip(network.u, network.b, network.v, strict=True):
        scale = math.lcm(*(w.denominator for w in (*u, b)))
        sums = z @ np.array([int(w * scale) for w in (*u, b)], object)
        outputs = [f + v * Fraction(max(t, 0), scale * below) for f, t in zip(outputs, sums, strict=True)]
    return outputs


def missed(network, points, labels):
    """The share of the squared labels that the network misses, by the tests' own evaluation."""
    rows = [[fraction_of(x) for x in row] for row in points]
    outputs = oracles.outputs(network, rows) if len(rows) < 50 else outputs_by_integers(network, rows)
    errors = sum((f - fraction_of(y)) ** 2 for f, y in zip(outputs, labels, strict=True))
    squares = sum(fraction_of(y) ** 2 for y in labels)
    return errors / squares if squares else errors


def check(construction, points, labels, eps=0.1):
    memorizer = memorize(points, labels, construction, eps=eps)
    assert missed(memorizer.network, points, labels) <= Fraction(eps)
    assert memorizer.claim == "fits"
    assert memorizer.network.c == 0
    assert memorizer.hidden_bias or not any(memorizer.network.b)
    return memorizer


@pytest.mark.parametrize("d", [1, 2, 10])
@pytest.mark.parametrize("n", [1, 2, 10])
@pytest.mark.parametrize("construction", ALL)
def test_gaussian_points(construction, n, d):
    if construction in PLAIN and d == 1 and n > 2:
        with pytest.raises(InputError, match=f'ray of the points .*use "{construction}-bias"'):
            memorize(*gaussian(n, d), construction)
    else:
        check(construction, *gaussian(n, d))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("construction", ALL)
def test_hostile_data(construction, name):
    points, labels = HOSTILE[name]
    kept = dict(zip(map(tuple, np.array(points, object).tolist()), labels, strict=True))
    if construction in PLAIN and name in REFUSED:
        with pytest.raises(InputError, match=rf'{REFUSED[name]}.*points? \d.*use "{construction}-bias"'):
            memorize(list(kept), list(kept.values()), construction)
    else:
        check(construction, list(kept), list(kept.values()))


@settings(deadline=None, max_examples=25)
@given(grids(max_size=7), st.sampled_from(BIASED), st.sampled_from([0.5, 0.1, 1e-3]))
def test_with_biases_distinct_points_suffice(case, construction, eps):
    check(construction, *case, eps=eps)


@settings(deadline=None, max_examples=25)
@given(grids(max_size=7), st.sampled_from(PLAIN))
def test_without_biases_what_is_in_reach_is_fitted_and_the_rest_refused(case, construction):
    """The least errors of all networks without biases, from the theorem on what is in reach, by floats."""
    points, labels = case
    rows, y = np.array(points, float), np.array(labels, float)
    lines = {}  # each point as factor * direction, the direction's first nonzero coordinate positive
    for i, point in enumerate(points):
        if any(point):
            size = math.gcd(*point) * (1 if next(t for t in point if t) > 0 else -1)
            lines.setdefault(tuple(t // size for t in point), []).append((i, size))
    columns = []  # a basis of what is in reach: one function for each ray, those on both sides of 0 made linear + even
    for line in lines.values():
        if {size > 0 for _, size in line} == {True, False}:
            columns.append(sum(abs(size) * np.eye(len(y))[i] for i, size in line))
        else:
            columns.append(sum(size * np.eye(len(y))[i] for i, size in line))
    basis = np.array([*columns, *rows.T]).T
    least = y - basis @ np.linalg.lstsq(basis, y, rcond=None)[0]
    share = float(least @ least) / max(float(y @ y), 1.0)
    if share <= 0.099:
        check(construction, points, labels)
    elif share >= 0.101:
        with pytest.raises(InputError, match=rf'points? \d.*use "{construction}-bias"'):
            memorize(points, labels, construction)


def test_lines_with_points_on_both_sides():
    """Six points on six rays: yet f(x) - f(-x) is linear, so these labels are out of reach."""
    plane = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]]
    for construction in PLAIN:
        with pytest.raises(InputError, match=r"linear in x.*points 0, 1, 2, 3, 4, 5 on both sides"):
            memorize(plane, [1, 0, 0, 0, 0, 0], construction)
        check(construction, plane, [1, 0, 0, 0, 1, 0], eps=1e-3)  # linear at the differences: 1, 0 and 1
        check(construction, [[1], [-1]], [1, -1], eps=1e-6)  # out of reach of units that are even in x


def test_a_point_at_zero():
    with pytest.raises(InputError, match=r"the point 1 is not; use \"ntk-bias\""):
        memorize([[1, 2], [0, 0]], [1, 1], "ntk")
    check("ntk", [[1, 2], [0, 0]], [1, 0])  # its label is met by every network
    check("clipped", [[1, 2], [0, 0]], [10, 1])  # 1 is less than a tenth of 101
    assert check("ntk", [[0, 0]], [0]).network.width == 0


@pytest.mark.parametrize("construction", ALL)
def test_labels_of_any_size(construction):
    """Powers of two change no rounding, so they change no choice."""
    points, labels = CLOUD
    small, large = (memorize(points, labels * size, construction).network for size in (1, 2.0**40))
    assert [(w, b) for w, b in zip(small.u, small.b, strict=True)] == list(zip(large.u, large.b, strict=True))
    assert [v * 2**40 for v in small.v] == list(large.v)
    for size in (1e6, 1e-6):
        check(construction, points, labels * size)


def test_the_curve_a_line_and_clusters():
    rng = np.random.default_rng(3)
    labels = rng.choice([-1.0, 1.0], size=24)
    line = rng.normal(size=(24, 1)) * np.ones(3) + 1e-6 * rng.normal(size=(24, 3))
    clusters = rng.normal(size=(4, 3))[np.arange(24) % 4] + 1e-6 * rng.normal(size=(24, 3))
    for construction in ALL:
        for points in (line, clusters):
            check(construction, points, labels)
    for construction in BIASED:
        check(construction, moment_curve(12, 3), labels[:12])


@pytest.mark.slow
@pytest.mark.parametrize("construction", ALL)
def test_digits_and_larger_samples(construction):
    digits = load_digits()
    check(construction, digits.data[:200], digits.target[:200].astype(float))
    check(construction, digits.data[:200], np.random.default_rng(0).normal(size=200))
    for d in (2, 10, 50):
        for n in (10, 100):
            check(construction, *gaussian(n, d))
    if construction in BIASED:
        check(construction, *gaussian(100, 1))


@pytest.mark.parametrize(("n", "d"), [(1, 2), (5, 3), (12, 3), (20, 5), (24, 12)])
def test_no_more_neurons_than_the_theorem_says(n, d):
    """With a certified bound on lambda, and op bounded by a rational eigenvalue bound from above."""
    points, labels = unit(n, d)
    least = eigenvalue_witness(limit_gram(points, hidden_bias=False), upper=False).at_least
    op = Fraction(float(np.linalg.norm(points, 2) ** 2) * (1 + 1e-12))  # 1e-12: far above n d 2^-52
    assert least > 0
    for eps in (0.1, 0.01):
        memorizer = check("ntk", points, labels, eps=eps)
        assert memorizer.network.width <= neurons(op, least, Fraction(eps))
        assert memorizer.network.width == 2 * memorizer.numbers["steps"]
        assert memorizer.network.width <= 2 * math.ceil(n / d) + 4  # each step adds d columns, for points like these


def test_the_exact_form_repairs_what_rounding_spoils(monkeypatch):
    """Where u + t v rounds to what is far from it, the pairs are kept as fractions."""
    calls = []
    plain = _ntk._network

    def spoiled(rows, u, allowed, *, exactly):
        calls.append(exactly)
        network = plain(rows, u, allowed, exactly=exactly)
        return network if exactly else rows.network(np.zeros((1, rows.points.shape[1])), np.zeros(1))

    monkeypatch.setattr(_ntk, "_network", spoiled)
    check("ntk", *CLOUD)
    assert calls == [False, True]


@pytest.mark.slow
def test_the_greedy_steps_need_few_neurons_of_small_weight():
    """Observed sizes, with room: the theorem's order of growth is n / d steps and sqrt(n) of weight."""
    for n, d in ((64, 8), (128, 16)):
        points, labels = unit(n, d)
        clipped, harmonic = (memorize(points, labels, name) for name in ("clipped", "harmonic"))
        assert clipped.network.width == 2 * clipped.numbers["steps"] + 2
        assert harmonic.network.width == 8 * harmonic.numbers["steps"] + 2
        for memorizer in (clipped, harmonic):
            assert memorizer.numbers["steps_dim_over_n"] <= 6
            assert memorizer.numbers["weight_over_root_n"] <= 25
            assert memorizer.numbers["share_missed"] <= 0.1
        assert memorize(points, labels, "ntk").numbers["weight_over_root_n"] >= 100


def test_the_weight_is_that_of_the_sizes():
    memorizer = memorize(*CLOUD, "clipped-bias")
    assert memorizer.numbers["total_weight"] == pytest.approx(memorizer.sizes.total_weight, rel=1e-9)


def test_the_seed_draws_and_the_options_are_checked():
    one, other = (memorize(*CLOUD, "clipped", seed=seed).network for seed in (1, 2))
    assert one != other
    assert one == memorize(*CLOUD, "clipped", seed=1).network
    for eps in (0, 1, -0.5, 2):
        with pytest.raises(InputError, match=r"eps must (lie between 0 and 1|be a positive finite number)"):
            memorize(*CLOUD, "ntk", eps=eps)
    with pytest.raises(InputError, match="takes eps, seed"):
        memorize(*CLOUD, "ntk", width=3)
    for name in ALL:
        assert CATALOGUE[name].theorem in proofs_check.THEOREMS


@pytest.mark.parametrize("construction", ALL)
def test_certificates(construction, tmp_path):
    points, labels = CLOUD
    memorizer = memorize(points, labels, construction)
    certificate = certify(memorizer, Dataset(np.array(points), np.array(labels), "given"), tmp_path / "it")
    assert certificate.width == memorizer.network.width
    assert "sum" in certificate.sentence


def test_a_network_of_width_zero_is_certified(tmp_path):
    points, labels = [[1.0], [2.0]], [0.0, 0.0]
    certificate = certify(
        memorize(points, labels, "ntk"), Dataset(np.array(points), np.array(labels), "given"), tmp_path / "it"
    )
    assert certificate.width == 0
