"""All maximal minors of a matrix modulo a prime, of which only the zeros are wanted.

The determinants of two subsets that begin alike share their elimination: for every prefix of a subset, every later row
is reduced by the prefix once, so one more multiplication per subset is nearly all there is.  When more than half of the
rows are chosen, the complementary minors of the left kernel are enumerated instead: they are the same up to one factor.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

PRIMES = (2147483629, 2147483587, 2147483579)  # below 2^31: a product of two residues fits in 62 bits

Residues = NDArray[np.int64]


def residues(points: NDArray[np.float64], prime: int) -> Residues:
    """Rows (1, x) modulo an odd prime: a float m 2^e becomes m times a power of the inverse of 2.

    Args:
        points: (n, d), finite.

    Returns:
        (n, d + 1), entries in [0, prime).
    """
    mantissa, exponent = np.frexp(points)
    whole = np.ldexp(mantissa, 53).astype(np.int64) % prime
    powers, where = np.unique(exponent, return_inverse=True)
    table = np.array([pow(2, int(e) - 53, prime) for e in powers], dtype=np.int64)
    image = whole * table[where].reshape(points.shape) % prime
    return np.concatenate([np.ones((len(points), 1), np.int64), image], axis=1)


def row_rank(matrix: Residues, prime: int) -> int:
    """Rank modulo a prime."""
    return len(_reduced(matrix, prime)[1])


def vanishing(matrix: Residues, prime: int) -> Iterator[tuple[list[int], bool]]:
    """Subsets of min(n, m) rows of an (n, m) matrix that are dependent modulo a prime.

    Yields:
        a subset in ascending order, and True if it stands for itself alone; False if it stands for a whole family of
        subsets, of which no other will be named, after which the enumeration ends.
    """
    n, m = matrix.shape
    size = min(n, m)
    reduced, pivots = _reduced(matrix.T, prime)
    if len(pivots) < size:
        yield list(range(size)), n == size
        return
    if n == size:
        return
    if 2 * m <= n:
        yield from _zero_minors(matrix, prime)
        return
    kernel = _left_kernel(reduced, pivots, n, prime)
    for outside, alone in _zero_minors(kernel, prime):
        left = set(outside)
        yield [i for i in range(n) if i not in left], alone


def _reduced(matrix: Residues, prime: int) -> tuple[Residues, list[int]]:
    """Reduced row echelon form and its pivot columns."""
    work, pivots = matrix.copy(), []
    for column in range(work.shape[1]):
        row = len(pivots)
        if row == len(work):
            break
        candidates = np.flatnonzero(work[row:, column])
        if not candidates.size:
            continue
        swap = row + int(candidates[0])
        work[[row, swap]] = work[[swap, row]]
        work[row] = work[row] * pow(int(work[row, column]), -1, prime) % prime
        factors = work[:, column].copy()
        factors[row] = 0
        work = (work - factors[:, None] * work[row]) % prime
        pivots.append(column)
    return work, pivots


def _left_kernel(reduced: Residues, pivots: list[int], n: int, prime: int) -> Residues:
    """(n, n - m): its columns span the null space of the transposed matrix, given in reduced form."""
    free = [i for i in range(n) if i not in set(pivots)]
    kernel = np.zeros((n, len(free)), np.int64)
    kernel[free, range(len(free))] = 1
    kernel[pivots] = -reduced[: len(pivots), free] % prime
    return kernel


def _zero_minors(matrix: Residues, prime: int) -> Iterator[tuple[list[int], bool]]:
    """The zeros among all m-row minors of an (n, m) matrix.

    After r steps, level[q] holds for every prefix of r rows whose last is q, in the order of `_prefix`, the rows after
    q reduced by the prefix: axes (remaining columns, later rows, prefixes), the long axis last.  The minor of a prefix
    and one more row is, up to the nonzero pivots, what remains of that row when one column remains.
    """
    n, m = matrix.shape
    if m == 1:
        yield from (([int(i)], True) for i in np.flatnonzero(matrix[:, 0] == 0))
        return
    level = {-1: np.ascontiguousarray(matrix.T)[:, :, None]}
    for r in range(m - 1):
        following: dict[int, Residues] = {}
        for q in range(r, n - (m - 1 - r)):
            block = np.concatenate([rows[:, q - last - 1 :] for last, rows in level.items() if last < q], axis=2)
            dead = np.flatnonzero(~block[:, 0].any(axis=0))
            if dead.size:
                yield [*_prefix(int(dead[0]), r), *range(q, q + m - r)], False
                return
            reduced = _eliminated(block, prime)
            if r < m - 2:
                following[q] = reduced
                continue
            for later, t in np.argwhere(reduced[0] == 0).tolist():
                yield [*_prefix(t, r), q, q + 1 + later], True
        level = following


def _eliminated(block: Residues, prime: int) -> Residues:
    """Reduce the later rows by the first, column 0 being the pivot after a swap where it is zero."""
    pivots = block[:, 0]
    zero = np.flatnonzero(pivots[0] == 0)
    if zero.size:
        other = (pivots[:, zero] != 0).argmax(axis=0)
        held = block[0][:, zero]
        block[0][:, zero] = block[other, :, zero].T
        block[other, :, zero] = held.T
    first, rest = block[:, :1], block[:, 1:]
    return (rest[1:] * first[:1] - first[1:] * rest[:1]) % prime


def _prefix(t: int, r: int) -> list[int]:
    """The rows of prefix number t of r rows: ordered by the last row, then by the one before it, and so on."""
    chosen: list[int] = []
    for size in range(r, 0, -1):
        last = size - 1
        while t >= (held := math.comb(last, size - 1)):
            t -= held
            last += 1
        chosen.append(last)
    return chosen[::-1]
