"""Zhang et al. 2017, Theorem 1: n ReLU neurons without output bias, one direction shared by all: 2n + dim weights.

With projections z_1 < .. < z_n and one knot z_(j-1) <= b_j < z_j before each, the outputs of the neurons at the points
form a triangular matrix, so the output weights follow one after the other.  Here each knot is chosen after its weight,
which keeps both short; see `_hinges`.
"""

import itertools
from fractions import Fraction

from overparam.exact import ExactData, power_of_two_above
from overparam.memorizers._built import Built, Options, along, two_layer
from overparam.memorizers._direction import best_separating
from overparam.memorizers._hinges import hinges


def build_zhang(data: ExactData, _: Options) -> Built:
    """The construction on distinct points, along the direction of the widest smallest gap; always works."""
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    z, y = list(ordering.z), [data.labels[i] for i in ordering.order]
    room = power_of_two_above(z[-1] - z[0]) if len(z) > 1 else Fraction(1)
    rises = [y[0], *(after - before for before, after in itertools.pairwise(y))]
    neurons = [(v, along(ordering.direction, knot)) for v, knot in hinges([z[0] - room, *z], rises)]
    note = f"all neurons share the direction {list(ordering.direction)}: 2n + dim = {2 * len(z) + data.dim} weights"
    return two_layer(neurons, Fraction(0), data.dim, note)
