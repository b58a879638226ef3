"""Threshold networks with three hidden layers, O(log n) to n - 1 units in the first, about sqrt(n) in the others.

After Rajput, Sreenivasan, Papailiopoulos and Karbasi 2021, with integers of m + 1 bits.  Layer 1: m hyperplanes give
every point a code of m bits, a number T.  Layer 2: the bits once more, and one unit for each group of q = ceil(sqrt(n))
consecutive codes but the first, on from that group on.  Layer 3: in group g, bit b of the class changes at the codes
theta_(g,b,1) < theta_(g,b,2) < .., and unit (b, r) is step(T - theta_(g,b,r)), the theta picked by layer 2.  The output
adds 2^b times the alternating sum over r.
"""

from math import isqrt

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.classes._hyperplanes import separating
from overparam.memorizers.classes._labels import label_grid
from overparam.memorizers.classes._projection import groups_of
from overparam.memorizers.classes._stack import Affine, Stack, constant


def build_rajput(data: ExactData, _: Options) -> Built:
    """The network for distinct points and labels of any kind."""
    grid = label_grid(data.labels)
    stack = Stack(data.dim, "threshold")
    if grid.count == 1:
        stack.layer(stack.inputs([0] * data.dim, -1))
        for _layer in range(2):
            stack.layer(constant(-1))
        return Built(stack.network(constant(grid.low)), ("constant labels: the constant network",))
    forms, codes = separating(data)
    order = sorted(range(data.n_samples), key=codes.__getitem__)
    groups = [[order[j] for j in group] for group in groups_of(data.n_samples, isqrt(data.n_samples - 1) + 1)]
    endless = 1 << len(forms)  # above every code

    code = _number(stack.layer(*(stack.inputs(form[:-1], form[-1]) for form in forms)))
    bits = [Affine({j: 1}, -1) for j in range(len(forms))]
    placed = stack.layer(*bits, *(code - codes[group[0]] for group in groups[1:]))
    code, later = _number(placed[: len(forms)]), placed[len(forms) :]
    units, weights = [], []
    for b in range(grid.bits):
        changes = [_changes(codes, [grid.numbers[i] >> b & 1 for i in group], group) for group in groups]
        for r in range(max(map(len, changes))):
            theta = [found[r] if r < len(found) else endless for found in changes]
            unit = code - theta[0]
            for before, after, step in zip(theta[:-1], theta[1:], later, strict=True):
                unit -= (after - before) * step
            units.append(unit)
            weights.append((-1) ** r << b)
    label = constant(0)
    for unit, weight in zip(stack.layer(*units), weights, strict=True):
        label += weight * unit
    note = f"{len(forms)} hyperplanes tell the points apart; {len(groups)} groups of codes"
    numbers = {"hyperplanes": len(forms), "groups": len(groups), "label_bits": grid.bits}
    return Built(stack.network(grid.step * label + grid.low), (note,), numbers=numbers)


def _number(bits: list[Affine]) -> Affine:
    """Sum of 2^j bits[j]."""
    total = constant(0)
    for j, bit in enumerate(bits):
        total += (1 << j) * bit
    return total


def _changes(codes: list[int], values: list[int], group: list[int]) -> list[int]:
    """The codes at which the bit changes, from 0 before the group; where it starts with 1, the first change is at 0."""
    found, last = [], 0
    for j, (i, value) in enumerate(zip(group, values, strict=True)):
        if value != last:
            found.append(codes[i] if j else 0)
            last = value
    return found
