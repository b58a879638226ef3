"""The kind `exact-lazy`: gradient descent on the hidden layer never switches a relu unit, and fits in the limit.

docs/theory/lazy.md has the proof.  Full-batch gradient descent with a fixed step in exact arithmetic on half the sum of
squared errors; the output layer is frozen.  With r = F - y at the start, K = J J^T, s I <= K <= S I and step S <= 1,
the iterates stay within q = r^T K^-1 r (squared) of the start as long as no unit switches.  The neurons that are active
at the same points move in parallel, in proportion to their output weights v_j, so the square of what neuron j moves is
at most q v_j^2 / (the sum of v^2 over them).
"""

import dataclasses
from fractions import Fraction
from typing import Any, NamedTuple

from proofs_check.answers import Answer, Malformed, accepted, rejected
from proofs_check.budget import Budget, gcd_cost, product_cost
from proofs_check.claims._cells import FINE, moved, positive_of, residuals, root_of
from proofs_check.claims._kind import Kind
from proofs_check.claims._objects import Tangent, factor_of, tangent_of, unit_of
from proofs_check.enclosures import Enclosure, largest
from proofs_check.files import Files
from proofs_check.gram import Factor, precision, rounded_kernel, unproved
from proofs_check.reading import integers_of
from proofs_check.strict import as_object, require_keys
from proofs_check.tangents import Exact, exact, exact_kernel


@dataclasses.dataclass(frozen=True)
class ExactLazy:
    """Gradient descent with this step from the network of `start` stays in its cell and converges to a fit."""

    start: Tangent
    step: Fraction


class Witness(NamedTuple):
    """Proofs that floor <= K <= ceiling, and t = 2^exponent times integers, near the solution of K t = r."""

    factor: Factor
    floor: Fraction
    ceiling_factor: Factor
    ceiling: Fraction
    exponent: int
    solution: list[int]


def statement_of(document: dict[str, Any], budget: Budget) -> ExactLazy:
    """Read a statement of this kind.

    Raises:
        Malformed: it is none.
    """
    start = tangent_of(document, ("relu",), (0,))
    if len(start.family.widths) != 1:
        raise Malformed("gradient descent is followed in networks with one hidden layer only")
    return ExactLazy(start, positive_of(document["step"], "the step", budget))


def witness_of(document: dict[str, Any], budget: Budget) -> Witness:
    """Read a witness of this kind.

    Raises:
        Malformed: it is none.
    """
    keys = {"ceiling", "ceiling_factor", "factor", "floor", "format", "provenance", "solution"}
    require_keys(document, keys, "the witness")
    solution = as_object(document["solution"], "the solution")
    require_keys(solution, {"row", "unit"}, "the solution")
    return Witness(
        factor_of(document["factor"], "the factor", budget),
        positive_of(document["floor"], "the floor", budget),
        factor_of(document["ceiling_factor"], "the ceiling's factor", budget),
        positive_of(document["ceiling"], "the ceiling", budget),
        unit_of(solution["unit"], "the solution", budget),
        integers_of(solution["row"], "the solution", budget),
    )


def decide(statement: ExactLazy, files: Files, witness: Witness, budget: Budget) -> Answer:
    """Accept iff the conditions of docs/theory/lazy.md hold.

    Raises:
        Malformed: a file that the statement names is missing or is not what it should be.
        OverBudget: the numbers are too long.
    """
    start, floor, ceiling = statement.start, witness.floor, witness.ceiling
    net, dataset, reason = start.member(files)
    if reason:
        return rejected(reason)
    if len(witness.solution) != dataset.n_samples:
        return rejected(f"the solution has {len(witness.solution)} numbers for {dataset.size}")
    if statement.step * ceiling > 1:
        return rejected("the step times the ceiling is above 1")
    bits = precision(floor, factors=(witness.factor, witness.ceiling_factor))
    tangent = exact(net, dataset.points, budget)
    kernel = exact_kernel(tangent, start.family, (0,), budget)
    matrix = rounded_kernel(kernel, tangent.scales, bits, budget)
    if reason := unproved(1, matrix, floor, witness.factor, budget):
        return rejected(f"the factor does not prove that J J^T is at least the floor: {reason}")
    if reason := unproved(-1, matrix, ceiling, witness.ceiling_factor, budget):
        return rejected(f"the ceiling's factor does not prove that J J^T is at most the ceiling: {reason}")
    errors, radius = residuals(tangent, dataset.labels, bits, budget)
    square = _energy_above(matrix, errors, radius, witness, budget)
    if reason := _switches(tangent, start, square, budget):
        return rejected(reason)
    return accepted(
        f"Exact gradient descent with step {_step(statement.step)} on half the sum of squared errors (all samples, "
        f"relu'(0) = 0), training the hidden layer only, from the network with SHA-256 {net.sha256} ({start.family}) "
        f"on the data set with SHA-256 {dataset.sha256}, never changes which neurons are active at which samples and "
        "converges to a network that equals every label."
    )


def _step(step: Fraction) -> str:
    above, below = step.as_integer_ratio()
    if above.bit_length() + below.bit_length() <= 200:
        return str(step)
    size = above.bit_length() - below.bit_length()
    return f"as stated (between 2^{size - 1} and 2^{size + 1})"


def _energy_above(matrix: Enclosure, errors: list[int], radius: int, witness: Witness, budget: Budget) -> Fraction:
    """An upper bound of q = r^T K^-1 r.

    With p = r - K t: q = <r, t> + <p, t> + p^T K^-1 p, and the last term is at most |p|^2 / s.  Here r and K are in
    units of 2^-bits and t in units of 2^-fine.
    """
    n, bits = len(errors), matrix.bits
    fine = max(bits, -witness.exponent)  # t in units of 2^-bits or finer, so that everything is an integer
    length = largest([witness.solution]).bit_length() + witness.exponent + fine
    size = largest([*matrix.rows, errors]).bit_length() + length + fine + n.bit_length()
    budget.spend(n * n * product_cost(size, length) + 8 * n * product_cost(size, size), "solving")
    budget.spend(8 * gcd_cost(2 * size, 2 * size + witness.floor.denominator.bit_length()), "solving")
    budget.hold(8 * n * size, "solving")
    t = [x << (witness.exponent + fine) for x in witness.solution]
    total_length = sum(map(abs, t))
    images = [sum(a * x for a, x in zip(row, t, strict=True)) for row in matrix.rows]
    rest = [(r << fine) - image for r, image in zip(errors, images, strict=True)]  # units of 2^-(bits + fine)
    rest_radius = (radius << fine) + matrix.radius * total_length
    total = sum(((r << fine) + p) * x for r, p, x in zip(errors, rest, t, strict=True))
    total += ((radius << fine) + rest_radius) * total_length
    last = sum((abs(p) + rest_radius) ** 2 for p in rest)
    both = Fraction(total, 1 << (bits + 2 * fine)) + Fraction(last, 1 << (2 * (bits + fine))) / witness.floor
    return max(both, Fraction(0))


def _switches(tangent: Exact, start: Tangent, square: Fraction, budget: Budget) -> str | None:
    """Which neuron might switch, if any: an active one must keep its sum above 0, another one at most 0."""
    sums, values = tangent.sums[0], tangent.weights[1][0][:-1]  # output weights, times one scale
    inputs = tangent.inputs[0] if start.family.hidden_bias else [row[:-1] for row in tangent.inputs[0]]
    reach = moved(tangent, 0, inputs, square, budget)
    patterns = [bytes(s > 0 for s in column) for column in zip(*sums, strict=True)]
    total: dict[bytes, int] = {}
    for pattern, v in zip(patterns, values, strict=True):
        total[pattern] = total.get(pattern, 0) + v * v
    # |v_j| over the root of the sum of squares; a neuron that is never active or has v_j = 0 stays where it is
    shares = [
        root_of(-((-v * v << (2 * FINE)) // total[pattern])) if v and any(pattern) else 0
        for pattern, v in zip(patterns, values, strict=True)
    ]
    size = max(largest(sums), *reach).bit_length() // 30 + 5
    budget.spend(len(sums) * len(values) * (size * size + 300), "comparing with the margins")
    for i, (row, most) in enumerate(zip(sums, reach, strict=True)):
        for j, (s, share) in enumerate(zip(row, shares, strict=True)):
            if (s > 0 and s << (2 * FINE) <= most * share) or (s <= 0 and -s << (2 * FINE) < most * share):
                return (
                    f"neuron {j} might switch at sample {i} (both counting from 0): its sum is not certainly farther "
                    "from 0 than gradient descent can move it"
                )
    return None


KIND = Kind(
    keys=frozenset({"dataset", "family", "network", "step"}),
    statement=statement_of,
    witness=witness_of,
    decide=decide,
)
