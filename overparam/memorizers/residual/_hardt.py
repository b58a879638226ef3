"""Hardt and Ma 2017, Theorem 3.2: a residual network moves every point to its class, then reads the class.

The stream is (h, s), h in R^k.  The node of the point i is relu(<a_i, h> - b_i), where a_i is its place and b_i is at
least <a_i, v> for every other place v at which a point is or will be; so it is active at this point alone, and the
block moves it from a_i to q, the vector of its class.  At last a node relu(<q_c, h> - b_c) for every class adds the
label to s. What is needed is <a_i, a_j> < <a_i, a_i> for all j != i.  Distinct vectors of equal length have it, and so
have many others; where the points themselves do not, they are tried again centred, and centred and whitened.

<a_i, a_i> - b_i is a power of two, so that binary fractions stay binary fractions.  Proof: docs/theory/deep.md.
"""

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import Block, Cloud, ExactData, ExactLayer, Form, ResidualNetwork, float_of, power_of_two_above
from overparam.memorizers._built import Built, Options, named_rows, refusal

_BITS = 24  # of the entries of a whitening matrix
_KEPT = 1e-9  # singular values below this times the largest are left out

Vector = tuple[Fraction, ...]
ZERO = Fraction(0)


class Node(NamedTuple):
    """relu(<row, h> - bias), times `outer` on the stream (h, s)."""

    row: Vector
    bias: Fraction
    outer: Vector


def build_hardt(data: ExactData, options: Options) -> Built:
    """Blocks of `options.width` nodes, one node a point; then a block of one node a class; no output bias.

    Raises:
        InputError: two points are in each other's way, however they are placed.
    """
    inner, places, how = _placed(data)
    k = len(inner.bias)
    width = k if options.width is None else options.width
    gram = _gram(places)
    radius = 1 / power_of_two_above(max(4 * sum(map(abs, a)) / gram.norm(i) for i, a in enumerate(places)))
    classes = sorted(set(data.labels))
    vectors = _circle(len(classes), radius, k)
    nodes = []
    for i, (a, label) in enumerate(zip(places, data.labels, strict=True)):
        norm = gram.norm(i)
        room = _below(norm - max(gram.other(i), norm / 2))  # <a, q> <= norm / 2 for the vectors q, as they are so short
        q = vectors[classes.index(label)]
        nodes.append(Node(a, norm - room, (*((y - x) / room for x, y in zip(a, q, strict=True)), ZERO)))
    blocks = [_block(nodes[start : start + width]) for start in range(0, len(nodes), width)]
    blocks.append(_block(_readout(vectors, classes)))
    one = Fraction(1)
    stream = ExactLayer((*inner.weights, (ZERO,) * data.dim), (*inner.bias, ZERO))
    network = ResidualNetwork(stream, tuple(blocks), ExactLayer(((*(ZERO,) * k, one),), (ZERO,)))
    note = f"{how}; {len(classes)} classes; {len(blocks) - 1} blocks of at most {width} nodes, then one for the classes"
    return Built(network, (note,), numbers={"classes": len(classes), "hidden nodes": sum(network.widths)})


def _placed(data: ExactData) -> tuple[ExactLayer, list[Vector], str]:
    """The map into R^k, k >= 2, where the points come to lie, and how it was chosen."""
    if data.n_samples == 1:
        zeros = (ZERO,) * data.dim
        return ExactLayer((zeros, zeros), (Fraction(1), ZERO)), [(Fraction(1), ZERO)], "one point, placed at (1, 0)"
    cloud, blamed = Cloud(data.points), None
    for forms, how in _candidates(data):
        padded = forms if len(forms) > 1 else [*forms, (ZERO,) * (data.dim + 1)]
        numerators = cloud.numerators(padded)
        places = [tuple(numerators.value(j, i) for j in range(len(padded))) for i in range(data.n_samples)]
        pair = _gram(places).in_the_way()
        if pair is None:
            return ExactLayer(tuple(form[:-1] for form in padded), tuple(form[-1] for form in padded)), places, how
        blamed = blamed or pair
    i, j = blamed or (0, 0)
    raise refusal(
        "hardt",
        f"point {named_rows(data, [j])} is at least as far as point {named_rows(data, [i])} in the direction of the "
        "latter, and centred, or centred and whitened, some points stay in each other's way",
        '"yun-resnet" (points in general position) or "yun-deep" (any distinct points)',
    )


def _candidates(data: ExactData) -> Iterator[tuple[list[Form], str]]:
    """Maps of the points: none, a translation, a translation and whitening; the last two rounded."""
    d = data.dim
    identity = [tuple(Fraction(int(j == k)) for k in range(d)) for j in range(d)]
    yield [(*row, ZERO) for row in identity], "the points as they are"
    with np.errstate(all="ignore"):
        points = np.array([[float_of(x) for x in point] for point in data.points])
        centre = points.mean(axis=0)
        if not np.isfinite(centre).all() or not np.isfinite(points - centre).all():
            return
        yield [(*row, -Fraction(float(t))) for row, t in zip(identity, centre, strict=True)], "the points centred"
        _, values, directions = np.linalg.svd(points - centre, full_matrices=False)
    kept = values > _KEPT * values[0]
    forms = []
    for value, direction in zip(values[kept], directions[kept], strict=True):
        row = [
            Fraction(round(float(x) * 2**_BITS), 2**_BITS) / power_of_two_above(Fraction(float(value)))
            for x in direction
        ]
        forms.append((*row, -_dot(row, [Fraction(float(t)) for t in centre])))
    yield forms, "the points centred and nearly whitened"


class Gram(NamedTuple):
    """Inner products of the places: rows[i][j] / scale."""

    rows: list[list[int]]
    scale: int

    def in_the_way(self) -> tuple[int, int] | None:
        """Two places i, j with <a_i, a_j> >= <a_i, a_i>."""
        pairs = ((i, j) for i, row in enumerate(self.rows) for j, t in enumerate(row) if t >= row[i] and i != j)
        return next(pairs, None)

    def norm(self, i: int) -> Fraction:
        """<a_i, a_i>."""
        return Fraction(self.rows[i][i], self.scale)

    def other(self, i: int) -> Fraction:
        """The largest <a_i, a_j>, j != i; 0 if there is no other place."""
        row = self.rows[i]
        return Fraction(max((*row[:i], *row[i + 1 :]), default=0), self.scale)


def _gram(places: Sequence[Vector]) -> Gram:
    scale = math.lcm(*(x.denominator for a in places for x in a))
    whole = [tuple(x * scale for x in a) for a in places]  # integers, so the numerators below have no scales
    return Gram(Cloud(whole).numerators([(*a, ZERO) for a in whole]).rows, scale * scale)


def _circle(count: int, radius: Fraction, k: int) -> list[Vector]:
    """`count` vectors of nearly this length on a circle in R^k, as binary fractions long enough to keep them apart.

    Neighbours on the circle are 2 pi^2 / count^2 from the condition; rounding costs less than a tenth of that.
    """
    scale = 2 ** (2 * count.bit_length() + 8)
    angles = [2 * math.pi * c / count for c in range(count)]
    ends = [(Fraction(round(math.cos(t) * scale), scale), Fraction(round(math.sin(t) * scale), scale)) for t in angles]
    return [(x * radius, y * radius, *(ZERO,) * (k - 2)) for x, y in ends]


def _readout(vectors: Sequence[Vector], labels: Sequence[Fraction]) -> list[Node]:
    """A node a class that adds its label to s."""
    nodes = []
    for c, (q, label) in enumerate(zip(vectors, labels, strict=True)):
        neighbours = [vectors[c - 1], vectors[(c + 1) % len(vectors)]] if len(vectors) > 1 else []
        norm = _dot(q, q)
        room = _below(norm - max((_dot(q, other) for other in neighbours), default=ZERO))
        nodes.append(Node(q, norm - room, (*(ZERO,) * len(q), label / room)))
    return nodes


def _block(nodes: Sequence[Node]) -> Block:
    return Block(
        weights=tuple((*node.row, ZERO) for node in nodes),
        bias=tuple(-node.bias for node in nodes),
        outer=tuple(zip(*(node.outer for node in nodes), strict=True)),
    )


def _below(number: Fraction) -> Fraction:
    """The largest power of two that is at most this positive number."""
    return 1 / power_of_two_above(1 / number)


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)
