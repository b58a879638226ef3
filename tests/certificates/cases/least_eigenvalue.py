"""Certificates of the kind `least-eigenvalue`: matrices by hand, relu limits at unit vectors, tangent kernels."""

import math
from fractions import Fraction as F

from tests.certificates.spelling import (
    certificate,
    claim,
    dataset,
    integers,
    matrix_file,
    network_file,
    number,
    proof,
    sha,
)

PLAIN = matrix_file([[2, 1], [1, 2]])  # eigenvalues 1 and 3
THIRDS = matrix_file([[F(2, 3), F(1, 3)], [F(1, 3), F(2, 3)]])  # 1/3 and 1
SKEW = matrix_file([[2, 1], [0, 2]])
WIDE = matrix_file([[2, 1, 0], [1, 2, 0]])

HALVES = dataset([[1, 0], [1, 1], [0, 1]], [0, 0, 0])  # the middle row is not a unit vector
UNITS = dataset([[F(3, 5), F(4, 5)], [F(5, 13), F(12, 13)], [F(-8, 17), F(15, 17)], [1, 0]], [0, 0, 0, 0])
OPPOSITE = dataset([[1, 1], [-2, -2], [0, 0]], [0, 0, 0])
PLANE = dataset([[1, 0], [0, 1]], [1, -1])
NETWORK = network_file(([[1, 0], [0, 2], [1, 1]], [0, -1, 1]), ([[1, 1, F(1, 2)]], [0]))


def factor(rows, unit=F(1)):
    return {"rows": [integers(row) for row in rows], "unit": number(unit)}


def cholesky(matrix, floor, bits=40):
    """Rows of integers: the factor of matrix - floor, times 2^bits."""
    n = len(matrix)
    lower = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = float(matrix[i][j]) - (floor if i == j else 0) - sum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = math.sqrt(rest) if i == j else rest / lower[j][j]
    return factor([[round(x * 2**bits) for x in row[: i + 1]] for i, row in enumerate(lower)], F(1, 2**bits))


def limit(points, bias=False):
    rows = [[*map(float, x), 1.0] if bias else [*map(float, x)] for x in points]
    size = [math.hypot(*x) for x in rows]

    def entry(i, j):
        dot = sum(a * b for a, b in zip(rows[i], rows[j], strict=True))
        return dot * (math.pi - math.acos(max(-1, min(1, dot / size[i] / size[j])))) / (2 * math.pi)

    return [[entry(i, j) for j in range(len(rows))] for i in range(len(rows))]


def given(matrix=PLAIN, least=F(1), most=F(1), *, low=((1,), (1, 0)), vector=(1, -1), **changes):
    statement = claim("least-eigenvalue", at_least=least, at_most=most, of={"gram": "given", "matrix": sha(matrix)})
    witness = proof(factor=low and factor(low), vector=vector and integers(vector))
    return certificate(statement | changes, witness, matrix)


def of_limit(data, least, most, low, vector=None, *, bias=False, **changes):
    of = {"dataset": sha(data), "gram": "relu-limit", "hidden_bias": bias} | changes
    statement = claim("least-eigenvalue", at_least=least, at_most=most, of=of)
    return certificate(statement, proof(factor=low, vector=vector and integers(vector)), data)


def of_network(least, low, *, net=NETWORK, free=(0, 1), activation="relu", output=True, **changes):
    family = {"activation": activation, "hidden_bias": True, "output_bias": output, "widths": [3]}
    of = {"dataset": sha(PLANE), "family": family, "free": list(free), "gram": "network", "network": sha(net)} | changes
    statement = claim("least-eigenvalue", at_least=least, at_most=None, of=of)
    return certificate(statement, proof(factor=low, vector=None), PLANE, net)


UNIT_ROWS = [[F(3, 5), F(4, 5)], [F(5, 13), F(12, 13)], [F(-8, 17), F(15, 17)], [1, 0]]
UNIT_FLOOR, UNIT_CEILING = F(38254, 10**6), F(38255, 10**6)  # 0.038254032596..
UNIT_VECTOR = (6935, -7009, 1222, -1135)


def tangent(activation, free=(0, 1)):
    """K of NETWORK at the two points of PLANE, in floats."""
    value = {"relu": lambda t: max(t, 0), "tanh": math.tanh, "erf": math.erf}
    value["gelu"] = lambda t: t * (1 + math.erf(t / math.sqrt(2))) / 2
    slope = {"relu": lambda t: t > 0, "tanh": lambda t: 1 - math.tanh(t) ** 2}
    slope["erf"] = lambda t: 2 / math.sqrt(math.pi) * math.exp(-t * t)
    slope["gelu"] = lambda t: (1 + math.erf(t / math.sqrt(2))) / 2 + t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    rows = []
    for x in ((1, 0, 1), (0, 1, 1)):
        sums = [sum(a * b for a, b in zip(u, x, strict=True)) for u in ((1, 0, 0), (0, 2, -1), (1, 1, 1))]
        hidden = [v * slope[activation](s) * c for s, v in zip(sums, (1, 1, 0.5), strict=True) for c in x]
        output = [*(value[activation](s) for s in sums), 1]
        rows.append((hidden if 0 in free else []) + (output if 1 in free else []))
    return [[sum(a * b for a, b in zip(p, q, strict=True)) for q in rows] for p in rows]


def smooth(activation, least, floor):
    return of_network(least, cholesky(tangent(activation), floor), activation=activation)


CASES = [
    ("accepted", "least-eigenvalue", "is at least 1 and at most 1.", given()),
    ("accepted", "least-eigenvalue-below", "is at least 1.", given(most=None, vector=None)),
    ("accepted", "least-eigenvalue-above", "is at most 3.", given(least=None, most=F(3), low=None, vector=(1, 1))),
    ("accepted", "least-eigenvalue-negative", "is at least -1 ", given(matrix_file([[0, 1], [1, 0]]), F(-1), F(-1))),
    (
        "accepted",
        "least-eigenvalue-slack",
        "is at least 1/4",
        given(THIRDS, F(1, 4), F(1, 3) + F(1, 2**100), low=((0,), (0, 0))),
    ),
    (
        "accepted",
        "least-eigenvalue-limit",
        "each of z, z' a point of",
        of_limit(UNITS, UNIT_FLOOR, UNIT_CEILING, cholesky(limit(UNIT_ROWS), 0.03825402), UNIT_VECTOR),
    ),
    (
        "accepted",
        "least-eigenvalue-limit-bias",
        "a point followed by 1",
        of_limit(HALVES, F(1, 4), None, cholesky(limit([[1, 0], [1, 1], [0, 1]], True), 0.26), bias=True),
    ),
    (
        "accepted",
        "least-eigenvalue-limit-opposite",
        "at least 0 and at most 0",
        of_limit(OPPOSITE, F(0), F(0), factor([[1], [0, 1], [0, 0, 0]]), (0, 0, 1)),
    ),
    (
        "accepted",
        "least-eigenvalue-network",
        "taking relu'(0) = 0, in the parameters of layers 0, 1",
        of_network(F(3), cholesky(tangent("relu"), 3.1)),
    ),
    (
        "accepted",
        "least-eigenvalue-network-frozen",
        "in the parameters of layer 0 (",
        of_network(F(3, 4), cholesky(tangent("relu", (0,)), 0.8), free=(0,)),
    ),
    ("accepted", "least-eigenvalue-tanh", "3 tanh neurons", smooth("tanh", F(2, 5), 0.41)),
    ("accepted", "least-eigenvalue-erf", "3 erf neurons", smooth("erf", F(2, 5), 0.41)),
    ("accepted", "least-eigenvalue-gelu", "3 GELU neurons", smooth("gelu", F(2, 5), 0.41)),
    (
        "rejected",
        "least-eigenvalue-too-high",
        "not diagonally dominant in row 0",
        given(least=1 + F(1, 2**90), most=None),
    ),
    ("rejected", "least-eigenvalue-too-low", "the vector's Rayleigh quotient", given(least=None, most=1 - F(1, 2**90))),
    ("rejected", "least-eigenvalue-no-factor", "no factor", given(low=None)),
    ("rejected", "least-eigenvalue-no-vector", "no vector other than 0", given(vector=None)),
    ("rejected", "least-eigenvalue-vector-zero", "no vector other than 0", given(vector=(0, 0))),
    ("rejected", "least-eigenvalue-vector-long", "the vector has 3 numbers", given(vector=(1, -1, 0))),
    ("rejected", "least-eigenvalue-factor-long", "the factor has 3 rows", given(low=((1,), (1, 0), (0, 0, 0)))),
    ("rejected", "least-eigenvalue-skew", "not symmetric", given(SKEW, F(-9))),
    ("rejected", "least-eigenvalue-wide", "not symmetric", given(WIDE)),
    (
        "rejected",
        "least-eigenvalue-limit-too-high",
        "not diagonally dominant",
        of_limit(UNITS, UNIT_CEILING, None, cholesky(limit(UNIT_ROWS), 0.03825402)),
    ),
    ("rejected", "least-eigenvalue-tanh-too-high", "not diagonally dominant", smooth("tanh", F(1, 2), 0.41)),
    (
        "rejected",
        "least-eigenvalue-foreign",
        "nonzero output bias",
        of_network(
            F(0), factor([[0], [0, 0]]), net=network_file(([[1, 0]] * 3, [0] * 3), ([[1, 1, 1]], [1])), output=False
        ),
    ),
    ("malformed", "least-eigenvalue-nothing", "must not both be null", given(least=None, most=None)),
    ("malformed", "least-eigenvalue-gram", "the key gram of such a statement", given(of={"gram": "other"})),
    ("malformed", "least-eigenvalue-unit", "must be a power of two", of_limit(UNITS, F(0), None, factor([[0]], F(3)))),
    ("malformed", "least-eigenvalue-rows", "must have i + 1 integers", given(low=((1,), (1,)))),
    (
        "malformed",
        "least-eigenvalue-integers",
        "integers in lowercase hexadecimal",
        of_limit(UNITS, F(0), None, {"rows": ["A"], "unit": number(F(1))}),
    ),
    ("malformed", "least-eigenvalue-free", "the free layers must be increasing", of_network(F(0), None, free=(1, 0))),
    ("malformed", "least-eigenvalue-free-none", "the free layers must be increasing", of_network(F(0), None, free=())),
    (
        "malformed",
        "least-eigenvalue-free-beyond",
        "the free layers must be increasing",
        of_network(F(0), None, free=(2,)),
    ),
    (
        "malformed",
        "least-eigenvalue-threshold",
        'the activation must be "relu" or "tanh"',
        of_network(F(0), None, activation="threshold"),
    ),
    (
        "malformed",
        "least-eigenvalue-no-matrix",
        "cannot be read",
        {name: content for name, content in given().items() if not name.startswith(sha(PLAIN))},
    ),
    (
        "undecided",
        "least-eigenvalue-fine",
        "budget",
        of_limit(UNITS, F(0), None, factor([[0], [0, 0], [0, 0, 0], [0, 0, 0, 0]], F(1, 2**100000))),
    ),
]
