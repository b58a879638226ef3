"""Vardi, Yehudai and Shamir 2022, Theorem 3.1: about 2 sqrt(n (rho + c + 2)) layers of width 7, by reading bits.

The points are projected to numbers t of rho bits before the point, cut into groups of s, and each group gets a code:
the integer parts and the classes (c bits) of its points, one after the other.  One layer a group picks the code z of
the group that t lies in; rho + c + 2 layers a slot read the next integer part a and class from z, compare a with t, and
add the class to the output if they agree.  Weights are integers of at most s (rho + c) bits but for the projection.
The paper has width 12; docs/theory/bits.md has the proof for this form.
"""

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.classes._codes import gate, near, read, select, select_wide
from overparam.memorizers.classes._labels import LabelGrid, label_grid
from overparam.memorizers.classes._projection import Projection, groups_of, packed, projection
from overparam.memorizers.classes._stack import Stack, constant
from overparam.memorizers.classes._vardi_sizes import best_slots, bounded_plan


def build_vardi(data: ExactData, _: Options) -> Built:
    """The network of width 7 for distinct points and labels of any kind."""
    grid, line = label_grid(data.labels), projection(data)
    slots = best_slots(data.n_samples, line.bits + grid.bits + 2)
    return _built(data, grid, line, slots, None)


def build_vardi_depth(data: ExactData, options: Options) -> Built:
    """The network for a depth that is asked for, by default the largest that helps.

    Raises:
        InputError: the depth is not positive.
    """
    grid, line = label_grid(data.labels), projection(data)
    slots, selectors = bounded_plan(data.n_samples, line.bits + grid.bits + 2, options.depth)
    return _built(data, grid, line, slots, selectors)


def _built(data: ExactData, grid: LabelGrid, line: Projection, slots: int, selectors: int | None) -> Built:
    stack = Stack(data.dim)
    groups = groups_of(data.n_samples, slots)
    codes = [_code(group, line, grid, slots) for group in groups]
    firsts = [line.floors[group[0]] for group in groups]
    (t,) = stack.layer(stack.inputs(line.weights, line.bias))
    if grid.count == 1:
        return Built(stack.network(constant(grid.low)), ("constant labels: the constant network",))
    if selectors is None:
        state = select(stack, {"t": t}, codes, firsts)
    else:
        state = select_wide(stack, {"t": t}, codes, firsts, selectors)
    state["s"] = constant(0)
    left = slots * (line.bits + grid.bits)
    for slot in range(slots):
        state = read(stack, state, left, line.bits, "a")
        after = ("t", "z", "s") if slot < slots - 1 else ("z", "s")
        state = near(stack, state, state["t"] - state["a"], after)
        state = read(stack, state, left - line.bits, grid.bits, "y")
        left -= line.bits + grid.bits
        state = gate(stack, state, state["y"], grid.bits, after if slot < slots - 1 else ("s",))
    note = (
        f"{len(groups)} groups of up to {slots} points; {line.bits} bits for the place of a point, {grid.bits} for its "
        f"class; codes of {slots * (line.bits + grid.bits)} bits"
    )
    numbers = {
        "groups": len(groups),
        "slots": slots,
        "position_bits": line.bits,
        "label_bits": grid.bits,
        "code_bits": slots * (line.bits + grid.bits),
    }
    return Built(stack.network(grid.step * state["s"] + grid.low), (note,), numbers=numbers)


def _code(group: range, line: Projection, grid: LabelGrid, slots: int) -> int:
    """Integer parts and classes of the group's points; empty slots read 0 and class 0, which adds nothing."""
    fields = [(line.floors[j], line.bits, grid.numbers[line.order[j]]) for j in group]
    fields += [(0, line.bits, 0)] * (slots - len(group))
    return packed([pair for place, bits, label in fields for pair in ((place, bits), (label, grid.bits))])
