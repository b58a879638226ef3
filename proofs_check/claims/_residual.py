"""Residual networks as witnesses spell them, and their exact values.

h_0 = A x + a in R^m, h_l = h_(l-1) + V_l act(U_l h_(l-1) + s_l) for the blocks l = 1 .. L, f(x) = <w, h_L> + c.  As in
`proofs_check/network.py` all numbers are integers with a scale for each unit, times one for each point: the j-th number
of the stream is v_j / (D_j E).  After step a unit is 0 or 1 = E / (1 E), so E stays here too.
"""

from fractions import Fraction
from typing import Any, NamedTuple

from proofs_check.answers import Malformed
from proofs_check.budget import Budget
from proofs_check.exact import cleared
from proofs_check.network import unit_in_integers
from proofs_check.packed import Rows, longest, product
from proofs_check.reading import Vector, numbers_of
from proofs_check.strict import as_list, as_object, require_keys

_DOING = "evaluating the residual network"
_BLOCK = 2**20  # numbers of one layer held at a time


class Block(NamedTuple):
    """z -> z + outer act(weights z + bias): k rows of weights, m rows of outer."""

    weights: tuple[Vector, ...]
    bias: Vector
    outer: tuple[Vector, ...]


class Residual(NamedTuple):
    """A residual network: the map into the stream, the blocks in order, the functional at the end."""

    weights: tuple[Vector, ...]
    bias: Vector
    blocks: tuple[Block, ...]
    output: Vector
    output_bias: Fraction


class Plan(NamedTuple):
    """The network in integers, [W B] for each map: into the stream, (inner, back to the stream) each block, out."""

    first: Rows
    blocks: list[tuple[Rows, Rows]]
    last: list[int]
    scale: int


def residual_of(document: dict[str, Any], budget: Budget) -> Residual:
    """The residual network in a witness.

    Raises:
        Malformed: it is none.
        OverBudget: its numbers are too long to be read within the budget.
    """
    require_keys(document, {"blocks", "format", "input", "output", "provenance"}, "the witness")
    first = as_object(document["input"], "the input")
    require_keys(first, {"bias", "weights"}, "the input")
    bias = numbers_of(first["bias"], "the bias of the input", budget)
    size, rows = len(bias), as_list(first["weights"], "the weights of the input")
    dim = len(as_list(rows[0], "weights 0 of the input")) if rows else 0
    weights = _rows(rows, size, dim, "the weights of the input", budget)
    blocks = tuple(
        _block(block, size, f"block {l}", budget) for l, block in enumerate(as_list(document["blocks"], "the blocks"))
    )
    last = as_object(document["output"], "the output")
    require_keys(last, {"bias", "weights"}, "the output")
    (row,) = _rows(last["weights"], 1, size, "the weights of the output", budget)
    ((constant,),) = _rows([last["bias"]], 1, 1, "the bias of the output", budget)
    return Residual(weights, bias, blocks, row, constant)


def _block(value: Any, size: int, what: str, budget: Budget) -> Block:
    block = as_object(value, what)
    require_keys(block, {"bias", "outer", "weights"}, what)
    bias = numbers_of(block["bias"], f"the bias of {what}", budget)
    weights = _rows(block["weights"], len(bias), size, f"the weights of {what}", budget)
    return Block(weights, bias, _rows(block["outer"], size, len(bias), f"the outer weights of {what}", budget))


def _rows(value: Any, count: int, size: int, what: str, budget: Budget) -> tuple[Vector, ...]:
    """So many rows of so many numbers."""
    rows = tuple(numbers_of(row, f"row {i} of {what}", budget) for i, row in enumerate(as_list(value, what)))
    if len(rows) != count or any(len(row) != size for row in rows):
        raise Malformed(f"{what} must be {count} rows of {size} numbers, as the stream and the biases ask")
    return rows


def residual_values(
    net: Residual, activation: str, points: tuple[Vector, ...], budget: Budget
) -> list[tuple[int, int]]:
    """The network's value at each point, as numerator and positive denominator (not in lowest terms).

    Raises:
        OverBudget: the numbers are too long.
    """
    plan = _in_integers(net, activation, budget)
    at_a_time = max(_BLOCK // max(len(net.bias), *(len(block.bias) for block in net.blocks)), 1)
    outputs: list[tuple[int, int]] = []
    for start in range(0, len(points), at_a_time):
        free = budget.memory
        block = _through(plan, activation, points[start : start + at_a_time], budget)
        budget.memory = free  # of a block only the outputs stay
        budget.hold(sum(above.bit_length() + below.bit_length() for above, below in block), _DOING)
        outputs += block
    return outputs


def _in_integers(net: Residual, activation: str, budget: Budget) -> Plan:
    """All maps in integers; `scales` are the D of the stream."""
    first, scales = _units(net.weights, net.bias, [1] * len(net.weights[0]), budget)
    blocks = []
    for block in net.blocks:
        inner, inner_scales = _units(block.weights, block.bias, scales, budget)
        if activation == "threshold":
            inner_scales = [1] * len(inner_scales)
        back, before, scales = [], scales, []
        budget.spend(len(before) * (len(before) + len(inner)), _DOING)
        budget.hold(64 * len(before) * (len(before) + len(inner)), _DOING)
        for j, (row, scale) in enumerate(zip(block.outer, before, strict=True)):
            numbers, new = unit_in_integers((Fraction(1), *row), Fraction(0), [scale, *inner_scales], budget)
            back.append([0] * j + numbers[:1] + [0] * (len(before) - j - 1) + numbers[1:-1])
            scales.append(new)
        blocks.append((inner, back))
    last, scale = unit_in_integers(net.output, net.output_bias, scales, budget)
    return Plan(first, blocks, last, scale)


def _units(
    weights: tuple[Vector, ...], bias: Vector, input_scales: list[int], budget: Budget
) -> tuple[Rows, list[int]]:
    pairs = [unit_in_integers(row, b, input_scales, budget) for row, b in zip(weights, bias, strict=True)]
    return [row for row, _ in pairs], [scale for _, scale in pairs]


def _through(plan: Plan, activation: str, points: tuple[Vector, ...], budget: Budget) -> list[tuple[int, int]]:
    """Some points sent through; a row for each number of the stream, `ones` are the E."""
    pairs = [cleared(point, budget) for point in points]
    ones = [e for _, e in pairs]
    free = budget.memory
    rows = product(
        plan.first, [*(list(column) for column in zip(*(row for row, _ in pairs), strict=True)), ones], budget
    )
    for inner, back in plan.blocks:
        sums = product(inner, [*rows, ones], budget)
        budget.spend(100 * len(inner) * len(points), _DOING)
        if activation == "relu":
            units = [[s if s > 0 else 0 for s in unit] for unit in sums]
        else:
            units = [[e if s >= 0 else 0 for s, e in zip(unit, ones, strict=True)] for unit in sums]
        rows = product(back, [*rows, *units], budget)
        budget.memory = free  # a block's numbers take the place of those before
        budget.hold(len(points) * sum(map(longest, rows)), _DOING)
    (outputs,) = product([plan.last], [*rows, ones], budget)
    return [(s, budget.product(plan.scale, e, _DOING)) for s, e in zip(outputs, ones, strict=True)]
