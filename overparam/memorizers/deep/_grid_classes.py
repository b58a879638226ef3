"""Yun, Sra and Jadbabaie 2019, Proposition 3.2: classes by three hidden layers, the last of as many neurons as classes.

Two layers as for real labels give every point the number s of its class, 1 .. C.  The third layer computes relu(s - m),
m = 0 .. C - 1; relu(s - c + 1) - 2 relu(s - c) + relu(s - c - 1) is 1 on class c and 0 on the others, and the output is
the sum of these indicators, each times the label of its class.  Labels may be any numbers; C is how many there are.
"""

from fractions import Fraction

from overparam.exact import ExactData, LayeredNetwork
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import ZERO, Affine, layer, line_of
from overparam.memorizers.deep._grid import shape, two_layers


def build_grid_classes(data: ExactData, options: Options) -> Built:
    """The four-layer network, no output bias; any distinct points."""
    line = line_of(data)
    groups, size = shape(data.n_samples, options.width)
    classes = sorted(set(data.labels))
    number = {label: Fraction(c) for c, label in enumerate(classes, start=1)}
    layers, s = two_layers(line, [number[label] for label in line.labels], size)
    third = layer(len(layers[-1].bias), [s.shifted(-Fraction(m)) for m in range(len(classes))])
    padded = [ZERO, ZERO, *classes]  # labels of the classes -1, 0, 1, .., C
    bends = {m: padded[m + 2] - 2 * padded[m + 1] + padded[m] for m in range(len(classes))}
    network = LayeredNetwork("relu", (*layers, third, layer(len(classes), [Affine(bends)])))
    note = f"{len(classes)} classes; {groups} groups of at most {size} points along {list(line.direction)}"
    return Built(network, (note,), numbers={"classes": len(classes), "groups": groups, "points of a group": size})
