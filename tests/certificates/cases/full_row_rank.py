"""Certificates of the kind `full-row-rank`: given matrices, and Jacobians of relu networks."""

from fractions import Fraction as F

from tests.certificates.spelling import certificate, claim, dataset, matrix_file, network_file, proof, sha

PRIMES = (2**61 - 1) * (2**61 - 31) * (2**61 - 45)
LINE = dataset([[0], [1], [2]], [0, 1, 0])
BENT = network_file(([[1], [1]], [1, -1]), ([[1, 1]], [0]))  # relu(x + 1) + relu(x - 1)
DEEP = network_file(([[1], [1]], [1, -1]), ([[1, 0], [-1, 1]], [F(-3, 2), 4]), ([[1, -1]], [0]))


def given(rows, **changes):
    matrix = matrix_file(rows)
    statement = claim("full-row-rank", of={"gram": "given", "matrix": sha(matrix)} | changes)
    return certificate(statement, proof(), matrix)


def of_network(net, free, *, widths=(2,), hidden=True, output=True, activation="relu", witness=None):
    family = {"activation": activation, "hidden_bias": hidden, "output_bias": output, "widths": list(widths)}
    of = {"dataset": sha(LINE), "family": family, "free": free, "gram": "network", "network": sha(net)}
    return certificate(claim("full-row-rank", of=of), witness or proof(), LINE, net)


def long(n):
    """Numbers of many bits with short spellings; the last row is twice the first."""
    rows = [[1000 * ((i * j * j + 7 * i) % 97) for j in range(n)] for i in range(n - 1)]
    return [[f"1*2^{e}" for e in row] for row in [*rows, [e + 1 for e in rows[0]]]]


CASES = [
    ("accepted", "full-row-rank", "2 x 3, has rank 2", given([[1, F(1, 3), 0], [0, 1, 1]])),
    ("accepted", "full-row-rank-modulo-no-prime", "1 x 1, has rank 1", given([[PRIMES]])),
    ("accepted", "full-row-rank-network", "in the parameters of layer 0 (from 0)", of_network(BENT, [0])),
    ("accepted", "full-row-rank-deep", "with 2 hidden layers of exactly 2 + 2", of_network(DEEP, [1], widths=(2, 2))),
    ("accepted", "full-row-rank-all-layers", "layers 0, 1 (from 0)", of_network(BENT, [0, 1])),
    ("rejected", "full-row-rank-tall", "the rows are linearly dependent", given([[1], [2]])),
    (
        "rejected",
        "full-row-rank-dependent",
        "the rows are linearly dependent",
        given([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
    ),
    ("rejected", "full-row-rank-output-only", "the rows are linearly dependent", of_network(BENT, [1], output=False)),
    ("rejected", "full-row-rank-foreign", "not in the stated family", of_network(BENT, [0], hidden=False)),
    ("malformed", "full-row-rank-ragged", "all rows are equally long", given([[1, 2], [3]])),
    ("malformed", "full-row-rank-limit", "must be one of given, network", given([[1]], gram="relu-limit")),
    ("malformed", "full-row-rank-smooth", 'the activation must be "relu"', of_network(BENT, [0], activation="tanh")),
    ("malformed", "full-row-rank-witness", "unknown key 'rank'", of_network(BENT, [0], witness=proof(rank=3))),
    ("undecided", "full-row-rank-long", "eliminating would exceed", given(long(30))),
]
