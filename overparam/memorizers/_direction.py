"""Integer directions whose projections order the points, tried with a fixed seed."""

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import Cloud, ExactData, ascending, float_of

_SEED = 20240229  # any number; fixed, so that a construction is a function of its data
_BITS = 8  # of the least-squares direction, and of the first random ones
_ROUNDS = 12
_MANY = 2000  # points from which directions are first compared in floats
_LOOKED_AT = 2  # of these directions, how many are then ordered exactly


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
    cloud = Cloud(data.points)
    for proposed in _directions(data, how_many):
        yield [_ordered(cloud, direction) for direction in proposed]


def best_separating(data: ExactData, starts: list[int], *, how_many: int = 24) -> list[Ordering]:
    """Orderings that separate the points before each start from those after, the widest smallest gap first."""
    few = _promising(data, starts, how_many) if data.n_samples >= _MANY else []
    for batch in itertools.chain([few] if few else [], orderings(data, how_many=how_many)):
        separating = [(ordering.gap(starts), ordering) for ordering in batch]
        found = [pair for pair in separating if pair[0] > 0]
        if found:
            return [ordering for _, ordering in sorted(found, key=lambda pair: pair[0], reverse=True)]
    raise RuntimeError("no direction separated distinct points")  # probability below n**2 * 2**-50 for any data


def _directions(data: ExactData, how_many: int) -> Iterator[list[tuple[int, ...]]]:
    """The directions of `orderings`, in batches."""
    rng = np.random.default_rng(_SEED)
    fixed = [fitted] if (fitted := _least_squares(data)) else []
    if data.dim <= 3:
        fixed += [tuple(int(a == b) for b in range(data.dim)) for a in range(data.dim)]
    for round_ in range(_ROUNDS):
        size = 2 ** (_BITS + 4 * round_) - 1
        random = [tuple(map(int, row)) for row in rng.integers(-size, size, endpoint=True, size=(how_many, data.dim))]
        proposed = [*(fixed if round_ == 0 else []), *random]
        yield list(dict.fromkeys(map(_primitive, filter(any, proposed))))


def _promising(data: ExactData, starts: list[int], how_many: int) -> list[Ordering]:
    """Of the first batch of directions, the few that have the widest smallest gaps in floats, ordered exactly.

    A float gap only says which directions are worth the exact order: to order 100,000 points takes a second.
    """
    points = np.array([[float_of(x) for x in point] for point in data.points])
    directions, at = next(_directions(data, how_many)), np.array(starts, int)
    gaps = []
    with np.errstate(all="ignore"):
        for direction in directions:
            z = np.sort(points @ np.array(direction, float))
            gap = (z[at] - z[at - 1]).min() / (z[-1] - z[0]) if starts else 1.0
            gaps.append(-float(gap) if gap > 0 else 0.0)  # not a number: 0
    best = sorted(range(len(gaps)), key=gaps.__getitem__)[:_LOOKED_AT]
    cloud = Cloud(data.points)
    return [_ordered(cloud, directions[k]) for k in best if gaps[k] < 0]


def _primitive(direction: tuple[int, ...]) -> tuple[int, ...]:
    divisor = math.gcd(*direction)
    return tuple(t // divisor for t in direction)


def _ordered(cloud: Cloud, direction: tuple[int, ...]) -> Ordering:
    z = cloud.values((*map(Fraction, direction), Fraction(0)))
    order = ascending(z)
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
