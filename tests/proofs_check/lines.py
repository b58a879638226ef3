"""Data on a line, and the minimal width by trying every place of every neuron."""

import itertools
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog, nnls

from proofs_check.layers import Family
from proofs_check.reading import Dataset


def dataset(t, y):
    return Dataset("0" * 64, tuple((Fraction(x),) for x in t), tuple(map(Fraction, y)))


def relu(width, *, hidden_bias=True, output_bias=True):
    return Family("relu", hidden_bias, output_bias, (width,))


def takes(t, y, width):
    """Whether some network of this width has all labels; t ascending, small integers.

    A neuron v relu(w t + b) with its knot between two neighbouring points is, on the data, a sum of two neurons with
    their knots at these points; a knot outside is as good as one at the nearest point, up to a constant.  So for each
    choice of signs, sides and places the question is whether the labels are a sum of given vectors with coefficients
    that are not negative, which nothing of the theory of runs enters.  In floats: the determinants are small integers.
    """
    t, y = np.array(t, float), np.array(y, float)
    right, left = np.maximum(t[:, None] - t, 0.0), np.maximum(t - t[:, None], 0.0)
    places = [
        [sign * side[:, g], sign * side[:, g + 1]]
        for sign in (1, -1)
        for side in (right, left)
        for g in range(len(t) - 1)
    ]
    one = np.ones_like(t)
    for chosen in itertools.combinations_with_replacement(range(len(places)), width):
        vectors = np.stack([one, -one, *(v for i in chosen for v in places[i])], 1)
        coefficients, rest = nnls(vectors, y)
        if np.abs(vectors @ coefficients - y).max() < 1e-8:
            return True
        # some versions of nnls now and then announce a rest of 0 with coefficients that do not have it
        if rest < 1e-6 and linprog(np.zeros(vectors.shape[1]), A_eq=vectors, b_eq=y).status == 0:
            return True
    return False


def pieces(slopes):
    """Two points on each piece of a function with these slopes, so that its knots cannot move."""
    t, y = [0], [Fraction(0)]
    for i, slope in enumerate(slopes):
        t.append(t[-1] + 1)
        y.append(y[-1] + slope)
        if i + 1 < len(slopes):
            t.append(t[-1] + 1)
            y.append(y[-1] + Fraction(slope + slopes[i + 1], 2))
    return t, y


def bent(start, turns, gaps):
    """The polygon with a first slope and these turns, its points at the given gaps."""
    slopes = list(itertools.accumulate(turns, initial=start))
    t = list(itertools.accumulate(gaps, initial=0))
    rises = [slope * gap for slope, gap in zip(slopes, gaps, strict=True)]
    return t, list(itertools.accumulate(rises, initial=0))
