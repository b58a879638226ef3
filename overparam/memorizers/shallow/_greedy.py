"""The pairs construction with blocks fitted to the data: any distinct points, never more than n - 1 neurons (n >= 2).

Along a direction a block is extended while its labels stay affine on it, which gives the fewest blocks for that order.
Two distinct points are always affine, so there are at most n/2 blocks and, if n is odd, one last point.
"""

import itertools
from fractions import Fraction

from overparam.exact import ExactData, Form, interpolate_affine
from overparam.memorizers._built import Built, Options, two_layer
from overparam.memorizers._direction import Ordering, best_separating
from overparam.memorizers.shallow._pairs import assemble

_DIRECTIONS = 6


def build_greedy(data: ExactData, _: Options) -> Built:
    """The narrowest network over a few directions; works for every labelling of distinct points."""
    if data.n_samples == 1:
        return two_layer([], data.labels[0], data.dim, "one point: the constant network")
    everywhere = list(range(1, data.n_samples))
    return min(
        (_along(data, ordering) for ordering in best_separating(data, everywhere, how_many=_DIRECTIONS)),
        key=lambda built: built.network.widths,
    )


def _along(data: ExactData, ordering: Ordering) -> Built:
    starts, forms = greedy_blocks(data, ordering)
    neurons, c = assemble(data, ordering, starts, forms, thrifty=True)
    sizes = [b - a for a, b in itertools.pairwise([0, *starts, data.n_samples])]
    return two_layer(neurons, c, data.dim, f"blocks of {sizes} points along {list(ordering.direction)}")


def greedy_blocks(data: ExactData, ordering: Ordering) -> tuple[list[int], list[Form]]:
    """Starts of all blocks but the first, and the affine function of each block."""
    starts, forms, position = [], [], 0
    while position < data.n_samples:
        length, form = _longest(data.take(ordering.order[position:]))
        forms.append(form)
        position += length
        starts.append(position)
    return starts[:-1], forms


def _longest(rest: ExactData) -> tuple[int, Form]:
    """The longest front on which the labels are affine; shorter fronts inherit that, so bisection finds it."""
    low, high = 1, rest.n_samples + 1  # affine at `low`, not at `high`
    form: Form = (*[Fraction(0)] * rest.dim, rest.labels[0])
    step, probe = 1, min(rest.dim + 1, rest.n_samples)
    while high - low > 1:
        if probe <= low or probe >= high:
            probe = (low + high) // 2
        found = interpolate_affine(rest.points[:probe], rest.labels[:probe])
        if found is None:
            high = probe
        else:
            low, form = probe, found
        probe, step = low + step, 2 * step
    return low, form
