"""Smooth networks in balls: the values are inside, narrow enough where they are asked, and paid for before."""

import random
from fractions import Fraction as F

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import check
from proofs_check.answers import OverBudget
from proofs_check.budget import Budget
from proofs_check.claims._smooth import PRECISIONS, _terms, _value_and_slope, enclosed_values, error_between
from proofs_check.layers import Layer, Network
from tests.certificates.spelling import certificate, claim, dataset, sha, witness
from tests.proofs_check.oracles.fits import smooth_value
from tests.proofs_check.oracles.least_eigenvalue import activation

ACTIVATIONS = ("tanh", "erf", "gelu")
WORK = 10**12


@pytest.fixture(autouse=True)
def _precise():
    before, ctx.prec = ctx.prec, 3000
    yield
    ctx.prec = before


def drawn(rng, widths, dim, size):
    """Rows and biases of each layer, of about this size, the denominators of every kind."""

    def entry():
        return F(round(rng.gauss(0, 1) * 2**30), rng.choice((1, 3, 7, 2**10))) * size / 2**30

    layers = []
    for before, width in zip((dim, *widths), (*widths, 1), strict=True):
        layers.append(([[entry() for _ in range(before)] for _ in range(width)], [entry() for _ in range(width)]))
    return layers


def network(layers):
    return Network(tuple(Layer(tuple(map(tuple, rows)), tuple(bias)) for rows, bias in layers))


def truth(layers, name, x):
    return smooth_value([list(zip(rows, bias, strict=True)) for rows, bias in layers], name, x)


def holds(ball, value):
    return (
        arb(fmpq(ball.middle - ball.radius, 2**ball.bits))
        <= value
        <= arb(fmpq(ball.middle + ball.radius, 2**ball.bits))
    )


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(ACTIVATIONS),
    st.lists(st.integers(1, 4), min_size=1, max_size=5),
    st.integers(1, 3),
    st.sampled_from((F(1), F(1, 2**70), F(20), F(2**60))),
    st.integers(0, 10**6),
)
def test_the_value_is_inside(name, widths, dim, size, seed):
    rng = random.Random(seed)
    layers = drawn(rng, widths, dim, size)
    points = [[F(rng.randint(-99, 99), rng.choice((1, 5, 64))) for _ in range(dim)] for _ in range(3)]
    for bits in (64, 512):
        balls = enclosed_values(network(layers), name, points, bits, Budget(WORK))
        assert all(holds(ball, truth(layers, name, x)) for ball, x in zip(balls, points, strict=True))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_balls_shrink_with_the_precision(name):
    """Ten layers of weights of size 1: at b bits the radius is below 2^(60 - b)."""
    layers = drawn(random.Random(1), [5] * 10, 2, F(1))
    for bits in PRECISIONS[:5]:
        (ball,) = enclosed_values(network(layers), name, [[F(1, 3), F(-2)]], bits, Budget(WORK))
        assert ball.radius < 2**60


def stated(name, layers, points, tolerance):
    """A certificate whose labels are the network's values, to 100 places."""
    values = [truth(layers, name, x) for x in points]
    assert all(value.rad() * 2**101 < 1 for value in values)
    labels = [F(int((value.mid() * arb(2) ** 100).floor().unique_fmpz()), 2**100) for value in values]
    data = dataset(points, labels)
    family = {
        "activation": name, "hidden_bias": True, "output_bias": True, "widths": [len(bias) for _, bias in layers[:-1]],
    }  # fmt: skip
    claimed = claim("interpolates", dataset=sha(data), family=family, theorem=None, tolerance=tolerance)
    return certificate(claimed, witness(*layers), data)


def answer(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return check(tmp_path)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_deep_and_narrow(name, tmp_path):
    rng = random.Random(2)
    layers = drawn(rng, [5] * 200, 2, F(1))
    points = [[F(rng.randint(-99, 99), 64) for _ in range(2)] for _ in range(2)]
    assert answer(tmp_path, stated(name, layers, points, F(1, 2**90))).status == "accepted"


def register(name, depth):
    """Narrow layers that each carry a number on as a(h x) / (h a'(0)) with h = 2^-60, almost the identity."""
    slope = {"tanh": F(1), "erf": F(11283791670955126, 10**16), "gelu": F(1, 2)}[name]
    h = F(1, 2**60)
    return [([[h]], [0]), *[([[1 / slope]], [0])] * (depth - 1), ([[1 / (slope * h)]], [0])]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_numbers_carried_through_tiny_slopes(name, tmp_path):
    """In such a network 64 bits keep nothing of the number: 60 are lost at once."""
    layers = register(name, 100)
    points = [[F(1, 3)], [F(-2)]]
    (ball, _) = enclosed_values(network(layers), name, points, 64, Budget(WORK))
    assert ball.radius > 2**64
    assert answer(tmp_path, stated(name, layers, points, F(1, 2**50))).status == "accepted"


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_weights_of_sixty_bits(name, tmp_path):
    layers = drawn(random.Random(3), [4, 4, 4], 2, F(2**60))
    files = stated(name, layers, [[F(1, 3), F(2, 7)], [F(0), F(0)]], F(1, 2**90))
    assert answer(tmp_path, files).status == "accepted"


def test_a_flat_unit_forgets(tmp_path):
    """tanh at 2^20 x: the radius of the sum, multiplied by weights of 2^20 in each of 30 layers, plays no part."""
    layers = [([[F(2**20)]], [F(1)])] * 30 + [([[F(1)]], [F(0)])]
    (ball,) = enclosed_values(network(layers), "tanh", [[F(1, 3)]], 64, Budget(WORK))
    assert abs(ball.middle - 2**64) <= ball.radius < 100


def test_the_work_is_refused_before_it_is_done():
    layers = drawn(random.Random(4), [5], 1, F(1))
    with pytest.raises(OverBudget, match="budget of 100000000"):
        enclosed_values(network(layers), "gelu", [[F(1)]], 2**16, Budget(10**8))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**12), st.sampled_from((64, 200, 1000)))
def test_no_series_has_more_terms_than_are_counted(t, bits):
    """The loop of `balls._gauss`, at t / 2^6 for sizes that it sums up."""
    square, f = (t << bits - 6) ** 2, bits + bits.bit_length() + 12
    size = (square >> 2 * bits) + 1
    if size > bits + 3:
        return
    term, k = 1 << f, 0
    while term:
        term = (term * 2 * square) // ((2 * k + 3) << 2 * bits)
        k += 1
    assert k <= _terms(size, f)


@given(st.integers(-(10**6), 10**6), st.integers(0, 100), st.fractions(-1000, 1000))
def test_the_error_lies_between(middle, radius, label):
    from proofs_check.balls import Ball

    least, most = error_between(Ball(middle, radius, 8), label, Budget())
    for end in (middle - radius, middle, middle + radius):
        assert least <= abs(end - label * 256) <= most
    assert 0 <= least and most - least <= 2 * radius + 2


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("bits", [64, 256])
def test_far_out_the_limits_are_values(name, bits):
    """On both sides of |t| = bits, where series give way to limits; and at numbers of two thousand bits."""
    for t in (bits << bits, (bits << bits) - 1, (bits + 1) << bits, 1 << 2000):
        for signed in (t, -t):
            balls = _value_and_slope(name, signed, bits)
            exact = activation(name, arb(fmpq(signed, 2**bits)))
            assert all(holds(ball, value) for ball, value in zip(balls, exact, strict=True))
            assert t < 1 << (2 * bits + 9) or all(ball.radius == 1 for ball in balls)
