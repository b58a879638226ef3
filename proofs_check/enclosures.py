"""Enclosures of matrices: integers, and one radius for all entries, in units of 2^-bits."""

import dataclasses
from fractions import Fraction

from proofs_check.budget import Budget, division_cost
from proofs_check.packed import Rows, product

_DOING = "rounding a matrix"


@dataclasses.dataclass(frozen=True)
class Enclosure:
    """All matrices whose entries differ from `rows` by at most `radius`, everything in units of 2^-bits."""

    rows: Rows
    radius: int
    bits: int

    def times(self, other: "Enclosure", budget: Budget) -> "Enclosure":
        """Self times the transpose of `other`.

        |sum_k a_k b_k - a'_k b'_k| <= s sum_k |a_k| + r sum_k |b_k| + m r s for |a - a'| <= r and |b - b'| <= s.
        """
        m = len(self.rows[0]) if self.rows else 0
        r, s = self.radius, other.radius
        error = s * _largest_sum(self.rows) + r * _largest_sum(other.rows) + m * r * s
        rows = times_transpose(self.rows, other.rows, budget)
        return Enclosure([[x >> self.bits for x in row] for row in rows], (error >> self.bits) + 2, self.bits)

    def entrywise(self, other: "Enclosure", budget: Budget) -> "Enclosure":
        """The products of the entries."""
        a, b, r, s = largest(self.rows), largest(other.rows), self.radius, other.radius
        rows = entrywise(self.rows, other.rows, budget)
        error = ((a * s + b * r + r * s) >> self.bits) + 2
        return Enclosure([[x >> self.bits for x in row] for row in rows], error, self.bits)

    def plus(self, other: "Enclosure") -> "Enclosure":
        """The sum."""
        pairs = zip(self.rows, other.rows, strict=True)
        rows = [[a + b for a, b in zip(row, row_, strict=True)] for row, row_ in pairs]
        return Enclosure(rows, self.radius + other.radius, self.bits)


def rounded(rows: Rows, scales: list[int], others: list[int], bits: int, budget: Budget) -> Enclosure:
    """The matrix of the rows[i][j] / (scales[i] others[j]), all scales positive; the radius is 0 if nothing is lost."""
    above, below = largest(rows).bit_length() + bits, _longest(scales) + _longest(others)
    entries = sum(map(len, rows))
    budget.spend(entries * (2 * division_cost(above, below) + above // 30), _DOING)
    budget.hold(entries * above, _DOING)
    exact, found = True, []
    for row, scale in zip(rows, scales, strict=True):
        # x 2^bits / (scale other), and what the division leaves
        pairs = [divmod(x << bits, scale * other) for x, other in zip(row, others, strict=True)]
        exact = exact and not any(rest for _, rest in pairs)
        found.append([quotient for quotient, _ in pairs])
    return Enclosure(found, int(not exact), bits)


def of_fractions(rows: list[list[Fraction]], bits: int, budget: Budget) -> Enclosure:
    """The matrix of these numbers; the radius is 0 if nothing is lost."""
    size = max((max(abs(x.numerator), x.denominator).bit_length() for row in rows for x in row), default=0)
    entries = sum(map(len, rows))
    budget.spend(entries * (2 * division_cost(size + bits, size) + (size + bits) // 30), _DOING)
    budget.hold(entries * (size + bits), _DOING)
    pairs = [[divmod(x.numerator << bits, x.denominator) for x in row] for row in rows]
    exact = not any(rest for row in pairs for _, rest in row)
    return Enclosure([[quotient for quotient, _ in row] for row in pairs], int(not exact), bits)


def times_transpose(left: Rows, right: Rows, budget: Budget) -> Rows:
    """Left @ right.T, exactly, in memory that is given back but for the result's."""
    if not left or not left[0] or not right:
        return [[0] * len(right) for _ in left]
    memory = budget.memory
    found = product(left, [list(column) for column in zip(*right, strict=True)], budget)
    budget.memory = memory
    size = largest(left).bit_length() + largest(right).bit_length() + len(left[0]).bit_length()
    budget.hold(len(left) * len(right) * size, "multiplying matrices")
    return found


def entrywise(left: Rows, right: Rows, budget: Budget) -> Rows:
    """The products of the entries."""
    size, other = largest(left).bit_length(), largest(right).bit_length()
    entries = sum(map(len, left))
    budget.spend(entries * (size // 30 + 1) * (other // 30 + 1) + 100 * entries, "multiplying matrices")
    budget.hold(entries * (size + other), "multiplying matrices")
    return [[a * b for a, b in zip(row, row_, strict=True)] for row, row_ in zip(left, right, strict=True)]


def largest(rows: Rows) -> int:
    """The largest absolute value, 0 for none."""
    return max((max(map(abs, row), default=0) for row in rows), default=0)


def _largest_sum(rows: Rows) -> int:
    return max((sum(map(abs, row)) for row in rows), default=0)


def _longest(numbers: list[int]) -> int:
    return max((number.bit_length() for number in numbers), default=0)
