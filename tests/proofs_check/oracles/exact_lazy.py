"""Second opinion on `exact-lazy`: the conditions of docs/theory/lazy.md in fractions."""

import operator
from fractions import Fraction

from tests.proofs_check.oracle import document, integers, need, number, witness_in
from tests.proofs_check.oracles.least_eigenvalue import dominates, factor_in, gram, jacobian, power_of_two, start_of


def holds(folder):
    s, _ = document(folder / "statement.json", "dataset family format kind network step")
    start = start_of(s, ("relu",), [0])
    need(len(start[3]) == 1)
    step = number(s["step"])
    w = witness_in(folder, "ceiling ceiling_factor factor floor solution")
    factor, above = factor_in(w["factor"]), factor_in(w["ceiling_factor"])
    floor, ceiling = number(w["floor"]), number(w["ceiling"])
    need(step > 0 and floor > 0 and ceiling > 0)
    need(type(w["solution"]) is dict and set(w["solution"]) == {"row", "unit"})
    unit = power_of_two(w["solution"]["unit"])
    solution = [x * unit for x in integers(w["solution"]["row"])]
    found = jacobian(folder, *start)
    if found is None:
        return False
    rows, traces, layers, biases, labels, _ = found
    kernel = gram(rows)
    if len(solution) != len(rows) or step * ceiling > 1:
        return False
    if not dominates(kernel, 1, floor, factor) or not dominates(kernel, -1, ceiling, above):
        return False
    errors = [sums[-1][0] - y for (_, sums, _), y in zip(traces, labels, strict=True)]
    rest = [e - sum(map(operator.mul, row, solution)) for e, row in zip(errors, kernel, strict=True)]
    square = sum((e + p) * t + p * p / floor for e, p, t in zip(errors, rest, solution, strict=True))
    values = layers[1][0][0]
    patterns = [[sums[0][j] > 0 for _, sums, _ in traces] for j in range(len(values))]
    for j, v in enumerate(values):
        if v == 0 or not any(patterns[j]):
            continue
        parallel = sum((u * u for u, p in zip(values, patterns, strict=True) if p == patterns[j]), Fraction(0))
        for inputs, sums, _ in traces:
            reach = square * v * v / parallel * (sum(a * a for a in inputs[0]) + biases[0])
            margin = sums[0][j] ** 2
            if margin < reach or (sums[0][j] > 0 and margin == reach):
                return False
    return True
