"""The bounds that count sign patterns: against other formulas, and against every pattern of tiny networks."""

import decimal
import itertools
import math
import random
from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS
from proofs_check.roots import PLACES, log2_above
from proofs_check.theorems._counts import E_ABOVE, dichotomies, partial_sums, product_reaches

decimal.getcontext().prec = 60
E, LN2, TINY = Decimal(1).exp(), Decimal(2).ln(), Decimal(10) ** -30
SIZES = [(n, d) for n in (*range(1, 40), 57, 100, 143, 250, 400) for d in (1, 2, 3, 5, 10, 33)]


def cover(n, dim):
    return 2 * sum(math.comb(n - 1, i) for i in range(dim))


def feasible(rows) -> bool:
    """Whether some vector has a positive inner product with every row: Fourier-Motzkin elimination."""
    rows = {tuple(row) for row in rows}
    for left in range(len(next(iter(rows))), 1, -1):
        # the column with the fewest pairs of opposite signs
        column = min(range(left), key=lambda c: sum(row[c] > 0 for row in rows) * sum(row[c] < 0 for row in rows))
        rows = {(row[column], *row[:column], *row[column + 1 :]) for row in rows}
        above = [row for row in rows if row[0] > 0]
        below = [row for row in rows if row[0] < 0]
        rows = {row[1:] for row in rows if row[0] == 0}
        for up, down in itertools.product(above, below):
            mixed = [b * up[0] - a * down[0] for a, b in zip(up[1:], down[1:], strict=True)]
            divisor = math.gcd(*mixed) or 1
            rows.add(tuple(x // divisor for x in mixed))
        if any(not any(row) for row in rows):
            return False  # 0 > 0
    return len({row[0] > 0 for row in rows}) < 2


def separable(points) -> set[tuple[int, ...]]:
    """Sign vectors of affine functions, without zeros."""
    signs = itertools.product((-1, 1), repeat=len(points))
    return {s for s in signs if feasible([[y * t for t in (*x, 1)] for y, x in zip(s, points, strict=True)])}


def relu_patterns(points) -> set[tuple[int, ...]]:
    """Sign vectors of c + s relu(l(x)), without zeros; l may be taken to have none either."""
    found = set()
    for active in separable(points):
        off = [[0, *(a * t for t in (*x, 1))] for a, x in zip(active, points, strict=True)]
        for y in itertools.product((-1, 1), repeat=len(points)):
            for s in () if y in found else (-1, 1):
                on = [
                    [sign, *(sign * s * t if a > 0 else 0 for t in (*x, 1))]
                    for sign, a, x in zip(y, active, points, strict=True)
                ]
                if feasible(off + on):
                    found.add(y)
    return found


def threshold_patterns(points, k) -> set[tuple[int, ...]]:
    """Sign vectors of c + sum_j v_j step(l_j(x)): a linear function on the corners of a cube that occur."""
    found = set()
    for sets in itertools.combinations_with_replacement(sorted(separable(points)), k):
        codes = sorted(set(zip(*sets, strict=True)))
        for chosen in separable(codes):
            of_code = dict(zip(codes, chosen, strict=True))
            found.add(tuple(of_code[code] for code in zip(*sets, strict=True)))
    return found


def curve(n, d):
    return [tuple(t**k for k in range(1, d + 1)) for t in range(n)]


@pytest.mark.parametrize(("n", "d", "count"), [(5, 2, 22), (6, 2, 32), (6, 3, 52), (8, 2, 58), (5, 1, 10), (3, 4, 8)])
def test_cover_counts_the_separable_dichotomies(n, d, count):
    assert cover(n, d + 1) == count == dichotomies(n, d + 1)
    assert len(separable(curve(n, d))) == count


@pytest.mark.parametrize("points", [[(0, 0), (1, 1), (2, 2), (3, 3), (0, 1)], [(0, 0), (1, 0), (0, 1), (1, 1), (1, 1)]])
def test_other_positions_have_fewer(points):
    assert len(separable(points)) < cover(5, 3)


def test_covers_number():
    for n, dim in itertools.product(range(1, 40), range(1, 45)):
        assert dichotomies(n, dim) == cover(n, dim)
        assert (dichotomies(n, dim) == 2**n) == (dim >= n)
    assert list(itertools.islice(partial_sums(4), 7)) == [1, 5, 11, 15, 16, 16, 16]


@pytest.mark.parametrize(
    "points", [curve(5, 1), curve(4, 2), [(0, 0), (1, 0), (0, 1), (1, 1)], [(0,), (1,), (1,), (3,)]]
)
def test_one_relu_neuron_has_no_more_patterns_than_counted(points):
    """It has those of one affine function: c + relu(l) > 0 exactly if l > -c, for c < 0."""
    n, d = len(points), len(points[0])
    found = relu_patterns(points)
    assert found == separable(points)
    assert len(found) <= cover(n, d + 1) * sum(math.comb(n, i) for i in range(d + 3))
    if len(found) == 2**n:
        assert THEOREMS["relu-growth"].width(n, d) <= 1


@pytest.mark.parametrize(("d", "k"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_threshold_networks_have_no_more_patterns_than_counted(d, k):
    n = 5
    found = len(threshold_patterns(curve(n, d), k))
    assert found <= cover(n, d + 1) ** k * cover(n, k + 1)
    changes = sum(math.comb(n - 1, i) for i in range(k * d + 1))
    assert found == 2 * changes  # on the curve: exactly the labellings with at most k d changes of sign
    assert (found == 2**n) == (k * d >= n - 1) == (THEOREMS["threshold-alternation"].width(n, d) <= k)
    if found == 2**n:
        assert THEOREMS["cover1965-count"].width(n, d) <= k


def test_drawn_networks_stay_below_the_count():
    """All patterns of many random networks on points where the bound is 2: one neuron cannot have them all."""
    n, d = 16, 1
    assert THEOREMS["relu-growth"].width(n, d) == 2
    rng = random.Random(0)
    for k in (1, 2):
        seen = set()
        for _ in range(3000):
            neurons = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(k)]
            c = rng.gauss(0, 1)
            values = [
                c + sum(v * max(u * (x - 7.5) + 5 * b, 0) for u, b, v in neurons) for x in range(n)
            ]  # the weights are exact; a sign wrongly rounded would still be a sign of a network near by
            seen.add(tuple(value > 0 for value in values))
        assert 2 * n - 1 <= len(seen) <= cover(n, d + 1) ** k * sum(math.comb(n, i) for i in range(k * (d + 1) + 2))


def relu_growth(n, d, k):
    return cover(n, d + 1) ** k * sum(math.comb(n, i) for i in range(min(n, k * (d + 1) + 1) + 1))


def threshold_count(n, d, k):
    return cover(n, d + 1) ** k * cover(n, k + 1)


@pytest.mark.parametrize(("key", "count"), [("relu-growth", relu_growth), ("cover1965-count", threshold_count)])
def test_least_width_whose_count_is_enough(key, count):
    """From below, one width after the other; the count grows with the width, so nothing above is too small."""
    for n, d in SIZES:
        k = THEOREMS[key].width(n, d)
        assert count(n, d, k) >= 2**n
        assert k == 0 or count(n, d, k - 1) < 2**n
        counts = [count(n, d, j) for j in range(min(k + 3, n))]
        assert counts == sorted(counts)


def log2(number) -> Decimal:
    above, below = number.as_integer_ratio()
    return (Decimal(above) / Decimal(below)).ln() / LN2


def bartlett(n, d, k):
    hidden, weights = k * (d + 1), k * (d + 2) + 1
    return 2 + hidden * log2(2 * E * n / (d + 1)) + weights * log2(4 * E * n / weights)


def test_bartletts_growth_bound():
    """Against logarithms of 60 digits: the largest width for which the theorem speaks and the count is too small."""
    for n, d in [*SIZES, (1000, 10), (1000, 50), (5000, 3)]:
        speaks = [k for k in range((n - 1) // (2 * d + 3) + 1) if n >= k * (2 * d + 3) + 1]
        too_small = [bartlett(n, d, k) < n for k in speaks]
        assert too_small == sorted(too_small, reverse=True)
        assert THEOREMS["bartlett2019-growth"].width(n, d) == sum(too_small)
        assert not too_small or not too_small[-1] or n < 2 * d + 4, (
            "the search does not end where the theorem falls silent"
        )
        assert THEOREMS["bartlett2019-growth"].width(n, d) <= THEOREMS["relu-growth"].width(n, d)


def test_bartletts_formula_for_two_layers():
    """prod_i 2 (2 e m k_i p (1 + (i - 1) D^(i - 1)) / W_i)^(W_i), layers i = 1, 2, with p = D = 1, k_1 = k, k_2 = 1."""
    for n, d, k in ((100, 2, 2), (1000, 10, 6), (50, 3, 1)):
        weights, units = (k * (d + 1), k * (d + 2) + 1), (k, 1)
        log = sum(
            1 + w * log2(2 * E * n * u * (1 + i) / w) for i, (w, u) in enumerate(zip(weights, units, strict=True))
        )
        assert abs(log - bartlett(n, d, k)) < TINY
        assert sum(weights) == k * (2 * d + 3) + 1


def improbable(n, d, k):
    m, t = n - k * (d + 1) - 1, Decimal(n) / 100
    if t >= m:
        return False
    return k * log2(cover(n, d + 1)) + Decimal(m) / 2 * (log2(t / m) + (1 - t / m) / LN2) < -10


def test_approximate_counting():
    for n, d in SIZES:
        answers = [improbable(n, d, k) for k in range(-((1 - n) // (d + 1)) + 1)]
        assert answers == sorted(answers, reverse=True)
        assert THEOREMS["param-count-approx"].width(n, d) == sum(answers)
        assert THEOREMS["param-count-approx"].width(n, d) <= THEOREMS["param-count"].width(n, d)


@pytest.mark.parametrize("m", [1, 2, 5, 20])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.9, 1.0])
def test_the_chi_square_tail_behind_it(m, share):
    """P(chi^2_m <= t) <= ((t/m) e^(1 - t/m))^(m/2) for t <= m, by the series of the incomplete gamma function.

    200 positive terms in floats: a relative error below 1e-12.
    """
    half, x = m / 2, m * share / 2
    tail = sum(math.exp((half + i) * math.log(x) - x - math.lgamma(half + i + 1)) for i in range(200))
    assert 0 < tail <= (share * math.exp(1 - share)) ** half * (1 + 1e-12)


@settings(deadline=None)
@given(st.fractions(min_value=F(1, 10**30), max_value=10**30) | st.integers(1, 10**30))
def test_logarithms_are_rounded_upwards(number):
    exact = log2(number) * 2**PLACES
    assert exact - TINY <= log2_above(number) < exact + 2


def test_the_number_above_e():
    assert 0 < Decimal(E_ABOVE.numerator) / E_ABOVE.denominator - E < Decimal(10) ** -20


@given(st.integers(1, 2**70), st.integers(1, 2**70), st.integers(0, 142))
def test_products_are_compared_without_multiplying(a, b, exponent):
    assert product_reaches(a, b, exponent) == (a * b >= 2**exponent)
    a, b = 2 ** (a.bit_length() - 1), 2 ** (b.bit_length() - 1)
    exponent = a.bit_length() + b.bit_length() - 2
    assert product_reaches(a, b, exponent)
    assert not product_reaches(a, b, exponent + 1)


@pytest.mark.parametrize(("n", "d"), [(10**5, 1), (10**5, 10), (10**5, 10**3), (10**4, 10**4)])
def test_large_data_sets_take_no_time(n, d):
    """A few hundredths of a second each; the limit has room for a busy machine."""
    import time

    start = time.process_time()
    for theorem in THEOREMS.values():
        if theorem.width is not None:
            theorem.width(n, d)
    assert time.process_time() - start < 3
