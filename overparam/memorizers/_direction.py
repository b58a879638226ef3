"""Integer directions whose projections order the points, tried with a fixed seed."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import Cloud, ExactData, float_of

_SEED = 20240229  # any number; fixed, so that a construction is a function of its data
_BITS = 8  # of the least-squares direction, and of the first random ones
_ROUNDS = 12


class Ordering(NamedTuple):
    """Points in the order of their projections on one direction."""

    direction: tuple[int, ...]
    order: tuple[int, ...]
    z: tuple[Fraction, ...]  # projections, ascending, aligned with `order`

    def gap(self, starts: list[int]) -> Fraction:
        """The smallest projected gap just before these positions, relative to the whole range; 1 if there are none."""
        least = min((self.z[s] - self.z[s - 1] for s in starts), default=None)
        return Fraction(1) if least is None else least and least / (self.z[-1] - self.z[0])


def orderings(data: ExactData, *, how_many: int) -> Iterator[list[Ordering]]:
    """Batches of orderings of distinct points, the entries of later batches' directions ever larger.

    Two distinct points have equal projections on a random direction with probability at most 1/(2 * size + 1), so a
    later batch separates any data.  The first batch holds the coordinate axes when there are few, and the least-squares
    direction of the labels, along which labels that are nearly affine or separable come in long affine blocks.
    """
    rng = np.random.default_rng(_SEED)
    cloud = Cloud(data.points)
    fixed = [fitted] if (fitted := _least_squares(data)) else []
    if data.dim <= 3:
        fixed += [tuple(int(a == b) for b in range(data.dim)) for a in range(data.dim)]
    for round_ in range(_ROUNDS):
        size = 2 ** (_BITS + 4 * round_) - 1
        random = [tuple(map(int, row)) for row in rng.integers(-size, size, endpoint=True, size=(how_many, data.dim))]
        proposed = [*(fixed if round_ == 0 else []), *random]
        yield [_ordered(cloud, direction) for direction in dict.fromkeys(map(_primitive, filter(any, proposed)))]


def best_separating(data: ExactData, starts: list[int], *, how_many: int = 24) -> list[Ordering]:
    """Orderings that separate the points before each start from those after, the widest smallest gap first."""
    for batch in orderings(data, how_many=how_many):
        separating = [(ordering.gap(starts), ordering) for ordering in batch]
        found = [pair for pair in separating if pair[0] > 0]
        if found:
            return [ordering for _, ordering in sorted(found, key=lambda pair: pair[0], reverse=True)]
    raise RuntimeError("no direction separated distinct points")  # probability below n**2 * 2**-50 for any data


def _primitive(direction: tuple[int, ...]) -> tuple[int, ...]:
    divisor = math.gcd(*direction)
    return tuple(t // divisor for t in direction)


def _ordered(cloud: Cloud, direction: tuple[int, ...]) -> Ordering:
    z = cloud.values((*map(Fraction, direction), Fraction(0)))
    order = sorted(range(len(z)), key=z.__getitem__)
    return Ordering(direction, tuple(order), tuple(z[i] for i in order))


def _least_squares(data: ExactData) -> tuple[int, ...] | None:
    points = np.array([[float_of(x) for x in point] for point in data.points])
    labels = np.array([float_of(y) for y in data.labels])
    with np.errstate(all="ignore"):
        labels = labels / (np.abs(labels).max() or 1.0)
        points = points - points.mean(axis=0)
        if not (np.isfinite(points).all() and np.isfinite(labels).all()):
            return None
        slope = np.linalg.lstsq(points, labels - labels.mean(), rcond=1e-10)[0]
        largest = np.abs(slope).max()
        rounded = np.round(slope / largest * 2**_BITS) if largest > 0 else np.zeros_like(slope)
    return tuple(int(t) for t in rounded) if np.isfinite(rounded).all() and rounded.any() else None
