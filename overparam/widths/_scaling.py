"""Data brought to unit size by powers of two, which only move exponents.

Step sizes and initializations presume inputs and labels of size about one, and the scale of the labels against the
initial output is part of an experiment.  Multiplying by a power of two rounds nothing (but entries a factor of more
than 2^1000 below the largest, which become subnormal or zero), so what is fitted is the data set itself in other units.
"""

import dataclasses
from fractions import Fraction

import numpy as np

from overparam.exact import ExactNetwork


def unit_exponent(values: np.ndarray) -> int:
    """The exponent e for which values * 2**-e have a root mean square within a factor sqrt(2) of one; 0 for zeros.

    >>> [unit_exponent(np.array([x])) for x in (1.0, -1e300, 5e-324, 0.0)]
    [0, 997, -1074, 0]
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return 0
    top = int(np.frexp(largest)[1])
    return top + round(np.log2(np.square(np.ldexp(values, -top)).mean()) / 2)


def unit_size(values: np.ndarray) -> np.ndarray:
    """The values times the power of two that brings their root mean square within sqrt(2) of one; zeros stay."""
    return np.ldexp(values, -unit_exponent(values))


@dataclasses.dataclass(frozen=True)
class Units:
    """Powers of two by which each coordinate and the labels of one data set are measured."""

    coordinates: tuple[int, ...]
    label: int

    @classmethod
    def of(cls, points: np.ndarray, labels: np.ndarray) -> "Units":
        """Units in which every coordinate, and the labels, have size about one."""
        return cls(tuple(unit_exponent(column) for column in points.T), unit_exponent(labels))

    def floats(self, points: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The data in these units, for training."""
        return np.ldexp(points, -np.array(self.coordinates)), np.ldexp(labels, -self.label)

    def exactly(self, points: np.ndarray, labels: np.ndarray) -> tuple[list[list[Fraction]], list[Fraction]]:
        """The data in these units without any rounding."""
        factors = [Fraction(2) ** -exponent for exponent in self.coordinates]
        rows = [[Fraction(x) * f for x, f in zip(row, factors, strict=True)] for row in points.tolist()]
        return rows, [Fraction(y) * Fraction(2) ** -self.label for y in labels.tolist()]

    def undo(self, network: ExactNetwork) -> ExactNetwork:
        """The network that does on the data as given what `network` does on the data in these units, exactly."""
        factors, factor = [Fraction(2) ** -exponent for exponent in self.coordinates], Fraction(2) ** self.label
        return dataclasses.replace(
            network,
            u=tuple(tuple(w * f for w, f in zip(row, factors, strict=True)) for row in network.u),
            v=tuple(weight * factor for weight in network.v),
            c=network.c * factor,
        )
