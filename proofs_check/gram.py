"""Symmetric matrices whose entries are enclosed, and proofs about their eigenvalues.

A factor proves a lower bound: if D = M - q I - L L^T is diagonally dominant with a nonnegative diagonal, D is positive
semidefinite by Gershgorin's theorem, so M - q I is, as the sum of two such matrices.  A vector proves an upper bound
of the least eigenvalue: it is at most <z, M z> / <z, z>.
"""

from fractions import Fraction
from typing import NamedTuple

from proofs_check.balls import Ball, angle, angle_cost, pi
from proofs_check.budget import Budget, division_cost, product_cost
from proofs_check.enclosures import Enclosure, largest, rounded, times_transpose
from proofs_check.layers import Family, Network
from proofs_check.packed import Rows
from proofs_check.reading import Vector
from proofs_check.tangents import enclosed, enclosed_kernel, exact, exact_kernel, whole_points

_DOING = "the eigenvalue test"
_LEAST_BITS = 128


class Factor(NamedTuple):
    """A lower triangular matrix, 2^exponent times integers; row i has i + 1 of them."""

    exponent: int
    rows: Rows


def precision(*numbers: Fraction, factors: tuple[Factor, ...] = ()) -> int:
    """How many bits below one a matrix needs so that rounding it spoils no proof about numbers of this size."""
    sizes = [_LEAST_BITS + x.denominator.bit_length() - abs(x.numerator).bit_length() for x in numbers if x]
    return max([_LEAST_BITS, *sizes, *(-2 * factor.exponent for factor in factors)])


def relu_limit(points: tuple[Vector, ...], hidden_bias: bool, bits: int, budget: Budget) -> Enclosure:
    """The tangent kernel of an infinitely wide relu layer: <z, z'> (pi - angle) / (2 pi), z the point or (point, 1).

    Raises:
        OverBudget: the numbers are too long.
    """
    vectors, scales = whole_points(points, budget)
    vectors = vectors if hidden_bias else [row[:-1] for row in vectors]
    n = len(vectors)
    dots = times_transpose(vectors, vectors, budget)
    size = largest(dots).bit_length()
    # the share (pi - angle) / (2 pi) is multiplied by numbers below 2^extra
    extra = max(size - 2 * min(scales).bit_length() + 4, 0) + 4
    f = bits + extra
    budget.spend((n * n // 2 + 64) * (angle_cost(size, f) + 8 * product_cost(size, f)), "enclosing the angles")
    budget.hold(n * n * (bits + size), "enclosing the angles")
    half_turn, parallel = pi(f), Ball(1 << (f - 1), 0, f)
    per_turn = Ball(1 << f, 0, f) / (half_turn + half_turn)
    rows = [[0] * n for _ in range(n)]
    radius = 0
    for i in range(n):
        for j in range(i):
            dot, scale = dots[i][j], scales[i] * scales[j]
            cross = dots[i][i] * dots[j][j] - dot * dot
            if dot == 0 or (cross == 0 and dot < 0):  # orthogonal, also where a vector is 0; or opposite: exactly 0
                continue
            share = (half_turn - angle(dot, cross, f)) * per_turn if cross else parallel
            rows[i][j], rest = divmod(dot * share.middle << bits, scale << f)
            rows[j][i] = rows[i][j]
            error = -((-abs(dot) * share.radius << bits) // (scale << f)) + int(rest != 0)
            radius = max(radius, error)
    diagonal = rounded([[dots[i][i] for i in range(n)]], [2], [e * e for e in scales], bits, budget)
    for i, entry in enumerate(diagonal.rows[0]):
        rows[i][i] = entry
    return Enclosure(rows, max(radius, diagonal.radius), bits)


def tangent_kernel(
    net: Network, family: Family, points: tuple[Vector, ...], free: tuple[int, ...], bits: int, budget: Budget
) -> Enclosure:
    """The tangent kernel of the free layers of a network of this family.

    Raises:
        OverBudget: the numbers are too long.
    """
    if family.activation == "relu":
        tangent = exact(net, points, budget)
        return rounded_kernel(exact_kernel(tangent, family, free, budget), tangent.scales, bits, budget)
    return enclosed_kernel(enclosed(net, family.activation, points, bits, budget), family, free, budget)


def rounded_kernel(kernel: Rows, scales: list[int], bits: int, budget: Budget) -> Enclosure:
    """A matrix whose entry (i, j) still has to be divided by scales i and j."""
    return rounded(kernel, scales, scales, bits, budget)


def unproved(sign: int, matrix: Enclosure, number: Fraction, factor: Factor, budget: Budget) -> str | None:
    """Why `factor` does not prove M >= number I (sign 1) or M <= number I (sign -1); None if it does.

    Args:
        sign: 1 or -1.
        matrix: symmetric; bits at least -2 times the factor's exponent, see `precision`.
        number: the bound.
        factor: of sign (M - number I).
    Raises:
        OverBudget: the numbers are too long.
    """
    n = len(matrix.rows)
    if len(factor.rows) != n:
        return f"the factor has {len(factor.rows)} rows, but the matrix has {n}"
    lower = [[*row, *[0] * (n - len(row))] for row in factor.rows]
    square = times_transpose(lower, lower, budget)
    shift = matrix.bits + 2 * factor.exponent
    size = (largest(square).bit_length() + shift + largest(matrix.rows).bit_length()) // 30
    budget.spend(n * n * (size + 200), _DOING)
    budget.spend(division_cost(number.numerator.bit_length() + matrix.bits, number.denominator.bit_length()), _DOING)
    bound = -((-sign * number.numerator << matrix.bits) // number.denominator)  # rounded up
    for i, (line, line_) in enumerate(zip(matrix.rows, square, strict=True)):
        rest = [sign * a - (b << shift) for a, b in zip(line, line_, strict=True)]
        diagonal = rest[i]
        if diagonal - bound < sum(map(abs, rest)) - abs(diagonal) + n * matrix.radius:
            return f"what the factor leaves over is not diagonally dominant in row {i} (counting from 0)"
    return None


def quotient_at_most(matrix: Enclosure, vector: list[int], number: Fraction, budget: Budget) -> bool:
    """Whether certainly <z, M z> <= number <z, z> for the vector z.

    Raises:
        OverBudget: the numbers are too long.
    """
    n, length = len(matrix.rows), largest([vector]).bit_length()
    size = largest(matrix.rows).bit_length()
    bits = size + 2 * length + 64 + matrix.bits
    budget.spend((n * n + n) * (product_cost(size, length) + product_cost(size + length, length)), _DOING)
    budget.spend(2 * product_cost(bits, number.numerator.bit_length() + number.denominator.bit_length()), _DOING)
    images = [sum(a * z for a, z in zip(row, vector, strict=True)) for row in matrix.rows]
    most = sum(z * image for z, image in zip(vector, images, strict=True))
    most += matrix.radius * sum(map(abs, vector)) ** 2
    return most * number.denominator <= number.numerator * sum(z * z for z in vector) << matrix.bits
