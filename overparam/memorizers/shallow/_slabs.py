"""Groups of at most dim points, each with a hyperplane that contains the group and no other point."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.errors import InputError
from overparam.exact import Cloud, ExactData, Form, exponent_above, hyperplane_through, interpolate_affine
from overparam.memorizers._built import named_rows, refusal

_SEED = 20240229  # any number; fixed, so that a construction is a function of its data
_ORDERS = 12
_DRAWS = 8  # hyperplanes tried through fewer than dim points


class Slab(NamedTuple):
    """A group, h vanishing on it and nowhere else in the data, g affine with the wanted values on it."""

    members: tuple[int, ...]
    h: Form
    g: Form
    reach: Fraction  # a power of two with reach * |g| <= |h| / 2 at all other points
    clearance: Fraction  # a power of two with clearance <= |h| / 2 at all other points


def orders(which: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The order given, then shuffles: points in special position may still be grouped another way."""
    rng = np.random.default_rng(_SEED)
    yield tuple(which)
    for _ in range(_ORDERS - 1):
        yield tuple(int(i) for i in rng.permutation(which))


def slabs(data: ExactData, which: Sequence[int], wanted: Sequence[Fraction], construction: str) -> list[Slab]:
    """A partition of the points `which` into ceil(len(which) / dim) slabs.

    Args:
        data: distinct points.
        which: positions of the points to group.
        wanted: values of g, one for every point of the data.
        construction: its name, for the refusal.
    Raises:
        InputError: no order tried gave groups that are affinely independent with hyperplanes missing all other points.
    """
    cloud = Cloud(data.points)
    refused: InputError | None = None
    for order in orders(which):
        try:
            groups = [order[i : i + data.dim] for i in range(0, len(order), data.dim)]
            return [slab(data, cloud, group, wanted, construction) for group in groups]
        except InputError as error:
            refused = refused or error
    if refused is None:
        raise RuntimeError("orders() yielded nothing")
    raise refused


def slab(data: ExactData, cloud: Cloud, group: Sequence[int], wanted: Sequence[Fraction], construction: str) -> Slab:
    """The slab of one group of at most dim points; through fewer, the candidate with the widest clearance."""
    points = [data.points[i] for i in group]
    others = [i for i in range(data.n_samples) if i not in set(group)]
    best: tuple[Fraction, Form] | None = None
    for free in _free_coefficients(data.dim + 1 - len(group)):
        h = hyperplane_through(points, free)
        if h is None:
            raise refusal(
                construction, f"points {named_rows(data, group)} are affinely dependent", '"greedy" or "distinct"'
            )
        values = cloud.numerators([h])
        margin = min((abs(values.value(0, i)) for i in others), default=Fraction(1))
        if margin and (best is None or margin > best[0]):
            best = margin, h
    if best is None:
        raise refusal(
            construction,
            f"the hyperplane through points {named_rows(data, group)} contains a further point, so the points are not "
            "in general position",
            '"greedy" or "distinct"',
        )
    margin, h = best
    g = interpolate_affine(points, [wanted[i] for i in group])
    if g is None:
        raise RuntimeError("affinely independent points had no interpolating affine function")
    values = cloud.numerators([h, g])
    at_h, at_g = values.rows
    scale_h, scale_g = values.form_scales
    exponents = [exponent_above(2 * abs(at_g[i]) * scale_h, abs(at_h[i]) * scale_g) for i in others if at_g[i]]
    reach = Fraction(2) ** -max(exponents) if exponents else Fraction(1)
    clearance = Fraction(2) ** -exponent_above(2 * margin.denominator, margin.numerator)
    return Slab(tuple(group), h, g, reach, clearance)


def _free_coefficients(count: int) -> Iterator[list[int]]:
    if count == 1:
        yield [1]
        return
    rng = np.random.default_rng(_SEED)
    for _ in range(_DRAWS):
        draw = [int(t) for t in rng.integers(-8, 8, endpoint=True, size=count)]
        yield draw if any(draw) else [1] * count
