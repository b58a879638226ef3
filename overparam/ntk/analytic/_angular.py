"""Kernels of networks with relu, leaky relu or absolute value, by angles and norms.

Such activations are positively homogeneous, so the norms a of the pre-activations obey a^2 <- (keep + A) a^2 + bias
with A = weight mean, one number a point, and only c = cos(angle) is left for each pair.  The recursion follows both c
and 1 - c, each free of cancellation: the angle is then right to a few roundings at any depth, also of nearly parallel
and, after the first layer, nearly antipodal points.  With x = a sqrt(keep + A) / a' and z = sqrt(bias) / a',

    1 - c'  =  x_i x_j (keep (1 - c) + A (1 - kappa)) / (keep + A)  +  ((x_i - x_j)^2 + (z_i - z_j)^2) / 2.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.ntk._kernels import Kernels
from overparam.ntk.analytic._angles import Turn, turns, units
from overparam.ntk.analytic._duals import LeakyRelu
from overparam.ntk.analytic._recursion import Recipe, Step
from overparam.ntk.analytic._tiles import Own

UNROLLED = 16  # steps written out; more of them run in a loop


class Rows(NamedTuple):
    """What a tile needs to know about a point."""

    unit: Array  # (n, dim) direction of the point, with its bias coordinate
    first: Array  # (n,) share of the bias in that direction
    along: Array  # (n, steps) x of the docstring
    biased: Array  # (n, steps) z of the docstring
    last: Array  # (n,) norm of the outputs


class _State(NamedTuple):
    cosine: Array
    apart: Array  # 1 - cosine
    tangent: Array  # tangent kernel divided by both norms


def prepare(recipe: Recipe, points: Float[Array, "n dim"]) -> Rows:
    """What is needed of each point."""
    n, dim = points.shape
    first = recipe.first
    mean = _activation(recipe).mean
    scaled = points * math.sqrt(first.weight / dim)
    if first.bias:
        scaled = jnp.concatenate([scaled, jnp.full((n, 1), math.sqrt(first.bias), points.dtype)], axis=1)
    unit, norm = units(scaled)
    share = unit[:, -1] if first.bias else jnp.zeros_like(norm)
    gains = np.array([math.sqrt(step.keep + step.weight * mean) for step in recipe.steps], points.dtype)
    biases = np.array([math.sqrt(step.bias) for step in recipe.steps], points.dtype)

    def advance(norm: Array, step: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array]]:
        gain, bias = step
        after = jnp.hypot(gain * norm, jnp.broadcast_to(bias, norm.shape))
        nonzero = jnp.where(after > 0, after, 1)
        return after, (gain * norm / nonzero, bias / nonzero)

    # a loop also where it is short: written out, XLA computes the norms of each layer again from the first one
    last, (along, biased) = jax.lax.scan(advance, norm, (jnp.asarray(gains), jnp.asarray(biases)))
    return Rows(unit, share, along.T, biased.T, last)


def tile(recipe: Recipe, left: Rows, right: Rows, own: Own) -> Kernels:
    """Both kernels of all pairs, (a, b); own: left and right are the same points in the same order."""
    turn = turns(left.unit, right.unit, own)
    return _pairs(recipe, turn, *(
        rows._replace(first=jnp.expand_dims(rows.first, axis), last=jnp.expand_dims(rows.last, axis),
                      along=jnp.expand_dims(rows.along.T, axis + 1), biased=jnp.expand_dims(rows.biased.T, axis + 1))
        for rows, axis in ((left, 1), (right, 0))
    ))  # fmt: skip


def diagonal(recipe: Recipe, rows: Rows) -> Kernels:
    """Both kernels of each point with itself, (n,)."""
    same = Turn(jnp.zeros_like(rows.last), jnp.zeros(rows.last.shape, bool))
    rows = rows._replace(along=rows.along.T, biased=rows.biased.T)
    return _pairs(recipe, same, rows, rows)


def _pairs(recipe: Recipe, turn: Turn, left: Rows, right: Rows) -> Kernels:
    """The recursion; along and biased have the step as their first axis and otherwise broadcast to the pairs."""
    cosine = jnp.where(turn.obtuse, turn.short - 1, 1 - turn.short)
    apart = jnp.where(turn.obtuse, 2 - turn.short, turn.short)
    biases = left.first * right.first
    of_weights, of_biases = recipe.first.of_weights, recipe.first.of_biases
    tangent = of_weights * cosine + (of_biases - of_weights) * biases
    state, done = _State(cosine, apart, tangent), 0
    known: Turn | None = turn
    for step, count in recipe.groups():
        sides = [(rows.along[done : done + count], rows.biased[done : done + count]) for rows in (left, right)]
        (xs, zs), (us, ws) = sides
        looped = 0 if count <= UNROLLED else count
        for k in range(count if not looped else 1):  # the first step knows which angles are obtuse exactly
            state = _advance(recipe, step, state, known, (xs[k], zs[k]), (us[k], ws[k]))
            known = None
        if looped:

            def one(state: _State, sides: tuple[Array, ...], step: Step = step) -> tuple[_State, None]:
                return _advance(recipe, step, state, None, sides[:2], sides[2:]), None

            state, _ = jax.lax.scan(one, state, (xs[1:], zs[1:], us[1:], ws[1:]))
        done += count
    scale = left.last * right.last
    return Kernels(nngp=scale * state.cosine, ntk=scale * state.tangent)


def _advance(
    recipe: Recipe,
    step: Step,
    state: _State,
    turn: Turn | None,
    left: tuple[Array, ...],
    right: tuple[Array, ...],
) -> _State:
    activation = _activation(recipe)
    gain = step.weight * activation.mean
    total = step.keep + gain
    old, new = step.keep / total, gain / total
    if turn is None and not _obtuse(recipe):
        (kappa, away), angle = activation.curve(state.apart)
    else:
        if turn is None:
            turn = Turn(jnp.clip(jnp.minimum(state.apart, 2 - state.apart), 0, 1), state.apart > 1)
        (kappa, away), angle = activation.curve(turn.short, turn.obtuse)
    bent = 1 - activation.bend * angle
    cosine = old * state.cosine + new * kappa if step.keep else kappa
    apart = old * state.apart + new * away if step.keep else away
    passed = (old + new * bent if step.keep else bent) * state.tangent
    born = step.of_weights * (new * kappa if step.keep else kappa)
    if not step.bias:
        return _State(cosine, apart, born + passed)
    (x, z), (u, w) = left, right
    product, biases = x * u, z * w
    apart = product * apart + ((x - u) ** 2 + (z - w) ** 2) / 2
    return _State(product * cosine + biases, apart, product * (born + passed) + step.of_biases * biases)


def _obtuse(recipe: Recipe) -> bool:
    """Whether later layers can see obtuse angles: relu and absolute value have nonnegative outputs."""
    return _activation(recipe).negative_slope > 0 or any(step.keep for step in recipe.steps)


def _activation(recipe: Recipe) -> LeakyRelu:
    if not isinstance(recipe.activation, LeakyRelu):
        raise TypeError(f"only leaky relus are followed by angles, not {recipe.activation}")
    return recipe.activation
