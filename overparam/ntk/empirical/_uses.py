"""Where a network's parameters meet its data: which leaves are weights of dense or convolutional layers, and which not.

A leaf is *structured* if it reaches the data only as one factor of a matrix product or as the filter of a convolution,
unchanged up to moving its entries and multiplying all of them by a number; a bias that is added to all of a layer's
units joins its layer.  Two layers may share weights if they use them in the same way.  Every other leaf is *whole*: its
Jacobian is formed by automatic differentiation.  So a wrong guess is impossible: what is not recognised is only slower.
"""

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from overparam.ntk.empirical._program import Atom, Constant, Program, Step, shape_of

_MOVES = ("reshape", "transpose", "squeeze", "expand_dims", "rev", "slice", "copy", "copy_p", "broadcast_in_dim")


class Origin(NamedTuple):
    """A value that is a leaf with its entries moved and multiplied by numbers."""

    leaf: int
    moves: tuple[tuple[Step, tuple[int, ...]], ...]  # and the shape that each leads to
    scales: tuple[tuple[Literal["mul", "div", "neg"], Atom | None], ...]
    repeats: bool  # whether entries may occur more than once


class Use(NamedTuple):
    """One layer: the step that multiplies data by a leaf, and the step that makes what a bias may be added to.

    These are one, unless the product is multiplied by a number, as in NTK parameterization: that number then counts
    among the scales of the weights.
    """

    step: int
    result: int
    kind: Literal["dense", "convolution"]
    data: int  # which input of the step is the data: 0 or 1
    weights: Origin
    bias: Origin | None


class Uses(NamedTuple):
    """Structured leaves with their uses, in order; leaves that are whole; other leaves do not act at all."""

    layers: tuple[tuple[Use, ...], ...]
    whole: tuple[int, ...]


class _Reading:
    """What is known about each value while the steps are read in order."""

    def __init__(self, program: Program, n_leaves: int, n_constant: int) -> None:
        self.program = program
        self.leaves = {program.inputs[i]: frozenset([i]) for i in range(n_leaves)}  # depends on these, not on data
        self.origins = {program.inputs[i]: Origin(i, (), (), False) for i in range(n_leaves)}
        self.data = set(program.inputs[n_leaves + n_constant :])
        self.numbers: dict[int, Atom] = {}  # constant arrays that repeat one number: that number
        self.uses: dict[int, Use] = {}  # by the value that the layer makes, before its bias
        self.whole: set[int] = set()
        self.readers = [0] * len(program.shapes)
        for atom in [a for step in program.steps for a in step.inputs] + list(program.outputs):
            if not isinstance(atom, Constant):
                self.readers[atom] += 1


def uses_of(program: Program, n_leaves: int, n_constant: int) -> Uses:
    """Read a program whose inputs are leaves, then arrays that are no parameters, then the data."""
    reading = _Reading(program, n_leaves, n_constant)
    for number, step in enumerate(program.steps):
        known = [atom for atom in step.inputs if not isinstance(atom, Constant)]
        touched = [atom for atom in known if atom in reading.leaves]
        if any(atom in reading.data for atom in known):
            reading.data.update(step.outputs)
            if not touched:
                _scale_layer(reading, number, step)
            elif not _is_layer(reading, number, step) and not _is_bias(reading, step):
                reading.whole.update(*(reading.leaves[atom] for atom in touched))
        elif touched:
            together = frozenset().union(*(reading.leaves[atom] for atom in touched))
            reading.leaves.update(dict.fromkeys(step.outputs, together))
            origin = _moved(reading, step)
            if origin is not None:
                reading.origins[step.outputs[0]] = origin
        else:
            _remember_number(reading, step)
    for atom in program.outputs:
        if not isinstance(atom, Constant):
            reading.whole.update(reading.leaves.get(atom, ()))
    return _settled(reading)


def _moved(reading: _Reading, step: Step) -> Origin | None:
    """The origin of a step's output that depends on parameters alone."""
    program = reading.program
    first = step.inputs[0]
    origin = None if isinstance(first, Constant) else reading.origins.get(first)
    if origin is not None and step.name in _MOVES and len(step.inputs) == 1:
        grows = program.size(step.outputs[0]) > math.prod(shape_of(program, step, 0))
        moves = (*origin.moves, (step, program.shapes[step.outputs[0]]))
        return origin._replace(moves=moves, repeats=origin.repeats or grows)
    if origin is not None and step.name == "neg":
        return origin._replace(scales=(*origin.scales, ("neg", None)))
    if step.name not in ("mul", "div"):
        return None
    for mine, other in ((0, 1), (1, 0))[: 2 if step.name == "mul" else 1]:
        atom = step.inputs[mine]
        own = None if isinstance(atom, Constant) else reading.origins.get(atom)
        number = _number(reading, step.inputs[other])
        if own is not None and number is not None and program.shapes[step.outputs[0]] == shape_of(program, step, mine):
            return own._replace(scales=(*own.scales, (step.name, number)))
    return None


def _number(reading: _Reading, atom: Atom) -> Atom | None:
    """The one number that a constant consists of, if it does."""
    if isinstance(atom, Constant):
        return atom if np.size(atom.value) == 1 else None
    if atom in reading.leaves or atom in reading.data:
        return None
    return atom if reading.program.size(atom) == 1 else reading.numbers.get(atom)


def _remember_number(reading: _Reading, step: Step) -> None:
    if step.name in _MOVES and len(step.inputs) == 1 and len(step.outputs) == 1:
        number = _number(reading, step.inputs[0])
        if number is not None:
            reading.numbers[step.outputs[0]] = number


def _is_layer(reading: _Reading, number: int, step: Step) -> bool:
    kind: Literal["dense", "convolution"]
    if step.name == "dot_general":
        kind = "dense"
    elif step.name == "conv_general_dilated" and step.options["batch_group_count"] == 1:
        kind = "convolution"
    else:
        return False
    left, right = step.inputs[:2]
    if isinstance(left, Constant) or isinstance(right, Constant):
        return False
    data = 0 if left in reading.data else 1
    origin = reading.origins.get((right, left)[data])
    if origin is None or origin.repeats or (kind == "convolution" and data == 1):
        return False
    if len({reading.program.types[value] for value in (left, right, *step.outputs)}) > 1:
        return False
    reading.uses[step.outputs[0]] = Use(number, number, kind, data, origin, None)
    return True


def _scale_layer(reading: _Reading, number: int, step: Step) -> None:
    """If the step multiplies what a layer made, and nothing else reads that, its result is the layer's."""
    if step.name not in ("mul", "div"):
        return
    for made, other in (step.inputs, step.inputs[::-1])[: 2 if step.name == "mul" else 1]:
        if isinstance(made, Constant):
            continue
        use, factor = reading.uses.get(made), _number(reading, other)
        if use is None or factor is None or use.bias is not None or reading.readers[made] != 1:
            continue
        if reading.program.shapes[step.outputs[0]] != reading.program.shapes[made]:
            continue
        del reading.uses[made]
        origin = use.weights._replace(scales=(*use.weights.scales, (step.name, factor)))
        reading.uses[step.outputs[0]] = use._replace(result=number, weights=origin)


def _is_bias(reading: _Reading, step: Step) -> bool:
    """Whether the step adds one number per unit to what a layer made, and nothing else reads that."""
    if step.name not in ("add", "add_any"):
        return False
    for made, added in (step.inputs, step.inputs[::-1]):
        if isinstance(made, Constant) or isinstance(added, Constant):
            continue
        use, origin = reading.uses.get(made), reading.origins.get(added)
        if use is None or origin is None or use.bias is not None or reading.readers[made] != 1:
            continue
        axes = unit_axes(use, reading.program)
        shape = reading.program.shapes[made]
        leaf = reading.program.shapes[reading.program.inputs[origin.leaf]]
        units = np.arange(math.prod(shape[axis] for axis in axes)).reshape([shape[axis] for axis in axes])
        rest = tuple(axis for axis in range(len(shape)) if axis not in axes)
        if math.prod(leaf) != units.size or _is_batched(use, reading.program) or not _fits(origin, leaf, shape):
            continue
        repeated = np.broadcast_to(units, [*(shape[axis] for axis in rest), *units.shape])
        expected = np.transpose(repeated, np.argsort([*rest, *axes]))
        if (np.broadcast_to(places(origin, leaf), shape) == expected).all():
            reading.uses[made] = use._replace(bias=origin)
            return True
    return False


def _fits(origin: Origin, leaf: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    last = origin.moves[-1][1] if origin.moves else leaf
    return not last or (len(last) == len(shape) and all(a in (1, b) for a, b in zip(last, shape, strict=True)))


def _is_batched(use: Use, program: Program) -> bool:
    return use.kind == "dense" and bool(program.steps[use.step].options["dimension_numbers"][1][0])


def unit_axes(use: Use, program: Program) -> tuple[int, ...]:
    """Axes of the layer's result that belong to its weights, not to its data; batch axes are none of them."""
    step = program.steps[use.step]
    rank = len(program.shapes[step.outputs[0]])
    if use.kind == "convolution":
        return (step.options["dimension_numbers"].out_spec[1],)
    (contracted, _), (batch, _) = step.options["dimension_numbers"]
    left = len(shape_of(program, step, 0)) - len(contracted)  # batch axes and free ones
    return tuple(range(left, rank) if use.data == 0 else range(len(batch), left))


def places(origin: Origin, shape: tuple[int, ...]) -> np.ndarray:
    """Which entry of the flattened leaf stands where."""
    found = np.arange(math.prod(shape)).reshape(shape)
    for step, after in origin.moves:
        found = _MOVERS.get(step.name, lambda array, options, after: array.reshape(after))(found, step.options, after)
    return found


def _broadcast(array: np.ndarray, options: dict[str, Any], after: tuple[int, ...]) -> np.ndarray:
    middle = [1] * len(after)
    for axis, size in zip(options["broadcast_dimensions"], array.shape, strict=True):
        middle[axis] = size
    return np.broadcast_to(array.reshape(middle), after)


def _slice(array: np.ndarray, options: dict[str, Any], after: tuple[int, ...]) -> np.ndarray:
    strides = options["strides"] or (1,) * array.ndim
    return array[tuple(map(slice, options["start_indices"], options["limit_indices"], strides))]


_MOVERS: dict[str, Callable[[np.ndarray, dict[str, Any], tuple[int, ...]], np.ndarray]] = {
    "transpose": lambda array, options, after: np.transpose(array, options["permutation"]),
    "rev": lambda array, options, after: np.flip(array, options["dimensions"]),
    "broadcast_in_dim": _broadcast,
    "slice": _slice,
}


def _settled(reading: _Reading) -> Uses:
    """Group uses by leaf; leaves whose uses do not fit together become whole, and with them those that lean on them."""
    program, whole = reading.program, set(reading.whole)
    uses = list(reading.uses.values())
    while True:
        before = len(whole)
        uses = [
            use._replace(bias=None) if use.bias is not None and use.bias.leaf in whole else use
            for use in uses
            if use.weights.leaf not in whole
        ]
        groups: dict[int, list[Use]] = {}
        for use in uses:
            groups.setdefault(use.weights.leaf, []).append(use)
        biases = {use.bias.leaf: use.weights.leaf for use in uses if use.bias is not None}
        for use in reading.uses.values():  # a bias whose layer is gone, or that serves two weights, stands alone
            if use.bias is not None and biases.get(use.bias.leaf) != use.weights.leaf:
                whole.add(use.bias.leaf)
        whole |= {bias for bias in biases if bias in groups}  # the same leaf as weights elsewhere
        whole |= {leaf for leaf, group in groups.items() if not _alike(program, group)}
        for group in groups.values():
            if len({use.bias.leaf if use.bias is not None else None for use in group}) > 1:
                whole |= {use.bias.leaf for use in group if use.bias is not None}
        if len(whole) == before:
            return Uses(tuple(tuple(group) for group in groups.values()), tuple(sorted(whole)))


def _alike(program: Program, group: list[Use]) -> bool:
    """Whether several uses multiply the same entries of the leaf by data in the same places."""
    if len(group) == 1:
        return True
    shape = program.shapes[program.inputs[group[0].weights.leaf]]
    first, *others = [_arranged(program, use, places(use.weights, shape)) for use in group]
    return all(other.shape == first.shape and (other == first).all() for other in others)


def _arranged(program: Program, use: Use, entries: np.ndarray) -> np.ndarray:
    """Entries of the weights as (groups, inputs, units), the order in which `_layers` makes them."""
    step = program.steps[use.step]
    if use.kind == "convolution":
        units, inputs, *space = step.options["dimension_numbers"].rhs_spec
        groups = step.options["feature_group_count"]
        moved = np.transpose(entries, (units, inputs, *space))
        return np.moveaxis(moved.reshape(groups, moved.shape[0] // groups, -1), 1, 2)
    contracted, batch = (pair[1 - use.data] for pair in step.options["dimension_numbers"])
    free = [axis for axis in range(entries.ndim) if axis not in (*contracted, *batch)]
    moved = np.transpose(entries, (*batch, *contracted, *free))
    sizes = [math.prod(entries.shape[axis] for axis in axes) for axes in (batch, contracted, free)]
    return moved.reshape(sizes)
