"""Zhang et al. 2017, Theorem 1: n ReLU neurons without output bias, one direction shared by all: 2n + dim weights.

With projections z_1 < .. < z_n, knots b_1 < z_1 and b_j = z_(j-1), and slopes s_j of the polygon through the labels,
the output weights are v_1 = s_1 = y_1 / (z_1 - b_1) and v_j = s_j - s_(j-1): no system to solve.
"""

import itertools
from fractions import Fraction

from overparam.exact import ExactData, power_of_two_above
from overparam.memorizers._built import Built, Options, along, two_layer
from overparam.memorizers._direction import best_separating


def build_zhang(data: ExactData, _: Options) -> Built:
    """The construction on distinct points, along the direction of the widest smallest gap; always works."""
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    z, y = list(ordering.z), [data.labels[i] for i in ordering.order]
    room = power_of_two_above(z[-1] - z[0]) if len(z) > 1 else Fraction(1)
    slopes = [y[0] / room, *((y[j] - y[j - 1]) / (z[j] - z[j - 1]) for j in range(1, len(z)))]
    knots = [z[0] - room, *z[:-1]]
    weights = [slopes[0], *(after - before for before, after in itertools.pairwise(slopes))]
    neurons = [(v, along(ordering.direction, knot)) for v, knot in zip(weights, knots, strict=True)]
    note = f"all neurons share the direction {list(ordering.direction)}: 2n + dim = {2 * len(z) + data.dim} weights"
    return two_layer(neurons, Fraction(0), data.dim, note)
