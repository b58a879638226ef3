"""Witnesses that an interpolator is near a smooth network, in balls, for kernels that floats call singular."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from overparam.certificates._bounds import dyadic_above
from overparam.certificates._factor import Factor
from overparam.exact import ExactData, LayeredNetwork, bends_little, near_parts, root_above

MAX_BITS = 4096
_PRECISIONS = (128, 256, 512, 1024, 2048, MAX_BITS)
_LEAST = Fraction(1, 2**128)  # the distance where the network interpolates already
_BITS = 12  # of the numbers written


def near_by_balls(
    network: LayeredNetwork, data: ExactData, free: Sequence[int], *, hidden_bias: bool, output_bias: bool
) -> tuple[Fraction, Fraction, Factor] | None:
    """Distance, floor and factor, at the first precision that shows them; None if none does.

    Args:
        network: tanh, erf or gelu units.
        data: points and labels.
        free: the output layer alone; or 0 and 1, where there is one hidden layer.
        hidden_bias, output_bias: whether those biases may move with their layer.
    """
    for bits in _PRECISIONS:
        try:
            parts = near_parts(
                network,
                data.points,
                data.labels,
                free=free,
                hidden_bias=hidden_bias,
                output_bias=output_bias,
                bits=bits,
            )
        except ArithmeticError:  # a ball grew beyond all bounds
            continue
        if parts is None or (len(free) == 2 and not bends_little(parts, network)):
            continue
        square = (4 if len(free) == 2 else 1) * parts.error**2 / parts.floor
        distance = dyadic_above(root_above(square) * Fraction(257, 256), _BITS) if square else _LEAST
        size = len(parts.rows)
        rows = np.array([[*row, *[0] * (size - len(row))] for row in parts.rows], dtype=object)
        return distance, parts.floor, Factor(parts.unit, rows)
    return None
