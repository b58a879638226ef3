"""How far a network is from its labels, and how far its relu units are from switching: for `near` and `lazy`.

Square roots are rounded up, at 2^-64 or finer.
"""

from fractions import Fraction
from math import isqrt

from proofs_check.answers import Malformed
from proofs_check.budget import Budget, product_cost
from proofs_check.enclosures import largest
from proofs_check.packed import Rows
from proofs_check.reading import Vector, number_of
from proofs_check.tangents import Enclosed, Exact

FINE = 64  # bits of a square root below the integers that it is compared with

_DOING = "comparing with the labels"


def residuals(tangent: Exact | Enclosed, labels: Vector, bits: int, budget: Budget) -> tuple[list[int], int]:
    """Output minus label at each point, up to a radius, in units of 2^-bits.

    Raises:
        OverBudget: the numbers are too long.
    """
    n, longest = len(labels), max(max(abs(y.numerator), y.denominator).bit_length() for y in labels)
    if isinstance(tangent, Exact):
        outputs, scales = tangent.outputs, tangent.scales
        size = max(largest([outputs]), largest([scales])).bit_length() + longest + bits
        budget.spend(4 * n * product_cost(size, size), _DOING)
        pairs = [
            divmod((f * y.denominator - y.numerator * scale) << bits, scale * y.denominator)
            for f, y, scale in zip(outputs, labels, scales, strict=True)
        ]
        return [quotient for quotient, _ in pairs], int(any(rest for _, rest in pairs))
    budget.spend(2 * n * product_cost(longest + bits, longest), _DOING)
    outputs = [row[0] for row in tangent.outputs.rows]
    rounded = [(y.numerator << bits) // y.denominator for y in labels]
    return [f - y for f, y in zip(outputs, rounded, strict=True)], tangent.outputs.radius + 1


def square_above(numbers: list[int], radius: int, bits: int) -> Fraction:
    """An upper bound of the sum of squares of numbers known up to a radius in units of 2^-bits."""
    return Fraction(sum((abs(x) + radius) ** 2 for x in numbers), 1 << (2 * bits))


def root_of(number: int) -> int:
    """The least integer whose square is at least this one."""
    return isqrt(number - 1) + 1 if number > 0 else 0


def moved(tangent: Exact, layer: int, inputs: Rows, square: Fraction, budget: Budget) -> list[int]:
    """How far the sums of a layer at each point move at most: upper bounds in units of 2^-64 over the sums' scale.

    Args:
        tangent: the network.
        layer: whose weights move.
        inputs: its inputs, without the last number if the bias is fixed.
        square: of the distance that the weights, and the biases if they move, move together.
        budget: what may be spent.
    Raises:
        OverBudget: the numbers are too long.
    """
    unit, (above, below) = tangent.units[layer], square.as_integer_ratio()
    size = 2 * largest(inputs).bit_length() + 2 * unit.bit_length() + above.bit_length() + below.bit_length() + 2 * FINE
    budget.spend(len(inputs) * (len(inputs[0]) + 9) * product_cost(size, size), _DOING)
    lengths = [sum(a * a for a in row) for row in inputs]
    return [root_of(-((-above * unit * unit * length << (2 * FINE)) // below)) for length in lengths]


def positive_of(value: object, what: str, budget: Budget) -> Fraction:
    """A number above 0.

    Raises:
        Malformed: it is none.
    """
    number = number_of(value, what, budget)
    if number <= 0:
        raise Malformed(f"{what} must be positive")
    return number
