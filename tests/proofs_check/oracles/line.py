"""The minimal width on a line by trying everything: every sign, every active set, one float linear program each.

For few points with small integer coordinates and labels, where a float program errs by far less than the least
nonzero error of a network.
"""

import itertools

import numpy as np
from scipy.optimize import linprog


def width_on_a_line(points, labels, family) -> int:
    """The least width that interpolates; float('inf') if equal points have different labels."""
    xs = [float(x) for (x,) in points]
    if any(a == b and y != z for (a, y), (b, z) in itertools.combinations(zip(xs, labels, strict=True), 2)):
        return float("inf")
    ys = np.array([float(y) for y in labels])
    for width in itertools.count():
        if any(fits(np.array(xs), ys, choice, family) for choice in choices(xs, width, family)):
            return width


def choices(xs, width, family):
    """Multisets of (sign, active set); the active sets of affine functions are the points beyond a threshold."""
    cuts = sorted(set(xs))
    sets = {tuple(x >= c for x in xs) for c in cuts} | {tuple(x <= c for x in xs) for c in cuts}
    if not family["hidden_bias"]:
        sets = {tuple(x >= 0 for x in xs), tuple(x <= 0 for x in xs)}
    neurons = [(sign, active) for sign in (1, -1) for active in sorted(sets)]
    return itertools.combinations_with_replacement(neurons, width)


def fits(xs, ys, choice, family):
    """Unknown: slope and offset of each neuron, and the output bias."""
    n, k = len(xs), len(choice)
    equal, least = np.zeros((n, 2 * k + 1)), []
    equal[:, -1] = family["output_bias"]
    for j, (sign, active) in enumerate(choice):
        for i in range(n):
            row = np.zeros(2 * k + 1)
            row[2 * j : 2 * j + 2] = xs[i], family["hidden_bias"]
            least.append(-row if active[i] else row)
            equal[i] += sign * row * active[i]
    bounds = [(None, None)] * (2 * k + 1)
    above = np.array(least) if least else None
    done = linprog(np.zeros(2 * k + 1), A_ub=above, b_ub=None if above is None else np.zeros(len(least)),
                   A_eq=equal, b_eq=ys, bounds=bounds, method="highs")  # fmt: skip
    return done.status == 0
