"""Data brought to unit size by powers of two, which only move exponents.

Step sizes and initializations presume inputs and labels of size about one, and the scale of the labels against the
initial output is part of an experiment.  Multiplying by a power of two rounds nothing, so what is fitted is the data
set itself in other units.
"""

import numpy as np


def unit_size(values: np.ndarray) -> np.ndarray:
    """The values times the power of two that brings their root mean square within sqrt(2) of one; zeros stay."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0:
        return values
    top = int(np.frexp(largest)[1])
    mean_square = float(np.square(np.ldexp(values, -top)).mean())
    return np.ldexp(values, -top - round(np.log2(mean_square) / 2))
