"""n - 1 ReLU features that, with the constant, are linearly independent on n points."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import Cloud, ExactData, Form, leading_columns, solve
from overparam.memorizers._direction import best_separating

_SPARE = 8  # random features drawn beyond those needed
_SIZE = 127  # of a random integer weight


class Features(NamedTuple):
    """Forms of the features, and the output layer with which they take the labels."""

    forms: list[Form]
    weights: list[Fraction]
    constant: Fraction
    random: int  # how many were drawn; the rest are hinges along one direction


def features_of(data: ExactData, rng: np.random.Generator) -> Features:
    """Random features as long as they are independent, then hinges along a direction that separates the points.

    The hinges alone would do, since their matrix is triangular.  Independence is decided modulo a large prime, which
    proves it.  For one point the only feature is 0.
    """
    if data.n_samples == 1:
        return Features([(Fraction(0),) * (data.dim + 1)], [Fraction(0)], data.labels[0], 0)
    cloud = Cloud(data.points)
    drawn = [random_form(cloud, data.dim, rng) for _ in range(data.n_samples - 1 + _SPARE)]
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    forms = drawn + [(*map(Fraction, ordering.direction), -knot) for knot in ordering.z[:-1]]
    numerators = cloud.numerators(forms)
    values = [
        [Fraction(1), *(max(numerators.value(j, i), Fraction(0)) for j in range(len(forms)))]
        for i in range(data.n_samples)
    ]
    chosen = leading_columns(values)
    solution = solve([[row[k] for k in chosen] for row in values], data.labels)
    if len(chosen) < data.n_samples or solution is None:
        raise RuntimeError("hinges on a line lost rank modulo a large prime")  # probability about n * 2**-61
    kept = [k - 1 for k in chosen[1:]]  # the first column is the constant
    return Features([forms[k] for k in kept], solution[1:], solution[0], sum(k < len(drawn) for k in kept))


def random_form(cloud: Cloud, inputs: int, rng: np.random.Generator) -> Form:
    """<w, x> - knot: random multiples of 1/128 below 1, the knot halfway between two neighbouring values of <w, x>."""
    weights = [Fraction(int(w), _SIZE + 1) for w in rng.integers(-_SIZE, _SIZE, endpoint=True, size=inputs)]
    values = sorted(cloud.values((*weights, Fraction(0))))
    at = int(rng.integers(max(len(values) - 1, 1)))
    return (*weights, -(values[at] + values[min(at + 1, len(values) - 1)]) / 2)
