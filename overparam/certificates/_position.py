"""A short integer direction on which no two points of a data set have the same projection, and its witness file."""

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from overparam.certificates._files import proof_bytes, spell_integers
from overparam.errors import InputError
from overparam.exact import exact_points

_PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1)
_SEED = 20240229  # any number; fixed, so that the direction is a function of the points
_TRIES = 4  # directions of each length
_BITS = 64  # of the longest entries tried: two distinct points agree with probability below 2^-64


def separating_direction(points: Any) -> tuple[int, ...]:
    """Integers u with different <u, x_i> for all i, proved: they differ modulo a prime.

    The axes first, then random directions whose entries grow a bit at a time, so that the entries are about as short as
    the points allow: n points need about 2 log2(n) bits on a grid and one bit where coordinates do not repeat.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions.
    Raises:
        InputError: two points are equal, or the points are not finite numbers.
    """
    rows = exact_points(points)
    for prime in _PRIMES:
        if all(x.denominator % prime for row in rows for x in row):
            residues = [tuple(x.numerator * pow(x.denominator, -1, prime) % prime for x in row) for row in rows]
            if (equal := _equal(rows, residues)) is not None:
                raise InputError(f"points {equal[0]} and {equal[1]} are equal, so no direction separates them")
            for direction in _proposals(len(rows[0])):
                if _separates(direction, residues, prime):
                    return direction
    raise RuntimeError("no direction separated distinct points modulo any of the primes")  # probability below 2^-40


def position_witness_bytes(points: Any, which: str, provenance: Mapping[str, str]) -> bytes:
    """The witness file for a statement of the kind `position`.

    Args:
        points: (n_samples, dim) finite floats, integers or fractions.
        which: `distinct`, `affine` or `linear`; the last two need no help, and get none.
        provenance: where the witness came from, for people.
    Raises:
        InputError: there is no such property; or the points are to be distinct and two are equal.
    """
    if which not in ("distinct", "affine", "linear"):
        raise InputError(f"the property must be distinct, affine or linear, not {which!r}")
    direction = spell_integers(separating_direction(points)) if which == "distinct" else None
    return proof_bytes({"direction": direction}, provenance)


def _separates(direction: tuple[int, ...], residues: Sequence[tuple[int, ...]], prime: int) -> bool:
    """Whether the projections differ modulo the prime, and so in fact; stops at the first two that do not."""
    used = [(k, u) for k, u in enumerate(direction) if u]
    seen = set()
    for row in residues:
        value = sum([u * row[k] for k, u in used]) % prime
        if value in seen:
            return False
        seen.add(value)
    return True


def _equal(rows: Sequence[tuple[Fraction, ...]], residues: Sequence[tuple[int, ...]]) -> tuple[int, int] | None:
    seen: dict[tuple[int, ...], int] = {}
    met = ((seen.setdefault(residue, i), i) for i, residue in enumerate(residues))
    return next(((j, i) for j, i in met if j != i and rows[j] == rows[i]), None)


def _proposals(dim: int) -> Iterator[tuple[int, ...]]:
    for axis in range(min(dim, _TRIES)):
        yield tuple(int(k == axis) for k in range(dim))
    rng = np.random.default_rng(_SEED)
    for bits in range(1, _BITS + 1):
        for _ in range(_TRIES):
            drawn = [int.from_bytes(rng.bytes(9), "little") % (2 ** (bits + 1) - 1) - 2**bits + 1 for _ in range(dim)]
            if divisor := math.gcd(*drawn):
                yield tuple(t // divisor for t in drawn)
