"""Two-valued labels by threshold units: ceil((n - 1) / dim) of them and an output bias (sharp, after Sakurai 1992).

A slab (group G, h, g = labels on G) gives two units, 2 step(h + e g) - 2 step(h - e g), that add 2 y_i on G and nothing
elsewhere.  With K = ceil((n - 1) / dim) even, start from the majority label and correct the minority, at most K dim / 2
points.  With K odd, start from one unit that is right on dim points, -s + 2 s step(h + e g) with g = s y there; one of
s = 1, -1 is wrong on at most (K - 1) dim / 2 of the others.  Whichever start needs fewer units on these data is taken.
Baum's theorem (1988) asks for ceil(n / dim) units, which this never exceeds; his own construction is not used.
"""

from fractions import Fraction

from overparam.errors import InputError
from overparam.exact import Cloud, ExactData, Form, shortest
from overparam.memorizers._built import Built, Options, combined, two_layer
from overparam.memorizers.shallow._slabs import Slab, orders, slab, slabs

Neurons = list[tuple[Fraction, Form]]


def build_baum(data: ExactData, _: Options) -> Built:
    """The construction on distinct points whose labels take at most two values.

    Raises:
        InputError: points in special position in every grouping tried.
    """
    return _build(data, "baum")


def build_sakurai(data: ExactData, _: Options) -> Built:
    """The same network; raises as `build_baum`."""
    return _build(data, "sakurai")


def _build(data: ExactData, construction: str) -> Built:
    low, high = min(data.labels), max(data.labels)
    if low == high:
        return two_layer([], low, data.dim, "constant labels: the constant network", activation="threshold")
    signs = [Fraction(1) if y == high else Fraction(-1) for y in data.labels]
    units = -(-(data.n_samples - 1) // data.dim)
    starts = (_from_majority, _from_hyperplane) if units % 2 == 0 else (_from_hyperplane, _from_majority)
    neurons, c, note = starts[0](data, signs, construction)
    try:  # the other start may do better on these labels, but only the first keeps the bound on all
        other = starts[1](data, signs, construction)
    except InputError:
        other = neurons, c, note
    if len(other[0]) < len(neurons):
        neurons, c, note = other
    half, middle = (high - low) / 2, (high + low) / 2
    scaled = [(half * v, form) for v, form in neurons]
    return two_layer(scaled, middle + half * c, data.dim, note, activation="threshold")


def _from_majority(data: ExactData, signs: list[Fraction], construction: str) -> tuple[Neurons, Fraction, str]:
    start = Fraction(1 if 2 * signs.count(Fraction(1)) >= len(signs) else -1)
    minority = [i for i, y in enumerate(signs) if y != start]
    parts = slabs(data, minority, signs, construction)
    return _corrections(parts), start, f"the majority label, corrected on {len(parts)} slabs"


def _from_hyperplane(data: ExactData, signs: list[Fraction], construction: str) -> tuple[Neurons, Fraction, str]:
    cloud, refused = Cloud(data.points), InputError("no order of the points was tried")
    for order in orders(range(data.n_samples)):
        try:
            base = slab(data, cloud, order[: data.dim], signs, construction)
        except InputError as error:
            refused = error
            continue
        values = cloud.numerators([base.h]).rows[0]
        off = set(order[data.dim :])
        wrong = {s: [i for i in off if (values[i] > 0) != (signs[i] == s)] for s in (1, -1)}
        s = min(wrong, key=lambda sign: len(wrong[sign]))
        unit = (Fraction(2 * s), shortest(combined(base.h, s * base.reach, base.g)))
        parts = slabs(data, sorted(wrong[s]), signs, construction) if wrong[s] else []
        return [unit, *_corrections(parts)], Fraction(-s), f"one hyperplane, corrected on {len(parts)} slabs"
    raise refused


def _corrections(parts: list[Slab]) -> Neurons:
    signed = [(part, sign) for part in parts for sign in (1, -1)]
    return [(Fraction(2 * sign), shortest(combined(part.h, sign * part.reach, part.g))) for part, sign in signed]
