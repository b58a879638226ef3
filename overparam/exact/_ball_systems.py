"""Tangent kernels of smooth networks in ball arithmetic: output weights that fit, and factors that prove it.

K = J J^T over the free layers, where J holds the derivatives of the outputs.  For the output layer alone J is the
matrix of features; for both layers of one hidden layer the features of the first count with the slopes behind them.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb, arb_mat, ctx

from overparam.exact._balls import (
    Passed,
    above,
    ball,
    entrywise,
    middle_of,
    passed,
    scaled_columns,
    slopes,
    with_ones,
)
from overparam.exact._layered import LayeredNetwork
from overparam.exact._layers import ExactLayer
from overparam.exact._numbers import power_of_two_above, root_above

_BENDS = {  # upper bounds of the first two derivatives
    "tanh": (Fraction(1), Fraction(76981, 10**5)),
    "erf": (Fraction(112838, 10**5), Fraction(96789, 10**5)),
    "gelu": (Fraction(1129, 10**3), Fraction(79789, 10**5)),
}
_SHORT = 12  # bits of a floor


class NearParts(NamedTuple):
    """What a witness that an interpolator is near is made of; all bounds are certain but for the factor's."""

    error: Fraction  # at least the norm of outputs - labels
    floor: Fraction  # half of a lower bound of the least eigenvalue of K, a short number
    unit: Fraction  # of the factor's integers, a power of two
    rows: list[list[int]]  # the factor of K - floor: lower triangular
    size: Fraction  # at least the spectral norm of the points, followed by 1 where hidden biases are free
    longest: Fraction  # at least the norm of one such point


def fit_output_layer(
    activation: str,
    hidden: Sequence[ExactLayer],
    points: Sequence[Sequence[Fraction]],
    labels: Sequence[Fraction],
    *,
    output_bias: bool,
    bits: int,
    near: int = 48,
) -> ExactLayer | None:
    """The shortest output weights that take the labels, rounded so that an interpolator stays near.

    Args:
        activation: "tanh", "erf" or "gelu".
        hidden: the hidden layers.
        points: (n_samples, dim).
        labels: (n_samples,).
        output_bias: whether the output layer has one.
        bits: of the precision.
        near: an interpolator is within 2^-near of the largest output weight, about.
    Returns:
        The output layer, of dyadic numbers; None if at this precision the features may be linearly dependent, or the
        weights are not known well enough.
    """
    with ctx.workprec(bits):
        features = passed(activation, [*hidden, _silent(hidden)], points).inputs[-1]
        if output_bias:
            features = with_ones(features)
        kernel = features * features.transpose()
        inverse = inverse_of(kernel)
        if inverse is None:
            return None
        row = (inverse * arb_mat([[ball(y)] for y in labels])).transpose() * features
        weights, most = row.entries(), max(map(above, row.entries()))
        if most == 0:
            return _silent(hidden)
        unit = _coarsest(kernel, inverse, most, len(weights), near)
        if max(above(w.rad()) for w in weights) > unit:
            return None
        rounded = [round(middle_of(w) / unit) * unit for w in weights]
    bias = rounded.pop() if output_bias else Fraction(0)
    return ExactLayer((tuple(rounded),), (bias,))


def near_parts(
    network: LayeredNetwork,
    points: Sequence[Sequence[Fraction]],
    labels: Sequence[Fraction],
    *,
    free: Sequence[int],
    hidden_bias: bool,
    output_bias: bool,
    bits: int,
) -> NearParts | None:
    """The parts of a witness for a smooth network with the output layer, or both layers of a hidden layer, free.

    Args:
        network: tanh, erf or gelu units.
        points: (n_samples, dim).
        labels: (n_samples,).
        free: the number of the output layer alone; or 0 and 1, where there is one hidden layer.
        hidden_bias, output_bias: whether those biases move with their layer.
        bits: of the precision.
    Returns:
        None if at this precision K may be singular, or the errors are hardly known.
    """
    with ctx.workprec(bits):
        through = passed(network.activation, network.layers, points)
        kernel = _kernel(through, network, free, hidden_bias, output_bias)
        inverse = inverse_of(kernel)
        if inverse is None:
            return None
        errors = through.sums[-1] - arb_mat([[ball(y)] for y in labels])
        error, doubt = above(_frobenius(errors)), max(above(e.rad()) for e in errors.entries())
        met = error <= (max(map(abs, labels)) or 1) / (1 << bits // 2)
        if not met and 4 * len(labels) * doubt > error:
            return None
        least = 1 / above(_frobenius(inverse))
        floor = _short(least / 2)
        lower = _cholesky(kernel, floor + least / 4)
        if lower is None:
            return None
        span = max(above(sum((x * x for x in row), arb(0)).sqrt()) for row in lower)
        unit = 1 / power_of_two_above(64 * len(lower) * span / least)
        # a checker works with -2 log2(unit) bits at least, and has to see K and the errors this finely
        spread = _spread(through, network, free) * len(lower) / min(least / 16, error / 64 or least)
        unit = min(unit, Fraction(1, 1 << ((power_of_two_above(spread).numerator.bit_length() + 1) // 2)))
        rows = [[round(middle_of(x) / unit) for x in row] for row in lower]
        z = with_ones(through.inputs[0]) if hidden_bias else through.inputs[0]
        dots = (z * z.transpose()).tolist()
        size = above(ball(max(above(sum((abs(x) for x in row), arb(0))) for row in dots)).sqrt())
        longest = above(ball(max(above(row[i]) for i, row in enumerate(dots))).sqrt())
    return NearParts(error, floor, unit, rows, size, longest)


def bends_little(parts: NearParts, network: LayeredNetwork) -> bool:
    """Kantorovich's condition 2 Lambda rho <= s for both layers free, docs/theory/near.md, section 3."""
    slope, bend = _BENDS[network.activation]
    outer = max(map(abs, network.layers[1].weights[0])) + 2 * parts.error / _root_below(parts.floor)
    lipschitz = slope * parts.size + outer * bend * parts.longest * parts.size
    return 2 * lipschitz * parts.error <= parts.floor * Fraction(1023, 1024)  # some room for a checker's roots


def _root_below(square: Fraction) -> Fraction:
    return 1 / root_above(1 / square)


def _kernel(
    through: Passed, network: LayeredNetwork, free: Sequence[int], hidden_bias: bool, output_bias: bool
) -> arb_mat:
    last = len(network.layers) - 1
    features = with_ones(through.inputs[-1]) if output_bias else through.inputs[-1]
    if list(free) == [last]:
        return features * features.transpose()
    z = with_ones(through.inputs[0]) if hidden_bias else through.inputs[0]
    back = scaled_columns(slopes(network.activation, through.sums[0]), network.layers[-1].weights[0])
    return features * features.transpose() + entrywise(back * back.transpose(), z * z.transpose())


def _spread(through: Passed, network: LayeredNetwork, free: Sequence[int]) -> Fraction:
    """About how many units in the last place of a fixed point evaluation K and the outputs err by; a generous bound."""
    radius = Fraction(1)
    for inputs, layer in zip(through.inputs, network.layers, strict=True):
        before = radius
        weights = max(sum(map(abs, row)) + abs(b) for row, b in zip(layer.weights, layer.bias, strict=True))
        values = max(sum(map(above, row)) + 1 for row in inputs.tolist())
        radius = 2 * (radius * weights + values + len(layer.weights[0]) + 2)
    spread = 2 * before * values * values + radius
    if list(free) != [len(network.layers) - 1]:
        units = len(network.layers[0].bias)
        outer = 1 + max(map(abs, network.layers[-1].weights[0]))
        points = max(sum(above(x) ** 2 for x in row) + 1 for row in through.inputs[0].tolist())
        spread += 16 * before * (outer * outer * units + 1) * (points + 1) ** 2
    return spread


def _coarsest(kernel: arb_mat, inverse: arb_mat, most: Fraction, weights: int, near: int) -> Fraction:
    """A power of two: output weights that err by it leave an interpolator within 2^-near of the largest of them.

    The errors are at most sqrt(weights |K|) units, and an interpolator is within 1 / sqrt(s) times that.
    """
    factor = ball(weights * above(_frobenius(kernel)) * above(_frobenius(inverse))).sqrt() if weights else arb(1)
    return 1 / power_of_two_above((above(factor) + 1) * 2**near / most)


def inverse_of(kernel: arb_mat) -> arb_mat | None:
    """In balls, so that finite numbers prove K regular; None if this precision does not show it."""
    try:
        inverse = kernel.inv()
    except ZeroDivisionError:
        return None
    return inverse if all(x.is_finite() for x in inverse.entries()) else None


def _cholesky(kernel: arb_mat, shift: Fraction) -> list[list[arb]] | None:
    """The lower factor of the middle of K - shift, rounded at each step; None if it has none at this precision."""
    lower: list[list[arb]] = []
    for i, line in enumerate(kernel.tolist()):
        row: list[arb] = []
        for j in range(i + 1):
            other = lower[j] if j < i else row
            rest = line[j].mid() - sum((a * b for a, b in zip(row, other[:j], strict=True)), arb(0)).mid()
            if j < i:
                row.append((rest / lower[j][j]).mid())
            elif (square := (rest - ball(shift)).mid()) > 0:
                row.append(square.sqrt().mid())
            else:
                return None
        lower.append(row)
    return lower


def _frobenius(matrix: arb_mat) -> arb:
    return sum((x.abs_upper() ** 2 for x in matrix.entries()), arb(0)).sqrt()  # at least the norm


def _silent(hidden: Sequence[ExactLayer]) -> ExactLayer:
    return ExactLayer((tuple(Fraction(0) for _ in hidden[-1].bias),), (Fraction(0),))


def _short(value: Fraction) -> Fraction:
    """Rounded down to few bits."""
    unit = power_of_two_above(value) / 2**_SHORT
    return (value // unit) * unit
