"""The set of zero loss has dimension p - n: at its points the Hessian has exactly n positive eigenvalues.

For smooth activations, scalar outputs and generic data with p > n the networks with F(x_i) = y_i for all i are a smooth
manifold of dimension p - n, if there are any; at such a point the Hessian of the mean of (F(x_i) - y_i)^2 is (2 / n)
J'J, so that it has n positive eigenvalues and p - n zeros if and only if the Jacobian J has rank n.

Measured on tanh networks with all biases, from many starts: the rank of J where damped Gauss-Newton has reached zero
loss up to rounding, and the gap between the n-th and the next eigenvalue of the Hessian by automatic differentiation.
The checker's proof that an exact solution is within a stated distance, and a walk along the set, are in
`solution-manifold`.  Cross-entropy has no such points, and ReLU networks have them cell by cell only.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from overparam.precision import HIGHEST, require_dtype
from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._series import pointwise
from overparam.studies.landscape._both_layers import newton_fit, tanh_parts

SOLVED = 1e-12  # largest mean squared error of a solution
RANK = 1e-10  # times the largest singular value
GAP = 1e6  # least ratio of the n-th eigenvalue to the next


class Sizes(NamedTuple):
    """n points of R^d, k neurons, starts with data of their own."""

    n: int
    d: int
    k: int
    starts: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 5, 20, 10),
    "laptop": Sizes(300, 10, 100, 20),
    "paper": Sizes(300, 10, 100, 20),
}


def biased_parts(at: NDArray, points: NDArray, width: int) -> tuple[NDArray, NDArray]:
    """Outputs and Jacobian of tanh networks with an output bias, the last weight; hidden biases are coordinates."""
    values, jacobian = tanh_parts(at[:-1], points, width)
    return values + at[-1], np.concatenate([jacobian, np.ones((len(points), 1))], axis=1)


@jax.jit(static_argnames="width")
def spectra(at: jax.Array, points: jax.Array, labels: jax.Array, width: int) -> jax.Array:
    """Eigenvalues of the Hessians of the mean squared error, ascending, one row a start."""

    def loss(at: jax.Array, points: jax.Array, labels: jax.Array) -> jax.Array:
        w, v = at[: -width - 1].reshape(width, -1), at[-width - 1 : -1]
        hidden = jnp.tanh(jnp.matmul(points, w.T, precision=HIGHEST))
        return jnp.mean((jnp.matmul(hidden, v, precision=HIGHEST) + at[-1] - labels) ** 2)

    def one(at: jax.Array, points: jax.Array, labels: jax.Array) -> jax.Array:
        hessian = jax.hessian(loss)(at, points, labels)
        return jnp.linalg.eigvalsh((hessian + hessian.T) / 2)

    return jax.lax.map(lambda held: one(*held), (at, points, labels))


def measure(setting: Setting, *, twins: bool = False, residual: float = 0.0) -> Finding:
    """Ranks and gaps; `twins` makes two points equal, `residual` moves the labels off what was fitted."""
    require_dtype("float64", what="g-cooper")
    size = _SIZES[setting.size]
    n, p = size.n, size.k * (size.d + 2) + 1
    found, points, labels, losses, ranks, generic = [], [], [], [], [], True
    for seed in range(size.starts):
        rng = np.random.default_rng([setting.root, seed])
        x, y = rng.normal(size=(n, size.d)), rng.normal(size=n)
        if twins:
            x[1], y[1] = x[0], y[0]
        generic &= len(np.unique(x, axis=0)) == n
        x = np.concatenate([x, np.ones((n, 1))], axis=1)
        start = np.concatenate([rng.normal(size=size.k * (size.d + 1)), rng.normal(size=size.k) * size.k**-0.5, [0.0]])
        at, left = newton_fit(biased_parts, start, x, y, size.k)
        singular = np.linalg.svd(biased_parts(at, x, size.k)[1], compute_uv=False)
        ranks.append(int(np.sum(singular > RANK * singular[0])))
        losses.append(left**2 / n)
        found.append(at)
        points.append(x)
        labels.append(y + residual)
    stacked = (jnp.asarray(np.stack(each)) for each in (found, points, labels))
    values = np.abs(np.asarray(spectra(*stacked, width=size.k)))[:, ::-1]
    values = -np.sort(-values, axis=1)
    gaps = values[:, n - 1] / np.maximum(values[:, n], np.finfo(float).tiny)
    solved = max(losses) <= SOLVED
    return Finding(
        holds=None if not solved else bool(set(ranks) == {n} and gaps.min() >= GAP),
        words=f"tanh, {size.d}-{size.k}-1 with biases, p = {p}, n = {n}: {size.starts} starts with Gaussian data of "
        f"their own end at a loss of at most {max(losses):.1e}; ranks of the Jacobian {sorted(set(ranks))}; the "
        f"{n}-th eigenvalue of the Hessian is at least {gaps.min():.1e} times the next in absolute value. So near "
        f"these points the solutions form a manifold of dimension {p - n}, up to rounding.",
        instances=size.starts,
        links=(
            Link("mean squared error of the solutions", SOLVED, max(losses)),
            Link("rank of the Jacobian, least", float(n), float(min(ranks)), "at least"),
            Link("n-th eigenvalue of the Hessian over the next, least", GAP, float(gaps.min()), "at least"),
        ),
        vacuous="" if generic else "two points are equal, so the data are not generic",
        plots=(
            Plot(
                f"Eigenvalues of the Hessian at solutions: n = {n} of p = {p} are not zero",
                "index",
                "eigenvalue over the largest, absolute",
                (pointwise("mean of the logarithm", range(1, p + 1), np.transpose(_relative(values))),),
                log_y=True,
                marks=((float(n), "n"),),
            ),
        ),
    )


def _relative(values: NDArray) -> NDArray:
    """Geometric means over starts, one row."""
    logs = np.log(np.maximum(values, np.finfo(float).tiny) / values[:, :1])
    return np.exp(logs.mean(axis=0, keepdims=True))


STUDY = Experiment(
    id="g-cooper",
    claim="At the zero-loss points reached in this study, tanh networks with p > n weights on generic data, the "
    "Jacobian has rank n and the Hessian exactly n eigenvalues that are not zero, so that near them the solutions form "
    "a manifold of dimension p - n.",
    refuted_by="a Jacobian of lower rank, or an n-th eigenvalue less than 10^6 times the next, at a zero-loss point "
    "of generic data",
    cites=("cooper2021", "cooper2018loss"),
    locator="the theorem on the dimension of the set of global minima",
    measure=measure,
    proved=True,
)
