"""Bubeck et al. 2020: 4 ceil(n / dim) ReLU neurons without output bias, thin slabs one after another.

For a group G of at most dim points, h affine vanishing on G and nowhere else, g affine with the labels on G,
    F_G = (1/eta) [ relu(h + e + eta g) - relu(h + e) - relu(h - e + eta g) + relu(h - e) ]
is y_i on G and exactly 0 at all other points once e < |h| and eta |g| <= |h| - e there, and eta |g| <= e on G.  A
linear g, as in published accounts, needs linearly independent points; an affine g needs only general position.
"""

from fractions import Fraction

from overparam.exact import ExactData, Form, power_of_two_above
from overparam.memorizers._built import Built, Options, combined, shifted, two_layer
from overparam.memorizers.shallow._slabs import slabs


def build_bubeck(data: ExactData, _: Options) -> Built:
    """The construction on distinct points.

    Raises:
        InputError: some group is affinely dependent, or its hyperplane meets another point, in every order tried.
    """
    neurons: list[tuple[Fraction, Form]] = []
    parts = slabs(data, range(data.n_samples), data.labels, "bubeck")
    for part in parts:
        e = part.clearance
        largest = max(abs(data.labels[i]) for i in part.members)
        eta = min(part.reach, e / power_of_two_above(largest)) if largest else part.reach
        for sign, offset, factor in ((1, e, eta), (-1, e, Fraction(0)), (-1, -e, eta), (1, -e, Fraction(0))):
            neurons.append((sign / eta, combined(shifted(part.h, offset), factor, part.g)))
    return two_layer(neurons, Fraction(0), data.dim, f"{len(parts)} slabs through at most {data.dim} points each")
