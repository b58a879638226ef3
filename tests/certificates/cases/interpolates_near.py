"""Certificates of the kind `interpolates-near`: exact fits close to a given network."""

import math
from fractions import Fraction as F

from tests.certificates.cases.least_eigenvalue import cholesky, tangent
from tests.certificates.spelling import certificate, claim, dataset, network_file, number, proof, sha

SMALL = F(1, 2**20)

# relu(x + 1) - relu(x - 1): at 0 and 2 the sums are 1, -1 and 3, 1, the outputs 1 and 2
LINE = [[0], [2]]
BENT = network_file(([[1], [1]], [1, -1]), ([[1, -1]], [0]))
HIDDEN = [[1, 1], [1, 10]]  # J J^T in layer 0: J has the rows (0 1, 0 0) and (2 1, -2 -1)
BOTH = [[3, 5], [5, 21]]  # and in both layers, with the rows (1 0 1) and (3 1 1) in layer 1
LOW = cholesky(HIDDEN, 0.6)

# two more neurons whose sums vanish at 0: one has output weight 0, the other is never active
STAYS = network_file(([[1], [1], [1], [-1]], [1, -1, 0, 0]), ([[1, -1, 0, 5]], [0]))
LEAVES = network_file(([[1], [1], [1]], [1, -1, 0]), ([[1, -1, F(1, 1024)]], [0]))  # outputs 1 and 2 + 2^-9

# both neurons active at both points, far from 0; outputs 0
FAR = network_file(([[1], [1]], [10, 10]), ([[1, -1]], [0]))
FAR_BOTH = [[203, 243], [243, 299]]

# two more layers; J J^T in layer 0 is the same as for BENT, outputs -5/2 and 1/2
DEEP = network_file(([[1], [1]], [1, -1]), ([[1, 0], [0, -1]], [F(-1, 2), 3]), ([[1, -1]], [0]))
MIDDLE = [[4, 8], [8, 22]]
LAST = [[F(41, 4), F(33, 4)], [F(33, 4), F(45, 4)]]
CLOSE = network_file(([[1], [1]], [1, -1]), ([[1, 0], [0, -1]], [F(-3, 4), 3]), ([[1, -1]], [0]))  # -11/4 and 1/4
# relu(x + 1), relu(x - 1) -> each plus 1 -> their sum minus 5/2, at the points 1/2 and 7/2
DEEPER = network_file(([[1], [1]], [1, -1]), ([[1, 0], [0, 1]], [1, 1]), ([[1, 1]], [F(-5, 2)]), ([[1]], [0]))

# at (1, 0) and (0, 1), as in `least-eigenvalue`
PLANE = [[1, 0], [0, 1]]
NETWORK = network_file(([[1, 0], [0, 2], [1, 1]], [0, -1, 1]), ([[1, 1, F(1, 2)]], [0]))
OUTPUTS = {  # tanh(1) + tanh(-1) + tanh(2)/2 and tanh(0) + tanh(1) + tanh(2)/2, and so on
    "tanh": (0.48201379003790845, 1.2436079459936733),
    "erf": (0.49766113250947636, 1.3403619254591912),
    "gelu": (1.6599393601889068, 1.8185946141203637),
}


def near(
    labels, free=(0,), *, net=BENT, points=LINE, distance=F(1, 2**10), floor=F(1, 2), low=LOW, widths=(2,),
    activation="relu", hidden=True, output=True, **changes,
):  # fmt: skip
    data = dataset(points, labels)
    family = {"activation": activation, "hidden_bias": hidden, "output_bias": output, "widths": list(widths)}
    fields = {"dataset": sha(data), "distance": distance, "family": family, "free": list(free), "network": sha(net)}
    witness = proof(factor=low, floor=number(floor)) | changes
    return certificate(claim("interpolates-near", **fields), witness, data, net)


def bent(off=SMALL, free=(0,), **changes):
    return near((1 + off, 2), free, **changes)


def both(off=SMALL, **changes):
    return bent(off, (0, 1), **{"low": cholesky(BOTH, 1.6), "floor": F(3, 2)} | changes)


def deep(off=SMALL, free=(0,), **changes):
    return near((F(-5, 2) + off, F(1, 2)), free, **{"net": DEEP, "widths": (2, 2)} | changes)


def deeper(off):
    return near((F(1, 2) + off, F(7, 2)), net=DEEPER, widths=(2, 2, 1), distance=F(1))


def smooth(activation, off=F(0), **changes):
    labels = [F(y) + off for y in OUTPUTS[activation]]
    fields = {"floor": F(2, 5), "low": cholesky(tangent(activation), 0.41), "widths": (3,), "distance": F(1, 2**40)}
    return near(labels, (0, 1), net=NETWORK, points=PLANE, activation=activation, **fields | changes)


def smooth_output(activation, off=F(3), *, output=True, **changes):
    """Only the output layer moves: no condition but the distance, 3 / sqrt(s) at most, here 8."""
    labels = [F(y) + t for y, t in zip(OUTPUTS[activation], (off, 0), strict=True)]
    kernel = [[k - (not output) for k in row] for row in tangent(activation, (1,))]
    least = sum(kernel[i][i] for i in (0, 1)) / 2 - math.hypot((kernel[0][0] - kernel[1][1]) / 2, kernel[0][1])
    fields = {"floor": F(1, 5), "low": cholesky(kernel, (0.2 + least) / 2), "widths": (3,), "distance": F(8)}
    return near(labels, (1,), net=NETWORK, points=PLANE, activation=activation, output=output, **fields | changes)


def smooth_deep(off=F(1, 4), free=(2,)):
    """DEEP with tanh, the output layer free."""
    rows = []
    for x in (0, 2):
        first, second = math.tanh(x + 1), math.tanh(x - 1)
        rows.append([math.tanh(first - 0.5), math.tanh(3 - second), 1.0])
    kernel = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in rows] for p in rows]
    labels = [F(row[0] - row[1]) + t for row, t in zip(rows, (off, -off), strict=True)]
    fields = {"floor": F(1, 64), "low": cholesky(kernel, 0.018), "widths": (2, 2), "distance": F(3)}
    return near(labels, free, net=DEEP, activation="tanh", **fields)


CASES = [
    ("accepted", "interpolates-near", "only in the parameters of layer 0 (from 0), by at most 1/1024 in", bent()),
    (
        "accepted",
        "interpolates-near-output",
        "of layer 1 (from 0)",
        bent(free=(1,), low=cholesky([[2, 4], [4, 11]], 0.3), floor=F(1, 4)),
    ),
    ("accepted", "interpolates-near-both", "of layers 0 and 1 (from 0)", both()),
    ("accepted", "interpolates-near-exactly", "of layer 0 (from 0)", near((1, 2 + F(1, 512)), net=LEAVES, widths=(3,))),
    ("accepted", "interpolates-near-stays", "exactly 4 ReLU neurons", bent(net=STAYS, widths=(4,))),
    ("accepted", "interpolates-near-deep-first", "2 + 2 ReLU", deep()),
    ("accepted", "interpolates-near-deep-middle", "of layer 1 (from 0)", deep(free=(1,), low=cholesky(MIDDLE, 0.6))),
    ("accepted", "interpolates-near-deep-output", "of layer 2 (from 0)", deep(free=(2,), low=cholesky(LAST, 0.6))),
    ("accepted", "interpolates-near-deeper", "2 + 2 + 1 ReLU", deeper(F(1, 5))),
    ("accepted", "interpolates-near-tanh", "exactly 3 tanh neurons", smooth("tanh")),
    ("accepted", "interpolates-near-erf", "exactly 3 erf neurons", smooth("erf")),
    ("accepted", "interpolates-near-gelu", "exactly 3 GELU neurons", smooth("gelu")),
    ("accepted", "interpolates-near-tanh-output", "in the parameters of layer 1 (from 0), by", smooth_output("tanh")),
    ("accepted", "interpolates-near-erf-output", "exactly 3 erf neurons", smooth_output("erf", output=False)),
    ("accepted", "interpolates-near-gelu-output", "exactly 3 GELU neurons", smooth_output("gelu")),
    ("accepted", "interpolates-near-tanh-deep", "exactly 2 + 2 tanh neurons", smooth_deep()),
    ("rejected", "interpolates-near-far", "longer than the stated distance", bent(distance=SMALL)),
    ("rejected", "interpolates-near-floor", "the factor does not prove", bent(floor=F(1))),
    ("rejected", "interpolates-near-switch", "unit 0 of layer 0 might switch at sample 0", bent(F(1), distance=F(2))),
    (
        "rejected",
        "interpolates-near-zero",
        "unit 2 of layer 0 might switch at sample 0",
        near((1, 2), net=LEAVES, widths=(3,), distance=F(1)),
    ),
    (
        "rejected",
        "interpolates-near-switch-later",
        "unit 0 of layer 1 might switch at sample 0",
        near((F(-11, 4) + F(1, 5), F(1, 4)), net=CLOSE, widths=(2, 2), distance=F(1)),
    ),
    ("rejected", "interpolates-near-switch-last", "unit 0 of layer 2 might switch at sample 0", deeper(F(3, 10))),
    (
        "rejected",
        "interpolates-near-both-bent",
        "Kantorovich's condition",
        near((F(7, 10), 0), (0, 1), net=FAR, low=cholesky(FAR_BOTH, 3.1), floor=F(3), distance=F(2)),
    ),
    ("rejected", "interpolates-near-both-far", "longer than the stated distance", both(distance=SMALL)),
    (
        "rejected",
        "interpolates-near-both-switch",
        "unit 1 of layer 0 might switch at sample 1",
        both(F(3, 10), distance=F(2)),
    ),
    ("rejected", "interpolates-near-tanh-bent", "Kantorovich's condition", smooth("tanh", F(1, 10), distance=F(2))),
    ("rejected", "interpolates-near-tanh-floor", "the factor does not prove", smooth("tanh", floor=F(1, 2))),
    (
        "rejected",
        "interpolates-near-tanh-output-far",
        "longer than the stated distance",
        smooth_output("tanh", distance=F(6)),
    ),
    ("rejected", "interpolates-near-tanh-output-floor", "the factor does not prove", smooth_output("tanh", floor=F(1))),
    ("rejected", "interpolates-near-tanh-deep-first", "but not for this choice", smooth_deep(free=(0,))),
    ("rejected", "interpolates-near-two-layers", "but not for this choice", deep(free=(0, 1))),
    ("rejected", "interpolates-near-tanh-one", "but not for this choice", bent(activation="tanh")),
    ("rejected", "interpolates-near-foreign", "not in the stated family", bent(hidden=False)),
    ("malformed", "interpolates-near-distance", "the distance must be positive", bent(distance=F(0))),
    ("malformed", "interpolates-near-floor-zero", "the floor must be positive", bent(floor=F(0))),
]
