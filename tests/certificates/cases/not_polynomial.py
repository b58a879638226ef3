"""Certificates of the kind `not-polynomial`: multipliers that annihilate monomials and not the labels."""

from fractions import Fraction as F

from tests.certificates.spelling import certificate, claim, dataset, integers, proof, sha

HAT = dataset([[0], [1], [2]], [0, 1, 0])
SQUARE = dataset([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 1, 1, 0])
# the third differences at 0, 1/3, 2/3, 1 annihilate quadratics; the last point is not needed
CUBIC = dataset([[0], [F(1, 3)], [F(2, 3)], [1], [F(1, 7)]], [0, F(1, 27), F(8, 27), 1, F(1, 5)])
FAR = dataset([[f"1*2^{2**20}"], [f"3*2^{2**19}"], ["1*2^0"]], [0, 1, 0])
TWICE = dataset([[1, 1], [1, 1]], [0, F(1, 3)])  # equal points with different labels: no function at all


def against(data, degree, multiplier, **changes):
    statement = claim("not-polynomial", dataset=sha(data), degree=degree) | changes
    row = multiplier if isinstance(multiplier, str) else integers(multiplier)
    return certificate(statement, proof(multiplier=row), data)


CASES = [
    ("accepted", "not-polynomial", "of degree at most 1 does", against(HAT, 1, (1, -2, 1))),
    ("accepted", "not-polynomial-constant", "degree at most 0 in", against(HAT, 0, (1, -1, 0))),
    ("accepted", "not-polynomial-plane", "4 points in dimension 2", against(SQUARE, 1, (1, -1, -1, 1))),
    ("accepted", "not-polynomial-fractions", "at most 2 in the coordinates", against(CUBIC, 2, (-1, 3, -3, 1, 0))),
    ("accepted", "not-polynomial-equal-points", "at most 20 in", against(TWICE, 20, (1, -1))),
    ("rejected", "not-polynomial-after-all", "a monomial of degree 2 is not 0", against(HAT, 2, (1, -2, 1))),
    ("rejected", "not-polynomial-mixed", "a monomial of degree 2 is not 0", against(SQUARE, 2, (1, -1, -1, 1))),
    ("rejected", "not-polynomial-sum", "a monomial of degree 0 is not 0", against(HAT, 0, (0, 1, 0))),
    ("rejected", "not-polynomial-line", "a monomial of degree 1 is not 0", against(HAT, 1, (1, -1, 0))),
    ("rejected", "not-polynomial-second", "a monomial of degree 1 is not 0", against(SQUARE, 1, (1, 0, -1, 0))),
    ("rejected", "not-polynomial-cubic", "a monomial of degree 3 is not 0", against(CUBIC, 3, (-1, 3, -3, 1, 0))),
    ("rejected", "not-polynomial-labels", "sum with the labels is 0", against(HAT, 0, (1, 0, -1))),
    ("rejected", "not-polynomial-zero", "sum with the labels is 0", against(HAT, 1, (0, 0, 0))),
    ("rejected", "not-polynomial-short", "the multiplier has 2 integers", against(HAT, 0, (1, -1))),
    ("malformed", "not-polynomial-degree", "the degree must be a JSON integer", against(HAT, "1", (1, -2, 1))),
    ("malformed", "not-polynomial-row", "the multiplier must be integers", against(HAT, 1, "1 -2  1")),
    ("undecided", "not-polynomial-many", "going through the monomials", against(TWICE, 10**9 - 1, (1, -1))),
    ("undecided", "not-polynomial-far", "going through the monomials", against(FAR, 10**6, (1, -2, 1))),
]
