"""Perturbed descent with quadratic neurons memorizes n <= d (d + 1) / 2 points, the worst ones once they are jittered.

Statement (ge2019, as its abstract has it, proofs not read): f(x) = sum_r a_r <w_r, x>^2 with k >= 2 d + 2 neurons, half
of the signs a_r positive. If the vectors x_i x_i^T are independent, as they are almost surely after adding Gaussian
noise to arbitrary points, perturbed gradient descent reaches zero loss in polynomial time; (2 d + 2) d parameters are
O(n) when n is of the order of d^2.

Why: with G = sum_i r_i x_i x_i^T the gradient in w_r is 2 a_r G w_r. The d + 1 positive neurons are dependent, sum_r
u_r w_r = 0 with u of unit norm; moving w_r by t u_r z leaves all outputs as they are to first order and changes the
loss by t^2 <z, G z>. Negative neurons give -<z, G z>. So G = 0 wherever no direction has negative curvature, and as
|G| >= s |r| with s the least singular value of the rows x_i x_i^T, the residual r vanishes: all that descent has to
leave are saddles. Zero is one, with zero gradient, which is why the algorithm is perturbed.

Measured: the rank of the rows x_i x_i^T, exactly (modulo a prime; full rank is then proved), for n copies of one
point with different labels, the worst of all data, before and after jitter (before, no function fits them); and runs
from w = 0 after jitter. A run that ends too early is told from one that is stuck by its last round. The source adds a
regularizer and proves a polynomial number of steps; here the steps are counted. Its three-layer variant is not tested.
"""

import math

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.exact import leading_columns
from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.training import follow

_FITTED = 1e-6  # of the loss at w = 0
_STALLED = 0.01  # a last round that lowered the loss by less than this share: more rounds would not have helped
_SLOPE = 0.2  # least singular value = c s^2 (1 + O(s)) for jitter s; s <= 1/64 in the fit
_GRID = 20
_SIZES: dict[Size, dict[str, int]] = {
    "ci": {"n_samples": 8, "dim": 6, "runs": 3, "rounds": 24, "steps": 5000},
    "laptop": {"n_samples": 20, "dim": 8, "runs": 6, "rounds": 20, "steps": 40_000},
    "paper": {"n_samples": 100, "dim": 20, "runs": 10, "rounds": 100, "steps": 1_000_000},
}


def measure(setting: Setting, *, radius: float = 0.01, jitter: float = 1.0) -> Finding:
    """Runs with points that are jittered by `jitter`; perturbations of `radius` start every round."""
    size = _SIZES[setting.size]
    n, dim = size["n_samples"], size["dim"]
    require_dtype("float64", what="smoothed-memorization")
    rng = np.random.default_rng([setting.root, n, dim])
    left, stalled, ranks, rounds, values = [], [], [], [], []
    for _ in range(size["runs"]):
        noise, labels = rng.normal(size=(n, dim)) / math.sqrt(dim), rng.normal(size=n)
        points = _jittered(noise, jitter)
        ranks.append(rank_of_squares(points))
        loss, needed, stuck = _descend(points, labels, radius, size, rng)
        stalled.append(stuck)
        left.append(loss / (float(labels @ labels) / 2))
        rounds.append(needed)
        values.append([_least_singular(_jittered(noise, 2.0**-j)) for j in (6, 8, 10)])
    repeated = rank_of_squares(_jittered(noise, 0.0))
    slopes = np.polyfit(-np.log(2.0) * np.array([6, 8, 10]), np.log(np.array(values).T), 1)[0]
    links = (
        Link("exact rank of the rows x x^T after jitter, least of all", float(n), float(min(ranks)), "at least"),
        Link("loss left, over the loss at zero, largest of all runs", _FITTED, float(np.max(left))),
        Link(
            "power of the jitter in the least singular value, largest error", _SLOPE, float(np.max(np.abs(slopes - 2)))
        ),
    )
    neurons = 2 * dim + 2
    words = (
        f"{len(left)} runs, n = {n}, d = {dim}, {neurons} neurons ({neurons * dim} parameters, {neurons * dim / n:.1f} "
        f"n), from zero with perturbations of norm {radius:g} every {size['steps']} steps: loss left at most "
        f"{np.max(left):.1g} of the first after at most {max(rounds)} rounds.  Repeated points have rank {repeated} "
        f"instead of {n}.  The least singular value goes with the power "
        f"{float(np.median(slopes)):.3f} of the jitter."
    )
    fits, others = links[1].holds, links[0].holds and links[2].holds
    holds = others and (fits or (False if any(stalled) else None))
    finite = bool(np.all(np.isfinite(left)) and np.all(np.isfinite(values)))
    return Finding(holds if finite else None, words.replace("  ", " "), len(left), links)


def outputs(
    weights: Float[Array, "width dim"], points: Float[Array, "n_samples dim"], signs: Float[Array, " width"]
) -> Float[Array, " n_samples"]:
    """Sum of signed squares."""
    return jnp.matmul(jnp.matmul(points, weights.T, precision=HIGHEST) ** 2, signs, precision=HIGHEST)


def rank_of_squares(points: np.ndarray) -> int:
    """Rank modulo a prime of the rows x_i x_i^T, for points that are multiples of 2^-20."""
    whole = np.rint(np.ldexp(points, _GRID)).astype(np.int64)
    above = np.triu_indices(points.shape[1])
    return len(leading_columns((whole[:, above[0]] * whole[:, above[1]]).tolist()))


def _jittered(noise: np.ndarray, jitter: float) -> np.ndarray:
    """The first unit vector, repeated, plus noise, on the grid."""
    points = np.eye(1, noise.shape[1]) + jitter * noise
    return np.ldexp(np.rint(np.ldexp(points, _GRID)), -_GRID)


def _least_singular(points: np.ndarray) -> float:
    squares = (points[:, :, None] * points[:, None, :]).reshape(len(points), -1)
    return float(np.linalg.svd(squares, compute_uv=False)[-1])


def _descend(
    points: np.ndarray, labels: np.ndarray, radius: float, size: dict[str, int], rng: np.random.Generator
) -> tuple[float, int, bool]:
    """Loss, the rounds it took, each a perturbation and a fixed number of steps, and whether the last made no way."""
    width, dim = 2 * points.shape[1] + 2, points.shape[1]
    signs = jnp.asarray(np.where(np.arange(width) % 2 == 0, 1.0, -1.0))
    squares = (points[:, :, None] * points[:, None, :]).reshape(len(points), -1)
    # along a fitting M = sum a_r w_r w_r^T the curvature is about 4 |w|^2 |squares|^2, and |w|^2 is of the order of |y|
    step_size = 1 / (4 * float(np.linalg.norm(squares, 2)) ** 2 * float(np.linalg.norm(labels)))
    weights, y, x = np.zeros((width, dim)), jnp.asarray(labels), jnp.asarray(points)
    loss, stalled = float(labels @ labels) / 2, False
    for done in range(size["rounds"]):
        if not loss > _FITTED * float(labels @ labels) / 2:
            return loss, done, False
        push = rng.normal(size=(width, dim))
        start = jnp.asarray(weights + radius * push / np.linalg.norm(push))
        run = follow(outputs, start, y, x, signs, step_size=step_size, steps=size["steps"], every=size["steps"])
        weights = np.asarray(run.params)
        before, loss = loss, float(np.sum((np.asarray(run.seen[-1]) - labels) ** 2)) / 2
        stalled = loss > (1 - _STALLED) * before
    return loss, size["rounds"], stalled


STUDY = Experiment(
    id="smoothed-memorization",
    claim="In the runs of this study, gradient descent with perturbations fits n copies of one point, with different "
    "labels, once Gaussian noise has moved them apart, with 2 d + 2 quadratic neurons and n <= d (d + 1) / 2; the "
    "noise makes the matrices x x^T independent, exactly.",
    refuted_by="a run that stays above a millionth of its first loss, or dependent matrices x x^T after the noise",
    cites=("ge2019",),
    locator="two-layer network with quadratic activation",
    measure=measure,
    proved=False,
)
