"""The shortest sweep of points in the plane, exactly, from the lines through one or two of them.

A group of two points i, j fixes its line, and so what lies before it: it leads from the set S of all points on one side
of the line to S + {i, j}.  A group of one point v leads from S to S + {v}, where S is what lies on one side of a line
through v alone; as the line turns about v, S changes only when it meets another point.  That is a graph with at most
4 n^2 arrows, all from smaller to larger sets; a shortest path from nothing to everything is a shortest sweep.
"""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactData, Form, shortest
from overparam.memorizers.shallow._sweep import Group

Vector = tuple[int, int]

_BITS = 12  # of a direction between two others, where that is enough


class _Arrow(NamedTuple):
    """From the points on the right of a line, as bits of an integer, to these and the group on the line."""

    before: int
    members: tuple[int, ...]
    direction: Vector


def shortest_in_plane(data: ExactData) -> list[Group]:
    """A sweep of the fewest groups.

    Args:
        data: distinct points of dimension 2.
    """
    scale = math.lcm(*(x.denominator for point in data.points for x in point))
    points = [(int(x * scale), int(y * scale)) for x, y in data.points]
    arrows = itertools.chain.from_iterable(_about(points, v) for v in range(len(points)))
    reached: dict[int, tuple[int, _Arrow | None]] = {0: (0, None)}  # a set -> fewest groups, the last arrow
    for arrow in sorted(arrows, key=lambda arrow: arrow.before.bit_count()):
        if arrow.before not in reached:
            continue
        groups = reached[arrow.before][0] + 1
        after = arrow.before | sum(1 << i for i in arrow.members)
        if after not in reached or groups < reached[after][0]:
            reached[after] = (groups, arrow)
    path, arrow = [], reached[(1 << len(points)) - 1][1]
    while arrow is not None:
        path.append(Group(arrow.members, _left_of(data.points[arrow.members[0]], arrow.direction)))
        arrow = reached[arrow.before][1]
    return path[::-1]


def _about(points: Sequence[Vector], v: int) -> Iterator[_Arrow]:
    """The arrows of lines through point v; of lines through two points, only those of the first."""
    away = {w: _primitive(p[0] - points[v][0], p[1] - points[v][1]) for w, p in enumerate(points) if w != v}
    lines: dict[Vector, list[int]] = {}  # upward direction -> the points on that line through v
    for w, direction in away.items():
        lines.setdefault(_upward(direction), []).append(w)
    turning = sorted(lines, key=functools.cmp_to_key(lambda a, b: -_cross(a, b)))
    everything = ((1 << len(points)) - 1) ^ (1 << v)
    if not turning:
        yield _Arrow(0, (v,), (1, 0))
    right = sum(1 << w for w, direction in away.items() if direction != _upward(direction))  # of a line to the east
    for k, direction in enumerate(turning):
        on = sum(1 << w for w in lines[direction])
        if on.bit_count() == 1 and v < lines[direction][0]:
            pair = v, lines[direction][0]
            yield _Arrow(right & ~on, pair, direction)
            yield _Arrow(everything & ~on & ~right, pair, _opposite(direction))
        right ^= on  # what was ahead is now on the right, what was behind is on the left
        onward = _between(direction, turning[k + 1] if k + 1 < len(turning) else _opposite(turning[0]))
        yield _Arrow(right, (v,), onward)
        yield _Arrow(everything & ~right, (v,), _opposite(onward))


def _primitive(x: int, y: int) -> Vector:
    divisor = math.gcd(x, y)
    return x // divisor, y // divisor


def _opposite(direction: Vector) -> Vector:
    return -direction[0], -direction[1]


def _upward(direction: Vector) -> Vector:
    """The direction or its opposite, with an angle from 0 to below pi."""
    x, y = direction
    return direction if y > 0 or (y == 0 and x > 0) else (-x, -y)


def _cross(a: Vector, b: Vector) -> int:
    """Positive if b is on the left of a."""
    return a[0] * b[1] - a[1] * b[0]


def _between(a: Vector, b: Vector) -> Vector:
    """A direction strictly between a and b, which is on the left of a or opposite; short where there is room."""
    if _cross(a, b) == 0:
        return -a[1], a[0]
    lengths = [max(map(abs, d)).bit_length() for d in (a, b)]
    longest = max(lengths)
    x, y = (sum(d[i] << (longest - length) for d, length in zip((a, b), lengths, strict=True)) for i in (0, 1))
    for bits in (_BITS, 3 * _BITS):
        drop = max(longest - bits, 0)
        middle = x >> drop, y >> drop
        if _cross(a, middle) > 0 and _cross(middle, b) > 0:
            return middle
    return x, y


def _left_of(point: Sequence[Fraction], direction: Vector) -> Form:
    """The affine function that is 0 on the line through the point and positive on its left."""
    x, y = map(Fraction, direction)
    return shortest((-y, x, y * point[0] - x * point[1]))
