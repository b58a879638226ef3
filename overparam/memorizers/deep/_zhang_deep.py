"""Zhang et al. 2017, Corollary 1, with explicit constants: the hinges of a line spread over m layers.

The first hidden neuron is T = relu(<u, x> - b_1), the first hinge of `_hinges` on the projections z_1 < .. < z_n; all
others are relu(T - (b_j - b_1)), since b_j >= z_2 > b_1.  Each of the m hinge layers holds some of them, hands T on
(all but the last), and carries what the layers before have summed up, lifted by S so that it is never negative at a
point: p_l = relu(p_(l-1) + sum of the hinges of the layer before).  Counts and proof: docs/theory/line_deep.md.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction

from overparam.exact import ExactData, ExactLayer, LayeredNetwork, power_of_two_above
from overparam.memorizers._built import Built, Options
from overparam.memorizers._direction import best_separating
from overparam.memorizers._hinges import hinges

Hinge = tuple[Fraction, Fraction]  # v, b

_ZERO, _ONE = Fraction(0), Fraction(1)


def build_zhang_deep(data: ExactData, options: Options) -> Built:
    """The construction with `options.depth` hinge layers (2 unless given), as narrow as its counts allow."""
    m = 2 if options.depth is None else options.depth
    return spread(data, m, hinge_width(data.n_samples, m))


def hinge_width(n_samples: int, m: int) -> int:
    """How wide m hinge layers have to be: n - 2 hinges, T in all but the last layer, the sum in all but the first.

    >>> [hinge_width(100, m) for m in (1, 2, 3, 96, 1000)]
    [99, 50, 34, 3, 3]
    """
    if m == 1:
        return max(n_samples - 1, 1)
    return max(-(-(n_samples - 4) // m), 0) + 2


def spread(data: ExactData, m: int, width: int) -> Built:
    """The network with m hinge layers of at most `width` neurons; the width must be enough for all hinges."""
    if data.n_samples == 1:
        return _constant(data, m)
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    z, y = ordering.z, [data.labels[i] for i in ordering.order]
    found = hinges(z, [after - before for before, after in itertools.pairwise(y)])
    (first, knot), rest = found[0], found[1:]
    chunks = []
    for layer in range(m):
        size = width - (layer < m - 1 or m == 1) - (layer > 0)
        chunks.append([(v, b - knot) for v, b in rest[:size]])
        rest = rest[size:]
    lift = _lift([t - knot for t in z], y, first, chunks)
    layers = [ExactLayer((tuple(map(Fraction, ordering.direction)),), (-knot,))]
    passed: list[Fraction] = []  # weights of the next sum on what the layer before holds besides T
    for number, chunk in enumerate(chunks):
        inputs = 1 + len(passed) if number else 1
        keeps_t = number < m - 1 or m == 1
        alone = (_ONE, *[_ZERO] * (inputs - 1))
        weights = [alone] * keeps_t
        bias = [_ZERO] * keeps_t
        if number:
            weights.append(((first if number == 1 else _ZERO), *passed))
            bias.append(lift if number == 1 else _ZERO)
        weights += [alone] * len(chunk)
        bias += [-b for _, b in chunk]
        layers.append(ExactLayer(tuple(weights), tuple(bias)))
        passed = [*([_ONE] if number else []), *(v for v, _ in chunk)]
    row = (first, *passed) if m == 1 else tuple(passed)
    layers.append(ExactLayer((row,), (y[0] if m == 1 else y[0] - lift,)))
    note = (
        f"{len(found)} hinges on the direction {list(ordering.direction)}, {m} layers, sums lifted by {float(lift):g}"
    )
    return Built(LayeredNetwork("relu", tuple(layers)), (note,), numbers={"hinges": len(found)})


def _constant(data: ExactData, m: int) -> Built:
    """One label: one neuron a layer, and nothing but the output bias."""
    hidden = [ExactLayer(((_ZERO,) * (data.dim if k == 0 else 1),), (_ZERO,)) for k in range(m + 1)]
    layers = (*hidden, ExactLayer(((_ZERO,),), (data.labels[0],)))
    return Built(LayeredNetwork("relu", layers), ("one point: the constant",), numbers={"hinges": 0})


def _lift(t: Sequence[Fraction], y: Sequence[Fraction], first: Fraction, chunks: Sequence[Sequence[Hinge]]) -> Fraction:
    """0, or a power of two, that keeps every carried sum at least 0 at every point.

    Up to the next hinge a sum is the label less y_1, and from there on a line, least at one of its two ends.
    """
    least = min(label - y[0] for label in y)
    at_the_end = first * max(t[-1], _ZERO)
    for chunk in chunks[:-1]:
        at_the_end += sum((v * (t[-1] - b) for v, b in chunk), _ZERO)
        least = min(least, at_the_end)
    return power_of_two_above(-least) if least < 0 and len(chunks) > 1 else _ZERO
