"""Deep ReLU networks of polynomial width: the widths that the theorems ask for, and what holds at any width.

h_0 = relu(A x), h_l = relu(W_l h_(l-1)), f = <b, h_L>, entries of A and W_l of variance 2 / m, of b of variance 1; unit
inputs at distances >= delta.  Only the W_l are trained.  Gradient descent converges at a geometric rate at widths
m >= n^24 L^12 / delta^8 (Allen-Zhu, Li and Song) or n^8 L^12 / delta^4 (Zou and Gu), constants, logarithms and, for
the first, the dimension of the outputs left out: both far above any width here, so the verdict cannot be other than
vacuous, or inconclusive.  The powers of n, L and delta, here and below, are not confirmed.  Tested at this width:

* forward stability, |h_l| near 1.  Exactly: with |h| = 1, |relu(W h)|^2 is a sum of m independent terms of mean 1 / m
  and variance 5 / m^2, so E |h_l|^2 = 1 and Var |h_l|^2 = (1 + 5 / m)^(l + 1) - 1.  The mean of |h_L|^2 over draws is
  compared with the normal quantile at level 1e-3.
* gradient lower bound, ||grad_(W_L) Phi||^2 >= c (delta m / n^2) Phi, Phi = 1/2 ||r||^2, one output.  The
  constant c is reported; as the gradient in W_L alone, here by automatic differentiation, must have ||grad||^2 =
  r^T K_L r >= 2 lambda_min(K_L) Phi, K_L in closed form, so is the sharp one.
* gradient descent on all W_l at this width: its loss, and how far it moved against the radius 1 / L^6 (up to logs),
  as remembered, in which the first source keeps its activation patterns under control.
"""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jax import Array

from overparam.precision import HIGHEST
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.convergence._deep import generator, kernel_parts
from overparam.training import follow

# n, d, trained layers, width, draws, steps
_SIZES: dict[Size, tuple[int, int, int, int, int, int]] = {
    "ci": (10, 10, 2, 128, 2000, 300),
    "laptop": (40, 20, 4, 512, 2000, 400),
    "paper": (200, 50, 6, 2048, 5000, 5000),
}
_LEVEL = 1e-3
_FITTED = 0.1  # of the loss at the start


def hidden_layers(inner: list[Array], first: Array) -> list[Array]:
    """h_0, ..., h_L, rows are samples."""
    values = [first]
    for w in inner:
        values.append(jax.nn.relu(jnp.matmul(values[-1], w.T, precision=HIGHEST)))
    return values


def outputs(inner: list[Array], first: Array, outer: Array) -> Array:
    """f, in the order of arguments that `overparam.training.follow` wants."""
    return jnp.matmul(hidden_layers(inner, first)[-1], outer, precision=HIGHEST)


def measure(setting: Setting, *, variance: float = 2.0, step: float = 0.5) -> Finding:
    """`variance` over m is that of the hidden weights, `step` the step size times lambda_max at the start."""
    n, dim, depth, width, draws, steps = _SIZES[setting.size]
    rng = generator(setting.root, n, dim)
    points = rng.normal(size=(n, dim))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = rng.choice([-1.0, 1.0], size=n)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    delta = float(np.min(gaps[~np.eye(n, dtype=bool)]))
    squares = _squared_norms(rng, draws, depth, width, variance)
    deviation = float(np.sqrt(((1 + 5 / width) ** (depth + 1) - 1) / draws))
    allowed = float(scipy.special.ndtri(1 - _LEVEL / 2)) * deviation
    off = abs(float(np.mean(squares)) - 1)
    first = np.maximum(points @ (rng.normal(size=(width, dim)) * (variance / width) ** 0.5).T, 0)
    inner = [rng.normal(size=(width, width)) * (variance / width) ** 0.5 for _ in range(depth)]
    outer = rng.normal(size=width)
    layers = [first]
    for w in inner:
        layers.append(np.maximum(layers[-1] @ w.T, 0))
    stable = max(float(np.max(np.abs(np.linalg.norm(h, axis=1) - 1))) for h in layers)
    kernels = _kernels(layers, inner, outer)
    residual = layers[-1] @ outer - labels
    phi = float(residual @ residual) / 2
    given = jnp.asarray(layers[-2]), jnp.asarray(outer), jnp.asarray(labels)
    squared = float(np.sum(np.asarray(_gradient_of_last(jnp.asarray(inner[-1]), *given)) ** 2))
    closed = float(residual @ kernels[-1] @ residual)
    sharp = 2 * float(np.linalg.eigvalsh(kernels[-1])[0]) * phi
    eta = step / float(np.linalg.norm(sum(kernels), 2))
    start = [jnp.asarray(w) for w in inner]
    run = follow(outputs, start, jnp.asarray(labels), jnp.asarray(first), jnp.asarray(outer),
                 step_size=eta, steps=steps, every=steps)  # fmt: skip
    left = float(np.sum((np.asarray(run.seen[-1]) - labels) ** 2)) / 2 / phi
    moved = max(float(np.linalg.norm(np.asarray(w) - w0, 2)) for w, w0 in zip(run.params, inner, strict=True))
    asked = [float(n) ** 24 * depth**12 / delta**8, float(n) ** 8 * depth**12 / delta**4]
    return Finding(
        holds=bool(
            off <= allowed and abs(squared / closed - 1) <= 1e-9 and squared >= sharp * (1 - 1e-9) and left < _FITTED
        ),
        words=f"n = {n} points on the sphere in dimension {dim}, at least {delta:.2g} apart, signs as labels, {depth} "
        f"trained layers of {width} units. |h_L|^2 is 1 up to {off:.1e} on average over {draws} draws (allowed "
        f"{allowed:.1e} at level 1e-3). The constant of the gradient lower bound is c = "
        f"{squared / (delta * width / n**2 * phi):.3g}, and c = {sharp / (delta * width / n**2 * phi):.3g} for the "
        f"worst residual. {steps} steps left {left:.1e} of the loss. The weights moved by {moved:.2g} in spectral "
        f"norm, against a radius 1 / L^6 = {depth**-6.0:.2g}. Widths asked: {asked[0]:.1e} and {asked[1]:.1e}.",
        instances=draws + 1,
        links=(
            Link("forward stability: largest | |h_l(x_i)| - 1 |, against 1/2", 0.5, stable),
            Link("gradient lower bound with constant 1: ||grad||^2", delta * width / n**2 * phi, squared, "at least"),
            Link("the same by lambda_min of the last layer's kernel", sharp, squared, "at least"),
        ),
        width=Width(min(asked), width, "those of Zou and Gu set to 1, without logarithms"),
    )


def _squared_norms(rng: np.random.Generator, draws: int, depth: int, width: int, variance: float) -> np.ndarray:
    """|h_L|^2 at one unit input: by rotation each layer's preactivations are independent normals times |h_(l-1)|."""
    squares = np.ones(draws)
    for _ in range(depth + 1):
        squares *= variance / width * np.sum(np.maximum(rng.normal(size=(draws, width)), 0) ** 2, axis=1)
    return squares


@jax.jit
@jax.grad
def _gradient_of_last(last: Array, before: Array, outer: Array, labels: Array) -> Array:
    """Of Phi as a function of W_L, given h_(L-1)."""
    return jnp.sum((outputs([last], before, outer) - labels) ** 2) / 2


def _kernels(layers: list[np.ndarray], inner: list[np.ndarray], outer: np.ndarray) -> list[np.ndarray]:
    """The tangent kernel's part of each W_l."""
    return kernel_parts([*inner, outer[None]], layers, [h > 0 for h in layers[1:]])[:-1]


STUDY = Experiment(
    id="deep-polynomial-width",
    claim="For n unit inputs at distances at least delta, gradient descent on the L inner layers of a deep ReLU "
    "network of width m and initial variance 2 / m converges at a geometric rate, with high probability, once m is "
    "of order n^24 L^12 / delta^8, or n^8 L^12 / delta^4 in the second source; constants and logarithms are hidden.",
    refuted_by="a mean of |h_L|^2 off 1, a gradient that differs from its kernel's form or is below the eigenvalue's "
    "bound, or a run that does not fall below a tenth of its loss",
    cites=("allenzhu2019", "zougu2019", "du2019deep"),
    locator="Theorem 1, Lemma 7.1 and Theorem 3 of the first; Theorem 3.3 of the second (numbers and powers from "
    "memory)",
    measure=measure,
    proved=True,
)
