"""The data of an approximate construction in float64, and the way back to the caller's coordinates without rounding."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from overparam.errors import InputError
from overparam.exact import ExactData, ExactNetwork, evaluate, exponent_above, float_of, power_of_two_above
from overparam.memorizers._built import DEFAULT_EPS, Built, Options

Floats = NDArray[np.float64]

_SPREAD = 2**20  # columns whose sizes differ by more are scaled one by one
_FAR = 4  # times their spread: a column so far from 0 is moved there, where there are biases to move it back

_SHORT = 20  # bits of the sum of squares that a certificate states


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows z = ((x - center) / scales, 1 if there are biases), and labels divided by a power of two.

    Attributes:
        points: (n_samples, n_inputs) rows, none of them zero; rounded where a coordinate is no float64.
        labels: (n_samples,).
        data: what they were made from, zero points included.
        scales, center: (dim,) exact; powers of two, and integers times them.
        label_scale: exact, a power of two.
        biased: whether the rows end in a constant 1, whose weight is the hidden bias.
        eps: share of the sum of squared labels that is allowed as sum of squared errors.
        notes: what was done to the coordinates, in words.
    """

    points: Floats
    labels: Floats
    data: ExactData
    scales: tuple[Fraction, ...]
    center: tuple[Fraction, ...]
    label_scale: Fraction
    biased: bool
    eps: Fraction
    notes: tuple[str, ...]

    @property
    def tolerance(self) -> Fraction:
        """The sum of squared errors that is allowed, in the caller's labels: short, and not above eps of theirs."""
        allowed = self.eps * sum((y * y for y in self.data.labels), Fraction(0))
        if not allowed:
            return allowed
        unit = power_of_two_above(allowed) / 2**_SHORT
        return allowed // unit * unit

    def network(self, weights: Floats, outer: Floats) -> ExactNetwork:
        """The network sum_j outer_j relu(<weights_j, z>), its floats taken exactly, in the caller's coordinates."""
        return self.exact_network(
            [[Fraction(w) for w in row] for row in weights.tolist()], [Fraction(v) for v in outer.tolist()]
        )

    def exact_network(self, weights: Sequence[Sequence[Fraction]], outer: Sequence[Fraction]) -> ExactNetwork:
        """The same from fractions."""
        dim = self.data.dim
        u = tuple(tuple(w / s for w, s in zip(row[:dim], self.scales, strict=True)) for row in weights)
        moved = [(k, m) for k, m in enumerate(self.center) if m]
        shift = [sum((row[k] * m for k, m in moved), Fraction(0)) for row in u]
        b = tuple((row[dim] if self.biased else Fraction(0)) - t for row, t in zip(weights, shift, strict=True))
        return ExactNetwork("relu", u, b, tuple(v * self.label_scale for v in outer), Fraction(0), dim)

    def errors(self, network: ExactNetwork) -> tuple[Fraction, Floats]:
        """The sum of squared errors, exact, and the errors y - f at `points`, in the units of `labels`."""
        outputs = evaluate(network, self.data.points)
        errors = [y - f for f, y in zip(outputs, self.data.labels, strict=True)]
        kept = [e for e, x in zip(errors, self.data.points, strict=True) if self.biased or any(x)]
        scaled = np.array([float_of(e / self.label_scale) for e in kept])
        return sum((e * e for e in errors), Fraction(0)), scaled


def prepare(data: ExactData, options: Options, *, biased: bool) -> Rows:
    """Scale the data into the range of floats.

    Coordinates are divided by one power of two, or by one each with biases or where their sizes are far apart, which is
    a linear map of the points: the family of networks passes through it unchanged, and so does the hypothesis.

    Raises:
        InputError: eps is not between 0 and 1.
    """
    eps = Fraction(DEFAULT_EPS if options.eps is None else options.eps)
    if not 0 < eps < 1:
        raise InputError(f"eps must lie between 0 and 1, the share of the squared labels that may be missed; got {eps}")
    columns = list(zip(*data.points, strict=True))
    center = [_center(column) if biased else Fraction(0) for column in columns]
    sizes = [max(abs(x - m) for x in column) for column, m in zip(columns, center, strict=True)]
    powers = [_power(size) for size in sizes]
    nonzero = [power for power, size in zip(powers, sizes, strict=True) if size] or [Fraction(1)]
    largest = max(nonzero)
    apart = largest > _SPREAD * min(nonzero)
    scales = tuple(powers) if apart or biased else (largest,) * data.dim
    label_scale = _power(max(map(abs, data.labels)))
    kept = [i for i, x in enumerate(data.points) if biased or any(x)]
    points = np.array(
        [[float_of((x - m) / s) for x, m, s in zip(data.points[i], center, scales, strict=True)] for i in kept]
    ).reshape(len(kept), data.dim)
    if biased:
        points = np.concatenate([points, np.ones((len(kept), 1))], axis=1)
    return Rows(
        points=points,
        labels=np.array([float_of(data.labels[i] / label_scale) for i in kept]),
        data=data,
        scales=scales,
        center=tuple(center),
        label_scale=label_scale,
        biased=biased,
        eps=eps,
        notes=("the coordinates were divided by powers of two near their sizes, which are far apart",)
        * (apart and not biased),
    )


def zero_network(rows: Rows) -> Built:
    """For labels that are all 0."""
    return Built(rows.network(np.zeros((0, rows.points.shape[1])), np.zeros(0)), ("all labels are 0",))


def _power(size: Fraction) -> Fraction:
    return Fraction(2) ** exponent_above(size.numerator, size.denominator) if size else Fraction(1)


def _center(column: Sequence[Fraction]) -> Fraction:
    """A short number near the middle of a column that is far from 0; 0 for the others."""
    low, high = min(column), max(column)
    middle, spread = (low + high) / 2, high - low
    if abs(middle) <= _FAR * spread or not spread:
        return middle if not spread else Fraction(0)
    unit = _power(spread)
    return round(middle / unit) * unit
