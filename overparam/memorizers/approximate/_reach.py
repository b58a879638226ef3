"""Which labels a network without biases cannot come near, whatever its width: decided before anything is built.

f(t x) = t f(x) for t >= 0, and f(x) - f(-x) is linear in x.  So labels are out of reach at x = 0, on rays that carry
several points, and where more lines carry points on both sides of 0 than there are independent ones among them.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.errors import InputError
from overparam.exact import ExactData, clear_row, float_of, leading_columns
from overparam.memorizers._built import named_rows, refusal
from overparam.memorizers.approximate._rows import Floats, Rows

_NAMED = 4  # points in a refusal
_SURE = 1 + 1e-6  # a float computation refuses only beyond this factor


def too_hard(rows: Rows, name: str, rest: Floats) -> InputError:
    """The refusal where floats do not find a network; `rest` are the last errors at `rows.points`."""
    kept = [i for i, x in enumerate(rows.data.points) if rows.biased or any(x)]
    where = named_rows(rows.data, [kept[i] for i in np.argsort(-np.abs(rest), kind="stable")[:_NAMED]])
    why = f"in double precision more than eps of the labels is still missed when no step helps, most at points {where}"
    return refusal(name, why, '"zhang" or "greedy" (exact)' if rows.biased else f'"{name}-bias" or "zhang" (exact)')


class _Ray(NamedTuple):
    members: list[int]
    lengths: list[Fraction]  # of the points, in units of the ray's direction


def out_of_reach(name: str, data: ExactData, allowed: Fraction) -> InputError | None:
    """The refusal, if the errors that no network without biases avoids have squares that sum to more than `allowed`."""
    zeros = [i for i, x in enumerate(data.points) if not any(x)]
    lost = sum((data.labels[i] ** 2 for i in zeros), Fraction(0))
    instead = f'"{name}-bias" (hidden biases) or "zhang"'
    if lost > allowed:
        why = f"a network without biases is 0 at 0, but the label of the point {named_rows(data, zeros)} is not"
        return refusal(name, why, instead)
    rays = _rays(data)
    worst, most = [], Fraction(0)
    for ray in rays.values():
        error = sum((data.labels[i] ** 2 for i in ray.members), Fraction(0)) - _slope(data, ray)[1]
        lost += error
        if error > most:
            worst, most = ray.members, error
    if lost > allowed:
        why = f"f(t x) = t f(x) without biases, but the labels on the ray of the points {named_rows(data, worst)} "
        return refusal(name, why + "are far from growing with t", instead)
    twice = list({max(d, tuple(-t for t in d)) for d in rays if tuple(-t for t in d) in rays})
    if len(twice) > len(leading_columns(list(zip(*twice, strict=True))) if twice else []):
        lost_in_pairs, members = _lost_in_pairs(data, rays, twice)
        if float_of(lost / allowed) + lost_in_pairs / float_of(allowed) > _SURE:
            why = f"f(x) - f(-x) is linear in x without biases, but at the points {named_rows(data, members)} "
            return refusal(name, why + "on both sides of 0 the labels are far from that", instead)
    return None


def _rays(data: ExactData) -> dict[tuple[int, ...], _Ray]:
    """The nonzero points by their directions, integers without common factor."""
    rays: dict[tuple[int, ...], _Ray] = {}
    for i, x in enumerate(data.points):
        if any(x):
            whole, scale = clear_row(x)
            divisor = math.gcd(*whole)
            ray = rays.setdefault(tuple(t // divisor for t in whole), _Ray([], []))
            ray.members.append(i)
            ray.lengths.append(Fraction(divisor, scale))
    return rays


def _slope(data: ExactData, ray: _Ray) -> tuple[Fraction, Fraction]:
    """The best value at the ray's direction, and the sum of squared labels less that of the errors it leaves."""
    along = sum((t * data.labels[i] for i, t in zip(ray.members, ray.lengths, strict=True)), Fraction(0))
    square = sum((t * t for t in ray.lengths), Fraction(0))
    return along / square, along * along / square


def _lost_in_pairs(
    data: ExactData, rays: dict[tuple[int, ...], _Ray], twice: list[tuple[int, ...]]
) -> tuple[float, list[int]]:
    """In floats, the least further sum of squares that opposite rays force, and the points on them."""
    wanted, weights, rows, members = [], [], [], []
    for direction in twice:
        one, other = rays[direction], rays[tuple(-t for t in direction)]
        size = max(map(abs, direction))
        ends = [sum((t * t for t in ray.lengths), Fraction(0)) for ray in (one, other)]
        # moving the ends by p and q costs ends_0 p^2 + ends_1 q^2: at least this times (p - q)^2
        weights.append(float_of(size * size * ends[0] * ends[1] / (ends[0] + ends[1])))
        wanted.append(float_of((_slope(data, one)[0] - _slope(data, other)[0]) / size))
        rows.append([t / size for t in direction])
        members += [*one.members, *other.members]
    root = np.sqrt(np.array(weights))
    matrix, target = root[:, None] * np.array(rows), root * np.array(wanted)
    if not (np.isfinite(matrix).all() and np.isfinite(target).all()):
        return 0.0, members
    left = target - matrix @ np.linalg.lstsq(matrix, target, rcond=None)[0]
    return float(left @ left), members
