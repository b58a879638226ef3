"""Certificates of the kind `fits`: squared errors that sum to at most a bound."""

import math
from fractions import Fraction as F

from tests.certificates.spelling import certificate, claim, dataset, sha, witness

HAT = dataset([[0], [1], [2]], [0, 1, 0])
THIRDS = dataset([[F(1, 3)], [F(2, 5)], [F(5, 7)]], [F(1, 2), F(1, 3), F(-1, 11)])
STEPS = dataset([[0], [1], [2], [3]], [0, 0, 2, 5])
ONE = dataset([[0]], [1])
HAT_NET = witness(([[1], [1]], [0, -1]), ([[1, -2]], [0]))
CONSTANT = witness(([], []), ([[]], [F(1, 3)]))  # its errors at HAT: 1/3, 2/3, 1/3
DEEP = witness(([[1], [-1]], [F(1, 2), 1]), ([[1, 2]], [-1]), ([[F(3, 2)]], [F(1, 4)]))


def fits(at_most, net, widths, data=HAT, *, activation="relu", hidden=True, output=True):
    family = {"activation": activation, "hidden_bias": hidden, "output_bias": output, "widths": list(widths)}
    return certificate(claim("fits", at_most=at_most, dataset=sha(data), family=family), net, data)


def smooth(activation, slack):
    """Two layers, their squared errors computed in floats, and a bound that differs from the sum by `slack`."""
    a = {"tanh": math.tanh, "erf": math.erf, "gelu": lambda t: t * (1 + math.erf(t / math.sqrt(2))) / 2}[activation]

    def value(x):
        first = a(x + 1 / 2), a(1 - x)
        return a(first[0] + 2 * first[1] - 1) * 3 / 2 + 1 / 4

    total = sum((value(x) - y) ** 2 for x, y in ((0, 0), (1, 1), (2, 0)))
    rounded = F(round(total * 2**40), 2**40)  # the last digits of floats depend on the machine
    return fits(rounded + slack, DEEP, (2, 1), activation=activation)


# |x| - 1/3 through two neurons; the errors at THIRDS are -1/2, -4/15, 7/15 + 1/11 - 1/5 with denominators of their own
AFFINE = witness(([[1], [-1]], [0, 0]), ([[1, 1]], [F(-1, 3)]))
AFFINE_SUM = sum(
    (abs(x) - F(1, 3) - y) ** 2
    for x, y in ((F(1, 3), F(1, 2)), (F(2, 5), F(1, 3)), (F(5, 7), F(-1, 11)))
)  # fmt: skip
STAIRS = witness(([[1], [1]], [-2, -3]), ([[2, 2]], [0]))  # 0, 0, 2, 4

CASES = [
    ("accepted", "fits-exactly", "sum to at most 0.", fits(F(0), HAT_NET, (2,))),
    ("accepted", "fits-to-the-bound", "sum to at most 2/3.", fits(F(2, 3), CONSTANT, (0,))),
    ("accepted", "fits-fractions", "exactly 2 ReLU neurons", fits(AFFINE_SUM, AFFINE, (2,), THIRDS)),
    ("accepted", "fits-steps", "2 threshold neurons", fits(F(1), STAIRS, (2,), STEPS, activation="threshold")),
    ("accepted", "fits-tanh", "2 + 1 tanh neurons", smooth("tanh", F(1, 2**36))),
    ("accepted", "fits-erf", "2 + 1 erf neurons", smooth("erf", F(1, 2**36))),
    ("accepted", "fits-gelu", "2 + 1 GELU neurons", smooth("gelu", F(1, 2**36))),
    ("rejected", "fits-not", "sum to more than 0", fits(F(0), CONSTANT, (0,))),
    (
        "rejected",
        "fits-just-not",
        "sum to more than",
        fits(F(2, 3) - F(1, 2**60), CONSTANT, (0,)),
    ),
    ("rejected", "fits-fractions-not", "sum to more than",
     fits(AFFINE_SUM - F(1, 2**90), AFFINE, (2,), THIRDS)),
    ("rejected", "fits-tanh-not", "sum to more than", smooth("tanh", F(-1, 2**36))),
    ("rejected", "fits-gelu-not", "sum to more than", smooth("gelu", F(-1, 2**36))),
    ("rejected", "fits-foreign", "not in the stated family", fits(F(9), HAT_NET, (3,))),
    ("rejected", "fits-output-bias", "nonzero output bias", fits(F(9), CONSTANT, (0,), output=False)),
    ("malformed", "fits-negative", "at_most must not be negative", fits(F(-1), HAT_NET, (2,))),
    ("malformed", "fits-tanh-exactly", "enclosures cannot show", fits(F(0), HAT_NET, (2,), activation="tanh")),
    (
        "undecided",
        "fits-open",
        "leaves open whether",
        fits(F(4, 9), CONSTANT, (0,), ONE, activation="tanh"),
    ),
]  # fmt: skip
