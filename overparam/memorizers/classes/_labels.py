"""Labels as classes: any finite set of them lies on a grid low + step * {0, .., count - 1}."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class LabelGrid(NamedTuple):
    """Label i is low + step * numbers[i], and numbers run from 0 to count - 1.

    Attributes:
        low: the smallest label.
        step: the greatest common divisor of all differences of labels; 1 if they are all equal.
        numbers: (n_samples,), the class of each point, 0 and count - 1 among them.
        count: classes of the grid, taken or not.  Labels -1, 1 have 2; arbitrary floats may have 2**60.
    """

    low: Fraction
    step: Fraction
    numbers: tuple[int, ...]
    count: int

    @property
    def bits(self) -> int:
        """Binary digits of a class: 0 for equal labels."""
        return (self.count - 1).bit_length()


def label_grid(labels: Sequence[Fraction]) -> LabelGrid:
    """The coarsest grid that holds all labels.

    >>> label_grid([Fraction(1), Fraction(-1), Fraction(2)])[1:]
    (Fraction(1, 1), (2, 0, 3), 4)
    """
    scale = math.lcm(*{y.denominator for y in labels})
    whole = [y.numerator * (scale // y.denominator) for y in labels]
    low = min(whole)
    step = math.gcd(*(y - low for y in whole))
    if step == 0:
        return LabelGrid(Fraction(low, scale), Fraction(1), (0,) * len(whole), 1)
    numbers = tuple((y - low) // step for y in whole)
    return LabelGrid(Fraction(low, scale), Fraction(step, scale), numbers, max(numbers) + 1)
