"""Data brought to unit size by powers of two, and the trained network brought back, both without rounding.

Step sizes and initializations presume inputs and labels of size about one.  For x = s x' and y = t y' a network f'
that fits (x', y') gives f(x) = t f'(x / s) for (x, y), and a power of two only moves exponents.
"""

from typing import NamedTuple

import numpy as np

from overparam.networks import Params


class Scaled(NamedTuple):
    """points = 2**point_exponent * (these points), likewise labels; root mean squares within sqrt(2) of one."""

    points: np.ndarray
    labels: np.ndarray
    point_exponent: int
    label_exponent: int

    def restore(self, params: Params) -> Params:
        """The network for the original data, as float64 NumPy arrays."""
        u, b, v, c = (np.asarray(leaf, dtype=np.float64) for leaf in params)
        return Params(
            np.ldexp(u, -self.point_exponent), b, np.ldexp(v, self.label_exponent), np.ldexp(c, self.label_exponent)
        )


def to_unit_size(points: np.ndarray, labels: np.ndarray) -> Scaled:
    """Scale so that the root mean square of all coordinates, and that of all labels, is within sqrt(2) of one."""
    p, q = _exponent(points), _exponent(labels)
    return Scaled(np.ldexp(points, -p), np.ldexp(labels, -q), p, q)


def _exponent(values: np.ndarray) -> int:
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return 0
    top = int(np.frexp(largest)[1])
    mean_square = float(np.square(np.ldexp(values, -top)).mean())
    return top + round(np.log2(mean_square) / 2)
