"""What each method takes for a network and its sizes, from shapes alone; the formulas stand in `costs`."""

import functools
import math
from typing import Any, Literal, NamedTuple

import jax

from overparam.errors import InputError
from overparam.ntk.empirical._functions import Network, Single, shape_of
from overparam.ntk.empirical._program import multiply_adds
from overparam.ntk.empirical._structured import Structure, Way, structure_of
from overparam.ntk.empirical._tiles import STEP, default_side, rounded
from overparam.ntk.empirical._two_layer import activation_of

Named = Literal["contraction", "products", "structured", "two-layer"]

WORKING_BYTES = 2**30  # what prepared samples may take before they are prepared anew for each tile
_ORDER: tuple[Named, ...] = ("two-layer", "structured", "contraction", "products")  # at equal costs the first


class Cost(NamedTuple):
    """What a method is expected to take.

    Attributes:
        multiply_adds: of its matrix products and convolutions, leading terms.
        bytes: of the result and of what is held beside it.
        side: samples in a tile.
        at_once: whether all samples are prepared once, rather than anew for each tile.
    """

    multiply_adds: int
    bytes: int
    side: int
    at_once: bool


class _Sizes(NamedTuple):
    """What a network costs at one sample."""

    evaluation: int  # multiply-adds
    values: int  # numbers among its intermediate results
    structure: Structure


class _Work(NamedTuple):
    """A method's share: to prepare a sample, for a pair of samples, and numbers held for a sample and beside them."""

    sample: int
    pair: int
    held: int
    beside: int = 0


def checked_batch(batch: int | None) -> int | None:
    """The option if it is None or a number of samples."""
    if batch is not None and (not isinstance(batch, int) or isinstance(batch, bool) or batch < 1):
        raise InputError(f"batch must be None or a whole number of samples, at least 1, not {batch!r}")
    return batch


def shapes_of(network: Network) -> tuple[list[Any], list[Any], Any]:
    """Shapes and types of leaves, other arrays, and one sample."""
    leaves, rest = list(map(shape_of, network.leaves)), list(map(shape_of, network.rest))
    return leaves, rest, jax.ShapeDtypeStruct(network.points.shape[1:], network.points.dtype)


def all_costs(network: Network, traced: bool, batch: int | None) -> dict[Named, Cost]:
    """Costs of the methods that apply, the cheapest not necessarily first."""
    leaves, rest, sample = shapes_of(network)
    sizes = _sizes(network.single, tuple(leaves), tuple(rest), sample)
    work = _work(network, sizes, traced)
    return {name: _cost(network, one, traced, batch, name) for name, one in work.items()}


def cheapest(found: dict[Named, Cost]) -> Named:
    """Fewest multiply-adds."""
    return min(found, key=lambda name: (found[name].multiply_adds, _ORDER.index(name)))


@functools.lru_cache(maxsize=64)  # a trace takes longer than a small kernel
def _sizes(single: Single, leaves: tuple[Any, ...], rest: tuple[Any, ...], sample: Any) -> _Sizes:
    structure = structure_of(single, list(leaves), list(rest), sample)
    program = structure.program
    values = sum(program.size(value) for step in program.steps for value in step.outputs)
    return _Sizes(multiply_adds(single, list(leaves), list(rest), sample), values, structure)


def _work(network: Network, sizes: _Sizes, traced: bool) -> dict[Named, _Work]:
    outputs, F = network.outputs, sizes.evaluation
    kept = outputs if traced else outputs**2
    params = sum(leaf.size for leaf in network.leaves)
    back = (1 + 2 * outputs) * F
    twice = 2 if network.others is None else 1
    found: dict[Named, _Work] = {
        "contraction": _Work(back, kept * params, outputs * params + (1 + outputs) * sizes.values),
        "products": _Work(
            back, 2 * twice * outputs * F, math.prod(network.points.shape[1:]), outputs * (params + STEP * sizes.values)
        ),
    }
    layers, whole = sizes.structure.layers, sum(network.leaves[leaf].size for leaf in sizes.structure.whole)
    if layers:
        ways: list[Way] = [layer.way(outputs, traced) for layer in layers]
        found["structured"] = _Work(
            (1 + outputs) * F
            + (outputs * F if whole else 0)
            + sum(layer.preparing(outputs, way) for layer, way in zip(layers, ways, strict=True)),
            kept * whole
            + sum(layer.costs(outputs, traced, twice)[way] for layer, way in zip(layers, ways, strict=True)),
            (1 + outputs) * sizes.values
            + outputs * whole
            + sum(layer.held(outputs, way) for layer, way in zip(layers, ways, strict=True)),
        )
    if activation_of(network) is not None:
        width, dim = network.leaves[0].shape
        found["two-layer"] = _Work(width * dim, dim + 2 * width, dim + 2 * width)
    return found


def _cost(network: Network, work: _Work, traced: bool, batch: int | None, name: Named) -> Cost:
    n, m = network.sides
    outputs = 1 if traced else network.outputs
    itemsize = network.points.dtype.itemsize
    own = network.others is None
    together = rounded(n) + (0 if own else rounded(m))
    per_sample = work.held * itemsize
    at_once = name == "products" or together * per_sample <= WORKING_BYTES
    if batch is not None and batch < max(n, m):
        at_once = name == "products"
        side = batch
    elif at_once:
        side = default_side(outputs)
    else:
        side = max(STEP, WORKING_BYTES // (2 * per_sample) // STEP * STEP)
    side = min(side, rounded(max(n, m)))
    left, right = math.ceil(n / side), math.ceil(m / side)
    tiles = left * (left + 1) // 2 if own else left * right
    samples = n + (0 if own else m) if at_once else (left + tiles) * side
    pairs = n * (n + 1) // 2 if own else n * m
    copies = 2 if outputs > 1 else 1  # the last transposition
    held = together if at_once else 2 * side
    total = copies * n * m * outputs**2 * itemsize + held * per_sample + work.beside * itemsize
    return Cost(samples * work.sample + pairs * work.pair, total, side, at_once)
