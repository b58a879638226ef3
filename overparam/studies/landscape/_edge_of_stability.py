"""Full-batch training with a large step goes on at the edge of stability, where step times sharpness is near 2.

On a quadratic of curvature l the iterates are multiplied by 1 - step l: gradient descent diverges if and only if the
step exceeds 2 / l, an exact statement.  For networks two regularities were observed.  (i) With square loss the
sharpness, the largest eigenvalue of the loss's Hessian, grows until it reaches 2 / step and stays there while the loss
goes on falling, not monotonically (Cohen et al.).  (ii) Two wide linear layers and one point, trained
with a step between 2 / l and 4 / l, l the tangent kernel at the start, are catapulted: the loss first grows, then
converges at a curvature below 2 / step; beyond 4 / l they diverge (Lewkowycz et al., who see it in other wide networks
too, with another upper end).

Measured: the growth on a quadratic of known spectrum, on either side of 2, a theorem that floats do not judge; the
median of step times sharpness over the last third of a tanh network's run that has not interpolated, which must be in
[1.9, 2.3], the sharpness by Lanczos with Hessian-vector products; and the catapult of two linear layers at 3 / l, with
divergence at 5 / l.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, drawn, flat, tanh_outputs, tanh_parts
from overparam.training import follow

RANGE = (1.9, 2.3)  # of the median of step times sharpness
INTERPOLATED = 1e-3  # of the loss at the start: below it the sharpness no longer has to grow
LANCZOS = 20
START = 1.6  # step times the largest eigenvalue of the tangent kernel at the start, below the edge


class Sizes(NamedTuple):
    """n points of R^d, k neurons, steps, steps between two looks."""

    n: int
    d: int
    k: int
    steps: int
    every: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, 10, 30, 1500, 50),
    "laptop": Sizes(200, 10, 50, 3000, 50),
    "paper": Sizes(1000, 50, 200, 20_000, 50),
}


def measure(setting: Setting, *, fraction: float = 1.0) -> Finding:
    """The three parts; `fraction` multiplies the network's step, and 0.1 keeps it off the edge."""
    require_dtype("float64", what="edge-of-stability")
    size = _SIZES[setting.size]
    growth = quadratic_growth()
    step, losses, edge = _edge(setting.root, size, fraction)
    last = edge[-(len(edge) // 3) :]
    median, fits = float(np.median(last)), bool(losses[-1] < INTERPOLATED * losses[0])
    rises = int(np.sum(np.diff(losses) > 0))
    peak, end, curvature = catapult(setting.root, 4 * size.k, 3.0)
    lost = catapult(setting.root, 4 * size.k, 5.0)[1]
    exact = growth[0] < 1 and growth[1] > 1
    caught = peak > 1 and end < 1e-10 and curvature < 2 and not lost < 1e-10
    inside = bool(RANGE[0] <= median <= RANGE[1])
    return Finding(
        holds=_judged(exact, caught, None if fits or not np.isfinite(losses).all() else inside),
        words=f"Quadratic: the loss is multiplied by {growth[0]:.3g} in 200 steps at step times curvature 1.99, by "
        f"{growth[1]:.3g} at 2.01. tanh, n = {size.n}, d = {size.d}, k = {size.k}, {size.steps} steps of "
        f"{step:.3g}: step times sharpness goes from {edge[0]:.3g} to a median of {median:.4g} over the "
        f"last third (range {last.min():.4g} to {last.max():.4g}); the loss falls from {losses[0]:.3g} to "
        f"{losses[-1]:.3g}, and rises between {rises} of {len(losses) - 1} looks"
        f"{', but it has interpolated: the edge need not be held' if fits else ''}. Two linear layers of width "
        f"{4 * size.k}: at step 3 / l the loss grows {peak:.3g}-fold and ends at {end:.1e} of the start, step times "
        f"curvature {curvature:.3g}; at 5 / l it {f'ends at {lost:.1e}' if math.isfinite(lost) else 'diverges'}.",
        instances=5,
        links=(
            Link("median of step times sharpness at the edge", RANGE[1], median),
            Link("the same from below", RANGE[0], median, "at least"),
            Link("step times curvature after the catapult", 2.0, curvature),
        ),
    )


def _judged(exact: bool, caught: bool, inside: bool | None) -> bool | None:
    """A run that interpolated or diverged says nothing about the edge, but the catapult is still judged."""
    if not exact or (caught and inside is None):
        return None
    return bool(caught and inside)


def quadratic_growth() -> tuple[float, float]:
    """Factors of the loss 1/2 (x_1^2 + x_2^2 / 4) after 200 steps from (1, 1), at step 1.99 and at 2.01."""
    curvatures, found = np.array([1.0, 0.25]), []
    for step in (1.99, 2.01):
        at = np.ones(2)
        for _ in range(200):
            at = at - step * curvatures * at
        found.append(float(np.sum(curvatures * at**2) / np.sum(curvatures)))
    return found[0], found[1]


def _edge(root: int, size: Sizes, fraction: float) -> tuple[float, np.ndarray, np.ndarray]:
    """The step, losses, and step times sharpness, along a run on random signs."""
    rng = np.random.default_rng([root, size.n])
    points = jnp.asarray(rng.normal(size=(size.n, size.d)) * size.d**-0.5)
    labels = jnp.asarray(rng.choice([-1.0, 1.0], size=size.n))
    start = drawn(root, 0, size.k, size.d)
    start = Weights(start.w, start.v * size.k**-0.5)
    step = fraction * START / float(np.linalg.norm(tanh_parts(flat(start), np.asarray(points), size.k)[1], 2)) ** 2
    run = follow(
        _with_labels, Weights(*map(jnp.asarray, start)), labels, points, labels,
        step_size=step, steps=size.steps, every=size.every, watch=_look,
    )  # fmt: skip
    losses, sharpness = (np.asarray(seen) for seen in run.seen)
    return step, losses, step * sharpness


def _with_labels(weights: Weights, points: Array, labels: Array) -> Array:
    return tanh_outputs(weights, points)


def _loss(weights: Weights, points: Array, labels: Array) -> Array:
    return jnp.sum((tanh_outputs(weights, points) - labels) ** 2) / 2


def _look(weights: Weights, points: Array, labels: Array) -> tuple[Array, Array]:
    row, back = ravel_pytree(weights)

    def times_hessian(direction: Array) -> Array:
        def gradient(at: Array) -> Array:
            return ravel_pytree(jax.grad(_loss)(back(at), points, labels))[0]

        return jax.jvp(gradient, (row,), (direction,))[1]

    return _loss(weights, points, labels), largest_eigenvalue(times_hessian, row)


def largest_eigenvalue(times: Callable[[Array], Array], like: Float[Array, " n"], steps: int = LANCZOS) -> Array:
    """Of a symmetric operator, by Lanczos from the vector of ones, fully orthogonalized; at most the true one.

    Args:
        times: vector -> operator times vector.
        like: a vector of the operator's size and dtype.
        steps: of Lanczos, at most the size; fewer if the Krylov space ends earlier.
    """
    steps = min(steps, len(like))
    basis = jnp.zeros((steps, len(like)), like.dtype).at[0].set(len(like) ** -0.5)

    def step(j: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        basis, small = state
        vector = times(basis[j])
        small = small.at[j, j].set(jnp.dot(vector, basis[j], precision=HIGHEST))
        for _ in range(2):
            inner = jnp.matmul(basis, vector, precision=HIGHEST)
            vector = vector - jnp.matmul(inner, basis, precision=HIGHEST)
        length = jnp.sqrt(jnp.sum(vector**2))
        ended = length <= 1e-12 * jnp.abs(small[0, 0])
        length = jnp.where(ended, 0, length)
        basis = basis.at[j + 1].set(jnp.where(ended, 0, vector / jnp.where(ended, 1, length)), mode="drop")
        small = small.at[j, j + 1].set(length, mode="drop").at[j + 1, j].set(length, mode="drop")
        return basis, small

    _, small = jax.lax.fori_loop(0, steps, step, (basis, jnp.zeros((steps, steps), like.dtype)))
    return jnp.linalg.eigvalsh(small)[-1]


def catapult(seed: int, width: int, edge: float) -> tuple[float, float, float]:
    """Gradient descent on F = <w, v> / sqrt(width), label 0, step edge / l: two linear layers and the point x = 1.

    Returns:
        Greatest and last loss relative to the first, infinite once diverged, and step times the curvature at the end.
    """
    w, v = np.random.default_rng([seed, width]).normal(size=(2, width))
    first = w @ v / math.sqrt(width)
    step, peak, loss = edge / ((w @ w + v @ v) / width), 1.0, 1.0
    for _ in range(300):
        pull = step * (w @ v) / width
        w, v = w - pull * v, v - pull * w
        loss = (w @ v / math.sqrt(width) / first) ** 2
        peak = max(peak, loss)
        if not loss < 1e100:
            return math.inf, math.inf, math.inf
    return float(peak), float(loss), float(step * (w @ w + v @ v) / width)


STUDY = Experiment(
    id="edge-of-stability",
    claim="On convex quadratics, from almost every start, gradient descent diverges if and only if step times "
    "sharpness exceeds 2; in the run of this study a tanh network that has not interpolated trains with step times "
    "sharpness near 2, its median over the last third in [1.9, 2.3], and two linear layers at 1.5 times the critical "
    "step are catapulted to a flatter solution.",
    refuted_by="a median outside that range, or a catapult that does not converge below the edge",
    cites=("cohen2021", "lewkowycz2020"),
    locator="progressive sharpening; the catapult of the two-layer linear model",
    measure=measure,
    proved=False,
)
