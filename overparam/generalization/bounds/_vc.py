"""The VC dimension of layered ReLU networks, from above, and the generalization gap that it allows.

VCdim <= L + Lbar W log2(4 e R log2(2 e R)), where L counts layers of weights, W parameters, Lbar W = sum_i W_i with W_i
the parameters in layers 1 to i, and R = sum_i i k_i with k_i the units of layer i, the output among them.  For one
output, classified by its sign, and activations with one breakpoint between two linear pieces.

Uniform convergence: with probability 1 - delta over n samples, for every network of the family,
|error - training error| <= sqrt(8 (ln S(2n) + ln(4 / delta)) / n), S the growth function, at most (2 e n / V)^V where
V <= 2n, by Sauer's lemma, and 2^(2n) always.
"""

import itertools
import math
from collections.abc import Sequence

from overparam.errors import InputError


def vc_dimension_bound(sizes: Sequence[int]) -> float:
    """Upper bound on the VC dimension of the networks of these sizes, all weights and biases free.

    Args:
        sizes: (inputs, units of each hidden layer ..., 1).
    Raises:
        InputError: fewer than three sizes, one below 1, or more than one output: then shattering of signs is no longer
            what is learned, and Natarajan's dimension takes its place.
    Source:
        bartlett2019, Theorem 7 for piecewise linear activations with one breakpoint (p = d = 1).

    >>> round(vc_dimension_bound((784, 600, 1)) / 1e6, 1)
    15.3
    """
    _check(sizes)
    per_layer = parameters(sizes)
    so_far = sum(sum(per_layer[: i + 1]) for i in range(len(per_layer)))  # Lbar W
    weighted = sum(i * units for i, units in enumerate(sizes[1:], 1))  # R
    return len(per_layer) + so_far * math.log2(4 * math.e * weighted * math.log2(2 * math.e * weighted))


def log_growth_bound(sizes: Sequence[int], n_samples: int) -> float:
    """Natural logarithm of an upper bound on how many labellings of n points the networks of these sizes produce.

    Signs for one output, else the class of the largest of K outputs.  By layers: 2 (2 e n k_i i / W_i)^W_i, where of
    K outputs the K (K - 1) / 2 differences are what has signs; a layer with n k_i < W_i gives no bound, and what is
    left is all n log K labellings.

    Source:
        bartlett2019, Theorem 7, the product before its last step; differences of outputs are the project's own remark:
        between breakpoints they are polynomials in the weights of the same degree.
    """
    if len(sizes) < 3 or min(sizes) < 1:
        raise InputError(f"sizes must be inputs, hidden widths and outputs, each at least 1, not {tuple(sizes)}")
    outputs = sizes[-1]
    trivial = n_samples * math.log(max(2, outputs))
    units = [*sizes[1:-1], max(1, outputs * (outputs - 1) // 2)]
    total, so_far = 0.0, 0
    for i, (k, weights) in enumerate(zip(units, parameters(sizes), strict=True), 1):
        so_far += weights
        if n_samples * k < so_far:
            return trivial
        total += math.log(2) + so_far * math.log(2 * math.e * n_samples * k * i / so_far)
    return min(total, trivial)


def parameters(sizes: Sequence[int]) -> list[int]:
    """Weights and biases of each layer.

    >>> sum(parameters((784, 600, 1)))
    471601
    """
    return [units * (inputs + 1) for inputs, units in itertools.pairwise(sizes)]


def vc_gap_bound(vc_dimension: float, n_samples: int, *, delta: float = 0.05) -> float:
    """Largest difference of error and training error, for all networks at once, with probability 1 - delta.

    Args:
        vc_dimension: or an upper bound on it; positive.
        n_samples: independent samples.
        delta: in (0, 1).
    Returns:
        The bound; 1 or more says nothing.
    Raises:
        InputError: an argument outside its range.
    Source:
        Vapnik and Chervonenkis's inequality with the constants 4, 8 and 2n, and Sauer's lemma.

    >>> vc_gap_bound(10, 100_000) < 0.1 < 1 < vc_gap_bound(1e5, 100_000)
    True
    """
    if not vc_dimension > 0 or n_samples < 1 or not 0 < delta < 1:
        raise InputError(
            f"the bound needs vc_dimension > 0, n_samples >= 1, 0 < delta < 1, not {vc_dimension}, {n_samples}, {delta}"
        )
    v, n = vc_dimension, n_samples
    growth = 2 * n * math.log(2) if v >= 2 * n else min(v * math.log(2 * math.e * n / v), 2 * n * math.log(2))
    return uniform_gap(growth, n, delta)


def uniform_gap(log_growth: float, n_samples: int, delta: float) -> float:
    """Vapnik and Chervonenkis's gap from ln S(2 n)."""
    return math.sqrt(8 * (log_growth + math.log(4 / delta)) / n_samples)


def samples_needed(vc_dimension: float, gap: float, *, delta: float = 0.05) -> float:
    """Least number of samples at which `vc_gap_bound` is at most `gap`, to a part in 10^9; `gap` in (0, 1)."""
    if not 0 < gap < 1:
        raise InputError(f"gap must be in (0, 1), not {gap}")
    low, high = 1, 2
    while vc_gap_bound(vc_dimension, high, delta=delta) > gap:
        low, high = high, 2 * high
    while high - low > max(1, high // 10**9):
        middle = (low + high) // 2
        low, high = (middle, high) if vc_gap_bound(vc_dimension, middle, delta=delta) > gap else (low, middle)
    return float(high)


def _check(sizes: Sequence[int]) -> None:
    if len(sizes) < 3 or min(sizes) < 1:
        raise InputError(f"sizes must be inputs, hidden widths and 1, each at least 1, not {tuple(sizes)}")
    if sizes[-1] != 1:
        raise InputError(f"a VC dimension is that of one output's sign; these sizes have {sizes[-1]} outputs")
