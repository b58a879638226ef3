"""Certificates of the kind `interpolates` with a smooth activation: labels are met within a tolerance above 0."""

import json
import math
from fractions import Fraction as F

from tests.certificates.spelling import dataset, folder, statement, witness

E_SQUARED = sum(F(2**k, math.factorial(k)) for k in range(120))  # less than 2^-500 below e^2
TANH_ONE = F(math.floor((E_SQUARED - 1) / (E_SQUARED + 1) * 2**200), 2**200)  # at most 2^-200 below tanh 1
ONE_UNIT = witness(([[1]], [0]), ([[1]], [0]))
ORIGIN = dataset([[0]], [1])

ACTIVATIONS = {
    "tanh": math.tanh,
    "erf": math.erf,
    "gelu": lambda t: t * (1 + math.erf(t / math.sqrt(2))) / 2,
}
LAYERS = (
    ([[1, F(1, 3)], [F(-1, 2), 2], [F(1, 7), -1]], [0, 1, F(-1, 5)]),
    ([[1, -1, F(1, 2)], [3, F(2, 3), -1]], [F(1, 9), -2]),
    ([[2, -1]], [F(1, 2)]),
)
PLANE = [[0, 0], [1, F(1, 2)], [-2, 3], [F(100, 3), -50]]  # at the last point units of all three saturate


def through(activation, x):
    """The value of LAYERS in floats."""
    for i, (weights, bias) in enumerate(LAYERS):
        sums = [sum(float(w) * a for w, a in zip(row, x, strict=True)) + float(b)
                for row, b in zip(weights, bias, strict=True)]  # fmt: skip
        x = sums if i == 2 else [ACTIVATIONS[activation](t) for t in sums]
    return x[0]


def deep(activation, off=F(0), tolerance=F(1, 2**30), **changes):
    """Labels in floats, to 40 places (the last digits of floats depend on the machine), the last moved by `off`."""
    labels = [F(round(through(activation, [float(a) for a in x]) * 2**40), 2**40) for x in PLANE]
    labels[-1] += off
    data = dataset(PLANE, labels)
    return folder(
        data, statement(data, [3, 2], activation=activation, tolerance=tolerance, **changes), witness(*LAYERS)
    )


def at_one(tolerance, label=TANH_ONE, activation="tanh", net=ONE_UNIT, **changes):
    data = dataset([[0], [1]], [0, label])
    return folder(data, statement(data, [1], activation=activation, tolerance=tolerance, **changes), net)


def without(rule, **changes):
    """A statement that forbids what ONE_UNIT with one more bias does."""
    hidden, output = (F(1), F(0)) if rule == "hidden" else (F(0), F(1))
    net = witness(([[1]], [hidden]), ([[1]], [output]))
    return at_one(F(9), net=net, **{rule: False})


def tie():
    """A constant that errs by exactly the tolerance: no radius above 0 tells whether it is within."""
    constant = witness(([], []), ([[]], [F(1, 3)]))
    return folder(ORIGIN, statement(ORIGIN, [0], activation="tanh", tolerance=F(2, 3)), constant)


def long():
    """Two neurons whose sums cancel have to be known to more places than there is work for."""
    document = statement(ORIGIN, [2], activation="gelu", tolerance=1)
    net = json.loads(json.dumps(witness(([[1], [1]], [0, 0]), ([[0, 0]], [0]))))
    for layer in net["layers"][:1]:
        layer["bias"] = ["1*2^1048576", "1*2^1048576"]
    net["layers"][1]["weights"] = [["1*2^1048576", "-1*2^1048576"]]
    return folder(ORIGIN, document, net)


CASES = [
    ("accepted", "interpolates-tanh", "exactly 1 tanh neuron", at_one(F(1, 2**190))),
    ("accepted", "interpolates-tanh-deep", "3 + 2 tanh neurons", deep("tanh")),
    ("accepted", "interpolates-erf-deep", "3 + 2 erf neurons", deep("erf")),
    ("accepted", "interpolates-gelu-deep", "3 + 2 GELU neurons", deep("gelu")),
    ("accepted", "interpolates-tanh-within", "at most 1/8 at each", deep("tanh", F(1, 8) - F(1, 2**36), F(1, 8))),
    ("rejected", "interpolates-tanh-off", "certainly misses the label of sample 1",
     at_one(F(1, 2**191), TANH_ONE + F(1, 2**190))),
    ("rejected", "interpolates-tanh-below", "certainly misses the label of sample 1",
     at_one(F(1, 2**191), TANH_ONE - F(1, 2**190))),
    ("rejected", "interpolates-erf-off", "certainly misses the label of sample 3", deep("erf", F(1, 2**29))),
    ("rejected", "interpolates-gelu-off", "certainly misses the label of sample 3", deep("gelu", F(-1, 2**29))),
    ("rejected", "interpolates-tanh-hidden-bias", "nonzero hidden bias", without("hidden")),
    ("rejected", "interpolates-tanh-output-bias", "nonzero output bias", without("output")),
    ("rejected", "interpolates-tanh-theorem", "the stated family is not that of zhang2017-thm1",
     at_one(F(1), output=False, theorem="zhang2017-thm1")),
    ("malformed", "interpolates-tanh-exactly", "enclosures cannot show", at_one(F(0))),
    ("undecided", "interpolates-tanh-tie", "leaves open whether", tie()),
    ("undecided", "interpolates-gelu-long", "would exceed the checker's budget", long()),
]  # fmt: skip
