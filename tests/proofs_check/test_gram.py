"""Gram matrices and their eigenvalues, against python-flint: balls of 600 bits, and the rank of fractions."""

import itertools
import random
from fractions import Fraction as F

import pytest
from flint import acb_mat, arb, ctx, fmpq, fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check.answers import OverBudget
from proofs_check.budget import Budget
from proofs_check.enclosures import Enclosure, of_fractions, rounded
from proofs_check.gram import Factor, precision, quotient_at_most, relu_limit, tangent_kernel, unproved
from proofs_check.layers import Family, Layer, Network
from proofs_check.rank import rows_independent
from proofs_check.tangents import exact, exact_kernel
from tests.certificates.cases.full_row_rank import PRIMES
from tests.proofs_check.oracles.least_eigenvalue import ball, gram, limit, trace

UNITS = ((F(3, 5), F(4, 5)), (F(5, 13), F(12, 13)), (F(-8, 17), F(15, 17)), (F(1), F(0)))


@pytest.fixture(autouse=True, scope="module")
def _precise():
    before, ctx.prec = ctx.prec, 600
    yield
    ctx.prec = before


def contains(matrix: Enclosure, rows) -> bool:
    pairs = [(a, ball(b)) for line, row in zip(matrix.rows, rows, strict=True) for a, b in zip(line, row, strict=True)]
    return all(bool(abs(b * arb(2) ** matrix.bits - a) <= matrix.radius) for a, b in pairs)


def eigenvalues(rows):
    return sorted((arb(x.real) for x in acb_mat(rows).eig(multiple=True)), key=lambda x: float(x.mid()))


def in_balls(matrix: Enclosure):
    return [[arb(fmpq(x, 1 << matrix.bits), fmpq(matrix.radius, 1 << matrix.bits)) for x in row] for row in matrix.rows]


def test_the_limit_at_three_unit_vectors():
    """At e1, (e1 + e2) / sqrt 2, e2: 1/8, 1/2, 7/8.  The point in the middle is not rational, a multiple of it is."""
    matrix = relu_limit(((F(1), F(0)), (F(1), F(1)), (F(0), F(1))), False, 128, Budget())
    assert contains(matrix, [[F(1, 2), F(3, 8), F(0)], [F(3, 8), F(1), F(3, 8)], [F(0), F(3, 8), F(1, 2)]])
    length = [arb(1), arb(2).sqrt(), arb(1)]
    scaled = [[x / length[i] / length[j] for j, x in enumerate(row)] for i, row in enumerate(in_balls(matrix))]
    for found, expected in zip(eigenvalues(scaled), (F(1, 8), F(1, 2), F(7, 8)), strict=True):
        assert abs(found - ball(expected)) < arb(2) ** -110


def test_the_limit_at_four_rational_unit_vectors():
    """25 digits computed elsewhere."""
    digits = (
        "0.03825403259620746841411264",
        "0.2464957446053386137867555",
        "0.5961969088447821148581891",
        "1.119053313953671802940943",
    )
    matrix = relu_limit(UNITS, False, 128, Budget())
    assert matrix.radius <= 4
    for found, text in zip(eigenvalues(in_balls(matrix)), digits, strict=True):
        assert abs(found - arb(text)) < arb("2e-24")


POINTS = st.lists(st.tuples(st.fractions(-3, 3, max_denominator=50), st.integers(-3, 3).map(F)), min_size=1, max_size=4)


@given(POINTS, st.booleans(), st.integers(128, 400))
@settings(max_examples=50)
def test_limits(points, bias, bits):
    matrix = relu_limit(tuple(points), bias, bits, Budget())
    assert contains(matrix, limit([[*x, F(1)] if bias else list(x) for x in points]))
    assert matrix.radius <= 4


def random_network(draw, widths, dim, *, hidden, output, grid=8):
    def numbers(n, use=True):
        return tuple(F(draw.randint(-3 * grid, 3 * grid), grid) if use else F(0) for _ in range(n))

    sizes = [dim, *widths, 1]
    return Network(
        tuple(
            Layer(tuple(numbers(a) for _ in range(b)), numbers(b, output if i == len(widths) else hidden))
            for i, (a, b) in enumerate(itertools.pairwise(sizes))
        )
    )


@given(
    st.randoms(use_true_random=False),
    st.sampled_from(["relu", "tanh", "erf", "gelu"]),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_kernels_are_products_of_jacobians(draw, name, widths, hidden, output):
    """Against J J^T with J from a backward pass in fractions or in python-flint's balls."""
    family = Family(name, hidden, output, tuple(widths))
    net = random_network(draw, widths, 2, hidden=hidden, output=output)
    points = tuple((F(draw.randint(-9, 9), draw.randint(1, 7)), F(draw.randint(-9, 9))) for _ in range(3))
    free = tuple(sorted(draw.sample(range(len(widths) + 1), draw.randint(1, len(widths) + 1))))
    layers = [list(zip(layer.weights, layer.bias, strict=True)) for layer in net.layers]
    biases = [hidden] * len(widths) + [output]
    rows = []
    for x in points:
        inputs, _, back = trace(layers, name, x)
        extended = [[*a, 1] if bias else a for a, bias in zip(inputs, biases, strict=True)]
        rows.append([b * a for l in free for b in back[l] for a in extended[l]])
    matrix = tangent_kernel(net, family, points, free, 128, Budget())
    assert contains(matrix, gram(rows))
    assert matrix.radius <= 2**60  # far below one
    if name == "relu":
        assert matrix.radius <= 1
        tangent = exact(net, points, Budget())
        kernel, scales = exact_kernel(tangent, family, free, Budget()), tangent.scales
        assert [[F(kernel[i][j], scales[i] * scales[j]) for j in range(3)] for i in range(3)] == gram(rows)


def test_a_constant_network_has_only_its_output_bias():
    net = Network((Layer((), ()), Layer(((),), (F(3),))))
    points = ((F(1),), (F(2),))
    for name in ("relu", "tanh"):
        for free, output, expected in (((0, 1), True, 1), ((1,), False, 0), ((0,), True, 0)):
            matrix = tangent_kernel(net, Family(name, True, output, (0,)), points, free, 128, Budget())
            assert contains(matrix, [[F(expected)] * 2] * 2)


ENTRIES = st.integers(-6, 6)


@given(
    st.lists(ENTRIES, min_size=6, max_size=6),
    st.lists(ENTRIES, min_size=6, max_size=6),
    st.integers(-20, 20),
    st.integers(-2, 3),
)
@settings(max_examples=200)
def test_factors_prove_only_what_is_true(entries, lower, least, exponent):
    a, b, c, d, e, f = entries
    rows = [[a, b, c], [b, d, e], [c, e, f]]
    factor = Factor(exponent, [lower[:1], lower[1:3], lower[3:]])
    bits = precision(F(1), factors=(factor,))
    matrix = of_fractions([[F(x) for x in row] for row in rows], bits, Budget())
    values = eigenvalues(rows)
    number = F(least, 4)
    if unproved(1, matrix, number, factor, Budget()) is None:
        assert not values[0] < ball(number)
    if unproved(-1, matrix, number, factor, Budget()) is None:
        assert not values[-1] > ball(number)
    if any(lower[:3]) and quotient_at_most(matrix, lower[:3], number, Budget()):
        assert not values[0] > ball(number)


def test_the_radius_counts():
    """Two units of slack and three entries that may be one unit off."""
    for radius, slack, proved in ((0, 0, True), (1, 3, True), (1, 2, False), (0, -1, False)):
        matrix = Enclosure([[4 + slack, 0, 0], [0, 9, 0], [0, 0, 9]], radius, 128)
        zeros = Factor(0, [[0], [0, 0], [0, 0, 0]])
        assert (unproved(1, matrix, F(4, 2**128), zeros, Budget()) is None) == proved
    flat = Enclosure([[4, 0], [0, 4]], 1, 128)
    assert quotient_at_most(flat, [1, 1], F(6, 2**128), Budget())  # (8 + 4) / 2
    assert not quotient_at_most(flat, [1, 1], F(6, 2**128) - F(1, 2**200), Budget())


def test_rounding_is_exact_where_it_can_be():
    assert rounded([[1, 2]], [2], [1, 4], 3, Budget()) == Enclosure([[4, 2]], 0, 3)
    assert rounded([[1, 2]], [3], [1, 4], 3, Budget()) == Enclosure([[2, 1]], 1, 3)
    assert of_fractions([[F(1, 3), F(-1, 3)]], 2, Budget()) == Enclosure([[1, -2]], 1, 2)


def test_precision_follows_the_numbers():
    assert precision(F(1)) == 128
    assert precision(F(1, 2**50)) == 178
    assert precision(factors=(Factor(-100, []),)) == 200
    assert precision(F(0)) == 128


@given(st.integers(1, 4), st.integers(1, 5), st.randoms(use_true_random=False))
def test_rank(n, columns, draw):
    """Small entries, so that dependent rows are common; multiples of the primes, so that elimination decides."""
    rows = [[draw.randint(-2, 2) * draw.choice([1, 1, PRIMES]) for _ in range(columns)] for _ in range(n)]
    assert rows_independent(rows, Budget()) == (fmpz_mat(rows).rank() == n)


POOR = [
    lambda b: relu_limit(UNITS, True, 128, b),
    lambda b: tangent_kernel(random_network(random.Random(1), [3], 2, hidden=True, output=True),
                             Family("relu", True, True, (3,)), UNITS, (0, 1), 128, b),
    lambda b: tangent_kernel(random_network(random.Random(1), [3], 2, hidden=True, output=True),
                             Family("gelu", True, True, (3,)), UNITS, (0, 1), 128, b),
    lambda b: unproved(1, Enclosure([[1]], 0, 128), F(1), Factor(0, [[0]]), b),
    lambda b: quotient_at_most(Enclosure([[1]], 0, 128), [1], F(1), b),
    lambda b: rows_independent([[1, 2], [3, 4]], b),
    lambda b: of_fractions([[F(1, 3)]], 128, b),
]  # fmt: skip


@pytest.mark.parametrize("work", POOR)
def test_work_is_counted_before_it_is_done(work):
    with pytest.raises(OverBudget):
        work(Budget(10))
    work(Budget())
