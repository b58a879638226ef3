"""Gradient descent on coupled two-layer ReLU networks: trials for thresholds, and the linear limit they tend to.

    f(x) = alpha (2 m)^(-1/2) sum_{r <= m} (relu(<w_r, x>) - relu(<w'_r, x>)),    w'_r = w_r ~ N(0, I) at the start,

so that f = 0 there exactly; only the w are trained, on 1/2 ||f - y||^2, and a network of m pairs has width 2 m.

Scale.  With g = f / alpha the gradient is alpha J_g^T (alpha g - y) = alpha^2 J_g^T (g - y / alpha).  So the step
eta on (f, y) is the step alpha^2 eta on (g, y / alpha), and steps in units of 2 / (largest eigenvalue of the initial
kernel), which is alpha^2 times that of g, are the same number: training alpha g on y is training g on y / alpha, step
by step, and both fit to a given relative tolerance at the same time.  For alpha a power of two even the rounding is the
same.  What is trained here is g.

Limit.  As alpha grows the weights move less, no pattern changes, and the residual is prod_t (1 - eta l_i) in each
eigendirection of the initial kernel K = (1 / m) (X X^T) o (S S^T): `linear` is that limit with the same steps.  It fits
every tolerance only where K is regular: m at least the rank threshold, the least m at which rank K = n.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.precision import HIGHEST, require_dtype
from overparam.studies.frontier._laws import LONGEST, PATIENCE, budget
from overparam.widths import Trial

CHECK = 50  # steps between two looks
DIVERGED = 1e3  # of the residual, times the labels

Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
"""One data set of a law: points (n_samples, dim) and labels (n_samples,)."""


class Protocol(NamedTuple):
    """What one trial is: it succeeds if it fits within the steps."""

    tolerance: float = 1e-2  # fitted: ||r|| <= tolerance ||y||
    rate: float = 0.9  # of 2 / (largest eigenvalue of the initial kernel)
    most: int = 24  # pairs of the compiled shape
    batch: int = 8  # trials of the compiled shape

    @property
    def words(self) -> str:
        """For the evidence."""
        return (
            f"fitted to {self.tolerance:g} |y| within {PATIENCE} times what is enough for the kernel of infinite width "
            f"and at most {LONGEST:,} steps, each of {self.rate:g} times 2 over the largest eigenvalue of the initial "
            "kernel"
        )


class Pairs(NamedTuple):
    """Weights of both halves, (m, dim) each, rows of zeros for pairs that are not there, and 1 / sqrt(2 m)."""

    plus: Float[Array, "*seeds m dim"]
    minus: Float[Array, "*seeds m dim"]
    size: Float[Array, "*seeds"]


class Trials:
    """Trials of one law at one output scale, for `overparam.widths.split_confirm`; widths are counted in pairs.

    A trial succeeds if it fits within the budget, so that every trial is decided: an upper end of the threshold holds
    for every larger budget too, a lower end is of this budget.  A trial's data and weights depend on its stage and
    index alone, and its first m pairs do not depend on the width.
    """

    def __init__(self, root: int, law: Draw, protocol: Protocol, *, scale: float = 1.0, linear: bool = False) -> None:
        self.root, self.law, self.protocol, self.scale, self.linear = root, law, protocol, scale, linear

    def __call__(self, width: int, stage: str, first: int, count: int) -> np.ndarray:
        ended: list[int] = []
        for start in range(first, first + count, self.protocol.batch):
            drawn = [self.draw(stage, start + i, width) for i in range(self.protocol.batch)]
            points, labels, weights = (np.stack(arrays) for arrays in zip(*drawn, strict=True))
            run = linear if self.linear else descend
            ended += run(points, labels / self.scale, weights, width, self.protocol).tolist()
        return np.where(np.array(ended[:count]) == Trial.FITTED, int(Trial.FITTED), int(Trial.FAILED))

    def draw(self, stage: str, trial: int, pairs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Points, labels, and weights with so many pairs: (most, dim), more only in the limit, which has no shape."""
        rng = np.random.default_rng([self.root, trial, *stage.encode()])
        points, labels = self.law(rng)
        weights = rng.normal(size=(max(self.protocol.most, pairs), points.shape[1]))
        weights[pairs:] = 0
        return points, labels, weights


def initial_kernel(points: np.ndarray, weights: np.ndarray, pairs: int) -> np.ndarray:
    """K = (1 / m) (X X^T) o (S S^T) of these weights, both halves counted; batches first."""
    on = (points @ weights.swapaxes(-1, -2) > 0).astype(float)
    return points @ points.swapaxes(-1, -2) * (on @ on.swapaxes(-1, -2)) / pairs


def descend(points: np.ndarray, labels: np.ndarray, weights: np.ndarray, pairs: int, protocol: Protocol) -> np.ndarray:
    """How gradient descent ends, batches first: fitted, out of steps (censored), or diverged (failed)."""
    dtype = require_dtype("float64", what="descend")
    largest = np.linalg.eigvalsh(initial_kernel(points, weights, pairs))[:, -1]
    step = protocol.rate * 2 / np.where(largest > 0, largest, 1)  # a kernel of zeros moves nothing
    start = jnp.asarray(weights, dtype)
    begin = Pairs(start, start, jnp.full(len(points), (2 * pairs) ** -0.5, dtype))
    given = (jnp.asarray(points, dtype), jnp.asarray(labels, dtype), jnp.asarray(step, dtype))
    steps = budget(points, tolerance=protocol.tolerance, rate=protocol.rate)
    _, ended = _descend(begin, *given, jnp.asarray(protocol.tolerance, dtype), jnp.asarray(steps))
    return np.asarray(ended)


def linear(points: np.ndarray, labels: np.ndarray, weights: np.ndarray, pairs: int, protocol: Protocol) -> np.ndarray:
    """The same trials with the kernel held at its start, by its spectrum: the limit of large output scales."""
    values, vectors = np.linalg.eigh(initial_kernel(points, weights, pairs))
    top = np.where(values[:, -1:] > 0, values[:, -1:], 1)
    rounding = values.shape[1] * np.finfo(float).eps
    values = np.where(values > rounding * top, values, 0)  # a singular kernel leaves its directions where they are
    steps = budget(points, tolerance=protocol.tolerance, rate=protocol.rate)
    looked = -(-steps // CHECK) * CHECK  # where `descend` looks last
    shrunk = (1 - 2 * protocol.rate * values / top) ** looked[:, None]
    left = np.linalg.norm(shrunk * np.einsum("bij,bi->bj", vectors, labels), axis=1)
    fits = left <= protocol.tolerance * np.linalg.norm(labels, axis=1)
    return np.where(fits, int(Trial.FITTED), int(Trial.CENSORED))


def outputs(weights: Pairs, points: Float[Array, "n_samples dim"]) -> Float[Array, " n_samples"]:
    """The function g at every point."""
    rows = jnp.concatenate([weights.plus, weights.minus])
    hidden = jax.nn.relu(jnp.matmul(points, rows.T, precision=HIGHEST))
    half = hidden.shape[1] // 2
    return weights.size * (jnp.sum(hidden[:, :half], axis=1) - jnp.sum(hidden[:, half:], axis=1))


@jax.jit
def _descend(
    begin: Pairs, points: Array, labels: Array, step: Array, tolerance: Array, steps: Array
) -> tuple[Pairs, Array]:
    """Weights at the end, and a `Trial` for each; a run that has ended stays as it is."""

    def move(at: Pairs, points: Array, labels: Array, step: Array) -> Pairs:
        def half(rows: Array) -> Array:
            return jnp.matmul(points, rows.T, precision=HIGHEST)

        plus, minus = half(at.plus), half(at.minus)
        hidden = jax.nn.relu(plus) - jax.nn.relu(minus)
        residual = at.size * jnp.sum(hidden, axis=1) - labels
        pull = (step * at.size * residual)[:, None]

        def moved(rows: Array, pre: Array, sign: float) -> Array:
            slope = jnp.where(pre > 0, pull, jnp.zeros_like(pull))
            return rows - sign * jnp.matmul(slope.T, points, precision=HIGHEST)

        return Pairs(moved(at.plus, plus, 1.0), moved(at.minus, minus, -1.0), at.size)

    moves, sizes = jax.vmap(move), jnp.linalg.norm(labels, axis=1)

    def more(state: tuple[Pairs, Array, Array]) -> Array:
        return jnp.any(state[1] < 0)

    def block(state: tuple[Pairs, Array, Array]) -> tuple[Pairs, Array, Array]:
        at, ended, done = state
        new = jax.lax.fori_loop(0, CHECK, lambda _, w: moves(w, points, labels, step), at)
        kept = jax.tree.map(lambda a, b: jnp.where((ended < 0).reshape(-1, *[1] * (a.ndim - 1)), a, b), new, at)
        residual = jnp.linalg.norm(jax.vmap(outputs)(kept, points) - labels, axis=1)
        here = jnp.where(residual <= tolerance * sizes, jnp.int32(Trial.FITTED), jnp.int32(-1))
        here = jnp.where(residual <= DIVERGED * sizes, here, jnp.int32(Trial.FAILED))  # NaN is not below either
        done = done + CHECK
        here = jnp.where((here < 0) & (done >= steps), jnp.int32(Trial.CENSORED), here)
        return kept, jnp.where(ended < 0, here, ended), done

    unknown = jnp.full(len(points), -1, "int32")
    at, ended, _ = jax.lax.while_loop(more, block, (begin, unknown, jnp.int32(0)))
    return at, ended
