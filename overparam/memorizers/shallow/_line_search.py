"""Which knots of a polygon turn to the left so that nothing affine is left over: all possibilities.

Turning a knot to the left adds its turn to the slope on the left of all knots; the sum must be 0.  The search goes
through the knots from both ends with sets of sums, which are lists of disjoint intervals with integer ends.
"""

import bisect
import itertools
import math
from fractions import Fraction
from typing import NamedTuple

from overparam.memorizers.shallow._polygon import Plan, Polygon, Run, outer_links

_EXACT = 2**28  # bits of all numbers over one denominator, beyond which they are only rounded
_ROUNDED = 128  # bits of the largest rounded number
_HELD = 2**31  # bits of sums held

State = tuple[bool, int]  # whether the cut of the knot's run is still to come; 1 if the knot is turned to the left
Interval = tuple[int, int]
Layer = dict[tuple[State, State], Interval]
Sums = dict[State, list[Interval]]

_START, _END = (False, 1), (False, 0)


class Search(NamedTuple):
    """What an exhaustive search says: a plan, or that there is none, or neither."""

    plan: Plan | None
    exhausted: bool  # no plan exists


class _Loads(NamedTuple):
    """The first slope and each run's own and shared turns, as integers times a unit."""

    first: int
    runs: list[tuple[list[int], list[int]]]
    unit: Fraction
    unsure: int  # how much all of them lack at most, in units; 0 if they are exact


def exhaustive_plan(polygon: Polygon, *, most: int) -> Search:
    """A plan if there is one, found with at most `most` intervals held; `plan` and `exhausted` both no: too many.

    Numbers that are long over a common denominator are rounded first, which may show that there is no plan; where it
    would be too long they are only rounded.
    """
    loads = []
    for run in polygon.runs:
        own = polygon.own(run)
        loads.append((own, polygon.turns[run.start + 1 : run.stop : 2] if run.odd else [Fraction(0)] * (len(own) - 1)))
    numbers = [polygon.slopes[0], *(x for own, between in loads for x in (*own, *between))]
    length = sum(x.denominator.bit_length() for x in numbers)
    largest = max(x.numerator.bit_length() - x.denominator.bit_length() for x in numbers)
    found = Search(None, False)
    if length > 4 * _ROUNDED:
        unit = Fraction(2) ** (largest - _ROUNDED)
        found = _searched(polygon, _in_units(polygon, loads, unit, len(numbers)), most)
    if not found.exhausted and len(numbers) * length <= _EXACT:
        scale = math.lcm(*(x.denominator for x in numbers))
        unit = Fraction(math.gcd(*(x.numerator * (scale // x.denominator) for x in numbers)) or 1, scale)
        found = _searched(polygon, _in_units(polygon, loads, unit, 0), most)
    return found


def _in_units(
    polygon: Polygon, loads: list[tuple[list[Fraction], list[Fraction]]], unit: Fraction, unsure: int
) -> _Loads:
    own_and_between = [tuple([math.floor(x / unit) for x in part] for part in load) for load in loads]
    return _Loads(
        math.floor(polygon.slopes[0] / unit), [(own, between) for own, between in own_and_between], unit, unsure
    )


def _searched(polygon: Polygon, loads: _Loads, most: int) -> Search:
    first, unsure = loads.first, loads.unsure
    far = abs(first) + unsure + sum(abs(x) for own, between in loads.runs for x in (*own, *between))
    most = min(most, _HELD // (far.bit_length() + 1))
    layers = _layers(polygon, loads.runs, far)
    reached: Sums = {_START: [(first, first + unsure)]}
    from_left = [reached] + [reached := _hulls(reached, layer) for layer in layers]
    reached = {_END: [(0, 0)]}
    from_right = [reached] + [reached := _hulls(reached, _turned(layer)) for layer in reversed(layers)]
    ahead, behind = [from_left[0]], [from_right[0]]
    while len(ahead) + len(behind) < len(layers) + 2:
        if sum(map(len, ahead[-1].values())) <= sum(map(len, behind[-1].values())):
            i = len(ahead)
            ahead.append(_advanced(ahead[-1], layers[i - 1], from_right[-1 - i]))
            most -= sum(map(len, ahead[-1].values()))
        else:
            j = len(behind)
            behind.append(_advanced(behind[-1], _turned(layers[-j]), from_left[-1 - j]))
            most -= sum(map(len, behind[-1].values()))
        if most < 0:
            return Search(None, False)
    meeting = [
        (state, value) for state in ahead[-1] for value in _opposites(ahead[-1][state], behind[-1].get(state, []))
    ]
    if not meeting:
        return Search(None, True)
    if unsure:
        return Search(None, False)
    state, value = meeting[0]
    steps = _walk_back(ahead, layers, state, value)[::-1]
    onward = [_turned(layer) for layer in reversed(layers)]
    steps += [(t, s, c) for s, t, c in _walk_back(behind, onward, state, -value)]
    return Search(_decoded(polygon, loads, steps), False)


def _layers(polygon: Polygon, loads: list[tuple[list[int], list[int]]], far: int) -> list[Layer]:
    """Steps into each knot and to the right end; states without a run to be cut are never `still to come`."""
    layers: list[Layer] = []
    for i, (before, after, _) in enumerate(outer_links(polygon)):
        own, between = loads[i] if after else ([0], [])
        layers.append(_outer(polygon, before, after, own[0], far))
        for shared, weight in zip(between, own[1:], strict=True):
            layer: Layer = {}
            for e, f in itertools.product((0, 1), repeat=2):
                behind, before_it = weight * f + shared * f, weight * f + shared * e
                layer[(False, e), (False, f)] = (behind, behind)
                if after and after.odd:
                    layer[(True, e), (True, f)] = (before_it, before_it)
                    layer[(True, e), (False, f)] = (min(behind, before_it), max(behind, before_it))
            layers.append(layer)
    return layers


def _outer(polygon: Polygon, before: Run | None, after: Run | None, weight: int, far: int) -> Layer:
    layer: Layer = {}
    sign = before.sign if before else -after.sign if after else 0
    for cut_before in (False, True) if before and before.odd else (False,):
        for cut_after in (False, True) if after and after.odd else (False,):
            movable = polygon.movable(before, after, cut_before=cut_before, cut_after=cut_after)
            for e, f in itertools.product((0, 1) if before else (1,), (0, 1) if after else (0,)):
                pull = sign * (e - f) * far if movable else 0
                later = bool(after and after.odd and not cut_after)
                layer[(cut_before, e), (later, f)] = (weight * f + min(pull, 0), weight * f + max(pull, 0))
    return layer


def _turned(layer: Layer) -> Layer:
    return {(t, s): step for (s, t), step in layer.items()}


def _hulls(sums: Sums, layer: Layer) -> Sums:
    """The least and the largest sum of each state after a layer."""
    ends: dict[State, list[int]] = {}
    for (s, t), (a, b) in layer.items():
        for low, high in sums.get(s, []):
            ends.setdefault(t, []).extend((low + a, high + b))
    return {t: [(min(values), max(values))] for t, values in ends.items()}


def _advanced(sums: Sums, layer: Layer, rest: Sums) -> Sums:
    """The sums of each state after a layer, without those that the rest of the way cannot bring to 0."""
    after: Sums = {}
    for target in {t for _, t in layer} & rest.keys():
        least, most = rest[target][0]
        moved = sorted(
            (low + a, high + b)
            for (s, t), (a, b) in layer.items()
            if t == target
            for low, high in sums.get(s, [])
            if low + a <= -least and high + b >= -most
        )
        merged = moved[:1]
        for low, high in moved[1:]:
            if low > merged[-1][1] + 1:
                merged.append((low, high))
            elif high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        after[target] = merged
    return after


def _opposites(ahead: list[Interval], behind: list[Interval]) -> list[int]:
    """One number of `ahead` whose opposite is in `behind`, or none."""
    i, j = 0, len(behind) - 1
    while i < len(ahead) and j >= 0:
        low, high = max(ahead[i][0], -behind[j][1]), min(ahead[i][1], -behind[j][0])
        if low <= high:
            return [low]
        i, j = (i + 1, j) if ahead[i][1] < -behind[j][1] else (i, j - 1)
    return []


def _walk_back(history: list[Sums], layers: list[Layer], state: State, value: int) -> list[tuple[State, State, int]]:
    """Steps (from, to, number added) by which `value` was reached in the last state, the last step first."""
    steps = []
    for i in range(len(history) - 1, 0, -1):
        for (s, t), (a, b) in layers[i - 1].items():
            sums = history[i - 1].get(s, [])
            k = bisect.bisect_right(sums, (value - a, math.inf)) - 1  # the last that begins at or before value - a
            if t == state and k >= 0 and sums[k][1] >= value - b:
                earlier = min(value - a, sums[k][1])
                steps.append((s, t, value - earlier))
                state, value = s, earlier
                break
        else:
            raise RuntimeError("a sum could not be traced back: a bug of overparam, please report it")
    return steps


def _decoded(polygon: Polygon, loads: _Loads, steps: list[tuple[State, State, int]]) -> Plan:
    """The plan that a walk describes."""
    plan = Plan([bool(f) for _, (_, f), _ in steps[:-1]], {}, {}, {})
    for i, (before, after, link) in enumerate(outer_links(polygon)):
        (to_come, _), (_, f), added = steps[link]
        own, between = loads.runs[i] if after else ([0], [])
        if to_come and before:
            plan.cuts[i - 1] = link
        if added != own[0] * f:
            plan.moves[link] = abs(added - own[0] * f) * loads.unit
        for k, (shared, weight) in enumerate(zip(between, own[1:], strict=True), 1):
            (to_come, e), (still, f), added = steps[link + k]
            if to_come and not still:
                plan.cuts[i] = link + k
                taken = added - weight * f  # share * e + (shared - share) * f
                plan.shares[link + k] = (taken if e and not f else shared - taken if f and not e else 0) * loads.unit
    return plan
