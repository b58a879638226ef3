"""Points of a moment curve (a_1 t, a_2 t^2, .., a_d t^d), on which polynomials of degree d are affine functions."""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactData, Form, shortest
from overparam.memorizers.shallow._sweep import Group


class Curve(NamedTuple):
    """The points by their parameters.

    Attributes:
        order: points by ascending parameter.
        t: the parameters in that order, which are the first coordinates.
        scales: a_1 = 1, a_2, .., a_d; none is 0.
    """

    order: tuple[int, ...]
    t: tuple[Fraction, ...]
    scales: tuple[Fraction, ...]


def curve_near(data: ExactData) -> Curve | None:
    """The curve through the point of the largest or the least parameter; None if parameters agree or a scale is 0.

    Points computed in floats are seldom on it exactly.
    """
    order = sorted(range(data.n_samples), key=lambda i: data.points[i][0])
    t = tuple(data.points[i][0] for i in order)
    if any(a == b for a, b in itertools.pairwise(t)):
        return None
    far = data.points[order[-1] if abs(t[-1]) >= abs(t[0]) else order[0]]
    if not far[0]:  # one point, at 0: any scales will do
        return Curve(tuple(order), t, (Fraction(1),) * data.dim)
    scales = tuple(x / far[0] ** k for k, x in enumerate(far, 1))
    return Curve(tuple(order), t, scales) if all(scales) else None


def moment_curve(data: ExactData) -> Curve | None:
    """The curve that all points are on exactly, or None."""
    curve = curve_near(data)
    if curve is None:
        return None
    on = all(x == a * p[0] ** k for p in data.points for k, (x, a) in enumerate(zip(p, curve.scales, strict=True), 1))
    return curve if on else None


def with_roots(curve: Curve, roots: Sequence[Fraction]) -> Form:
    """A positive multiple of the form that is prod (t - root) at the point of parameter t; at most dim roots."""
    coefficients = [Fraction(1)]  # from the constant upwards
    for root in roots:
        raised = [Fraction(0), *coefficients]
        coefficients = [up - root * c for up, c in zip(raised, [*coefficients, Fraction(0)], strict=True)]
    coefficients += [Fraction(0)] * (len(curve.scales) + 1 - len(coefficients))
    return shortest((*(c / a for c, a in zip(coefficients[1:], curve.scales, strict=True)), coefficients[0]))


def sweep_of_curve(curve: Curve) -> list[Group]:
    """ceil(n / dim) groups: from the left if dim is odd; if it is even, dim - 1 from the left and one from the right.

    Either way the form of a group changes its sign an odd number of times between the points swept and the others.  Of
    the last group, which may be short, an extra root just before its first point does that where it is needed.
    """
    dim = len(curve.scales)
    low, high = 0, len(curve.t)  # the points still to be swept
    groups = []
    while high > low:
        if high - low <= dim:
            roots = list(curve.t[low:high])
            before = curve.t[low - 1] if low else curve.t[low] - 1
            # odd dim: all others are on the left; even dim: on both sides, where the signs must agree
            if len(roots) % 2 != dim % 2 and low + len(curve.t) - high > 0:
                roots.append((before + curve.t[low]) / 2)
            positions = range(low, high)
            sign = 1 if dim % 2 else -1
            low = high
        elif dim % 2:
            positions, sign = range(low, low + dim), 1
            roots = [curve.t[i] for i in positions]
            low += dim
        else:
            positions, sign = [*range(low, low + dim - 1), high - 1], -1
            roots = [curve.t[i] for i in positions]
            low, high = low + dim - 1, high - 1
        form = with_roots(curve, roots)
        groups.append(Group(tuple(curve.order[i] for i in positions), tuple(sign * c for c in form)))
    return groups
