"""Many affine functions at many points, as one product of integer matrices."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from flint import fmpz_mat

Form = tuple[Fraction, ...]  # (w_1, .., w_d, b), the function x -> <w, x> + b


class Numerators(NamedTuple):
    """Form j at point i is `rows[j][i] / (form_scales[j] * point_scales[i])`; the scales are positive integers."""

    rows: list[list[int]]
    form_scales: list[int]
    point_scales: list[int]

    def value(self, form: int, point: int) -> Fraction:
        """One value as a fraction."""
        return Fraction(self.rows[form][point], self.form_scales[form] * self.point_scales[point])


def clear_row(row: Sequence[Fraction | int]) -> tuple[list[int], int]:
    """The row times the least common denominator, and that denominator."""
    scale = math.lcm(*(x.denominator for x in row))
    return [x.numerator * (scale // x.denominator) for x in row], scale


def shortest(form: Sequence[Fraction | int]) -> Form:
    """The positive multiple of a nonzero form that is integers without common factor over a power of two above them."""
    integers, _ = clear_row(form)
    divisor = math.gcd(*integers)
    bits = max(abs(t // divisor).bit_length() for t in integers)
    return tuple(Fraction(t // divisor, 1 << bits) for t in integers)


class Cloud:
    """A point set made ready for the exact evaluation of affine functions."""

    def __init__(self, points: Sequence[Sequence[Fraction]]) -> None:
        cleared = [clear_row((*point, Fraction(1))) for point in points]
        self.point_scales = [scale for _, scale in cleared]
        self._columns = fmpz_mat([row for row, _ in cleared]).transpose()

    def numerators(self, forms: Sequence[Form]) -> Numerators:
        """Values of all forms at all points over positive denominators, so signs and ratios need no fraction."""
        if not forms:
            return Numerators([], [], self.point_scales)
        cleared = [clear_row(form) for form in forms]
        product = fmpz_mat([row for row, _ in cleared]) * self._columns
        rows = [[int(x) for x in row] for row in product.tolist()]
        return Numerators(rows, [scale for _, scale in cleared], self.point_scales)

    def values(self, form: Form) -> list[Fraction]:
        """One form at all points."""
        numerators = self.numerators([form])
        return [numerators.value(0, i) for i in range(len(self.point_scales))]
