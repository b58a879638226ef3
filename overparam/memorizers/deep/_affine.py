"""Affine functions with few terms, and the layers they make."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from overparam.exact import ExactData, ExactLayer, Form
from overparam.memorizers._direction import best_separating

ZERO, ONE = Fraction(0), Fraction(1)  # shared, since deep layers are mostly these two


class Affine(NamedTuple):
    """The constant plus the sum of terms[k] times the k-th input; an input that is not listed does not count."""

    terms: Mapping[int, Fraction]
    constant: Fraction = ZERO

    def plus(self, factor: Fraction, other: "Affine") -> "Affine":
        """The sum of this function and a multiple of another one."""
        terms = dict(self.terms)
        for k, weight in other.terms.items():
            terms[k] = terms.get(k, ZERO) + factor * weight
        return Affine(terms, self.constant + factor * other.constant)

    def times(self, factor: Fraction) -> "Affine":
        """A multiple of this function."""
        return Affine({}).plus(factor, self)

    def shifted(self, number: Fraction) -> "Affine":
        """The sum of this function and a number."""
        return Affine(self.terms, self.constant + number)


def of_form(form: Form, inputs: Sequence[int] | None = None) -> Affine:
    """The form, of the inputs 0, 1, .. or of these."""
    where = range(len(form) - 1) if inputs is None else inputs
    return Affine({k: w for k, w in zip(where, form[:-1], strict=True) if w}, form[-1])


def unit(k: int) -> Affine:
    """The k-th input."""
    return Affine({k: ONE})


def combination(factors: Mapping[int, Fraction], functions: Sequence[Affine], constant: Fraction = ZERO) -> Affine:
    """The sum of a constant and all factors[k] functions[k]."""
    total = Affine({}, constant)
    for k, factor in factors.items():
        total = total.plus(factor, functions[k])
    return total


def layer(inputs: int, functions: Iterable[Affine]) -> ExactLayer:
    """The affine map whose coordinates are these functions of so many inputs."""
    rows, bias = [], []
    for function in functions:
        row = [ZERO] * inputs
        for k, weight in function.terms.items():
            row[k] = weight
        rows.append(tuple(row))
        bias.append(function.constant)
    return ExactLayer(tuple(rows), tuple(bias))


class Line(NamedTuple):
    """The points in the order of t = <u, x> + shift, which separates them and is 0 at the first."""

    direction: tuple[int, ...]
    shift: Fraction
    order: tuple[int, ...]
    t: list[Fraction]
    labels: list[Fraction]

    @property
    def function(self) -> Affine:
        """Of the point, for t."""
        return Affine({k: Fraction(u) for k, u in enumerate(self.direction) if u}, self.shift)


def line_of(data: ExactData) -> Line:
    """The points along the direction of the widest smallest gap among those tried."""
    ordering = best_separating(data, list(range(1, data.n_samples)))[0]
    t = [z - ordering.z[0] for z in ordering.z]
    return Line(ordering.direction, -ordering.z[0], ordering.order, t, [data.labels[i] for i in ordering.order])
