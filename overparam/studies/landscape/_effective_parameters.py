"""Output weights add nothing to the rank of a two-layer ReLU Jacobian, so that the number to count with is k d, not p.

For F(x) = sum_r v_r relu(<w_r, x>) with every v_r nonzero, relu is homogeneous: the derivative in v_r is the
combination of the derivatives in w_r with coefficients w_r / v_r.  Hence, at every parameter, rank J = rank J_w <=
min(n, k d), J_w the derivatives in hidden weights alone; with hidden biases d becomes d + 1, and an output bias adds at
most one, counted on both sides.  A Jacobian of rank n therefore needs k d >= n, though the p = k (d + 1) parameters may
be n before that.  A smooth activation has no such relation: there p itself is what counts (docs/theory/training.md).

Measured by ranks over the rationals of weights on a dyadic grid; for tanh by singular values, the least of which must
exceed what rounding can do to it.  One output weight set to zero breaks the relation, which the tests do.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import exact_rank, fraction_of
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

_GRID = 8  # weights and points are multiples of 2^-8


class Shape(NamedTuple):
    """n points of R^d and k neurons."""

    n: int
    d: int
    k: int


# each with fewer effective parameters than points, but at least as many parameters; then with enough of both
_SIZES: dict[Size, tuple[Shape, ...]] = {
    "ci": (Shape(15, 3, 4), Shape(15, 3, 12), Shape(14, 2, 5), Shape(20, 5, 16)),
    "laptop": (Shape(15, 3, 4), Shape(40, 7, 5), Shape(40, 7, 12), Shape(60, 5, 11), Shape(60, 10, 20)),
    "paper": (Shape(15, 3, 4), Shape(120, 10, 11), Shape(120, 10, 25), Shape(150, 20, 7), Shape(150, 20, 20)),
}
_BIASES = ((False, False), (True, False), (True, True))  # hidden, output


def measure(setting: Setting, *, dead: bool = False) -> Finding:
    """Exact ranks of both Jacobians; `dead` sets one output weight to zero."""
    equal, within, compared, short = True, True, 0, []
    smooth_full = True
    for shape in _SIZES[setting.size]:
        rng = np.random.default_rng([setting.root, *shape])
        points, w, b = (_on_grid(rng, size) for size in ((shape.n, shape.d), (shape.k, shape.d), (shape.k,)))
        v = np.where(rng.random(shape.k) < 0.5, -1.0, 1.0) * (1 + rng.integers(1, 2**_GRID, shape.k) * 2.0**-_GRID)
        if dead:
            v[0] = 0.0
        for hidden_bias, output_bias in _BIASES:
            first, whole = (exact_rank(rows) for rows in _jacobians(points, w, b, v, hidden_bias, output_bias))
            effective = shape.k * (shape.d + hidden_bias) + output_bias
            params = shape.k * (shape.d + hidden_bias + 1) + output_bias
            equal &= whole == first
            within &= whole <= min(shape.n, effective)
            compared += 1
            if effective < shape.n <= params:
                smooth = _tanh_is_of_full_rank(points, w, b, v, hidden_bias, output_bias)
                smooth_full &= smooth
                short.append(
                    f"n = {shape.n} and k = {shape.k} neurons, d = {shape.d}: {params} parameters, {effective} "
                    f"effective ones, ReLU rank {whole}, tanh rank {shape.n if smooth else 'less'}"
                )
    return Finding(
        # whether tanh has full rank on these draws is not part of the claim
        holds=None if equal and within and not (smooth_full and short) else bool(equal and within),
        words=f"In {compared} exact comparisons (without biases, with hidden ones, with both kinds) the ranks "
        f"{'agree' if equal else 'differ'}. With at least n parameters but fewer effective ones: {'; '.join(short)}.",
        instances=compared,
        links=(Link("comparisons in which the two ranks differ", 0.0, float(not equal)),),
    )


def _on_grid(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
    """Standard normal numbers rounded to the grid, none of them zero."""
    rounded = np.rint(rng.normal(size=size) * 2**_GRID)
    return np.where(rounded == 0, 1, rounded) * 2.0**-_GRID


def _jacobians(
    points: np.ndarray, w: np.ndarray, b: np.ndarray, v: np.ndarray, hidden_bias: bool, output_bias: bool
) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """In the hidden layer alone, and in all weights; an output bias is in both."""
    inputs = [[*map(fraction_of, row), *([Fraction(1)] if hidden_bias else [])] for row in points]
    neurons = [
        [*map(fraction_of, row), *([fraction_of(c)] if hidden_bias else [])] for row, c in zip(w, b, strict=True)
    ]
    outer, ones = list(map(fraction_of, v)), [Fraction(1)] if output_bias else []
    first, whole = [], []
    for x in inputs:
        pre = [sum((s * t for s, t in zip(u, x, strict=True)), Fraction(0)) for u in neurons]
        row = [c * s if t > 0 else Fraction(0) for c, t in zip(outer, pre, strict=True) for s in x]
        first.append(row + ones)
        whole.append(row + [max(t, Fraction(0)) for t in pre] + ones)
    return first, whole


def _tanh_is_of_full_rank(
    points: np.ndarray, w: np.ndarray, b: np.ndarray, v: np.ndarray, hidden_bias: bool, output_bias: bool
) -> bool:
    """Whether the least singular value exceeds 100 p u times the largest, far more than entries and SVD are off."""
    ones = np.ones((len(points), 1))
    inputs, neurons = (np.hstack([points, ones]), np.hstack([w, b[:, None]])) if hidden_bias else (points, w)
    values = np.tanh(inputs @ neurons.T)
    slopes = (1 - values**2) * v
    blocks = [(slopes[:, :, None] * inputs[:, None, :]).reshape(len(points), -1), values]
    whole = np.hstack([*blocks, ones] if output_bias else blocks)
    singular = np.linalg.svd(whole, compute_uv=False)
    return bool(singular[-1] > 100 * whole.shape[1] * np.finfo(float).eps * singular[0])


STUDY = Experiment(
    id="effective-parameters",
    claim="In a two-layer ReLU network with nonzero output weights, the Jacobian in all weights has exactly the rank "
    "of the one in the hidden layer (an output bias, counted on both sides, adds at most 1), so full rank n needs "
    "k d >= n, k (d + 1) >= n with hidden biases, and 1 added to the left-hand side with an output bias.",
    refuted_by="two exact ranks that differ, or one above the effective number of parameters",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=True,
)
