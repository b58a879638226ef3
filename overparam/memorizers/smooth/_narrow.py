"""Kidger and Lyons 2020 on finitely many points: width dim + 2, a layer a neuron, within any error.

The network of `one-limit` is computed one neuron a layer.  Each layer passes on the dim coordinates and the sum so far
through units that see only tiny numbers: tanh(h z) is nearly h z.
"""

from fractions import Fraction

from overparam.errors import InputError
from overparam.exact import ExactData, ExactLayer, LayeredNetwork, power_of_two_above
from overparam.memorizers._built import Built, Options, refusal
from overparam.memorizers._direction import best_separating
from overparam.memorizers.smooth._fit import PRECISIONS, allowed, fitted, is_within
from overparam.memorizers.smooth._one_limit import one_limit_layer

_SCALES = (20, 30, 45, 70, 100, 150, 220, 330, 500, 750, 1100)  # -log2 h


def build_narrow_smooth(data: ExactData, options: Options) -> Built:
    """The construction; any distinct points.  `eps` is the largest error over the largest label, 2^-20 by default."""
    if options.activation not in (None, "tanh"):
        raise InputError(f"narrow-smooth takes activation tanh, not {options.activation}")
    tolerance, largest = allowed(data, options)
    near = 48 + power_of_two_above(largest / tolerance).numerator.bit_length()
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    hidden = one_limit_layer(ordering, "tanh")
    outer = fitted("tanh", [hidden], data, near=near)
    if outer is None:
        raise refusal("narrow-smooth", f"{PRECISIONS[-1]} bits do not determine the output weights", '"max-min"')
    for scale in _SCALES:
        network = _deep(hidden, outer.weights[0], Fraction(1, 2**scale))
        if is_within(network, data, tolerance):
            note = f"numbers passed on times 2^-{scale}, along {list(ordering.direction)}"
            return Built(network, (note,), tolerance, numbers={"scale": scale})
    raise refusal("narrow-smooth", f"numbers passed on times 2^-{_SCALES[-1]} still err too much", '"max-min"')


def _deep(hidden: ExactLayer, outer: tuple[Fraction, ...], h: Fraction) -> LayeredNetwork:
    """Units of each layer: the coordinates times h, one neuron, and h times the weighed sum of the neurons before.

    The first layer has no sum yet.  Sums are kept at most about 1 by their own factor.
    """
    dim, n = len(hidden.weights[0]), len(hidden.bias)
    zero, one = Fraction(0), Fraction(1)
    identity = [tuple(one if a == b else zero for b in range(dim)) for a in range(dim)]
    largest = max(map(abs, outer)) or one
    layers = [
        ExactLayer(
            (*(tuple(h * x for x in row) for row in identity), hidden.weights[0]), (*([zero] * dim), hidden.bias[0])
        )
    ]
    for j in range(1, n):
        before = (one,) if j > 1 else ()
        blank = (zero,) * (1 + len(before))
        rows = [(*row, *blank) for row in identity]
        rows.append((*(w / h for w in hidden.weights[j]), *blank))
        rows.append((*([zero] * dim), h * outer[j - 1] / largest, *before))
        layers.append(ExactLayer(tuple(rows), (*([zero] * dim), hidden.bias[j], zero)))
    last = (*([zero] * dim), outer[-1], *((largest / h,) if n > 1 else ()))
    layers.append(ExactLayer((last,), (zero,)))
    return LayeredNetwork("tanh", tuple(layers))
