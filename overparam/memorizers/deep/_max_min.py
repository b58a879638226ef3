"""Hanin and Sellke 2017 as an interpolator: width dim + 1, a point a layer, by maxima and minima of affine functions.

Along t = <u, x> the network corrects a number z one point after another: if z is too small at the i-th point, by
z <- max(z, l_i), if it is too large, by z <- min(z, l_i), where l_i has the label of that point and is so steep in t
that the points before it keep theirs.  One neuron is enough, max(z, l) = l + relu(z - l) and min(z, l) = l - relu(l -
z), because z and l are affine in the neurons of the layer before: that one and those that carry the point, or t
alone. What happens at later points does not matter, since their turn comes.  Proof: docs/theory/deep.md.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactData, LayeredNetwork, power_of_two_above
from overparam.memorizers._built import Built, Options
from overparam.memorizers.deep._affine import ZERO, Affine, Line, combination, layer, line_of, unit


class Step(NamedTuple):
    """z <- max(z, l) if sign is 1, min(z, l) if it is -1; l = slope t + offset."""

    sign: int
    slope: Fraction
    offset: Fraction


def build_max_min(data: ExactData, _: Options) -> Built:
    """Width dim + 1: every layer carries the point, shifted so that no coordinate is negative."""
    line = line_of(data)
    shifts = [max(-min(column), ZERO) for column in zip(*data.points, strict=True)]
    carried = [Affine({k: Fraction(1)}, shift) for k, shift in enumerate(shifts)]
    back = line.shift - sum((u * shift for u, shift in zip(line.direction, shifts, strict=True)), ZERO)
    return _built(line, data.dim, carried, Affine({k: Fraction(u) for k, u in enumerate(line.direction) if u}, back))


def build_width_2(data: ExactData, _: Options) -> Built:
    """Width 2: every layer carries t alone."""
    line = line_of(data)
    return _built(line, data.dim, [line.function], unit(0))


def _built(line: Line, dim: int, carried: Sequence[Affine], t: Affine) -> Built:
    """The network; `carried` from the point, and t from what is carried."""
    steps = _steps(line)
    layers, inputs, functions = [], dim, list(carried)
    z = Affine({}, line.labels[0])
    for position, step in enumerate(steps):
        here = combination(t.terms, functions, t.constant)  # t from the layer before
        gap = z.plus(-step.slope, here).shifted(-step.offset).times(Fraction(step.sign))
        layers.append(layer(inputs, [*functions, gap]))
        inputs = len(carried) + 1
        if position == 0:
            functions = [unit(k) for k in range(len(carried))]
        z = t.times(step.slope).shifted(step.offset).plus(Fraction(step.sign), unit(len(carried)))
    if not steps:
        layers, inputs = [layer(dim, carried)], len(carried)
    maxima = sum(step.sign > 0 for step in steps)
    note = f"{maxima} maxima and {len(steps) - maxima} minima along {list(line.direction)}"
    return Built(LayeredNetwork("relu", (*layers, layer(inputs, [z]))), (note,), numbers={"steps": len(steps)})


def _steps(line: Line) -> list[Step]:
    """A step for each point but the first, unless z has its label already."""
    t, y, found = line.t, line.labels, []
    z = [y[0]] * len(t)
    for i in range(1, len(t)):
        if z[i] == y[i]:
            continue
        sign = 1 if z[i] < y[i] else -1
        steepest = max(sign * (y[i] - y[j]) / (t[i] - t[j]) for j in range(i))
        slope = sign * power_of_two_above(steepest) if steepest > 0 else ZERO
        step = Step(sign, slope, y[i] - slope * t[i])
        found.append(step)
        pick = max if sign > 0 else min
        z[i:] = [pick(value, step.slope * at + step.offset) for value, at in zip(z[i:], t[i:], strict=True)]
    return found
