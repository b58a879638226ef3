"""Exact predicates on a data set, the hypotheses of the theorems: accepted means holds, rejected means fails.

Affine general position: no d + 1 points lie on one hyperplane, that is, every min(n, d + 1) points are affinely
independent, that is, their rows (x, 1) are linearly independent.  Linear general position: every min(n, d) points are
linearly independent.  m rows of length m are independent exactly if their determinant is not 0.  A determinant that is
not 0 modulo a prime is not 0; one that is 0 modulo the prime is computed again over the integers.
"""

import functools
import math

from proofs_check.answers import Answer, OverBudget, accepted, rejected, undecided
from proofs_check.budget import Budget, division_cost, gcd_cost, product_cost
from proofs_check.exact import cleared, spell
from proofs_check.reading import Dataset

SUBSETS = 10**7  # the most subsets of points that are gone through for a hypothesis
ELIMINATION = 3 * 10**7  # the most products of one Gaussian elimination for a hypothesis
WORK = 10**11  # of a hypothesis, in units of the budget: more than these two let through
PRIMES = (2**61 - 1, 2**61 - 31, 2**61 - 45)  # tried in this order while determinants vanish modulo them by accident

_SHOWN = 40  # indices in a message
_PRODUCT, _ROW, _INVERSE = 300, 3000, 6000  # units: a product modulo a prime, a row in the last step, an inverse

Rows = list[tuple[int, list[int]]]  # (index of a point, its row)


def points_distinct(dataset: Dataset) -> Answer:
    """No two points are equal."""
    seen: dict[tuple[str, ...], int] = {}
    for i, point in enumerate(dataset.points):
        # as text, whose hashes Python draws anew in every run: fractions can be chosen to collide
        if (j := seen.setdefault(tuple(map(spell, point)), i)) != i:
            return rejected(f"points {j} and {i} (counting from 0) are equal")
    return accepted(f"The {dataset.n_samples} points are distinct.")


def as_in_the_source(dataset: Dataset) -> Answer:
    """The hypotheses of a source that gives no constants, or of which only the abstract is known."""
    return undecided("the source's hypotheses, with their constants, are not known here")


def binary_labels(dataset: Dataset) -> Answer:
    """All labels are -1 or 1, or all are 0 or 1."""
    if all(label in (-1, 1) for label in dataset.labels) or all(label in (0, 1) for label in dataset.labels):
        return accepted("The labels are binary.")
    return rejected("the labels are neither all in {-1, 1} nor all in {0, 1}")


@functools.lru_cache(maxsize=32)
def label_count(dataset: Dataset) -> int:
    """Classes of the coarsest grid low + step * {0, 1, .., count - 1} that holds all labels, taken or not.

    Labels -1, 1 have 2, the ten digits 10, equal labels 1.

    Raises:
        OverBudget: the labels are too long.
    """
    budget = Budget(WORK)
    whole, _ = cleared(dataset.labels, budget)
    low, step = min(whole), 0
    for label in whole:
        budget.spend(gcd_cost(label.bit_length(), step.bit_length()), "the common step of the labels")
        step = math.gcd(step, label - low)
    return 1 if step == 0 else (max(whole) - low) // step + 1


@functools.lru_cache(maxsize=32)
def affine_general_position(dataset: Dataset) -> Answer:
    """Every min(n, d + 1) points are affinely independent."""
    return _as_hypothesis(dataset, affine=True)


@functools.lru_cache(maxsize=32)
def linear_general_position(dataset: Dataset) -> Answer:
    """Every min(n, d) points are linearly independent."""
    return _as_hypothesis(dataset, affine=False)


def _as_hypothesis(dataset: Dataset, *, affine: bool) -> Answer:
    """The answer within the fixed limits."""
    n, size = dataset.n_samples, dataset.dim + affine
    kind = "affine" if affine else "linear"
    repeated = _repeated(dataset, size)
    if repeated.reason:
        return repeated
    if n > size and _more_subsets(n, size):
        return undecided(
            f"{kind} general position needs one determinant for each set of {size} of {n} points, more "
            f"than the {SUBSETS} that are gone through"
        )
    if n * size * min(n, size) > ELIMINATION:
        return undecided(
            f"{kind} general position of {n} points in dimension {dataset.dim} needs an elimination with "
            f"more than {ELIMINATION} products"
        )
    try:
        return general_position(dataset, Budget(WORK), affine=affine)
    except OverBudget as error:
        return undecided(str(error))


def general_position(dataset: Dataset, budget: Budget, *, affine: bool) -> Answer:
    """Whether the points are in affine, or else in linear, general position.

    Raises:
        OverBudget: that takes more work than is left; said before it is begun.
    """
    n, size = dataset.n_samples, dataset.dim + affine
    kind = "affine" if affine else "linear"
    budget.spend(sum(_ROW + product_cost(x.numerator.bit_length(), x.denominator.bit_length())
                     for point in dataset.points for x in point), "comparing the points")  # fmt: skip
    repeated = _repeated(dataset, size)
    if repeated.reason:
        return repeated
    for prime in PRIMES:
        rows = _modulo(dataset, prime, budget, affine=affine)
        if rows is None:
            continue
        budget.spend(_cost(n, size), f"{kind} general position, a determinant for each set of {size} of {n} points,")
        suspects = _suspects(rows, prime)
        if suspects is None:
            return accepted(f"The {dataset.size} are in {kind} general position.")
        if _dependent(dataset, suspects, budget, affine=affine):
            return rejected(
                f"the points {', '.join(map(str, suspects[:_SHOWN]))}{' and others' if len(suspects) > _SHOWN else ''} "
                f"(counting from 0) are {kind}ly dependent: they do not span as many dimensions as their number allows"
            )
    return undecided(
        f"some determinants of {kind} general position vanish modulo each prime that is tried, though the "
        "one recomputed over the integers does not"
    )


def _repeated(dataset: Dataset, size: int) -> Answer:
    """Whether two points are equal, which forbids general position unless single points are asked about."""
    return points_distinct(dataset) if min(size, dataset.n_samples) > 1 else accepted("")


def _more_subsets(n: int, size: int) -> bool:
    """Whether n points have more than SUBSETS subsets of `size` points."""
    count = 1
    for i in range(min(size, n - size)):
        count = count * (n - i) // (i + 1)  # binom(n, i + 1), growing up to the middle
        if count > SUBSETS:
            return True
    return False


def _cost(n: int, size: int) -> int:
    """Units of going through all sets of `size` of n rows, or of the n - size rows orthogonal to them, modulo a prime.

    After j eliminations each of the binom(n, j + 1) sets of j pivots and a later row costs size - j - 1 entries.
    """
    elimination = n * size * min(n, size) * _PRODUCT
    if n <= size:
        return elimination
    short = min(size, n - size)
    if short > 50:  # more than 2^100 sets
        return 2**100
    through = sum(math.comb(n, j + 1) * (short - j + 2) * _PRODUCT for j in range(1, short - 1))
    last = n * _ROW if short <= 2 else math.comb(n, short - 1) * _ROW
    return elimination * (short < size) + through + last


def _modulo(dataset: Dataset, p: int, budget: Budget, *, affine: bool) -> list[list[int]] | None:
    """The rows x, or (x, 1), modulo p; None if a denominator is 0 modulo p."""
    longest = (max(x.numerator.bit_length(), x.denominator.bit_length()) for point in dataset.points for x in point)
    budget.spend(sum(2 * division_cost(bits, 61) + _INVERSE for bits in longest), "reducing the points modulo a prime")
    if any(x.denominator % p == 0 for point in dataset.points for x in point):
        return None
    end = [1] * affine
    return [[x.numerator * pow(x.denominator, -1, p) % p for x in point] + end for point in dataset.points]


def _suspects(rows: list[list[int]], p: int) -> tuple[int, ...] | None:
    """min(n, d + 1) rows that are dependent modulo p, or None if there are none such."""
    n, size = len(rows), len(rows[0])
    if n <= size:
        return tuple(range(n)) if len(_eliminated(rows, p)) < n else None
    if size <= n - size:
        found = _dependent_modulo(list(enumerate(rows)), p)
        return None if found is None else _filled(found, size, n)
    # Few rows are left out of each subset.  Let the columns of B span the vectors orthogonal to all columns of the
    # matrix A of the rows: d + 1 rows of A are dependent exactly if the n - d - 1 other rows of B are.
    pivots = _eliminated([list(column) for column in zip(*rows, strict=True)], p)
    if len(pivots) < size:
        return tuple(range(size))
    free = [j for j in range(n) if j not in pivots]
    dual = {j: [int(j == f) for f in free] for j in free} | {
        j: [-row[f] % p for f in free] for j, row in pivots.items()
    }
    found = _dependent_modulo(sorted(dual.items()), p)
    if found is None:
        return None
    left_out = _filled(found, n - size, n)
    return tuple(i for i in range(n) if i not in left_out)


def _filled(indices: tuple[int, ...], size: int, n: int) -> tuple[int, ...]:
    """`size` indices below n that contain the given ones."""
    others = [i for i in range(n) if i not in indices]
    return tuple(sorted((*indices, *others[: size - len(indices)])))


def _eliminated(rows: list[list[int]], p: int) -> dict[int, list[int]]:
    """Reduced row echelon form modulo p: pivot column -> its row.  Its length is the rank."""
    pivots: dict[int, list[int]] = {}
    for given in rows:
        row = given
        for column, other in pivots.items():
            if factor := row[column]:
                row = [(a - factor * b) % p for a, b in zip(row, other, strict=True)]
        lead = next((column for column, a in enumerate(row) if a), None)
        if lead is None:
            continue
        inverse = pow(row[lead], -1, p)
        row = [a * inverse % p for a in row]
        for column, other in pivots.items():
            if factor := other[lead]:
                pivots[column] = [(a - factor * b) % p for a, b in zip(other, row, strict=True)]
        pivots[lead] = row
    return pivots


def _dependent_modulo(rows: Rows, p: int) -> tuple[int, ...] | None:
    """Indices of at most m rows (of length m) that are dependent modulo p; None if every m rows are independent.

    Every subset is reached through its first rows: these are eliminated from all later ones, until two columns are
    left, where dependent means parallel and every row is compared with all others at once.
    """
    m = len(rows[0][1])
    if m == 1:
        return next(((i,) for i, row in rows if row[0] == 0), None)
    if m == 2:
        return _parallel_modulo(rows, p)
    for position, (i, pivot) in enumerate(rows[: len(rows) - m + 1]):
        later = rows[position + 1 :]
        lead = next((column for column in range(m - 1, -1, -1) if pivot[column]), None)
        if lead is None:
            return (i,)
        if lead < m - 1:  # bring the pivot's column to the end, where zip drops it below
            later = [(j, other[:lead] + other[lead + 1 :] + [other[lead]]) for j, other in later]
        rest, scale = pivot[:lead] + pivot[lead + 1 :], pivot[lead]
        reduced = [
            (j, [(scale * a - other[-1] * b) % p for a, b in zip(other, rest, strict=False)]) for j, other in later
        ]
        found = _dependent_modulo(reduced, p)
        if found is not None:
            return (i, *found)
    return None


def _parallel_modulo(rows: Rows, p: int) -> tuple[int, ...] | None:
    """The index of a zero row of length 2, or the indices of two parallel ones, modulo p; None if there are none."""
    before = [1]  # products of all x so far, a zero counted as 1: one inversion serves all rows
    for i, (x, y) in rows:
        if x == 0 and y == 0:
            return (i,)
        before.append(before[-1] * (x or 1) % p)
    inverse = pow(before.pop(), -1, p)
    slopes: dict[int, int] = {}
    for i, (x, y) in reversed(rows):
        inverse_x, inverse = inverse * before.pop() % p, inverse * (x or 1) % p
        slope = y * inverse_x % p if x else p
        if (j := slopes.setdefault(slope, i)) != i:
            return (i, j)
    return None


def _dependent(dataset: Dataset, indices: tuple[int, ...], budget: Budget, *, affine: bool) -> bool:
    """Whether the rows x, or (x, 1), of so few points are dependent, by elimination over the integers.

    Raises:
        OverBudget: the numbers are too long.
    """
    made_whole = (cleared(dataset.points[i], budget) for i in indices)
    rows = [[*row, scale] if affine else row for row, scale in made_whole]
    previous = 1
    for k in range(len(rows)):
        lead = next((column for column, a in enumerate(rows[k]) if a), None)
        if lead is None:
            return True
        pivot = rows[k]
        longest = max(a.bit_length() for row in rows for a in row)
        count = (len(rows) - k - 1) * len(pivot)
        cost = 2 * product_cost(longest, longest) + division_cost(2 * longest + 1, longest)
        budget.spend(count * cost, "recomputing a determinant over the integers")
        for r in range(k + 1, len(rows)):  # every entry stays a minor of the first rows, so the division is exact
            factor = rows[r][lead]
            rows[r] = [(pivot[lead] * a - factor * b) // previous for a, b in zip(rows[r], pivot, strict=True)]
        previous = pivot[lead]
    return False
