"""Certificates of the kind `position`: distinct points, affine and linear general position."""

from fractions import Fraction as F

from tests.certificates.spelling import certificate, claim, dataset, integers, proof, sha

PRIMES = (2**61 - 1, 2**61 - 31, 2**61 - 45)


def points(rows) -> bytes:
    return dataset(rows, [0] * len(rows))


SQUARE = points([(0, 0), (1, 0), (0, 1), (1, 1)])  # affine, not linear: the origin
SHIFTED = points([(1, 1), (2, 1), (1, 2), (3, 4)])
RAY = points([(1, 2), (2, 4), (5, 0)])  # affine; the first two lie on a line through the origin
FRACTIONS = points([(F(1, 3), F(1, 7)), (F(-1, 3), F(2, 7)), (F(1, 2), 0), (F(1, 9), F(5, 4))])
LINE = points([(0, 0), (1, 1), (5, 0), (2, 2)])
TWICE = points([(1, 2), (3, 4), (1, 2)])
WIDE = points([[t**k for k in range(1, 31)] for t in range(60)])
UNLUCKY = points([(0, 0), (1, 1), (2, 2 + PRIMES[0] * PRIMES[1] * PRIMES[2])])


def case(data, which, direction=None, **changes):
    return certificate(claim("position", dataset=sha(data), property=which) | changes, proof(direction=direction), data)


CASES = [
    ("accepted", "position-distinct", "are distinct.", case(SQUARE, "distinct", integers([1, -2]))),
    ("accepted", "position-distinct-fractions", "are distinct.", case(FRACTIONS, "distinct", integers([255, 1]))),
    ("accepted", "position-distinct-compared", "are distinct.", case(SQUARE, "distinct")),
    ("accepted", "position-affine", "any 3 of them are affinely independent", case(SQUARE, "affine")),
    ("accepted", "position-affine-ray", "any 3 of them are affinely independent", case(RAY, "affine")),
    ("accepted", "position-affine-fractions", "any 3 of them are affinely", case(FRACTIONS, "affine")),
    ("accepted", "position-linear", "any 2 of them are linearly independent", case(SHIFTED, "linear")),
    (
        "accepted",
        "position-linear-each",
        "none of them is 0",
        case(points([[1], [2], [1]]), "linear"),
    ),
    (
        "accepted",
        "position-affine-few",
        "any 2 of them are affinely",
        case(points([(1, 2, 3), (2, 4, 6)]), "affine"),
    ),
    (
        "rejected",
        "position-same-projection",
        "points 1 and 2 (counting",
        case(SQUARE, "distinct", integers([1, 1])),
    ),
    (
        "rejected",
        "position-same-projection-fractions",
        "points 0 and 1 (counting from 0) have the same inner",
        case(FRACTIONS, "distinct", integers([3, 14])),
    ),
    ("rejected", "position-direction-zero", "have the same inner product", case(SQUARE, "distinct", integers([0, 0]))),
    ("rejected", "position-direction-short", "the direction has dimension 1", case(SQUARE, "distinct", integers([1]))),
    ("rejected", "position-direction-empty", "the direction has dimension 0", case(SQUARE, "distinct", "")),
    ("rejected", "position-direction-affine", "not that they are affine", case(SQUARE, "affine", integers([1, -2]))),
    ("rejected", "position-not-distinct", "points 0 and 2 (counting from 0) are equal", case(TWICE, "distinct")),
    ("rejected", "position-not-distinct-affine", "points 0 and 2 (counting from 0) are equal", case(TWICE, "affine")),
    ("rejected", "position-not-affine", "the points 0, 1, 3 (counting from 0) are affinely", case(LINE, "affine")),
    ("rejected", "position-not-linear", "the points 0, 1 (counting from 0) are linearly", case(RAY, "linear")),
    ("rejected", "position-origin", "(counting from 0) are linearly", case(SQUARE, "linear")),
    ("rejected", "position-linear-zero", "the points 1 (counting", case(points([[1], [0]]), "linear")),
    ("accepted", "position-affine-one", "are in affine general position.", case(points([(1, 2)]), "affine")),
    ("undecided", "position-affine-large", "a determinant for each set of 31 of 60 points", case(WIDE, "affine")),
    ("undecided", "position-linear-large", "a determinant for each set of 30 of 60 points", case(WIDE, "linear")),
    ("undecided", "position-unlucky-primes", "vanish modulo each prime", case(UNLUCKY, "affine")),
    ("malformed", "position-unknown", "the property must be one of distinct", case(SQUARE, "convex")),
    ("malformed", "position-no-direction", "the witness", {**case(SQUARE, "affine"), "witness.json": b"{}"}),
    ("malformed", "position-direction-false", "must be a JSON string", case(SQUARE, "distinct", False)),
    ("malformed", "position-direction-zeros", "the direction", case(SQUARE, "distinct", "1 02")),
]
