"""The kind `interpolates-near`: within a distance of a given network there is one that meets every label exactly.

docs/theory/near.md has the proofs.  With r = F - y, K = J J^T >= s I, rho >= |r|: relu with one free layer is linear as
long as no unit switches, and any network is linear in its output layer; there the shortest correction has norm at most
rho / sqrt(s).  With both layers of one hidden layer free, a zero lies within 2 rho / sqrt(s) if 2 Lambda rho <= s,
where Lambda bounds the second derivative there.
"""

import dataclasses
from fractions import Fraction
from typing import Any, NamedTuple

from proofs_check.answers import Answer, accepted, rejected
from proofs_check.budget import Budget, gcd_cost
from proofs_check.claims._cells import FINE, moved, positive_of, residuals, root_of, square_above
from proofs_check.claims._kind import Kind
from proofs_check.claims._objects import Tangent, factor_of, shortly, tangent_of
from proofs_check.claims._smooth import BENDS
from proofs_check.enclosures import largest, rounded, times_transpose
from proofs_check.files import Files
from proofs_check.gram import Factor, precision, rounded_kernel, unproved
from proofs_check.layers import SMOOTH, Network
from proofs_check.packed import Rows
from proofs_check.reading import Dataset
from proofs_check.roots import sqrt_above
from proofs_check.strict import require_keys
from proofs_check.tangents import Exact, enclosed, enclosed_kernel, exact, exact_kernel, has_bias, whole_points


@dataclasses.dataclass(frozen=True)
class InterpolatesNear:
    """A network that differs from that of `start` only in its free layers, by at most `distance`, meets all labels."""

    start: Tangent
    distance: Fraction


class Witness(NamedTuple):
    """A factor of the tangent kernel minus `floor`."""

    factor: Factor
    floor: Fraction


def statement_of(document: dict[str, Any], budget: Budget) -> InterpolatesNear:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    start = tangent_of(document, ("relu", *SMOOTH))
    return InterpolatesNear(start, positive_of(document["distance"], "the distance", budget))


def witness_of(document: dict[str, Any], budget: Budget) -> Witness:
    """Read a witness of this kind.

    Raises:
        Malformed: it is none.
    """
    require_keys(document, {"factor", "floor", "format", "provenance"}, "the witness")
    factor = factor_of(document["factor"], "the factor", budget)
    return Witness(factor, positive_of(document["floor"], "the floor", budget))


def decide(statement: InterpolatesNear, files: Files, witness: Witness, budget: Budget) -> Answer:
    """Accept iff the conditions of the theorem that applies hold; see docs/theory/near.md.

    Raises:
        Malformed: a file that the statement names is missing or is not what it should be.
        OverBudget: the numbers are too long.
    """
    start, floor = statement.start, witness.floor
    family, free = start.family, start.free
    linear = free == (len(family.widths),) or (family.activation == "relu" and len(free) == 1)
    if not linear and (len(family.widths), free) != (1, (0, 1)):
        return rejected(
            "such a statement can be proved for relu networks with one free layer, for networks with the output layer "
            "alone free, and for networks with one hidden layer and the free layers 0 and 1, but not for this choice"
        )
    net, dataset, reason = start.member(files)
    if reason:
        return rejected(reason)
    bits = precision(floor, statement.distance, factors=(witness.factor,))
    if family.activation == "relu":
        tangent = exact(net, dataset.points, budget)
        matrix = rounded_kernel(exact_kernel(tangent, family, free, budget), tangent.scales, bits, budget)
    else:
        tangent = enclosed(net, family.activation, dataset.points, bits, budget)
        matrix = enclosed_kernel(tangent, family, free, budget)
    if reason := unproved(1, matrix, floor, witness.factor, budget):
        return rejected(f"the factor does not prove that J J^T is at least the floor: {reason}")
    size = 4 * bits + 2 * sum(
        x.numerator.bit_length() + x.denominator.bit_length() for x in (floor, statement.distance)
    )
    budget.spend(20 * gcd_cost(size, size), "comparing the correction with the distance")
    error = square_above(*residuals(tangent, dataset.labels, bits, budget), bits)  # rho^2
    square = (1 if linear else 4) * error / floor  # of the distance
    if square > statement.distance**2:
        return rejected("the correction that is proved to exist may be longer than the stated distance")
    if not linear and not _bends_little(start, net, dataset, error, square, floor, bits, budget):
        return rejected("the errors are too large for the floor: Kantorovich's condition 2 Lambda rho <= s fails")
    if isinstance(tangent, Exact) and (reason := _switches(tangent, start, square, budget)):
        return rejected(reason)
    layers = ("layer " if len(free) == 1 else "layers ") + " and ".join(map(str, free))
    return accepted(
        f"Among the {family}, there is one that equals every label exactly at the {dataset.size} of the data set with "
        f"SHA-256 {dataset.sha256} and differs from the network with SHA-256 {net.sha256} only in the parameters of "
        f"{layers} (from 0), by at most {shortly(statement.distance, up=True)} in Euclidean norm."
    )


def _bends_little(
    start: Tangent,
    net: Network,
    dataset: Dataset,
    error: Fraction,
    square: Fraction,
    floor: Fraction,
    bits: int,
    budget: Budget,
) -> bool:
    """Whether 2 Lambda rho <= s.

    Lambda = |Z| for relu, and B1 |Z| + (max |v_j| + R) B2 max |z_i| |Z| for a smooth activation, where z_i is the i-th
    point, with 1 appended if there are hidden biases, |Z| is the spectral norm of the matrix with these rows, at most
    the square root of the largest sum of absolute values in a row of Z Z^T, and R^2 is `square`.
    """
    dots = rounded(*_dots(dataset, start.family.hidden_bias, budget), bits, budget)
    norm = sqrt_above(Fraction(max(sum(map(abs, row)) + len(row) * dots.radius for row in dots.rows), 1 << bits))
    bend = norm
    if start.family.activation != "relu":
        first, second = BENDS[start.family.activation]
        longest = sqrt_above(Fraction(max(row[i] for i, row in enumerate(dots.rows)) + dots.radius, 1 << bits))
        steepest = max((abs(v) for v in net.layers[1].weights[0]), default=Fraction(0)) + sqrt_above(square)
        bend = first * norm + steepest * second * longest * norm
    return 2 * bend * sqrt_above(error) <= floor


def _dots(dataset: Dataset, hidden_bias: bool, budget: Budget) -> tuple[Rows, list[int], list[int]]:
    """Z Z^T, with its scales for rows and columns."""
    rows, scales = whole_points(dataset.points, budget)
    rows = rows if hidden_bias else [row[:-1] for row in rows]
    return times_transpose(rows, rows, budget), scales, scales


def _switches(tangent: Exact, start: Tangent, square: Fraction, budget: Budget) -> str | None:
    """Which relu unit might change its side, if any, when the first free layer moves by at most the root of `square`.

    The units of that layer at which the output has derivative 0 at every point do not move.  Beyond, the change at a
    point passes through fixed weights: times the length of a unit's row for its sum, times a bound of the spectral
    norm for all of them.
    """
    first, last = start.free[0], len(start.family.widths)
    if first == last:
        return None
    inputs = tangent.inputs[first]
    if not has_bias(start.family, first):
        inputs = [row[:-1] for row in inputs]
    reach = moved(tangent, first, inputs, square, budget)
    moving = [any(column) for column in zip(*tangent.slopes[first], strict=True)]
    for layer in range(first, last):
        sums = tangent.sums[layer]
        size = max(largest(sums), *reach).bit_length() // 30 + 5
        budget.spend(len(sums) * len(sums[0]) * (size * size + 300), "comparing with the margins")
        if layer == first:
            factors = [int(moves) << FINE for moves in moving]
        else:
            weights = [row[:-1] for row in tangent.weights[layer]]
            factors = [root_of(sum(w * w for w in row) << (2 * FINE)) for row in weights]
        for i, (row, most) in enumerate(zip(sums, reach, strict=True)):
            for j, (s, factor) in enumerate(zip(row, factors, strict=True)):
                if abs(s) << (2 * FINE) < most * factor:
                    return (
                        f"unit {j} of layer {layer} might switch at sample {i} (all counting from 0): its sum is "
                        "not certainly farther from 0 than the correction can move it"
                    )
        if layer > first:
            norm = _spectral_norm(weights)
            reach = [-(-most * norm >> FINE) for most in reach]
    return None


def _spectral_norm(rows: Rows) -> int:
    """An upper bound in units of 2^-64: the Frobenius norm, or the root of largest row sum times largest column sum."""
    frobenius = sum(w * w for row in rows for w in row)
    row_sum = max(sum(map(abs, row)) for row in rows)
    column_sum = max(sum(map(abs, column)) for column in zip(*rows, strict=True))
    return root_of(min(frobenius, row_sum * column_sum) << (2 * FINE))


KIND = Kind(
    keys=frozenset({"dataset", "distance", "family", "free", "network"}),
    statement=statement_of,
    witness=witness_of,
    decide=decide,
)
