"""Structured derivatives: kernels from each layer's inputs and cotangents, without the Jacobian in its weights.

A layer whose derivative is J[c, f] = sum over positions p of A[p, c] B[p, f] adds to the kernel of samples x and y

    sum over p, q of <A_x[p], A_y[q]> <B_x[p], B_y[q]>,

plus <B_x[p], B_y[q]> alone for its bias.  With one position these are Gram matrices multiplied entrywise, which saves a
factor of the width.  With many, forming J and multiplying is cheaper unless positions are few: each layer takes what
costs less.  Leaves that are no layer's are differentiated as they are.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from overparam.ntk.empirical._contraction import flattened, products, sum_of
from overparam.ntk.empirical._functions import Single
from overparam.ntk.empirical._layers import cotangents_of, dimensions, inputs_of
from overparam.ntk.empirical._program import Atom, Program, program_of, run
from overparam.ntk.empirical._tiles import Combine, Prepare
from overparam.ntk.empirical._uses import Origin, Use, Uses, uses_of
from overparam.precision import HIGHEST

Way = Literal["gram", "positions", "jacobian"]


class Layer(NamedTuple):
    """A weight leaf with its sizes: several uses of it share groups, inputs and units, and add up positions."""

    uses: tuple[Use, ...]
    groups: int
    positions: int
    inputs: int
    units: int

    def costs(self, outputs: int, traced: bool, orders: int) -> dict[Way, int]:
        """Multiply-adds of one pair of samples, by way; `orders`: of summing over positions."""
        kept = outputs if traced else outputs**2
        found: dict[Way, int] = {"jacobian": kept * self.groups * self._columns * self.units}
        if self.groups == 1:
            each = self.inputs + kept * self.units
            if self.positions == 1:
                found["gram"] = each
            else:
                found["positions"] = orders * self.positions**2 * each
        return found

    def way(self, outputs: int, traced: bool) -> Way:
        """The cheapest; its small products run at half the rate of large ones, so `positions` must win by two."""
        costs = self.costs(outputs, traced, 4)
        return min(costs, key=lambda way: (costs[way], way == "jacobian"))

    def preparing(self, outputs: int, way: Way) -> int:
        """Multiply-adds for one sample, beside what every way needs."""
        return outputs * self.groups * self.positions * self._columns * self.units if way == "jacobian" else 0

    def held(self, outputs: int, way: Way) -> int:
        """Numbers kept for one sample."""
        if way == "jacobian":
            return outputs * self.groups * self._columns * self.units
        return self.positions * (self._columns + outputs * self.units)

    @property
    def _columns(self) -> int:
        return self.inputs + any(use.bias is not None for use in self.uses)


class Structure(NamedTuple):
    """The network at one sample as a program, its layers, and the leaves that are none."""

    program: Program
    layers: tuple[Layer, ...]
    whole: tuple[int, ...]


def structure_of(single: Single, leaves: list[Any], rest: list[Any], sample: Any) -> Structure:
    """Trace the network at one sample and find its layers."""
    program = program_of(single, leaves, rest, sample)
    found: Uses = uses_of(program, len(leaves), len(rest))
    layers = []
    for group in found.layers:
        sizes = [dimensions(use, program) for use in group]
        groups, _, inputs, units = sizes[0]
        layers.append(Layer(group, groups, sum(size[1] for size in sizes), inputs, units))
    return Structure(program, tuple(layers), found.whole)


def words_of(structure: Structure, names: tuple[str, ...], outputs: int, traced: bool) -> dict[str, str]:
    """How each leaf is treated, by its name."""
    words = dict.fromkeys(names, "without effect")
    words |= {names[leaf]: "whole Jacobian" for leaf in structure.whole}
    for layer in structure.layers:
        times = f", used {len(layer.uses)} times" if len(layer.uses) > 1 else ""
        words[names[layer.uses[0].weights.leaf]] = f"{layer.uses[0].kind}: {layer.way(outputs, traced)}{times}"
        for use in layer.uses:
            if use.bias is not None:
                words[names[use.bias.leaf]] = f"bias of {names[use.weights.leaf]}"
    return words


def methods(
    structure: Structure, leaves: list[Array], rest: list[Array], *, outputs: int, traced: bool, both: bool
) -> tuple[Prepare, Combine]:
    """What `_tiles` needs: layers' inputs and cotangents at each sample, and their products.

    A sum over pairs of positions depends on its order: with `both`, the mean with the mirrored order is taken.
    """
    ways: list[Way] = [layer.way(outputs, traced) for layer in structure.layers]

    def one(sample: Array) -> list[tuple[Array, ...]]:
        inputs, pulled, whole = _derivatives(structure, leaves, rest, sample, outputs)
        rows: list[tuple[Array, ...]] = [(flattened(block.reshape(outputs, -1), traced),) for block in whole]
        for layer, way in zip(structure.layers, ways, strict=True):
            A = jnp.concatenate([inputs[use.step] for use in layer.uses], axis=1)
            back = [cotangents_of(use, structure.program, pulled[use.result]) for use in layer.uses]
            rows.append(_prepared(A, jnp.concatenate(back, axis=2), way, traced))
        return rows

    def combine(left: list[tuple[Array, ...]], right: list[tuple[Array, ...]]) -> Array:
        n_whole = len(structure.whole)
        terms = [products(a[0], b[0]) for a, b in zip(left[:n_whole], right[:n_whole], strict=True)]
        for layer, way, a, b in zip(structure.layers, ways, left[n_whole:], right[n_whole:], strict=True):
            if way == "jacobian":
                terms.append(products(a[0], b[0]))
            elif way == "gram":
                terms.append(_gram(a, b, _adds_one(layer)))
            else:
                term = _by_positions(a, b)
                terms.append((term + _by_positions(b, a).T) / 2 if both else term)
        return sum_of(terms)

    return jax.vmap(one), combine


def _derivatives(
    structure: Structure, leaves: list[Array], rest: list[Array], sample: Array, outputs: int
) -> tuple[dict[int, Array], dict[int, Array], list[Array]]:
    """Inputs A of each layer, derivatives of the outputs in each layer's result, and in the leaves that are no layer's.

    Zeros are added to what each layer makes: the derivative in them is what follows the layer.
    """
    program = structure.program
    layers = {use.step: (layer, use) for layer in structure.layers for use in layer.uses}
    results = {use.result: program.steps[use.result].outputs[0] for _, use in layers.values()}

    def forward(bumps: dict[int, Array], whole: list[Array]) -> tuple[Array, dict[int, Array]]:
        own = list(leaves)
        for leaf, value in zip(structure.whole, whole, strict=True):
            own[leaf] = value

        (found,), read = run(
            program, [*own, *rest, sample], lambda number, made: made + bumps[number] if number in bumps else made
        )
        inputs = {}
        for number, (layer, use) in layers.items():
            data = read(program.steps[number].inputs[use.data])
            inputs[number] = _with_bias(layer, use, inputs_of(use, program, data), read)
        return found, inputs

    bumps = {number: jnp.zeros(program.shapes[value], sample.dtype) for number, value in results.items()}
    _, pull, inputs = jax.vjp(forward, bumps, [leaves[leaf] for leaf in structure.whole], has_aux=True)
    pulled, whole = jax.vmap(pull)(jnp.eye(outputs, dtype=sample.dtype))
    return inputs, pulled, whole


def _adds_one(layer: Layer) -> bool:
    """Whether the layer's bias adds 1 to the Gram matrix of its inputs; elsewhere it is an input of its own."""
    return layer.positions == 1 and layer.groups == 1 and _is_plain(layer.uses[0].bias)


def _is_plain(bias: Origin | None) -> bool:
    return bias is not None and not bias.scales


def _with_bias(layer: Layer, use: Use, A: Array, read: Callable[[Atom], Any]) -> Array:
    """The inputs, times the number that multiplies the weights, and a column for the bias if it needs one."""
    A = _scaled(A, use.weights, read)
    if use.bias is None or _adds_one(layer):
        return A
    return jnp.concatenate([A, _scaled(jnp.ones_like(A[..., :1]), use.bias, read)], axis=-1)


def _scaled(values: Array, origin: Origin, read: Callable[[Atom], Any]) -> Array:
    for name, atom in origin.scales:
        if atom is None:
            values = -values
        else:
            number = jnp.asarray(read(atom)).astype(values.dtype).reshape(())
            values = values * number if name == "mul" else values / number
    return values


def _prepared(A: Array, B: Array, way: Way, traced: bool) -> tuple[Array, ...]:
    """From A (groups, positions, inputs) and B (outputs, groups, positions, units) to what the products need."""
    if way == "jacobian":
        block = jnp.einsum("gpc,ogpf->ogcf", A, B, precision=HIGHEST)
        return (flattened(block.reshape(len(B), -1), traced),)
    if way == "gram":
        return A[0, 0], flattened(B[:, 0, 0], traced)
    moved = jnp.transpose(B[:, 0], (1, 0, 2)).reshape(1, A.shape[1], -1) if traced else B[:, 0]
    return A[0], moved


def _gram(left: tuple[Array, ...], right: tuple[Array, ...], add_one: bool) -> Array:
    (A, B), (C, D) = left, right
    inner = jnp.matmul(A, C.T, precision=HIGHEST) + int(add_one)
    if B.shape[1] == 1:
        return inner * products(B, D)
    blocks = products(B, D).reshape(*B.shape[:2], *D.shape[:2])
    return (blocks * inner[:, None, :, None]).reshape(len(B) * B.shape[1], -1)


def _by_positions(left: tuple[Array, ...], right: tuple[Array, ...]) -> Array:
    """One row of samples after the other, so that no more than a row's pairs of positions are held."""
    C, D = right  # (b, positions, inputs), (b, outputs, positions, units)
    b, outputs, positions, units = D.shape

    def row(one: tuple[Array, ...]) -> Array:
        inner = jnp.matmul(one[0], C.reshape(-1, C.shape[2]).T, precision=HIGHEST)
        outer = jnp.matmul(one[1].reshape(-1, units), D.reshape(-1, units).T, precision=HIGHEST)
        shape = (outputs, positions, b, outputs, positions)
        return jnp.sum(inner.reshape(1, positions, b, 1, positions) * outer.reshape(shape), axis=(1, 4))

    return jax.lax.map(row, left).reshape(-1, b * outputs)
