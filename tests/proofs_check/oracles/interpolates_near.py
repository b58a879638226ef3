"""Second opinion on `interpolates-near`: the conditions of docs/theory/near.md, squared; no root is rounded."""

import operator
from fractions import Fraction

from flint import arb, ctx

from tests.proofs_check.oracle import document, need, number, witness_in
from tests.proofs_check.oracles.least_eigenvalue import (
    PRECISION,
    SMOOTH,
    ball,
    certainly,
    dominates,
    factor_in,
    gram,
    jacobian,
    start_of,
)


def largest_second_derivatives():
    """Of tanh, erf and gelu: bounds of |a'| and |a''|, as balls."""
    two = arb(2)
    phi = (-arb(1)).exp() / (2 * arb.pi()).sqrt()  # at sqrt(2)
    return {
        "tanh": (arb(1), 4 / (3 * arb(3).sqrt())),
        "erf": (2 / arb.pi().sqrt(), 2 * two.sqrt() * (-arb(1) / 2).exp() / arb.pi().sqrt()),
        "gelu": ((1 + arb(1).erf()) / 2 + two.sqrt() * phi, 2 / (2 * arb.pi()).sqrt()),
    }


def holds(folder):
    ctx.prec = PRECISION
    s, _ = document(folder / "statement.json", "dataset distance family format free kind network")
    start = start_of(s, SMOOTH)
    distance = number(s["distance"])
    need(distance > 0)
    w = witness_in(folder, "factor floor")
    factor, floor = factor_in(w["factor"]), number(w["floor"])
    need(floor > 0)
    _, _, family, widths, free = start
    relu = family["activation"] == "relu"
    linear = (relu and len(free) == 1) or free == [len(widths)]
    if not linear and (len(widths) != 1 or free != [0, 1]):
        return False
    found = jacobian(folder, *start)
    if found is None:
        return False
    rows, traces, layers, biases, labels, points = found
    if not dominates(gram(rows), 1, floor, factor):
        return False
    errors = [sums[-1][0] - (y if relu else ball(y)) for (_, sums, _), y in zip(traces, labels, strict=True)]
    error = sum(e * e for e in errors)
    square = error / (floor if relu else ball(floor)) * (1 if linear else 4)
    if not certainly(square, operator.le, distance**2):
        return False
    if not linear:
        z = [[*x, Fraction(1)] if biases[0] else x for x in points]
        dots = gram(z)
        norm = max(sum(map(abs, row)) for row in dots)  # squared
        if relu:
            bend = norm
        else:
            first, second = largest_second_derivatives()[family["activation"]]
            steepest = max(abs(v) for v in layers[1][0][0])
            longest = ball(max(dots[i][i] for i in range(len(z)))).sqrt()
            bend = ball(norm) * (first + (ball(steepest) + square.sqrt()) * second * longest) ** 2
        if not certainly(4 * bend * error, operator.le, floor**2):
            return False
    return not relu or survives(traces, layers, biases, free[0], square)


def survives(traces, layers, biases, free, square):
    last = len(layers) - 1
    stays = [all(back[free][j] == 0 for _, _, back in traces) for j in range(len(layers[free]))]
    for inputs, sums, _ in traces:
        reach = square * (sum(a * a for a in inputs[free]) + biases[free])
        for l in range(free, last):
            weights = [row for row, _ in layers[l]]
            for j, (row, t) in enumerate(zip(weights, sums[l], strict=True)):
                length = (0 if stays[j] else 1) if l == free else sum(x * x for x in row)
                if t * t < reach * length:
                    return False
            if l > free:
                columns = zip(*weights, strict=True)
                total = sum(x * x for row in weights for x in row)
                reach *= min(total, max(sum(map(abs, r)) for r in weights) * max(sum(map(abs, c)) for c in columns))
    return True
