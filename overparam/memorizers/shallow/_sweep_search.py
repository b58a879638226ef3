"""Short sweeps of any distinct points: exact in the plane and on moment curves, else greedy, by linear programs.

The functions that are at least 0 on the points not swept yet and at most -1 on those that are form a polyhedron; those
of its vertices that push many points of the rest to 0 give groups.  Floats propose, fractions decide; where they
disagree, or the points are too degenerate, the next group is a single point.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from overparam.exact import (
    Cloud,
    ExactData,
    Form,
    float_of,
    interpolate_affine,
    leading_columns,
    power_of_two_above,
    shortest,
)
from overparam.memorizers._built import combined, shifted
from overparam.memorizers._direction import best_separating
from overparam.memorizers.shallow._curve import moment_curve, sweep_of_curve
from overparam.memorizers.shallow._sweep import Group
from overparam.memorizers.shallow._sweep_plane import shortest_in_plane

_SEED = 20240229  # any number; fixed, so that a construction is a function of its data
_PLANAR = 400  # points of the plane up to which all lines through two of them are gone through
_OBJECTIVES = 6  # linear programs for one group
_CONTRAST = 4  # of their weights: a few points that are pushed hard bring others along
_START = 10**5  # work of a linear program, besides dim times its numbers; a million take about a tenth of a second
_WORK = 6 * 10**7  # beyond which no further greedy sweep is begun
_SWEEPS = 4
_TIGHT = 1e-9  # of the size of a function in floats, below which it is taken for 0
_BITS = 40  # of its coefficients, before they are corrected to be 0 on a group


def find_sweep(data: ExactData) -> tuple[list[Group], str]:
    """A sweep of distinct points, and in words where it comes from."""
    if curve := moment_curve(data):
        return sweep_of_curve(curve), "the points are on a moment curve"
    if data.dim == 2 and data.n_samples <= _PLANAR:
        return shortest_in_plane(data), "no sweep has fewer groups"
    size = len(leading_columns([(*point, Fraction(1)) for point in data.points])) - 1  # dimension of the points
    if size < 2:
        return single_points(data), "the points are on a line"
    fewest = -(-data.n_samples // size)
    best: list[Group] = []
    work = 0
    for attempt in range(_SWEEPS):
        search = _Greedy(data, np.random.default_rng((_SEED, attempt)))
        groups = search.sweep()
        work += search.work
        if not best or len(groups) < len(best):
            best = groups
        if len(best) == fewest or work * (attempt + 2) > _WORK * (attempt + 1):
            break
    return best, "found greedily"


def single_points(data: ExactData) -> list[Group]:
    """Every point a group, in the order of a direction that separates them."""
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    normal = tuple(map(Fraction, ordering.direction))
    return [Group((i,), (*normal, -z)) for i, z in zip(ordering.order, ordering.z, strict=True)]


class _Greedy:
    """One greedy sweep; `apart` is negative on the points swept and positive on the rest."""

    def __init__(self, data: ExactData, rng: np.random.Generator) -> None:
        self.data, self.rng, self.cloud, self.work = data, rng, Cloud(data.points), 0
        floats = np.array([[float_of(x) for x in point] for point in data.points])
        self.middle = np.where(np.isfinite(middle := floats.mean(axis=0)), middle, 0.0)
        spread = np.abs(floats - self.middle).max(axis=0)
        spread = np.where((spread > 0) & np.isfinite(spread), spread, 1.0)
        self.spread = np.exp2(np.round(np.log2(spread)))  # powers of two keep the fractions short
        self.lifted = np.column_stack([(floats - self.middle) / self.spread, np.ones(data.n_samples)])
        self.sound = bool(np.isfinite(self.lifted).all())

    def sweep(self) -> list[Group]:
        """Groups until all points are swept."""
        rest = list(range(self.data.n_samples))
        swept: list[int] = []
        groups: list[Group] = []
        direction = best_separating(self.data, list(range(1, len(rest))))[0].direction
        values = self.cloud.values((*map(Fraction, direction), Fraction(0)))
        apart = (*map(Fraction, direction), 1 - min(values))
        while rest:
            group = self._largest(swept, rest) if self.sound else None
            group = group or self._single(apart, swept, rest)
            groups.append(group)
            rest = [i for i in rest if i not in group.members]
            swept += group.members
            if rest:
                values = self.cloud.values(group.h)
                apart = shifted(group.h, -min(values[i] for i in rest) / 2)
        return groups

    def _largest(self, swept: Sequence[int], rest: Sequence[int]) -> Group | None:
        """The largest of the groups that some linear programs propose and fractions confirm, if any."""
        proposals = sorted(
            (p for _ in range(_OBJECTIVES) if (p := self._proposal(swept, rest))), key=lambda p: len(p[0]), reverse=True
        )
        for members, floats in proposals:
            if group := self._confirmed(members, floats, swept, rest):
                return group
        return None

    def _proposal(self, swept: Sequence[int], rest: Sequence[int]) -> tuple[list[int], np.ndarray] | None:
        """Points of the rest that a vertex of the polyhedron makes 0, and the vertex."""
        import scipy.optimize

        inside, outside = self.lifted[list(rest)], self.lifted[list(swept)]
        weights = self.rng.exponential(size=len(rest)) ** _CONTRAST
        self.work += _START + self.lifted.size * self.data.dim
        found = scipy.optimize.linprog(
            weights @ inside,
            A_ub=np.concatenate([-inside, outside]),
            b_ub=np.concatenate([np.zeros(len(rest)), -np.ones(len(swept))]),
            A_eq=None if swept else inside.mean(axis=0)[None],
            b_eq=None if swept else np.ones(1),
            bounds=(None, None),
            method="highs-ds",
        )
        if not found.success:
            return None
        values = inside @ found.x
        members = [i for i, value in zip(rest, values, strict=True) if value <= _TIGHT * max(values.max(), 1.0)]
        return (members, found.x) if members else None

    def _confirmed(
        self, members: Sequence[int], floats: np.ndarray, swept: Sequence[int], rest: Sequence[int]
    ) -> Group | None:
        """The group with a function near `floats` that is exactly 0 on it, if its signs are right everywhere else."""
        points = [self.data.points[i] for i in members]
        near = self._rounded(floats)
        values = Cloud(points).values(near)
        correction = interpolate_affine(points, [-value for value in values])
        if correction is None or len(leading_columns([(*point, Fraction(1)) for point in points])) < len(members):
            return None
        h = combined(near, Fraction(1), correction)
        if not any(h):
            return None
        h = shortest(h)
        values, chosen = self.cloud.values(h), set(members)
        right = all(values[i] < 0 for i in swept) and all(values[i] > 0 for i in rest if i not in chosen)
        return Group(tuple(members), h) if right else None

    def _rounded(self, floats: np.ndarray) -> Form:
        """The function in the coordinates of the data, its coefficients rounded to some bits."""
        short = [Fraction(round(w * 2**_BITS), 2**_BITS) for w in (floats / np.abs(floats).max()).tolist()]
        normal = tuple(w / Fraction(size) for w, size in zip(short, self.spread.tolist(), strict=False))
        return (*normal, short[-1] - sum(w * Fraction(m) for w, m in zip(normal, self.middle.tolist(), strict=True)))

    def _single(self, apart: Form, swept: Sequence[int], rest: Sequence[int]) -> Group:
        """The point of the rest where `apart` is least; among several, that where a generic function is least."""
        values = self.cloud.values(apart)
        least = min(values[i] for i in rest)
        tied = [i for i in rest if values[i] == least]
        h = shifted(apart, -least)
        if len(tied) > 1:
            points = ExactData(*zip(*((self.data.points[i], Fraction(0), i) for i in tied), strict=True))
            ordering = best_separating(points, list(range(1, len(tied))))[0]
            tilt = (*map(Fraction, ordering.direction), -ordering.z[0])
            tied = [tied[ordering.order[0]]]
            at_tilt, at_h = self.cloud.values(tilt), self.cloud.values(h)
            ratios = [abs(at_tilt[i] / at_h[i]) for i in (*swept, *rest) if at_h[i]]
            h = combined(h, 1 / power_of_two_above(2 * max(ratios, default=Fraction(1)) + 1), tilt)
        return Group((tied[0],), h)
