"""Piecewise linear functions with the fewest knots through points on a line.

The facts are proved in docs/theory/one_dimension.md.  The chords turn up, down or not at all at each point but the
first and the last; turns of one sign in a row are a run.  In a run of even length, points share a knot two by two.  In
a run of odd length every other point has a knot of its own, and a point between two of them gives its turn to the knot
before it up to some place, the cut, and to the knot behind it from there on; at the cut it may split it.  If the cut is
outside the run, its outermost knot may move out, and the knot beside it makes that good.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Run(NamedTuple):
    """Turns of one sign at the points start, ..., stop - 1, counted from 0."""

    sign: int
    start: int
    stop: int
    first: int  # its first knot, counted from 0 over all runs

    @property
    def odd(self) -> bool:
        """Whether its knots may move."""
        return (self.stop - self.start) % 2 == 1

    @property
    def n_knots(self) -> int:
        """How many knots it needs."""
        return (self.stop - self.start + 1) // 2


class Plan(NamedTuple):
    """One function with the fewest knots, and which knots turn to the left.  Link j is the place before knot j."""

    left: list[bool]  # one a knot
    cuts: dict[int, int]  # number of a run -> link of its cut; a run left out is cut before its first knot
    shares: dict[int, Fraction]  # link of a cut inside a run -> what the knot before it takes of the turn there
    moves: dict[int, Fraction]  # link outside the runs -> the size of the turn that is moved out and made good


class Knot(NamedTuple):
    """jump * relu(t - at), or jump * relu(at - t) if it faces left."""

    at: Fraction
    jump: Fraction
    left: bool


class Polygon(NamedTuple):
    """Distinct points from left to right, and the slopes, turns (0 at both ends) and runs of their chords."""

    t: list[Fraction]
    y: list[Fraction]
    slopes: list[Fraction]
    turns: list[Fraction]
    runs: list[Run]

    @property
    def n_knots(self) -> int:
        """The least number of knots."""
        return sum(run.n_knots for run in self.runs)

    @property
    def rigid(self) -> bool:
        """Whether no knot of a function with the fewest knots can move, so that there is only one."""
        if any(run.odd and run.n_knots > 1 for run in self.runs):
            return False
        return not any(
            self.movable(before, after, cut_before=bool(before and before.odd), cut_after=bool(after and after.odd))
            for before, after, _ in outer_links(self)
        )

    def own(self, run: Run) -> list[Fraction]:
        """What each knot of a run turns by at least."""
        turns = self.turns[run.start : run.stop]
        return turns[::2] if run.odd else [a + b for a, b in zip(turns[::2], turns[1::2], strict=True)]

    def movable(self, before: Run | None, after: Run | None, *, cut_before: bool, cut_after: bool) -> bool:
        """Whether turn can be moved out between two neighbouring runs (None: an end) that are cut there or not."""
        if before and after and before.sign == after.sign:
            return False
        stop = before.stop if before else 1
        start = after.start if after else len(self.slopes)
        return (start == stop and (cut_before or cut_after)) or (start == stop + 1 and cut_before and cut_after)


def polygon_through(t: Sequence[Fraction], y: Sequence[Fraction]) -> Polygon:
    """The polygon through the points (t_i, y_i), t strictly ascending."""
    slopes = [(y[i + 1] - y[i]) / (t[i + 1] - t[i]) for i in range(len(t) - 1)]
    turns = [Fraction(0), *(after - before for before, after in itertools.pairwise(slopes)), Fraction(0)]
    runs: list[Run] = []
    n_knots, i = 0, 1
    for sign, group in itertools.groupby((turn > 0) - (turn < 0) for turn in turns[1:-1]):
        length = len(list(group))
        if sign:
            runs.append(Run(sign, i, i + length, n_knots))
            n_knots += runs[-1].n_knots
        i += length
    return Polygon(list(t), list(y), slopes or [Fraction(0)], turns[: len(t)], runs)


def outer_links(polygon: Polygon) -> list[tuple[Run | None, Run | None, int]]:
    """The links outside the runs with the runs on both sides, from the left end to the right end."""
    sides = [None, *polygon.runs, None]
    return [(before, after, after.first if after else polygon.n_knots) for before, after in itertools.pairwise(sides)]


def knots_of(polygon: Polygon, plan: Plan) -> list[Knot]:
    """The knots of the function that the plan describes, from left to right within each run."""
    loads = [dict[int, Fraction]() for _ in range(polygon.n_knots)]  # what a knot takes of the turns at which points

    def load(knot: int, point: int, turn: Fraction) -> None:
        loads[knot][point] = loads[knot].get(point, Fraction(0)) + turn

    for number, run in enumerate(polygon.runs):
        cut = plan.cuts.get(number, run.first)
        for point in range(run.start, run.stop):
            turn, (k, between) = polygon.turns[point], divmod(point - run.start, 2)
            knot = run.first + k  # the link between this knot and the next is number knot + 1
            share = turn
            if run.odd and between:
                share = plan.shares[cut] if cut == knot + 1 else turn if cut > knot else Fraction(0)
                load(knot + 1, point, turn - share)
            load(knot, point, share)
    numbers = {run: number for number, run in enumerate(polygon.runs)}
    for before, after, link in outer_links(polygon):
        size = plan.moves.get(link, Fraction(0))
        if not size:
            continue
        moves_before = before is not None and before.odd and plan.cuts.get(numbers[before], before.first) == link
        sign = before.sign if before else -after.sign if after else 0
        point = before.stop if before and moves_before else after.start - 1 if after else 0
        if before:
            load(link - 1, point, sign * size)
        if after:
            load(link, point, -sign * size)
    return [_knot(polygon, masses, faces_left) for masses, faces_left in zip(loads, plan.left, strict=True)]


def _knot(polygon: Polygon, masses: dict[int, Fraction], left: bool) -> Knot:
    """A knot that turns by these masses at one point, or at two neighbouring ones between which it then lies."""
    jump = sum(masses.values(), Fraction(0))
    start, *rest = [point for point, mass in masses.items() if mass]
    at = polygon.t[start]
    for other in rest:
        at += (polygon.t[other] - polygon.t[start]) * masses[other] / jump
    return Knot(at, jump, left)
