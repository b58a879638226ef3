"""Second opinion on `least-eigenvalue`, and what the kinds about tangent kernels share: J itself, row by row.

Rational numbers stay fractions; angles and smooth activations are balls of python-flint at 600 bits.
"""

import operator
from fractions import Fraction

from flint import arb, ctx, fmpq

from tests.proofs_check.oracle import (
    belongs,
    dataset_in,
    document,
    family_in,
    integers,
    layers_in,
    list_of,
    named,
    need,
    number,
    witness_in,
)

PRECISION = 600
SMOOTH = ("relu", "tanh", "erf", "gelu")


def holds(folder):
    ctx.prec = PRECISION
    s, _ = document(folder / "statement.json", "at_least at_most format kind of")
    least, most = (None if s[key] is None else number(s[key]) for key in ("at_least", "at_most"))
    need(least is not None or most is not None)
    of = s["of"]
    need(type(of) is dict)
    keys = {
        "given": "gram matrix",
        "network": "dataset family free gram network",
        "relu-limit": "dataset gram hidden_bias",
    }
    need(of.get("gram") in keys and set(of) == set(keys[of["gram"]].split()))
    if of["gram"] == "network":
        start = start_of(of, SMOOTH)
    w = witness_in(folder, "factor vector")
    factor = None if w["factor"] is None else factor_in(w["factor"])
    vector = None if w["vector"] is None else integers(w["vector"])
    if of["gram"] == "given":
        rows = list_of(
            named(folder, of["matrix"], "format rows", "overparam-matrix-1")["rows"], lambda r: list_of(r, number)
        )
        need(rows and rows[0] and len({len(row) for row in rows}) == 1)
        if rows != [list(column) for column in zip(*rows, strict=True)]:
            return False
    elif of["gram"] == "network":
        found = jacobian(folder, *start)
        if found is None:
            return False
        rows = gram(found[0])
    else:
        need(type(of["hidden_bias"]) is bool)
        points, _ = dataset_in(folder, of["dataset"])
        rows = limit([[*x, Fraction(1)] for x in points] if of["hidden_bias"] else points)
    if least is not None and (factor is None or not dominates(rows, 1, least, factor)):
        return False
    if most is None:
        return True
    if vector is None or not any(vector) or len(vector) != len(rows):
        return False
    n = range(len(rows))
    value = sum(rows[i][j] * vector[i] * vector[j] for i in n for j in n)
    return certainly(value, operator.le, most * sum(z * z for z in vector))


def certainly(left, relation, right):
    """A comparison of fractions, or of balls: then only what holds for all their numbers."""
    if isinstance(left, arb) or isinstance(right, arb):
        return bool(relation(ball(left), ball(right)))
    return relation(left, right)


def ball(x):
    return x if isinstance(x, arb) else arb(fmpq(x.numerator, x.denominator))


def balls(rows):
    return [[ball(x) for x in row] for row in rows]


def gram(rows):
    return [[sum(map(operator.mul, p, q)) for q in rows] for p in rows]


def limit(vectors):
    dots = gram(vectors)

    def entry(i, j):
        dot = dots[i][j]
        wedge = dots[i][i] * dots[j][j] - dot * dot
        if dot == 0 or wedge == 0:
            return ball(max(dot, Fraction(0)) / 2)
        return (
            ball(dot) * (arb.pi() - arb.acos(ball(dot) / (ball(dots[i][i]) * ball(dots[j][j])).sqrt())) / (2 * arb.pi())
        )

    return [[entry(i, j) for j in range(len(vectors))] for i in range(len(vectors))]


def power_of_two(text):
    unit = number(text)
    need(unit > 0 and bin(unit.numerator).count("1") == 1 and bin(unit.denominator).count("1") == 1)
    return unit


def factor_in(value):
    need(type(value) is dict and set(value) == {"rows", "unit"})
    unit = power_of_two(value["unit"])
    rows = list_of(value["rows"], integers)
    need([len(row) for row in rows] == list(range(1, len(rows) + 1)))
    return [[x * unit for x in row] for row in rows]


def dominates(rows, sign, bound, factor):
    """Whether sign (M - bound) - L L^T is diagonally dominant with a nonnegative diagonal."""
    n = len(rows)
    if len(factor) != n:
        return False
    if any(isinstance(x, arb) for row in rows for x in row):
        rows, factor, bound = balls(rows), balls(factor), ball(bound)
    for i in range(n):
        rest = []
        for j in range(n):
            product = sum(map(operator.mul, factor[i], factor[j]))  # as far as the shorter row goes
            rest.append(sign * (rows[i][j] - (bound if i == j else 0)) - product)
        others = sum(abs(rest[j]) for j in range(n) if j != i)
        if not certainly(rest[i], operator.ge, others):
            return False
    return True


def start_of(fields, activations, free=None):
    family, widths = family_in(fields["family"], activations)
    free = fields["free"] if free is None else free
    need(type(free) is list and free and all(type(l) is int for l in free))
    need(free == sorted(set(free)) and free[0] >= 0 and free[-1] <= len(widths))
    return fields["dataset"], fields["network"], family, widths, free


def jacobian(folder, data, net, family, widths, free):
    """Rows of J, and at each point the inputs of all layers, the sums of all layers, the derivatives in these sums."""
    points, labels = dataset_in(folder, data)
    layers = layers_in(named(folder, net, "format layers", "overparam-network-1")["layers"])
    if not belongs(layers, family, widths, points):
        return None
    biases = [family["hidden_bias"]] * len(widths) + [family["output_bias"]]
    traces = [trace(layers, family["activation"], x) for x in points]
    rows = []
    for inputs, _, back in traces:
        extended = [[*x, 1] if bias else x for x, bias in zip(inputs, biases, strict=True)]
        rows.append([b * a for l in free for b in back[l] for a in extended[l]])
    return rows, traces, layers, biases, labels, points


def trace(layers, name, x):
    if name != "relu":
        layers = [[(balls([row])[0], ball(b)) for row, b in units] for units in layers]
        x = balls([x])[0]
    inputs, sums, slopes = [], [], []
    for units in layers:
        inputs.append(x)
        sums.append([sum(map(operator.mul, row, x), b) for row, b in units])
        x, slope = zip(*(activation(name, t) for t in sums[-1]), strict=True) if units else ((), ())
        slopes.append(slope)
    back = [[1]]
    for l in range(len(layers) - 1, 0, -1):
        down = [sum((b * row[k] for b, (row, _) in zip(back[0], layers[l], strict=True)), 0)
                for k in range(len(layers[l - 1]))]  # fmt: skip
        back.insert(0, [d * s for d, s in zip(down, slopes[l - 1], strict=True)])
    return inputs, sums, back


def activation(name, t):
    if name == "relu":
        return max(t, Fraction(0)), Fraction(t > 0)
    t = ball(t)
    if name == "tanh":
        return t.tanh(), 1 - t.tanh() ** 2  # 1 / cosh^2 is lost where cosh is too large
    if name == "erf":
        return t.erf(), 2 / arb.pi().sqrt() * (-t * t).exp()
    share = 1 - (t / arb(2).sqrt()).erfc() / 2
    return t * share, share + t * (-t * t / 2).exp() / (2 * arb.pi()).sqrt()
