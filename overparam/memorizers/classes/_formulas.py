"""Sizes of the bit-reading network of width 7 by formula, for any number of points; no network is built.

Bounds, attained up to the first and last layers of each part; tests compare them with networks that are built.
"""

from typing import NamedTuple

from overparam.memorizers.classes._vardi_sizes import best_slots


class VardiSizes(NamedTuple):
    """At most so many, for the number of points, bits of a place and bits of a class.

    Attributes:
        slots: points a group.
        groups: of points, each with a code.
        code_bits: bits of a code, the longest weight.
        hidden_layers: exactly.
        raw_params: weights and biases of all layers, zeros too.
        nonzero: those that are not 0.
        total_bits: of those behind the first layer, sign not counted.
    """

    slots: int
    groups: int
    code_bits: int
    hidden_layers: int
    raw_params: int
    nonzero: int
    total_bits: int


def vardi_sizes(n_samples: int, dim: int, position_bits: int, label_bits: int) -> VardiSizes:
    """Sizes of the network of the construction "vardi".

    Args:
        n_samples: at least 1.
        dim: of the points.
        position_bits: rho, of the integer parts on the line.
        label_bits: c >= 1, of a class.

    >>> vardi_sizes(1000, 2, 21, 1)[:4]
    (6, 167, 132, 311)
    """
    rho, c = position_bits, label_bits
    s = best_slots(n_samples, rho + c + 2)
    groups = -(-n_samples // s)
    m = s * (rho + c)
    # dense layers: 4 units that read 4; then the units of place bits, window, class bits and gate, by what they read
    reading = s * (42 * rho + 56 * c + (43 if c > 1 else 46))
    # a group: t, z and two steps; a bit: t, z, s, the number read and two steps of four; then window, class and gate
    nonzero = dim + 1 + 8 * (groups - 1) + s * (16 * rho + 17 * c + 18) + 7
    selecting_bits = 2 * (groups - 1) * (m + rho + 2)
    reading_bits = 4 * m * (m + 1) + 19 * m + s * (2 * m + 2 * c + 50)
    return VardiSizes(
        slots=s,
        groups=groups,
        code_bits=m,
        hidden_layers=groups + s * (rho + c + 2),
        raw_params=dim + 1 + 20 * (groups - 1) + reading + 3,
        nonzero=nonzero,
        total_bits=selecting_bits + reading_bits,
    )
