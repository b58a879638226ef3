"""Nguyen and Hein 2018, fully connected: a last hidden layer of n - 1 neurons makes n points independent.

The layers before it are random, but for their first neuron, which carries t = <u, x>, so that no two points fall
together.  The n - 1 features of the wide layer and the constant have rank n, exactly; so some output layer takes any
labels.
"""

from fractions import Fraction

import numpy as np

from overparam.exact import Cloud, ExactData, ExactLayer, LayeredNetwork, power_of_two_above
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import Affine, layer, line_of, of_form, unit
from overparam.memorizers.deep._features import features_of, random_form

_DEPTH, _WIDEST = 2, 16


def build_wide_layer(data: ExactData, options: Options) -> Built:
    """`options.depth` hidden layers, at least 1: `width` random neurons in each but the last; any distinct points."""
    depth = _DEPTH if options.depth is None else options.depth
    width = max(2, min(data.dim, _WIDEST)) if options.width is None else options.width
    rng = np.random.default_rng(options.seed)
    layers: list[ExactLayer] = []
    here, carry = data, Affine({})
    if depth > 1:
        line = line_of(data)
        carry = line.function.times(1 / power_of_two_above(line.t[-1] or Fraction(1)))  # between 0 and 1
    for _ in range(depth - 1):
        cloud = Cloud(here.points)
        others = [of_form(random_form(cloud, here.dim, rng)) for _ in range(width - 1)]
        layers.append(layer(here.dim, [carry, *others]))
        forms = [(*row, bias) for row, bias in zip(layers[-1].weights, layers[-1].bias, strict=True)]
        columns = [[max(value, Fraction(0)) for value in cloud.values(form)] for form in forms]
        here, carry = ExactData(tuple(zip(*columns, strict=True)), data.labels, data.rows), unit(0)
    found = features_of(here, rng)
    last = layer(here.dim, [of_form(form) for form in found.forms])
    output = layer(len(found.forms), [Affine(dict(enumerate(found.weights)), found.constant)])
    hinges = len(found.forms) - found.random
    note = f"a wide layer of {found.random} random neurons" + (f" and {hinges} hinges on a line" if hinges else "")
    return Built(LayeredNetwork("relu", (*layers, last, output)), (note,), numbers={"random features": found.random})
