"""Points on a line: whether no network with one hidden ReLU layer of a given width interpolates.

The proofs are in docs/theory/one_dimension.md.  The slopes between neighbouring points turn up, down or not at all at
each point but the first and the last.  Turns of one sign in a row are a run; a run of length r needs ceil(r / 2) knots
of its own, K* in all, and a neuron has one knot.  K* + 1 neurons and an output bias always suffice.  K* neurons suffice
exactly if the turns can be shared out among the knots, and some knots turned to the left, so that a certain sum is 0.
That is a walk through a graph with at most four states a knot, each step of which adds a number from an interval.
"""

import dataclasses
import itertools
from fractions import Fraction
from math import gcd
from typing import NamedTuple

from proofs_check.answers import Answer, OverBudget, accepted, rejected, undecided
from proofs_check.budget import Budget, gcd_cost, product_cost
from proofs_check.claims._walk import Layer, adds_up_to_zero
from proofs_check.exact import cleared
from proofs_check.layers import Family
from proofs_check.reading import Dataset

_DOING = "deciding whether K* neurons suffice"
_EXACT = 2**29  # bits, about, of all numbers over one denominator; beyond, they are rounded
_ROUNDED = 128  # bits of the largest of them then

Load = tuple[list[int], list[int]]  # what each knot of a run turns by at least; what neighbours share


class Run(NamedTuple):
    """Turns of one sign at the points start, ..., stop - 1, counted from 0 on the left."""

    sign: int
    start: int
    stop: int

    @property
    def knots(self) -> int:
        """How many knots it needs."""
        return (self.stop - self.start + 1) // 2

    @property
    def odd(self) -> bool:
        """Whether its knots may move."""
        return (self.stop - self.start) % 2 == 1


def needs_more_than(dataset: Dataset, family: Family, width: int, budget: Budget) -> Answer:
    """Whether no network of `width` neurons, with the biases that `family` allows, has every label as its output.

    Accepted: there is none, hence none of smaller width.  Rejected: there is one, or the question is another one.
    Undecided: the family lacks a bias, and a network of this width that has both exists.

    Raises:
        OverBudget: the search, or reading the slopes, would take too long.
    """
    if dataset.dim != 1 or family.activation != "relu" or len(family.widths) != 1:
        return rejected("this method is about points with one coordinate and networks with one hidden ReLU layer")
    family = dataclasses.replace(family, widths=(width,))
    none = (
        f"Among the {family}, there is none whose output equals the label exactly at each of the {dataset.size} of "
        f"the data set with SHA-256 {dataset.sha256}"
    )
    points = _in_order(dataset, budget)
    if points is None:
        return accepted(f"{none}, because two equal points have different labels.")
    slopes = _slopes(points, budget)
    runs = _runs(slopes)
    least = sum(run.knots for run in runs)
    if width < least:
        return accepted(f"{none}: a piecewise linear function with these values has at least {least} knots.")
    if width == least and not _suffices(slopes, runs, budget):
        return accepted(
            f"{none}: a piecewise linear function with these values has at least {least} knots, and none that has just "
            "as many is a network with one neuron for each."
        )
    if family.hidden_bias and width >= least + 2 - family.output_bias:
        return rejected(f"some network of {width} such neurons interpolates: {least} knots suffice for these labels")
    if family.hidden_bias and family.output_bias:
        return rejected(f"some network of {width} such neurons interpolates, with one neuron for each knot")
    return undecided(
        f"a network of {width} neurons with hidden biases and an output bias interpolates, and this method cannot tell "
        "whether one without does"
    )


def _in_order(dataset: Dataset, budget: Budget) -> list[tuple[Fraction, Fraction]] | None:
    """The distinct points with their labels, from left to right; None if equal points have different labels."""
    longest = max(max(x.numerator.bit_length(), x.denominator.bit_length()) for (x,) in dataset.points)
    n = dataset.n_samples
    budget.spend(n * n.bit_length() * (2 * product_cost(longest, longest) + 500), "sorting the points")
    pairs = sorted(((x, y) for (x,), y in zip(dataset.points, dataset.labels, strict=True)), key=lambda pair: pair[0])
    distinct = pairs[:1]
    for pair in pairs[1:]:
        if pair[0] != distinct[-1][0]:
            distinct.append(pair)
        elif pair[1] != distinct[-1][1]:
            return None
    return distinct


def _slopes(points: list[tuple[Fraction, Fraction]], budget: Budget) -> list[Fraction]:
    """The slopes between neighbours; the slope of a single point is 0."""
    slopes = []
    for (t, y), (u, z) in itertools.pairwise(points):
        bits = sum(x.numerator.bit_length() + x.denominator.bit_length() for x in (t, y, u, z))
        budget.spend(40 * (product_cost(bits, bits) + gcd_cost(bits, bits)), "computing the slopes")
        budget.hold(2 * bits, "computing the slopes")
        slopes.append((z - y) / (u - t))
    return slopes or [Fraction(0)]


def _runs(slopes: list[Fraction]) -> list[Run]:
    """The maximal runs of equal turns, from left to right."""
    runs: list[Run] = []
    for i, (before, after) in enumerate(itertools.pairwise(slopes), 1):
        sign = (after > before) - (after < before)
        if sign and runs and runs[-1].sign == sign and runs[-1].stop == i:
            runs[-1] = runs[-1]._replace(stop=i + 1)
        elif sign:
            runs.append(Run(sign, i, i + 1))
    return runs


def _suffices(slopes: list[Fraction], runs: list[Run], budget: Budget) -> bool:
    """Whether K* neurons with both biases interpolate: whether some walk's sum, begun at the first slope, can be 0."""
    first, loads, unsure = _loads(slopes, runs, budget)
    far = abs(first) + unsure + sum(abs(x) for own, between in loads for x in own + between)  # no move helps beyond
    bits = far.bit_length()
    n_layers = sum(len(own) for own, _ in loads) + 1
    budget.spend(100 * n_layers * (100 + bits // 30), _DOING)
    budget.hold(60 * n_layers * bits, _DOING)
    layers = _layers(loads, runs, len(slopes), far)
    suffices = adds_up_to_zero(layers, (False, 1), (first, first + unsure), (False, 0), bits, budget)
    if suffices and unsure:
        raise OverBudget(f"{_DOING} is not possible in rounded numbers, and would take too long in exact ones")
    return suffices


def _loads(slopes: list[Fraction], runs: list[Run], budget: Budget) -> tuple[int, list[Load], int]:
    """The first slope, and for each run what its knots turn by and what neighbouring knots share, as integers.

    Where a common denominator would be too long, they are all rounded down, and the last number returned bounds how
    much they lack in all; else it is 0.
    """
    loads = []
    for run in runs:
        masses = [slopes[i] - slopes[i - 1] for i in range(run.start, run.stop)]
        pairs = [before + after for before, after in zip(masses[::2], masses[1::2], strict=False)]
        loads.append((masses[::2], masses[1::2]) if run.odd else (pairs, [Fraction(0)] * (len(pairs) - 1)))
    numbers = [slopes[0], *(x for own, between in loads for x in own + between)]
    if len(numbers) * sum(x.denominator.bit_length() for x in numbers) <= _EXACT:
        integers, unsure = cleared(numbers, budget)[0], 0
        unit = 0
        for number in integers:
            budget.spend(2 * gcd_cost(number.bit_length(), unit.bit_length()), _DOING)
            unit = gcd(unit, number)
        integers = [x // (unit or 1) for x in integers]
    else:
        largest = max(abs(x.numerator).bit_length() - x.denominator.bit_length() for x in numbers)
        shift = _ROUNDED - largest
        integers, unsure = [_floor(x, shift, budget) for x in numbers], len(numbers)
    rest = iter(integers[1:])
    return integers[0], [([next(rest) for _ in own], [next(rest) for _ in between]) for own, between in loads], unsure


def _floor(number: Fraction, shift: int, budget: Budget) -> int:
    """The largest integer that is at most number * 2^shift."""
    above, below = number.numerator << max(shift, 0), number.denominator << max(-shift, 0)
    return budget.quotient(above, below, "rounding")


def _layers(loads: list[Load], runs: list[Run], last: int, far: int) -> list[Layer]:
    """The steps into every knot, and out of the last one; `last` is the last point."""
    layers = []
    before = None
    for run, (own, between) in zip(runs, loads, strict=True):
        layers.append(_into(before, run, own[0], last, far))
        layers += [_within(run, shared, weight) for shared, weight in zip(between, own[1:], strict=True)]
        before = run
    return [*layers, _into(before, None, 0, last, far)]


def _within(run: Run, shared: int, weight: int) -> Layer:
    """From a knot of a run to the next, which turns by `weight`, and by the part of `shared` that the first leaves."""
    steps: Layer = {}
    for here, there in itertools.product((0, 1), repeat=2):
        own = weight * there
        steps[(False, here), (False, there)] = (shared * there + own, shared * there + own)
        if run.odd:
            steps[(True, here), (True, there)] = (shared * here + own, shared * here + own)
            ends = sorted((shared * here, shared * there))
            steps[(True, here), (False, there)] = (ends[0] + own, ends[1] + own)
    return steps


def _into(before: Run | None, after: Run | None, weight: int, last: int, far: int) -> Layer:
    """From the last knot of a run (or the left end) to the first one of the next, which turns by `weight` at least.

    A knot that moves out of its run into the gap between the two must be made good by the knot on the other side.
    """
    stop, start = before.stop if before else 1, after.start if after else last
    sign = after.sign if after else -before.sign if before else 0  # the ends act like runs of the other sign
    opposite = not before or before.sign != sign
    odd_before, odd_after = before is not None and before.odd, after is not None and after.odd
    steps: Layer = {}
    for cut_before, cut_after in itertools.product((False, True)[: 1 + odd_before], (False, True)[: 1 + odd_after]):
        beside = start == stop and (cut_before or cut_after)
        beyond = start == stop + 1 and cut_before and cut_after  # both reach a point between them, and cancel there
        for here, there in itertools.product((0, 1) if before else (1,), (0, 1) if after else (0,)):
            pull = sign * (there - here) * far if opposite and (beside or beyond) else 0
            step = (weight * there + min(pull, 0), weight * there + max(pull, 0))
            steps[(cut_before, here), (odd_after and not cut_after, there)] = step
    return steps
