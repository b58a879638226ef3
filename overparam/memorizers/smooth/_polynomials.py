"""What polynomial activations cannot do: the values of polynomials of bounded degree at the points, exactly.

Networks with one hidden layer whose activation is a polynomial of degree m span, over all their weights and widths,
exactly the polynomials of total degree at most m (docs/theory/smooth.md, section 2).
"""

from fractions import Fraction
from math import comb
from typing import Any

from overparam.errors import InputError
from overparam.exact import exact_data, exact_points, exact_rank, row_relation

_MOST = 4 * 10**6  # values of monomials


def polynomial_rank(points: Any, degree: int) -> int:
    """How many dimensions of labels polynomials of total degree at most `degree` reach, exactly.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions; taken exactly.
        degree: at least 0.
    Raises:
        InputError: unusable points, a negative degree, or more than 4,000,000 values of monomials.

    >>> circle = [[5, 0], [-5, 0], [3, 4], [-3, 4], [4, -3], [0, 5]]
    >>> polynomial_rank(circle, 2), polynomial_rank(circle, 3)
    (5, 6)
    """
    return exact_rank(_monomials(exact_points(points), degree))


def polynomial_obstruction(points: Any, labels: Any, degree: int) -> list[int] | None:
    """Integers l with sum_i l_i p(x_i) = 0 for every polynomial p of this degree, but sum_i l_i y_i != 0.

    Args:
        points: (n_samples, dim).
        labels: (n_samples,).
        degree: at least 0.
    Returns:
        One integer a point, the witness of the kind `not-polynomial`; None if some such polynomial takes the labels.
    Raises:
        InputError: as `polynomial_rank`.

    >>> polynomial_obstruction([[0], [1], [2]], [0, 1, 0], 1)
    [1, -2, 1]
    """
    data = exact_data(points, labels)
    return row_relation(_monomials(data.points, degree), data.labels)


def _monomials(points: Any, degree: int) -> list[list[Fraction]]:
    """The values of all monomials of at most this degree, a row a point."""
    if degree < 0:
        raise InputError(f"the degree must be at least 0, got {degree}")
    dim = len(points[0])
    if len(points) * comb(dim + degree, dim) > _MOST:
        raise InputError(f"{len(points)} points in dimension {dim} have more than {_MOST} values of monomials")
    rows = []
    for point in points:
        row, level = [Fraction(1)], [(Fraction(1), 0)]
        for _ in range(degree):  # a monomial is its coordinates in increasing order
            level = [(value * point[j], j) for value, first in level for j in range(first, dim)]
            row += [value for value, _ in level]
        rows.append(row)
    return rows
