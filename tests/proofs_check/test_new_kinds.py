"""`fits`, `interpolates-residual` and `not-polynomial` on drawn data, against sums and solutions computed here."""

import dataclasses
import itertools
import math
import time
from fractions import Fraction as F

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import THEOREMS, check, theorems
from proofs_check.budget import Budget
from proofs_check.claims._residual import Block, Residual, residual_values
from tests.certificates.cases import fits, interpolates_residual, not_polynomial
from tests.certificates.spelling import dataset, witness
from tests.proofs_check.oracle import value
from tests.proofs_check.oracles.interpolates_residual import value as residual_value

NUMBERS = st.fractions(-3, 3, max_denominator=6)


def answer(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return check(folder)


def matrices(rows, columns):
    return st.lists(st.lists(NUMBERS, min_size=columns, max_size=columns).map(tuple), min_size=rows, max_size=rows)


@st.composite
def residual_networks(draw):
    m, dim = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))

    def vector(size):
        return draw(matrices(1, size))[0]

    blocks = [
        Block(tuple(draw(matrices(k, m))), vector(k), tuple(draw(matrices(m, k))))
        for k in widths
    ]  # fmt: skip
    net = Residual(tuple(draw(matrices(m, dim))), vector(m), tuple(blocks), vector(m), draw(NUMBERS))
    return net, tuple(draw(matrices(draw(st.integers(1, 4)), dim)))


@settings(deadline=None, max_examples=25)
@given(residual_networks(), st.sampled_from(("relu", "threshold")))
def test_residual_values(drawn, activation):
    net, points = drawn
    found = residual_values(net, activation, points, Budget())
    for (above, below), x in zip(found, points, strict=True):
        assert F(above, below) == residual_value(
            (net.weights, net.bias), [(b.weights, b.bias, b.outer) for b in net.blocks],
            (net.output, net.output_bias), activation, x,
        )  # fmt: skip


def test_a_theorem_on_residual_networks_can_be_named(monkeypatch, tmp_path):
    """Its widths are those of the blocks; a theorem on layered networks is refused, and the other way round."""
    theorem = dataclasses.replace(
        THEOREMS["zhang2017-thm1"],
        key="in-blocks",
        output_bias=True,
        residual=True,
        width=None,
        allows=lambda widths, data: sum(widths) <= data.n_samples - 2,
    )
    monkeypatch.setitem(theorems.THEOREMS, "in-blocks", theorem)
    net = interpolates_residual.HAT_NET
    make = interpolates_residual.residual
    good = answer(tmp_path, make(interpolates_residual.HAT, net, (1,), theorem="in-blocks"))
    assert good.status == "accepted" and "are within those" in good.sentence
    two = interpolates_residual.network([[1]], [0], [interpolates_residual.PEAK, ([[0]], [0], [[0]])], [1])
    far = answer(tmp_path, make(interpolates_residual.HAT, two, (1, 1), theorem="in-blocks"))
    assert far.status == "rejected" and "not within those" in far.sentence


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=4), matrices(2, 2), st.sampled_from((-1, 0, 1)))
def test_fits_at_the_sum_itself(tmp_path_factory, samples, rows, side):
    """Accepted at the sum of squares, and above; not below."""
    (a, b), (v, w) = rows
    net = witness(([[1], [-1]], [a, b]), ([[v, w]], [0]))
    layers = [[([F(1)], a), ([F(-1)], b)], [([v, w], F(0))]]
    total = sum((value(layers, "relu", [x]) - y) ** 2 for x, y in samples)
    bound = total + F(side, 2**80)
    if bound < 0:
        return
    data = dataset([[x] for x, _ in samples], [y for _, y in samples])
    found = answer(tmp_path_factory.mktemp("fits"), fits.fits(bound, net, (2,), data))
    assert found.status == ("rejected" if side < 0 else "accepted")


def kernel(points, degree):
    """Multipliers that annihilate every monomial of at most this degree: a basis, in integers."""
    monomials = [
        [math.prod((x[j] for j in chosen), start=F(1)) for x in points]
        for k in range(degree + 1)
        for chosen in itertools.combinations_with_replacement(range(len(points[0])), k)
    ]
    reduced, rank = fmpq_mat(len(monomials), len(points), [fmpq(a.numerator, a.denominator)
                             for row in monomials for a in row]).rref()  # fmt: skip
    rows = [[F(int(a.p), int(a.q)) for a in row] for row in reduced.tolist()[:rank]]
    pivots = [next(j for j, a in enumerate(row) if a) for row in rows]
    found = []
    for free in (j for j in range(len(points)) if j not in pivots):
        vector = [F(0)] * len(points)
        vector[free] = F(1)
        for row, pivot in zip(rows, pivots, strict=True):
            vector[pivot] = -row[free]
        scale = math.lcm(*(a.denominator for a in vector))
        found.append([int(a * scale) for a in vector])
    return found


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 3), st.integers(0, 2), st.data())
def test_multipliers_from_a_kernel(tmp_path_factory, dim, degree, drawn):
    """A basis vector of the kernel proves its degree; changed in one place it proves nothing."""
    size = math.comb(dim + degree, degree) + drawn.draw(st.integers(1, 2))
    points = drawn.draw(matrices(size, dim))
    basis = kernel(points, degree)
    multiplier = drawn.draw(st.sampled_from(basis))
    labels = [F(abs(l)) * (1 if l > 0 else -1) for l in multiplier]  # their sum of squares is not 0
    folder = tmp_path_factory.mktemp("polynomial")
    data = dataset(points, labels)
    assert answer(folder, not_polynomial.against(data, degree, multiplier)).status == "accepted"
    other = list(multiplier)
    other[drawn.draw(st.integers(0, size - 1))] += 1
    assert answer(folder, not_polynomial.against(data, degree, other)).status == "rejected"


def test_a_polynomial_that_takes_the_labels_is_never_ruled_out(tmp_path):
    """x^2 y at six points: degree 3 has no proof, degree 2 has one."""
    points = [[F(a), F(b)] for a, b in ((0, 1), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2), (1, 3))]
    data = dataset(points, [a * a * b for a, b in points])
    words = {degree: {answer(tmp_path, not_polynomial.against(data, degree, row)).status
                      for row in kernel(points, 2)} for degree in (2, 3)}  # fmt: skip
    assert "accepted" in words[2] and words[3] == {"rejected"}


@pytest.mark.parametrize(("degree", "dim"), [(10**9 - 1, 1), (10**9 - 1, 1000), (1000, 1000), (40, 40)])
def test_too_many_monomials_are_no_work(degree, dim, tmp_path):
    data = dataset([[1] * dim, [1] * dim], [0, 1])
    start = time.process_time()
    assert answer(tmp_path, not_polynomial.against(data, degree, (1, -1))).status == "undecided"
    assert time.process_time() - start < 1
