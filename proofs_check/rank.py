"""Whether the rows of an integer matrix are linearly independent.

The rank modulo a prime is at most the rank, so independence modulo a prime proves independence.  Where it fails modulo
the primes tried, elimination over the integers decides.
"""

from proofs_check.budget import Budget, division_cost, product_cost
from proofs_check.enclosures import largest
from proofs_check.packed import Rows
from proofs_check.position import PRIMES

_DOING = "eliminating"
_STEP, _INVERSE = 300, 6000  # units: a product modulo a prime, an inverse


def rows_independent(rows: Rows, budget: Budget) -> bool:
    """Whether no row is a combination of the others.

    Raises:
        OverBudget: the numbers are too long.
    """
    n, columns = len(rows), len(rows[0]) if rows else 0
    if n > columns:
        return False
    length = largest(rows).bit_length()
    for prime in PRIMES:
        budget.spend(n * columns * division_cost(length, 61) + n * n * columns // 2 * _STEP + n * _INVERSE, _DOING)
        if _independent_modulo([[x % prime for x in row] for row in rows], prime):
            return True
    return _independent(rows, budget)


def _independent_modulo(rows: Rows, p: int) -> bool:
    """Gaussian elimination modulo a prime; a row that becomes 0 is a combination of those before it."""
    for i, row in enumerate(rows):
        k = next((k for k, x in enumerate(row) if x), None)
        if k is None:
            return False
        inverse = pow(row[k], -1, p)
        for j in range(i + 1, len(rows)):
            if factor := rows[j][k]:
                factor = p - factor * inverse % p
                rows[j] = [(a + factor * b) % p for a, b in zip(rows[j], row, strict=True)]
    return True


def _independent(rows: Rows, budget: Budget) -> bool:
    """Elimination without fractions (Bareiss): all entries are minors, and each division leaves no remainder."""
    rows, before = list(rows), 1
    while rows:
        row = rows.pop(0)
        k = next((k for k, x in enumerate(row) if x), None)
        if k is None:
            return False
        pivot = row[k]
        length, entries = largest([row, *rows]).bit_length(), len(rows) * len(row)
        each = 2 * product_cost(length, length) + division_cost(2 * length, before.bit_length())
        budget.spend(entries * each, _DOING)
        memory = budget.memory
        budget.hold(2 * entries * length, _DOING)
        rows = [[(pivot * a - other[k] * b) // before for a, b in zip(other, row, strict=True)] for other in rows]
        before, budget.memory = pivot, memory
    return True
