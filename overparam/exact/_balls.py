"""Values of smooth networks in ball arithmetic (python-flint's arb), at any precision.

What leaves this room is fractions: the middle of a ball, and a radius that is certain.  The precision of python-flint
is global; every public function sets it for its own time and puts it back.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from flint import arb, arb_mat, ctx, fmpq, fmpz

from overparam.errors import InputError
from overparam.exact._data import exact_points
from overparam.exact._layered import SMOOTH, LayeredNetwork
from overparam.exact._layers import ExactLayer

_TINY = 2**16  # bits below one
_HUGE = 2**20  # bits above one


class Enclosed(NamedTuple):
    """A real number within `radius` of `middle`."""

    middle: Fraction
    radius: Fraction


class Passed(NamedTuple):
    """A network at n points: matrices of balls, a row for each point."""

    inputs: list[arb_mat]  # of each layer, without the 1 of its bias
    sums: list[arb_mat]  # of each layer; the output layer's last, one column


def enclosures(network: LayeredNetwork, points: Any, bits: int) -> list[Enclosed]:
    """The outputs of a tanh, erf or gelu network at every point.

    Args:
        network: with rational weights.
        points: (n_samples, dim) finite floats, integers or fractions; taken exactly.
        bits: at least 2; of the working precision.  Radii shrink with it, and say how much is known.
    Raises:
        InputError: the activation is rational (then use `evaluate`), or the points do not fit the network.

    >>> one = (Fraction(1),)
    >>> unit = ExactLayer((one,), (Fraction(0),))
    >>> value = enclosures(LayeredNetwork("tanh", (unit, unit)), [[0.5]], 64)[0]
    >>> round(float(value.middle), 12), value.radius < Fraction(1, 2**60)
    (0.46211715726, True)
    """
    if network.activation not in SMOOTH:
        raise InputError(f"enclosures are for {', '.join(SMOOTH)}; a {network.activation} network has exact outputs")
    rows = exact_points(points)
    if len(rows[0]) != network.dim:
        raise InputError(f"the network takes {network.dim} inputs, but the points have {len(rows[0])} coordinates")
    with ctx.workprec(bits):
        outputs = passed(network.activation, network.layers, rows).sums[-1].entries()
        middles = [middle_of(f) for f in outputs]
        return [Enclosed(middle, above(f - ball(middle))) for f, middle in zip(outputs, middles, strict=True)]


def passed(activation: str, layers: Sequence[ExactLayer], rows: Sequence[Sequence[Fraction]]) -> Passed:
    """Points through all layers, at the precision that is set; the last layer's sums are not activated."""
    values = matrix_of(rows)
    inputs, sums = [], []
    for depth, layer in enumerate(layers):
        inputs.append(values)
        sums.append(_plus_row(values * matrix_of(layer.weights).transpose(), layer.bias))
        if depth < len(layers) - 1:
            values = mapped(sums[-1], _VALUE[activation])
    return Passed(inputs, sums)


def slopes(activation: str, sums: arb_mat) -> arb_mat:
    """The activation's derivative, entry by entry."""
    return mapped(sums, _SLOPE[activation])


def mapped(matrix: arb_mat, function: Any) -> arb_mat:
    """A function of each entry; what is beyond all measure small becomes 0 up to 2^-65536."""
    least = arb((fmpz(1), -_TINY))
    speck = arb(0, least)
    found = (function(x) for x in matrix.entries())
    return arb_mat(matrix.nrows(), matrix.ncols(), [speck if abs(x) < least else x for x in found])


def with_ones(matrix: arb_mat) -> arb_mat:
    """The matrix with a column of ones behind it."""
    return arb_mat([[*row, arb(1)] for row in matrix.tolist()])


def scaled_columns(matrix: arb_mat, factors: Sequence[Fraction]) -> arb_mat:
    """Column j times factor j."""
    across = [ball(v) for v in factors]
    return arb_mat([[a * v for a, v in zip(row, across, strict=True)] for row in matrix.tolist()])


def entrywise(one: arb_mat, other: arb_mat) -> arb_mat:
    """The products of the entries."""
    products = [a * b for a, b in zip(one.entries(), other.entries(), strict=True)]
    return arb_mat(one.nrows(), one.ncols(), products)


def matrix_of(rows: Sequence[Sequence[Fraction]]) -> arb_mat:
    """Fractions rounded to the precision that is set, with what was lost."""
    return arb_mat(len(rows), len(rows[0]), [ball(x) for row in rows for x in row])


def ball(x: Fraction) -> arb:
    """A fraction, rounded to the precision that is set."""
    q = x.denominator
    if q & (q - 1) == 0:
        return arb((fmpz(x.numerator), 1 - q.bit_length())) + 0  # the sum rounds
    return arb(fmpq(x.numerator, q))


def middle_of(x: arb) -> Fraction:
    """The middle of a ball, exactly; 0 if it is beyond all measure small.

    Raises:
        ArithmeticError: the ball is not finite.
    """
    mantissa, exponent = _parts(x, x.mid())
    return _scaled(mantissa, exponent) if mantissa.bit_length() + exponent > -_TINY else Fraction(0)


def above(x: arb) -> Fraction:
    """An upper bound of the absolute value.

    Raises:
        ArithmeticError: the ball is not finite.
    """
    mantissa, exponent = _parts(x, x.abs_upper().mid())
    if mantissa and mantissa.bit_length() + exponent <= -_TINY:
        return Fraction(1, 1 << _TINY)
    return _scaled(mantissa, exponent)


def _parts(x: arb, number: arb) -> tuple[int, int]:
    if not x.is_finite():
        raise ArithmeticError("a ball grew beyond all bounds; more bits are needed")
    mantissa, exponent = number.man_exp()
    if int(exponent) > _HUGE:
        raise ArithmeticError("a ball grew beyond all measure; more bits are needed")
    return int(mantissa), int(exponent)


def _scaled(mantissa: int, exponent: int) -> Fraction:
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def _plus_row(matrix: arb_mat, row: Sequence[Fraction]) -> arb_mat:
    ones = arb_mat(matrix.nrows(), 1, [1] * matrix.nrows())
    return matrix + ones * matrix_of([row])


def _gelu(t: arb) -> arb:
    return t * (-t / arb(2).sqrt()).erfc() / 2  # erfc keeps its digits far to the left


def _gelu_slope(t: arb) -> arb:
    return (-t / arb(2).sqrt()).erfc() / 2 + t * (-t * t / 2).exp() / (2 * arb.pi()).sqrt()


_VALUE = {"tanh": arb.tanh, "erf": arb.erf, "gelu": _gelu}
_SLOPE = {
    "tanh": lambda t: 1 / t.cosh() ** 2,
    "erf": lambda t: 2 / arb.pi().sqrt() * (-t * t).exp(),
    "gelu": _gelu_slope,
}
