"""Park, Lee, Yun and Shin 2021: classes by O(n^(2/3) log C) units, the line folded until a table of codes fits.

The points are projected to numbers with distinct integer parts.  While these have more than b bits, the upper half of
their range is cut into pieces, each shifted by an integer into the lower half so that no integer parts collide: every
shift keeps fractional parts, so one slope serves all steps.  Then the range is cut into blocks; one wide layer
subtracts the start of the block and picks its code, the classes at all places of the block; these are read one after
the other, and the one at the point's place is kept.  docs/theory/bits.md counts units and layers.
"""

import bisect
import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from overparam.exact import ExactData
from overparam.memorizers._built import Built, Options
from overparam.memorizers.classes._codes import State, gate, read
from overparam.memorizers.classes._labels import label_grid
from overparam.memorizers.classes._park_sizes import pieces, plan
from overparam.memorizers.classes._projection import packed, projection
from overparam.memorizers.classes._stack import Affine, Stack, constant

_SEED = 20201026  # any number; fixed, so that the construction is a function of its data
_TRIED = 64  # random shifts before all bad ones are listed


def build_park(data: ExactData, _: Options) -> Built:
    """The network for distinct points and labels of any kind."""
    grid, line = label_grid(data.labels), projection(data)
    stack = Stack(data.dim)
    if grid.count == 1:
        stack.layer(stack.inputs([0] * data.dim, 0))
        return Built(stack.network(constant(grid.low)), ("constant labels: the constant network",))
    half = [t / 2 for t in line.images]
    steepness, shift = _room(half)
    (x,) = stack.layer(stack.inputs([w / 2 for w in line.weights], Fraction(line.bias, 2) + shift))
    floors = [int(t + shift) for t in half]
    labels = dict(zip(line.order, floors, strict=True))  # point -> integer part, ever smaller
    bits, place = plan(data.n_samples, grid.bits)
    folds = range(max(floors).bit_length() - 1, bits - 1, -1)
    rng = np.random.default_rng(_SEED)
    for size in folds:
        offsets = _shifts(sorted(labels.values()), size, pieces(data.n_samples, size), rng)
        steps = _changes(offsets)
        placed = stack.layer(x, *_ramps(x, [at for at, _ in steps], steepness))
        (x,) = stack.layer(_stepped(placed[0], placed[1:], [change for _, change in steps]))
        labels = {i: a + offsets[a] for i, a in labels.items()}

    block = 1 << place
    found = {a: grid.numbers[i] for i, a in labels.items()}
    used = sorted({a // block for a in found})
    codes = [packed([(found.get(start * block + j, 0), grid.bits) for j in range(block)]) for start in used]
    placed = stack.layer(x, *_ramps(x, [start * block for start in used[1:]], steepness))
    starts = [(after - before) * -block for before, after in itertools.pairwise(used)]
    changes = [after - before for before, after in itertools.pairwise(codes)]
    state: State = {
        "x": _stepped(placed[0], placed[1:], starts) - used[0] * block,
        "z": _stepped(constant(codes[0]), placed[1:], changes),
        "s": constant(0),
    }
    state, _placed = stack.relayed(state)
    left = block * grid.bits
    for slot in range(block):
        here = _ramps(state["x"], [slot, slot + 1], steepness)
        after = ("x", "z", "s") if slot < block - 1 else ("z", "s")
        state, (one, two, three, four) = stack.relayed({name: state[name] for name in after}, *here)
        state["v"] = one - two - three + four
        state = read(stack, state, left, grid.bits, "y")
        left -= grid.bits
        state = gate(stack, state, state["y"], grid.bits, after if slot < block - 1 else ("s",))
    note = f"{len(folds)} folds to a line of {1 << bits} places; {len(used)} codes of {block} classes"
    numbers = {"folds": len(folds), "codes": len(used), "slots": block, "label_bits": grid.bits}
    return Built(stack.network(grid.step * state["s"] + grid.low), (note,), numbers=numbers)


def _room(values: Sequence[Fraction]) -> tuple[int, Fraction]:
    """A power of two h and a shift in [0, 2) after which no fractional part is in (1 - 1 / h, 1).

    On the circle some two neighbouring fractional parts are at least 1 / n apart; half of that is kept.
    """
    parts = sorted(t - t.numerator // t.denominator for t in values)
    gaps = [(after - before, after) for before, after in zip(parts, [*parts[1:], parts[0] + 1], strict=True)]
    gap, after = max(gaps)
    steepness = 2
    while steepness * gap < 2:
        steepness *= 2
    distance = (1 - after) % 1 * steepness
    return steepness, Fraction(-(-distance.numerator // distance.denominator), steepness)


def _ramps(x: Affine, starts: Sequence[int], steepness: int) -> list[Affine]:
    """Two units for each step, from 0 at most 1 / steepness below an integer to 1 at it."""
    return [steepness * (x - start) + up for start in starts for up in (1, 0)]


def _stepped(base: Affine, ramps: Sequence[Affine], changes: Sequence[int]) -> Affine:
    """The base plus each change times its step."""
    total = base
    for above, beyond, change in zip(ramps[::2], ramps[1::2], changes, strict=True):
        total += change * (above - beyond)
    return total


def _shifts(floors: list[int], bits: int, count: int, rng: np.random.Generator) -> dict[int, int]:
    """Shifts of these ascending integers below 2^(bits + 1) to different ones below 2^bits.

    The lower half stays; the upper half goes in pieces, each by one number modulo 2^bits.
    """
    size = 1 << bits
    first = bisect.bisect_left(floors, size)
    shifts, taken = dict.fromkeys(floors[:first], 0), set(floors[:first])
    each = -(-len(floors) // count)
    for start in range(first, len(floors), each):
        piece = floors[start : start + each]
        by = _free(piece, taken, size, rng)
        shifts |= {a: (a + by) % size - a for a in piece}
        taken.update((a + by) % size for a in piece)
    return shifts


def _free(piece: list[int], taken: set[int], size: int, rng: np.random.Generator) -> int:
    for _ in range(_TRIED):
        by = int.from_bytes(rng.bytes(size.bit_length() // 8 + 1)) % size
        if all((a + by) % size not in taken for a in piece):
            return by
    bad = {(b - a) % size for a in piece for b in taken}
    return next(by for by in range(size) if by not in bad)


def _changes(shifts: dict[int, int]) -> list[tuple[int, int]]:
    """Where the shift of ascending integers changes, and by how much, from 0."""
    found, last = [], 0
    for a, shift in shifts.items():
        if shift != last:
            found.append((a, shift - last))
            last = shift
    return found
