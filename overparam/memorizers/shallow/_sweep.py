"""The alternating sweep: one ReLU neuron and an output bias for a group of at most dim points (docs/theory/sweep.md).

Groups G_1, .., G_m, each with an affine function h_i that is 0 on it, negative on all earlier groups and positive on
all later ones.  Let B_i be affine with the labels on G_i, A_0 the least label, and with s = 1, -1, 1, ..
    A_i = B_i + s_i M_i h_i,   neuron i = s_i relu(s_i (A_i - A_(i-1))),
M_i so large that the neuron is 0 on all earlier groups and that s_i (A_i - y) >= 0 on all later ones.  Then the network
is A_i on G_i, where that is the label.  No number depends on the groups before but the power of two M_i.
"""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import Cloud, ExactData, Form, exponent_above, interpolate_affine
from overparam.memorizers._built import Built, Options, combined, two_layer


class Group(NamedTuple):
    """Points on one hyperplane: h is 0 on them, negative on all earlier groups, positive on all later ones."""

    members: tuple[int, ...]
    h: Form


def build_sweep(data: ExactData, _: Options) -> Built:
    """The shortest sweep that is found: in the plane the shortest there is; single points at worst; always works."""
    from overparam.memorizers.shallow._sweep_search import find_sweep

    if len(set(data.labels)) == 1:
        return two_layer([], data.labels[0], data.dim, "constant labels: the constant network")
    form = interpolate_affine(data.points, data.labels) if data.n_samples <= data.dim + 1 else None
    if form is not None:  # all points are one group: an affine function is one neuron, lifted above 0
        lift = -min(Cloud(data.points).values(form))
        return two_layer([(Fraction(1), (*form[:-1], form[-1] + lift))], -lift, data.dim, "one group of all points")
    groups, how = find_sweep(data)
    neurons, c = swept(data, groups)
    built = two_layer(neurons, c, data.dim, f"{len(groups)} groups of at most {_largest(groups)} points: {how}")
    return dataclasses.replace(built, numbers={"groups": len(groups)})


def _largest(groups: Sequence[Group]) -> int:
    return max(len(group.members) for group in groups)


def swept(data: ExactData, groups: Sequence[Group]) -> tuple[list[tuple[Fraction, Form]], Fraction]:
    """Neurons and output bias of the network; each group must be affinely independent."""
    cloud = Cloud(data.points)
    c = min(data.labels)
    before: Form = (*[Fraction(0)] * data.dim, c)
    neurons = []
    earlier: list[int] = []
    later = set(range(data.n_samples))
    for i, (members, h) in enumerate(groups):
        s = 1 - 2 * (i % 2)
        later -= set(members)
        own = interpolate_affine([data.points[j] for j in members], [data.labels[j] for j in members])
        if own is None:
            raise RuntimeError("affinely independent points had no interpolating affine function")
        gap = tuple(s * t for t in combined(own, Fraction(-1), before))  # s (B_i - A_(i-1))
        values = cloud.numerators([h, gap, own])
        least = [_exponent(-values.value(1, j), values.value(0, j)) for j in earlier]
        least += [_exponent(s * (data.labels[j] - values.value(2, j)), values.value(0, j)) for j in later]
        exponents = [e for e in least if e is not None]
        steepness = Fraction(2) ** max(exponents) if exponents else Fraction(0)
        neurons.append((Fraction(s), combined(gap, steepness, h)))
        before = combined(own, s * steepness, h)
        earlier += members
    return neurons, c


def _exponent(wanted: Fraction, h: Fraction) -> int | None:
    """The least e with 2^e |h| >= |wanted|, where wanted has the sign of h; None where any multiple does."""
    if wanted == 0 or (wanted > 0) != (h > 0):
        return None
    ratio = wanted / h
    return exponent_above(ratio.numerator, ratio.denominator)
