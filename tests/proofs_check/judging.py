"""What the independent oracle says to files that a fuzzer has made: numbers of any size, so nothing in floats."""

import functools
import itertools
import pathlib
from fractions import Fraction
from unittest import mock

from tests.proofs_check import oracle
from tests.proofs_check.oracles import impossible, least_eigenvalue
from tests.proofs_check.oracles.line import choices

ORIGINAL = least_eigenvalue.activation
MOST = 20_000  # choices of active sets, one exact linear program each


class TooMuch(Exception):
    """The oracle is not made for a case of this size."""


def verdict(folder: pathlib.Path) -> str:
    """accepted, rejected or malformed, by the oracle, with the exact width on a line."""
    with (
        mock.patch.object(impossible, "width_on_a_line", width_on_a_line),
        mock.patch.object(least_eigenvalue, "activation", activation),
    ):
        try:
            return oracle.verdict(folder)
        except ValueError as error:
            if "tiny cases" in str(error):
                raise TooMuch from None
            raise


def activation(name, t):
    """As the oracle's, also for tanh at numbers whose cosh is too large: its derivative is 1 - tanh^2."""
    if name == "tanh":
        value = least_eigenvalue.ball(t).tanh()
        return value, 1 - value * value
    return ORIGINAL(name, t)


class Least:
    """The least width that interpolates, known by asking only whether it is above some width."""

    def __init__(self, *data):
        self.data = data

    def __gt__(self, width):
        return not _suffices(*self.data, width)


def width_on_a_line(points, labels, family) -> Least:
    """As `oracles.line`, with exact linear programs."""
    return Least(tuple(x for (x,) in points), tuple(labels), family["hidden_bias"], family["output_bias"])


@functools.cache
def _suffices(xs, labels, hidden_bias, output_bias, width):
    family = {"hidden_bias": hidden_bias, "output_bias": output_bias}
    if any(a == b and y != z for (a, y), (b, z) in itertools.combinations(zip(xs, labels, strict=True), 2)):
        return False
    tried = list(itertools.islice(choices(xs, width, family), MOST + 1))
    if len(tried) > MOST or len(xs) * width > 18:
        raise TooMuch
    return any(fits(xs, labels, choice, family) for choice in tried)


def fits(xs, labels, choice, family) -> bool:
    """Whether neurons with these signs and active sets interpolate.

    Unknown: slope and offset of each neuron, and the output bias, of any sign; l(x) >= 0 where active, <= 0 elsewhere.
    """
    k, n = len(choice), len(xs)
    free = 2 * k + 1
    equal, right = [], []
    slack = 0
    for i, x in enumerate(xs):
        total = [Fraction(0)] * free
        total[-1] = Fraction(family["output_bias"])
        for j, (sign, active) in enumerate(choice):
            row = [Fraction(0)] * (free + n * k)
            row[2 * j : 2 * j + 2] = x, Fraction(family["hidden_bias"])
            row[free + slack] = Fraction(-1 if active[i] else 1)
            slack += 1
            equal.append(row)
            right.append(Fraction(0))
            if active[i]:
                total[2 * j] += sign * x
                total[2 * j + 1] += sign * family["hidden_bias"]
        equal.append(total + [Fraction(0)] * (n * k))
        right.append(Fraction(labels[i]))
    # a free variable is the difference of two that are not negative
    rows = [row + [-a for a in row[:free]] for row in equal]
    return feasible(rows, right)


def feasible(rows, right) -> bool:
    """Whether rows x = right has a solution x >= 0: the simplex method with Bland's rule, phase one, in fractions."""
    table = [[(-a if b < 0 else a) for a in (*row, b)] for row, b in zip(rows, right, strict=True)]
    n = len(table[0]) - 1
    basis = [None] * len(table)  # None: an artificial variable, whose sum is made least
    while True:
        costs = [
            sum((row[j] for row, b in zip(table, basis, strict=True) if b is None), Fraction(0)) for j in range(n + 1)
        ]
        if costs[n] == 0:
            return True
        enters = next((j for j in range(n) if costs[j] > 0), None)
        if enters is None:
            return False
        ratios = [
            (row[n] / row[enters], -1 if b is None else b, i)
            for i, (row, b) in enumerate(zip(table, basis, strict=True))
            if row[enters] > 0
        ]
        _, _, leaves = min(ratios)
        pivot = [a / table[leaves][enters] for a in table[leaves]]
        table = [
            pivot
            if i == leaves
            else [a - row[enters] * p for a, p in zip(row, pivot, strict=True)]
            if row[enters]
            else row
            for i, row in enumerate(table)
        ]
        basis[leaves] = enters
