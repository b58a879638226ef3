"""Two-layer networks in the NTK parameterization: drawn, evaluated, trained from many starts; and slopes of power laws.

f(x) = width^(-1/2) sum_r outer_r activation(<inner_r, x>),      inner ~ N(0, I), outer ~ N(0, 1) or fair signs.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from scipy.stats import t as student

from overparam.networks import activate, slope
from overparam.networks._layers import LayeredActivation
from overparam.precision import HIGHEST
from overparam.training import Followed, follow

LEVEL = 0.999  # coverage of the intervals of slopes


class Weights(NamedTuple):
    """Parameters of one network, or of several along a first axis, padded to one width by neurons of share 0."""

    inner: Float[Array, "*runs width dim"]
    outer: Float[Array, "*runs width"]
    share: Float[Array, "*runs width"]
    """width^(-1/2), not trained."""


class Slope(NamedTuple):
    """Exponent of a power law and its interval, Student's over independent seeds, of coverage LEVEL."""

    value: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """Estimate and interval."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def unit_points(root: int, n: int, dim: int, draw: int = 0) -> np.ndarray:
    """(n, dim), uniform on the unit sphere; each `draw` is independent of the others."""
    rows = np.random.default_rng([root, 0, draw]).normal(size=(n, dim))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def draw_weights(root: int, widths: Sequence[int], seeds: int, dim: int, *, signs: bool = False) -> Weights:
    """Independent networks, the seeds of the first width first; one program then serves all widths."""
    runs, most = [(width, seed) for width in widths for seed in range(seeds)], max(widths)
    inner, outer, share = np.zeros((len(runs), most, dim)), np.zeros((len(runs), most)), np.zeros((len(runs), most))
    for i, (width, seed) in enumerate(runs):
        rng = np.random.default_rng([root, 1, width, seed])
        inner[i, :width] = rng.normal(size=(width, dim))
        outer[i, :width] = rng.choice([-1.0, 1.0], size=width) if signs else rng.normal(size=width)
        share[i, :width] = 1 / math.sqrt(width)
    return Weights(jnp.asarray(inner), jnp.asarray(outer), jnp.asarray(share))


@functools.cache
def outputs_of(activation: LayeredActivation, *, frozen: bool = False) -> Callable[..., Array]:
    """(weights, points, *ignored) -> (n_samples,), one function a choice; with `frozen`, outer weights do not move."""

    def outputs(weights: Weights, points: Float[Array, "n_samples dim"], *ignored: Any) -> Float[Array, " n_samples"]:
        outer = jax.lax.stop_gradient(weights.outer) if frozen else weights.outer
        hidden = activate(activation, jnp.matmul(points, weights.inner.T, precision=HIGHEST))
        return jnp.matmul(hidden, outer * jax.lax.stop_gradient(weights.share), precision=HIGHEST)

    return outputs


def tangent_kernel(
    weights: Weights, points: Float[Array, "n_samples dim"], activation: LayeredActivation, *, frozen: bool = False
) -> Float[Array, "n_samples n_samples"]:
    """J J^T of one network: (X X^T) o (S diag(outer^2) S^T) + activations' Gram, over the width."""
    pre = jnp.matmul(points, weights.inner.T, precision=HIGHEST)
    slopes = slope(activation, pre) * (weights.outer * weights.share)[None, :]
    total = _square(points) * _square(slopes)
    return total if frozen else total + _square(activate(activation, pre) * weights.share[None, :])


@functools.partial(jax.jit, static_argnames=("outputs", "watch", "steps", "every"))
def follow_each(
    outputs: Callable[..., Array],
    starts: Any,
    labels: Float[Array, "n_runs n_samples"],
    points: Any,
    *,
    step_size: float | Array,
    steps: int,
    every: int,
    watch: Callable[..., Any],
) -> Followed:
    """Full-batch gradient descent from each start, with its labels.

    `outputs` and `watch` are called with (params, points, start).
    """

    def one(start: Any, own: Float[Array, " n_samples"]) -> Followed:
        options = {"step_size": step_size, "steps": steps, "every": every}
        return follow(outputs, start, own, points, start, watch=watch, **options)

    return jax.vmap(one)(starts, labels)


def distance(params: Any, start: Any) -> Float[Array, ""]:
    """Euclidean distance of two parameter vectors."""
    return jnp.sqrt(sum(jnp.sum((a - b) ** 2) for a, b in zip(*map(jax.tree.leaves, (params, start)), strict=True)))


def linear_path(
    kernels: np.ndarray, residuals: np.ndarray, step_size: float, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals (I - step_size K)^t r of linear models, and the sums over steps before t that move their parameters.

    Args:
        kernels: (..., n, n), positive definite.
        residuals: (..., n), r at the start.
        times: (n_times,), numbers of steps.
    Returns:
        r_t and c_t = step_size (r_0 + ... + r_{t-1}), (..., n_times, n) each: parameters move by -J^T c_t.
    """
    values, vectors = np.linalg.eigh(kernels)
    parts = np.einsum("...ij,...i->...j", vectors, residuals)[..., None, :]
    left = (1 - step_size * values)[..., None, :] ** times[:, None]
    sums = (1 - left) / values[..., None, :]
    return tuple(np.einsum("...ij,...tj->...ti", vectors, factor * parts) for factor in (left, sums))


def slope_of(sizes: Sequence[float] | np.ndarray, values: np.ndarray) -> Slope:
    """Exponent s in values ~ sizes^s: least squares in logarithms for each seed, then Student's interval.

    Args:
        sizes: (n_sizes,), positive.
        values: (n_sizes, n_seeds), positive; seeds independent.  What is no positive number makes the slope NaN.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log(np.where(values > 0, values, np.nan))
    x = np.log(np.asarray(sizes, float))
    x = x - x.mean()
    each = x @ y / (x @ x)
    middle, count = float(each.mean()), len(each)
    reach = float(student.ppf((1 + LEVEL) / 2, count - 1) * each.std(ddof=1) / math.sqrt(count)) if count > 1 else 0.0
    return Slope(middle, middle - reach, middle + reach)


def steps_to(condition: float, fraction: float, every: int) -> int:
    """Steps of size 1 / (largest eigenvalue) that leave at most a fraction of the slowest mode; a multiple of every."""
    return every * math.ceil(-math.log(fraction) * condition / every)


def _square(rows: Float[Array, "n m"]) -> Float[Array, "n n"]:
    return jnp.matmul(rows, rows.T, precision=HIGHEST)
