"""Two-layer networks with rational weights and their exact outputs."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from flint import fmpq, fmpz_mat

from overparam.errors import InputError
from overparam.exact._affine import Cloud, Form
from overparam.exact._data import exact_points
from overparam.exact._limbs import Forward, forward_floats
from overparam.exact._numbers import float_of, fraction_of, is_float

_SLACK_BITS = 64  # neurons share a denominator while it is at most this much longer than the longest of theirs


@dataclasses.dataclass(frozen=True)
class ExactNetwork:
    """x -> c + sum_j v_j activation(<u_j, x> + b_j); width 0 is the constant c.

    Attributes:
        activation: "relu" is max(t, 0); "threshold" is 1 where t >= 0, else 0.
        u: width rows of dim fractions.
        b: width hidden biases.
        v: width output weights.
        c: output bias.
        dim: number of inputs, kept since width 0 has no row to read it from.
    """

    activation: Literal["relu", "threshold"]
    u: tuple[tuple[Fraction, ...], ...]
    b: tuple[Fraction, ...]
    v: tuple[Fraction, ...]
    c: Fraction
    dim: int

    def __post_init__(self) -> None:
        fits = len(self.u) == len(self.b) == len(self.v) and all(len(row) == self.dim for row in self.u)
        if not fits or self.activation not in ("relu", "threshold"):
            raise ValueError("an ExactNetwork needs u (width, dim), b (width,), v (width,), relu or threshold")

    @property
    def width(self) -> int:
        """Number of hidden neurons."""
        return len(self.v)

    @classmethod
    def from_forms(
        cls, activation: Literal["relu", "threshold"], neurons: Sequence[tuple[Fraction, Form]], c: Fraction, dim: int
    ) -> "ExactNetwork":
        """The network c + sum of v activation(form(x)) over the pairs (v, form)."""
        u = tuple(tuple(form[:-1]) for _, form in neurons)
        return cls(activation, u, tuple(form[-1] for _, form in neurons), tuple(v for v, _ in neurons), c, dim)

    @classmethod
    def from_arrays(
        cls, u: Any, b: Any, v: Any, c: Any, *, activation: Literal["relu", "threshold"] = "relu"
    ) -> "ExactNetwork":
        """The network whose weights are exactly these finite floats: u (width, dim), b (width,), v (width,), c ().

        Raises:
            InputError: the shapes do not fit or a weight is NaN or infinite.
        """
        u, b, v, c = (np.asarray(array) for array in (u, b, v, c))
        if u.ndim != 2 or b.shape != u.shape[:1] or v.shape != u.shape[:1] or c.shape != ():
            shapes = f"{u.shape}, {b.shape}, {v.shape}, {c.shape}"
            raise InputError(f"weights need shapes (width, dim), (width,), (width,), (); got {shapes}")
        rows = tuple(tuple(map(fraction_of, row)) for row in u)
        bias, outer = (tuple(map(fraction_of, column)) for column in (b, v))
        return cls(activation, rows, bias, outer, fraction_of(c), u.shape[1])

    @property
    def forms(self) -> list[Form]:
        """The pre-activations as affine forms, one a neuron."""
        return [(*row, bias) for row, bias in zip(self.u, self.b, strict=True)]

    def to_arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Float64 arrays u (width, dim), b (width,), v (width,), c (), rounded to nearest; infinite out of range."""
        u = np.array([[float_of(x) for x in row] for row in self.u], np.float64).reshape(self.width, self.dim)
        b, v = (np.array([float_of(x) for x in column], np.float64) for column in (self.b, self.v))
        return u, b, v, np.array(float_of(self.c), np.float64)

    @property
    def widths(self) -> tuple[int, ...]:
        """The width, as the widths of a network with one hidden layer."""
        return (self.width,)

    def with_inputs_divided(self, scales: Sequence[Fraction]) -> "ExactNetwork":
        """The network that takes x to what this one takes (x_1 / scales_1, ..) to."""
        u = tuple(tuple(w / scale for w, scale in zip(row, scales, strict=True)) for row in self.u)
        return dataclasses.replace(self, u=u)

    def numbers(self) -> Iterator[Fraction]:
        """Every weight and bias."""
        for row in self.u:
            yield from row
        yield from self.b
        yield from self.v
        yield self.c


def forward(network: ExactNetwork, points: Any, *, pattern: np.ndarray | None = None) -> Forward:
    """Outputs and signs of the pre-activations at every point; fast where all numbers are float64, as trained ones are.

    Args:
        network: any ExactNetwork.
        points: (n_samples, dim), n_samples >= 1, finite floats, integers or fractions; taken exactly.
        pattern: (width, n_samples) booleans: where a ReLU network's neurons pass their argument on, whatever its sign.
    Raises:
        InputError: the points are not finite numbers of this shape.
    """
    points = exact_points(points)
    if len(points[0]) != network.dim:
        raise InputError(f"the network takes {network.dim} inputs, but the points have {len(points[0])} coordinates")
    if all(map(is_float, network.numbers())) and all(is_float(x) for point in points for x in point):
        floats = np.array([[float_of(x) for x in point] for point in points])
        return forward_floats(*network.to_arrays(), floats, activation=network.activation, pattern=pattern)
    return _forward_rationals(network, points, pattern)


def _forward_rationals(
    network: ExactNetwork, points: tuple[tuple[Fraction, ...], ...], pattern: np.ndarray | None
) -> Forward:
    """`forward` by products of integer matrices."""
    pre = Cloud(points).numerators(network.forms)
    signs = np.array([[(t > 0) - (t < 0) for t in row] for row in pre.rows], np.int8)
    signs = signs.reshape(network.width, len(points))  # width 0 too
    if network.activation == "relu":
        passes = signs > 0 if pattern is None else pattern
        post = [
            [t if on else 0 for t, on in zip(row, active, strict=True)]
            for row, active in zip(pre.rows, passes, strict=True)
        ]
        coefficients = [v / scale for v, scale in zip(network.v, pre.form_scales, strict=True)]
        scales = pre.point_scales
    else:
        post = [[int(t >= 0) for t in row] for row in pre.rows]
        coefficients, scales = list(network.v), [1] * len(points)
    c = fmpq(network.c.numerator, network.c.denominator)
    totals = [total / scale + c for total, scale in zip(_combine(coefficients, post, len(points)), scales, strict=True)]
    return Forward([Fraction(int(total.p), int(total.q)) for total in totals], signs)


def _combine(coefficients: list[Fraction], post: list[list[int]], n_samples: int) -> list[fmpq]:
    """sum_j coefficients[j] post[j][i] for every i, neurons of one denominator in one integer product."""
    totals = [fmpq(0)] * n_samples
    for members, denominator in _batches(coefficients):
        row = [coefficients[j].numerator * (denominator // coefficients[j].denominator) for j in members]
        sums = (fmpz_mat(1, len(row), row) * fmpz_mat([post[j] for j in members])).entries()
        totals = [total + fmpq(s, denominator) if s else total for total, s in zip(totals, sums, strict=True)]
    return totals


def _batches(coefficients: list[Fraction]) -> Iterator[tuple[list[int], int]]:
    """Consecutive neurons whose common denominator stays short, with it: unrelated ones would multiply up."""
    members: list[int] = []
    common, longest = 1, 0
    for j, coefficient in enumerate(coefficients):
        joint = math.lcm(common, coefficient.denominator)
        longest = max(longest, coefficient.denominator.bit_length())
        if members and joint.bit_length() > longest + _SLACK_BITS:
            yield members, common
            members, joint, longest = [], coefficient.denominator, coefficient.denominator.bit_length()
        members, common = [*members, j], joint
    if members:
        yield members, common
