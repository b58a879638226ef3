"""Runs that begin as far from a zero of the loss as the certificate for their convergence allows.

`_pl_star` asks whether they keep what is promised: the rate of the residual and the radius.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.studies.landscape._both_layers import Weights, distance, relu_outputs
from overparam.studies.landscape._pl_certificate import Certificate, certificate

LOOKS = 40  # at a run
FLOOR = 1e-12  # times |y|: below it rounding moves the residual


class Kept(NamedTuple):
    """The largest residual relative to the promised one, and the largest distance in radii; at most 1 as promised."""

    residual: float
    distance: float


def at_edge(
    root: int, points: np.ndarray, given: Sequence[Weights], steps: int, step: float, rate: float
) -> tuple[Kept, Kept]:
    """ReLU networks from the `given` weights, by flow and by descent.

    The labels lie in the direction of the least singular value, and in a random one, at the certificates' edge.
    """
    starts, targets, known = [], [[], []], [[], []]
    for seed, start in enumerate(given):
        pre = points @ start.w.T
        values, slopes = np.maximum(pre, 0), (pre > 0) * start.v
        hidden = (slopes[:, :, None] * points[:, None, :]).reshape(len(points), -1)
        least = np.linalg.svd(np.concatenate([hidden, values], axis=1), full_matrices=False)[0][:, -1]
        random = np.random.default_rng([root, 1, seed]).normal(size=len(points))
        for direction in (least, random / np.linalg.norm(random)):
            starts.append(start)
            unit = certificate(start, points, values @ start.v - direction)
            for i, ratio in enumerate((unit.flow, unit.descent)):  # both are linear in the residual
                targets[i].append(values @ start.v - direction / ratio)
                known[i].append(certificate(start, points, targets[i][-1]))
    stacked = Weights(*(jnp.asarray(np.stack(part)) for part in zip(*starts, strict=True)))
    least = np.array([one.least for one in known[0]])
    sizes = np.full(len(least), 0.2 / max(one.most for one in known[0]) ** 2)
    taken = np.array([one.step for one in known[1]])
    residuals, moved = (
        np.asarray(part).T
        for part in _watched(
            Weights(*(jnp.concatenate([part, part]) for part in stacked)),
            *map(jnp.asarray, (np.concatenate(targets), points, np.concatenate([sizes, step * taken]))),
            jnp.asarray([[1.0, 2.0, 2.0, 1.0]] * len(least) + [[6.0, 0.0, 0.0, 0.0]] * len(least)) / 6,
            steps,
        )
    )
    count, half = steps // LOOKS * np.arange(LOOKS + 1), len(least)
    flow = np.exp(-rate * (least**2 * sizes)[:, None] * count / 4)
    descent = (1 - taken * least**2 / 4)[:, None] ** (rate * count / 2)
    return (
        _worst(residuals[:half], moved[:half], known[0], flow, 2.0, targets[0]),
        _worst(residuals[half:], moved[half:], known[1], descent, 4.0, targets[1]),
    )


def at_edge_of_product(steps: int, step: float, rate: float, lipschitz: float) -> tuple[Kept, Kept]:
    """As `at_edge` for F = w v from w = v = 1, both layers linear: s^2 = S^2 = 2, B = 1, and no hyperplane."""
    found = []
    for radius in (2.0, 4.0):
        known = Certificate(2 / (2 * radius * lipschitz), math.sqrt(2), math.sqrt(2), lipschitz, math.inf)
        label = np.array([1 - known.residual])
        taken = 0.1 if radius == 2 else step * known.step
        at, residuals, moved = np.ones(2), [], []
        for count in range(steps + 1):
            if count % (steps // LOOKS) == 0:
                residuals.append(abs(at[0] * at[1] - label[0]))
                moved.append(np.linalg.norm(at - 1))
            slopes = [(label - at[0] * at[1]) * at[::-1]]
            for share in (0.5, 0.5, 1.0):  # Runge and Kutta, as in `_watched`
                ahead = at + share * taken * slopes[-1]
                slopes.append((label - ahead[0] * ahead[1]) * ahead[::-1])
            mean = (slopes[0] + 2 * slopes[1] + 2 * slopes[2] + slopes[3]) / 6
            at = at + taken * (mean if radius == 2 else slopes[0])
        count = steps // LOOKS * np.arange(LOOKS + 1)
        share = math.exp(-rate * taken / 2) if radius == 2 else (1 - taken / 2) ** (rate / 2)
        found.append(_worst(np.array([residuals]), np.array([moved]), [known], share ** count[None], radius, [label]))
    return found[0], found[1]


def _worst(
    residuals: np.ndarray,
    moved: np.ndarray,
    known: list[Certificate],
    decay: np.ndarray,
    radius: float,
    labels: list[np.ndarray],
) -> Kept:
    """Over all runs and later looks."""
    first = np.array([one.residual for one in known])[:, None]
    reach = radius * first / np.array([one.least for one in known])[:, None]
    least = FLOOR * np.linalg.norm(labels, axis=1)[:, None]
    ratios = residuals / np.maximum(first * decay, least)
    return Kept(float(np.max(ratios[:, 1:])), float(np.max(moved / reach)))


@jax.jit(static_argnames="steps")
def _watched(
    starts: Weights, labels: Array, points: Array, sizes: Array, shares: Array, steps: int
) -> tuple[Array, Array]:
    """Residuals and distances, (LOOKS + 1, n_runs).

    A step combines four slopes with the given shares: (1, 2, 2, 1) / 6 is the classical Runge-Kutta method for gradient
    flow, whose error at steps 0.2 / S^2 is 0.2^5 / 120 in the fastest mode and far less in those that last; (1, 0, 0,
    0) is gradient descent.
    """

    def down(at: Weights) -> Weights:
        def one(weights: Weights, target: Array) -> Weights:
            values, back = jax.vjp(lambda p: relu_outputs(p, points), weights)
            return jax.tree.map(jnp.negative, back(values - target)[0])

        return jax.vmap(one)(at, labels)

    def ahead(at: Weights, by: Weights, share: float) -> Weights:
        return Weights(at.w + share * sizes[:, None, None] * by.w, at.v + share * sizes[:, None] * by.v)

    def advance(_: Any, at: Weights) -> Weights:
        slopes = [down(at)]
        for share in (0.5, 0.5, 1.0):
            slopes.append(down(ahead(at, slopes[-1], share)))
        w = sum(shares[:, i, None, None] * slope.w for i, slope in enumerate(slopes))
        v = sum(shares[:, i, None] * slope.v for i, slope in enumerate(slopes))
        return ahead(at, Weights(jnp.asarray(w), jnp.asarray(v)), 1.0)

    def look(at: Weights) -> tuple[Array, Array]:
        residual = jax.vmap(relu_outputs, (0, None))(at, points) - labels
        return jnp.sqrt(jnp.sum(residual**2, axis=1)), jax.vmap(distance)(at, starts)

    def block(at: Weights, _: None) -> tuple[Weights, tuple[Array, Array]]:
        at = jax.lax.fori_loop(0, steps // LOOKS, advance, at)
        return at, look(at)

    _, seen = jax.lax.scan(block, starts, None, length=LOOKS)
    return jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), look(starts), seen)
