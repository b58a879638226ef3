"""What the theorems speak of, measured on one approximate network; floats, observed."""

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from overparam.exact import ExactNetwork, float_of
from overparam.memorizers.approximate._rows import Rows

Floats = NDArray[np.float64]


def tangent_kernel(points: Floats) -> Floats:
    """H[i, j] = <z_i, z_j> (pi - angle(z_i, z_j)) / (2 pi), in plain float64, a guide for the search and no more."""
    gram = points @ points.T
    lengths = np.sqrt(np.diag(gram))
    return gram * (np.pi - np.arccos(np.clip(gram / np.outer(lengths, lengths), -1, 1))) / (2 * np.pi)


def step_numbers(rows: Rows, network: ExactNetwork, steps: int, missed: Fraction) -> dict[str, int | float]:
    """Steps against n / dim, and the total weight against sqrt(n), each as the theorems normalize it.

    The weight is W = sum_j |v_j| sqrt(|u_j|^2 + b_j^2) in the caller's coordinates, times rms |(x, 1 if biased)|, over
    sqrt(n) rms |y|, and left out where it passes the range of floats.  For unit rows without biases and labels +-1 it
    is W / sqrt(n).
    """
    u, b, v, _ = network.to_arrays()
    weight = math.fsum(abs(float(a)) * math.hypot(*row, bias) for a, row, bias in zip(v, u, b, strict=True))
    n, dim = rows.points.shape
    squares = sum((x * x for point in rows.data.points for x in point), Fraction(rows.biased * rows.data.n_samples))
    labels = sum((y * y for y in rows.data.labels), Fraction(0))
    normalized = weight * math.sqrt(float_of(squares / rows.data.n_samples / labels))
    weights = {"total_weight": weight, "weight_over_root_n": normalized}
    return {
        "steps": steps,
        "steps_dim_over_n": steps * dim / n,
        "share_missed": float_of(missed / labels),
        **{name: x for name, x in weights.items() if 0 < x < math.inf},
    }
