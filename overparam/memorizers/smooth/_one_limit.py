"""Huang and Babri 1998: n neurons of one direction, for any activation with a limit at one infinity.

With projections p_1 < .. < p_n, neuron j is a(s_j (p - p_j) + t): at point j it is a(t), at all points before and after
nearly the limits L-, L+ at the two infinities.  The differences of consecutive rows of the matrix of neuron outputs
are nearly bidiagonal, with entries a(t) - L- and L+ - a(t); with t > 0 the first outweighs the second, so that the
inverse is moderate, and no output bias is needed (t = 0 would make it singular for odd activations and odd n).  For
GELU, which has no limit at plus infinity, the knots lie halfway between points, and the matrix is nearly triangular.
"""

import itertools
from fractions import Fraction

from overparam.exact import ExactData, ExactLayer, LayeredNetwork, power_of_two_above
from overparam.memorizers._built import Built, Options, along, refusal, two_layer
from overparam.memorizers._direction import Ordering, best_separating
from overparam.memorizers.shallow._zhang import build_zhang
from overparam.memorizers.smooth._fit import PRECISIONS, fitted

_STEEP = 12  # |s_j (p - p_j)| at all other points: tanh and erf are within 10^-9 of their limits beyond
_AT = Fraction(1, 2)  # t
_UNIT = Fraction(1, 256)  # of the biases


def build_one_limit(data: ExactData, options: Options) -> Built:
    """The construction; exact for ReLU and threshold units, near an exact interpolator for the smooth activations."""
    activation = options.activation or "tanh"
    if activation == "relu":
        built = build_zhang(data, options)
        return Built(built.network, built.notes, claim="exact")
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    note = f"all neurons share the direction {list(ordering.direction)}"
    if activation == "threshold":
        labels = [data.labels[i] for i in ordering.order]
        steps = [labels[0], *(after - before for before, after in itertools.pairwise(labels))]
        neurons = [(v, along(ordering.direction, z)) for v, z in zip(steps, ordering.z, strict=True)]
        built = two_layer(neurons, Fraction(0), data.dim, note, activation="threshold")
        return Built(built.network, built.notes, claim="exact")
    hidden = one_limit_layer(ordering, activation)
    outer = fitted(activation, [hidden], data)
    if outer is None:
        raise refusal("one-limit", f"{PRECISIONS[-1]} bits do not determine the output weights", '"zhang"')
    return Built(LayeredNetwork(activation, (hidden, outer)), (note,), free=(1,))


def one_limit_layer(ordering: Ordering, activation: str) -> ExactLayer:
    """The hidden layer along this direction: n neurons whose outputs at the n points are far from dependent."""
    z = ordering.z
    gaps = [after - before for before, after in itertools.pairwise(z)] or [Fraction(1)]
    weights, biases = [], []
    for j, p in enumerate(z):
        before = gaps[max(j - 1, 0)]
        if activation == "gelu":
            slope, knot, at = power_of_two_above(_STEEP / before), p - before / 2, Fraction(0)
        else:
            slope, knot, at = power_of_two_above(_STEEP / min(before, gaps[min(j, len(gaps) - 1)])), p, _AT
        weights.append(tuple(slope * u for u in ordering.direction))
        biases.append(round((at - slope * knot) / _UNIT) * _UNIT)
    return ExactLayer(tuple(weights), tuple(biases))
