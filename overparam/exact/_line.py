"""Exact outputs of a network whose neurons all look in one direction r, by a sweep along r instead of all neurons.

With t = <r, x> a neuron is v activation(a t + b), so between two knots -b / a the network is one line A + B t.  From
left to right through knots and points, each knot adds or takes away one neuron's line: sorting apart, one addition a
neuron and one product a point, against n_samples * width of them for `forward`.  Lines of an interpolating network are
short, since they run through neighbouring points; those of an arbitrary one may grow as long as all its weights.
"""

from collections.abc import Sequence
from fractions import Fraction

from overparam.exact._network import ExactNetwork
from overparam.exact._numbers import float_of

_BEFORE, _POINT, _AFTER = range(3)  # of stops at one place: knots whose neuron changes there, points, knots behind them


def ascending(values: Sequence[Fraction]) -> list[int]:
    """Positions of the values from the least to the greatest; equal ones keep their order.

    Rounding to the nearest float keeps the order, so the fractions themselves are compared only where floats are equal.

    >>> ascending([Fraction(1, 3), Fraction(0), Fraction(1, 4)])
    [1, 2, 0]
    """
    keys = [(float_of(x), x) for x in values]
    return sorted(range(len(keys)), key=keys.__getitem__)


def shared_slopes(network: ExactNetwork) -> tuple[tuple[Fraction, ...], list[Fraction]] | None:
    """A direction r and numbers a_j with u_j = a_j r for all neurons; None if there is no such direction."""
    direction = next((row for row in network.u if any(row)), None)
    if direction is None:
        return (Fraction(0),) * network.dim, [Fraction(0)] * network.width
    lead = next(k for k, r in enumerate(direction) if r)
    slopes, one = [], Fraction(1)
    for row in network.u:
        if row is direction or row == direction:
            slopes.append(one)
            continue
        a = row[lead] / direction[lead]
        if any(w != a * r for w, r in zip(row, direction, strict=True)):
            return None
        slopes.append(a)
    return direction, slopes


def line_outputs(network: ExactNetwork, points: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """The network's output at every point, without rounding; None if its neurons do not share a direction.

    Args:
        network: ReLU or threshold.
        points: rows of network.dim fractions.
    """
    shared = shared_slopes(network)
    if shared is None:
        return None
    direction, slopes = shared
    weighing = [(k, r) for k, r in enumerate(direction) if r]
    places = [sum((point[k] if r == 1 else r * point[k] for k, r in weighing), Fraction(0)) for point in points]
    stops: list[tuple[float, Fraction, int, int]] = [(float_of(t), t, _POINT, i) for i, t in enumerate(places)]
    height, slope = network.c, Fraction(0)  # of the line that the network is left of everything
    lines = []
    for j, (v, a, b) in enumerate(zip(network.v, slopes, network.b, strict=True)):
        line = (v * b, v * a if a != 1 else v) if network.activation == "relu" else (v, Fraction(0))
        lines.append(line)
        if a:
            knot = -b / a if a != 1 else -b
            late = a < 0 and network.activation == "threshold"  # it is still on at its knot, step(0) being 1
            stops.append((float_of(knot), knot, _AFTER if late else _BEFORE, j))
        if a < 0 or (a == 0 and (b > 0 or (b == 0 and network.activation == "threshold"))):
            height, slope = height + line[0], slope + line[1]
    stops.sort()
    outputs = [Fraction(0)] * len(points)
    for _, t, rank, which in stops:
        if rank == _POINT:
            outputs[which] = height + slope * t
        else:
            up, steeper = lines[which]
            on = slopes[which] > 0
            height, slope = (height + up, slope + steeper) if on else (height - up, slope - steeper)
    return outputs
