"""Certificates of the kind `exact-lazy`: gradient descent that never switches a neuron."""

from fractions import Fraction as F

from tests.certificates.cases.interpolates_near import BENT, DEEP, HIDDEN, LINE, LOW
from tests.certificates.cases.least_eigenvalue import cholesky
from tests.certificates.spelling import certificate, claim, dataset, integers, network_file, number, proof, sha

# BENT with each neuron twice and half the output weight: half the matrix
TWINS = network_file(([[1], [1], [1], [1]], [1, 1, -1, -1]), ([[F(1, 2), F(1, 2), F(-1, 2), F(-1, 2)]], [0]))
# the second neuron's sums are -1/4 and 23/4, the outputs 1 and 13/12
ALMOST = network_file(([[1], [3]], [1, F(-1, 4)]), ([[1, F(-1, 3)]], [0]))
ALMOST_HIDDEN = [[1, 1], [1, F(50, 9)]]
HALF = [[x / 2 for x in row] for row in HIDDEN]


def negative(matrix):
    return [[-x for x in row] for row in matrix]


def lazy(
    off=F(2, 5), solution=None, *, net=BENT, widths=(2,), step=F(1, 11), floor=F(1, 2), low=LOW, ceiling=F(11),
    high=None, hidden=True, scale=F(1), second=F(2), **changes,
):  # fmt: skip
    """Started at errors (-off, 0), so that K^-1 r is -off times (10, -1) / 9; the solution is that to 40 bits."""
    data = dataset(LINE, (1 + off, second))
    family = {"activation": "relu", "hidden_bias": hidden, "output_bias": True, "widths": list(widths)}
    exact = [round(-off * x / 9 / scale * 2**40) for x in (10, -1)]
    witness = proof(
        factor=low,
        floor=number(floor),
        ceiling_factor=high or cholesky(negative(HIDDEN), -10.9),
        ceiling=number(ceiling),
        solution={"row": integers(exact if solution is None else solution), "unit": number(F(1, 2**40))},
    )
    fields = {"dataset": sha(data), "family": family, "network": sha(net), "step": step}
    return certificate(claim("exact-lazy", **fields), witness | changes, data, net)


def twins(**changes):
    low, high = cholesky(HALF, 0.3), cholesky(negative(HALF), -5.4)
    fields = {"net": TWINS, "widths": (4,), "step": F(1, 6), "floor": F(1, 4), "ceiling": F(11, 2), "scale": F(1, 2)}
    return lazy(low=low, high=high, **fields | changes)


def almost(off):
    solution = [round(-off * x / 41 * 2**40) for x in (50, -9)]
    low, high = cholesky(ALMOST_HIDDEN, 0.6), cholesky(negative(ALMOST_HIDDEN), -10.9)
    return lazy(off, solution, net=ALMOST, low=low, high=high, second=F(13, 12))


CASES = [
    ("accepted", "exact-lazy", "Exact gradient descent with step 1/11 on half", lazy()),
    ("accepted", "exact-lazy-unsolved", "converges to a network that equals every label", lazy(F(1, 4), (0, 0))),
    ("accepted", "exact-lazy-twins", "exactly 4 ReLU neurons", twins()),
    ("accepted", "exact-lazy-at-rest", "never changes which neurons", lazy(F(0))),
    ("accepted", "exact-lazy-long-step", "with step as stated (between 2^-", lazy(step=F(1, 11) - F(1, 3**80))),
    ("rejected", "exact-lazy-switch", "neuron 1 might switch at sample 1", lazy(F(1, 2))),
    ("rejected", "exact-lazy-switch-unsolved", "neuron 1 might switch at sample 1", lazy(solution=(0, 0))),
    ("rejected", "exact-lazy-switch-inactive", "neuron 1 might switch at sample 0", almost(F(2, 5))),
    ("accepted", "exact-lazy-inactive", "never changes which neurons", almost(F(1, 5))),
    ("rejected", "exact-lazy-step", "the step times the ceiling is above 1", lazy(step=F(1, 10))),
    ("rejected", "exact-lazy-floor", "the factor does not prove that J J^T is at least", lazy(floor=F(1))),
    ("rejected", "exact-lazy-ceiling", "the ceiling's factor does not prove", lazy(ceiling=F(10))),
    ("rejected", "exact-lazy-solution", "the solution has 3 numbers", lazy(solution=(0, 0, 0))),
    ("rejected", "exact-lazy-foreign", "not in the stated family", lazy(hidden=False)),
    ("malformed", "exact-lazy-deep", "with one hidden layer only", lazy(net=DEEP, widths=(2, 2))),
    ("malformed", "exact-lazy-step-zero", "the step must be positive", lazy(step=F(0))),
]
