"""Output weights in ball arithmetic, at the first precision that determines them."""

from collections.abc import Sequence
from fractions import Fraction

from overparam.exact import ExactData, ExactLayer, LayeredNetwork, enclosures, fit_output_layer, fraction_of
from overparam.memorizers._built import Options

PRECISIONS = (128, 256, 512, 1024, 2048, 4096, 8192)  # bits


def fitted(
    activation: str, hidden: Sequence[ExactLayer], data: ExactData, *, output_bias: bool = False, near: int = 48
) -> ExactLayer | None:
    """The shortest output layer that takes the labels, up to an error far below its size; None beyond the precisions.

    Args:
        activation: "tanh", "erf" or "gelu".
        hidden: the hidden layers.
        data: points and labels.
        output_bias: whether the output layer has one.
        near: an interpolator is within 2^-near of the largest output weight, about.
    """
    for bits in PRECISIONS:
        try:
            found = fit_output_layer(
                activation, hidden, data.points, data.labels, output_bias=output_bias, bits=bits, near=near
            )
        except ArithmeticError:  # a ball grew beyond all bounds
            continue
        if found is not None:
            return found
    return None


def multiple(value: float, unit: Fraction) -> Fraction:
    """The nearest multiple."""
    return round(Fraction(value) / unit) * unit


def allowed(data: ExactData, options: Options) -> tuple[Fraction, Fraction]:
    """The largest error that is allowed, `eps` times the largest label, and that label's absolute value (1 for 0)."""
    eps = Fraction(1, 2**20) if options.eps is None else fraction_of(options.eps)
    largest = max(map(abs, data.labels)) or Fraction(1)
    return eps * largest, largest


def is_within(network: LayeredNetwork, data: ExactData, tolerance: Fraction) -> bool:
    """Whether certainly no output is farther from its label than the tolerance."""
    for bits in PRECISIONS:
        far = unknown = False
        try:
            values = enclosures(network, data.points, bits)
        except ArithmeticError:  # a ball grew beyond all bounds
            continue
        for value, y in zip(values, data.labels, strict=True):
            error = abs(value.middle - y)
            far = far or error - value.radius > tolerance
            unknown = unknown or error + value.radius > tolerance
        if far or not unknown:
            return not far
    return False
