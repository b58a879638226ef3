"""Huang and Huang 1991: n - 1 threshold units and an output bias take any real labels of n distinct points.

Along a direction the network is a staircase: the first label, and in the middle of the gap before each point whose
label differs from the one before, a step by the difference.  Classes that come in few runs need few steps.
"""

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options, along, two_layer
from overparam.memorizers._direction import Ordering, best_separating

_DIRECTIONS = 24


def build_steps(data: ExactData, _: Options) -> Built:
    """The staircase of the fewest steps over some directions, the widest gaps first; always works."""
    everywhere = list(range(1, data.n_samples))
    found = [(changes(data, o), o) for o in best_separating(data, everywhere, how_many=_DIRECTIONS)]
    places, ordering = min(found, key=lambda pair: len(pair[0]))  # the first, of the widest gap, among equals
    y = [data.labels[i] for i in ordering.order]
    neurons = [(y[j] - y[j - 1], along(ordering.direction, (ordering.z[j - 1] + ordering.z[j]) / 2)) for j in places]
    note = f"a staircase along {list(ordering.direction)}"
    return two_layer(neurons, y[0], data.dim, note, activation="threshold")


def changes(data: ExactData, ordering: Ordering) -> list[int]:
    """The places in the order whose label differs from the one before."""
    y = [data.labels[i] for i in ordering.order]
    return [j for j in range(1, len(y)) if y[j] != y[j - 1]]
