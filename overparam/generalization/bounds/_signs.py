"""Lower bounds on the Rademacher complexity, by fitting signs.

Rhat_n(F) = E_s sup_f (1/n) sum_i s_i f(x_i): whatever one finds for a draw of signs is at most the supremum, so that
the mean over draws is a lower bound up to chance.  An optimizer that fails makes it lower, never wrong.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray

from overparam.errors import InputError
from overparam.precision import HIGHEST


class Fitted(NamedTuple):
    """What was found.

    Attributes:
        mean: over the draws of signs of (1/n) sum_i s_i f(x_i).
        low: the mean's lower 99 % bound by Hoeffding's inequality, for functions in [-limit, limit].
        each: (draws,).
    """

    mean: float
    low: float
    each: NDArray


def rademacher_lower_bound(
    fit: Callable[[NDArray, NDArray], NDArray],
    points: NDArray,
    n_draws: int,
    rng: np.random.Generator,
    *,
    limit: float = 1.0,
) -> Fitted:
    """Fit random signs with members of a class of functions.

    Args:
        fit: (points, signs) -> (n_samples,), the outputs on the points of a member of the class, in [-limit, limit].
        points: (n_samples, dim).
        n_draws: of signs, at least 1.
        rng: for the signs.
        limit: on the outputs.
    Raises:
        InputError: outputs of another shape, or beyond the limit.

    >>> rademacher_lower_bound(lambda x, s: s, np.zeros((5, 1)), 3, np.random.default_rng(0)).mean
    1.0
    """
    found = []
    for _ in range(n_draws):
        signs = rng.choice([-1.0, 1.0], size=len(points))
        outputs = np.asarray(fit(points, signs), np.float64)
        if outputs.shape != signs.shape or not np.max(np.abs(outputs)) <= limit:
            raise InputError(f"fit must return ({len(points)},) numbers within +-{limit}")
        found.append(float(signs @ outputs / len(points)))
    each = np.array(found)
    return Fitted(float(each.mean()), float(each.mean() - limit * np.sqrt(2 * np.log(100) / n_draws)), each)


@functools.partial(jax.jit, static_argnames="steps")
def ball_ascent(
    starts: tuple[Float[Array, "..."], ...],
    points: Float[Array, "n_samples dim"],
    signs: Float[Array, " n_samples"],
    radii: Float[Array, " layers"],
    *,
    steps: int,
    step_size: float = 0.1,
) -> Float[Array, ""]:
    """The largest (1/n) sum_i s_i f(x_i) met on the way of normalized gradient ascent with projection.

    ReLU layers without biases of Frobenius norms at most `radii`; every point met is scaled into the balls first, so
    that the value belongs to a member of the class.  `vmap` over signs and starts adds draws.

    Args:
        starts: matrices (units, inputs), one a layer, the last with one row.
        points: (n_samples, dim).
        signs: (n_samples,).
        radii: one a layer.
        steps: of ascent.
        step_size: of a layer of norm 1 in the direction of its gradient.
    """

    def value(matrices: tuple[Array, ...]) -> Array:
        values = points
        for matrix in matrices[:-1]:
            values = jnp.maximum(jnp.matmul(values, matrix.T, precision=HIGHEST), 0)
        return jnp.mean(signs * jnp.matmul(values, matrices[-1].T, precision=HIGHEST)[:, 0])

    def inside(matrices: tuple[Array, ...]) -> tuple[Array, ...]:
        norms = [jnp.linalg.norm(matrix) for matrix in matrices]
        return tuple(m * jnp.minimum(1, radii[i] / jnp.maximum(norms[i], 1e-30)) for i, m in enumerate(matrices))

    def step(carry: tuple[tuple[Array, ...], Array], _: None) -> tuple[tuple[tuple[Array, ...], Array], None]:
        at, best = carry
        here, gradient = jax.value_and_grad(value)(at)
        best = jnp.maximum(best, here)
        sizes = [jnp.maximum(jnp.linalg.norm(one), 1e-30) for one in gradient]
        up = tuple(m + step_size * radii[i] * gradient[i] / sizes[i] for i, m in enumerate(at))
        return (inside(up), best), None

    first = inside(starts)
    (last, best), _ = jax.lax.scan(step, (first, value(first)), None, length=steps)
    return jnp.maximum(best, value(last))
