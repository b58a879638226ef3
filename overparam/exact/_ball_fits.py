"""Combinations of tanh units with given sums at some points, in ball arithmetic."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import arb, arb_mat, ctx

from overparam.exact._ball_systems import inverse_of
from overparam.exact._balls import above, ball, middle_of, passed
from overparam.exact._data import ExactData
from overparam.exact._layers import ExactLayer
from overparam.exact._numbers import power_of_two_above


class Fit(NamedTuple):
    """Weights on tanh units, and how large the combination gets at any point."""

    weights: tuple[Fraction, ...]
    largest: Fraction


def arctanh(values: Sequence[Fraction], bits: int) -> list[Fraction]:
    """The inverse of tanh, rounded to about so many bits.

    >>> [round(float(t), 6) for t in arctanh([Fraction(1, 2), Fraction(0)], 64)]
    [0.549306, 0.0]
    """
    with ctx.workprec(bits):
        return [middle_of(ball(value).atanh()) for value in values]


def fit_sums(
    layer: ExactLayer,
    data: ExactData,
    which: Sequence[int],
    sums: Sequence[Fraction],
    bits: int,
    *,
    error: Fraction,
    solved: int | None = None,
    given: Sequence[Fraction] = (),
    offset: Fraction = Fraction(0),
) -> Fit | None:
    """Weights on the first units of a tanh layer; with given weights on the others these points have these sums.

    Args:
        layer: the units.
        data: all points.
        which: rows of the points that matter, no more than units are solved for.
        sums: of these points.
        bits: of the precision.
        error: about how far the sums may be off.
        solved: how many units, all by default.
        given: weights on the other units.
        offset: added to each sum.
    Returns:
        None if the units may be dependent on these points at this precision, or the weights are hardly known.
    """
    count = len(layer.bias) if solved is None else solved
    with ctx.workprec(bits):
        try:
            return _fit(layer, data, which, [ball(s) - ball(offset) for s in sums], error, count, given)
        except ArithmeticError:  # a ball grew beyond all bounds
            return None


def _fit(
    layer: ExactLayer,
    data: ExactData,
    which: Sequence[int],
    sums: list[arb],
    error: Fraction,
    count: int,
    given: Sequence[Fraction],
) -> Fit | None:
    silent = ExactLayer((tuple(Fraction(0) for _ in layer.bias),), (Fraction(0),))
    values = passed("tanh", (layer, silent), data.points).inputs[1].tolist()
    rest = [sum((ball(v) * x for v, x in zip(given, values[i][count:], strict=True)), arb(0)) for i in which]
    matrix = arb_mat([values[i][:count] for i in which])
    inverse = inverse_of(matrix * matrix.transpose())
    if inverse is None:
        return None
    right = arb_mat([[total - known] for total, known in zip(sums, rest, strict=True)])
    found = ((inverse * right).transpose() * matrix).entries()
    if max(above(w.rad()) for w in found) * count > error:
        return None
    unit = 1 / power_of_two_above(count / error)
    weights = tuple(round(middle_of(w) / unit) * unit for w in found)
    across = [ball(w) for w in weights]
    reached = [sum((w * x for w, x in zip(across, row[:count], strict=True)), arb(0)) for row in values]
    return Fit(weights, max(map(above, reached)))
