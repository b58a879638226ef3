"""Zero loss with more weights than samples is not a point: near a regular solution it is a manifold of dimension p - n.

At parameters with F = y and a Jacobian of rank n the set {F = y} is, near them, an embedded manifold of dimension p - n
(implicit function theorem; globally for almost every y, Cooper), and the Hessian of 1/2 |r|^2 there is J^T J: n
positive eigenvalues and p - n zeros.

Measured on a tanh network: a float solution, with the checker's proof that an exact one is within a stated distance,
short enough that the rank there is n too, by the Lipschitz constant of J on the ball of radius 1e-3; the Hessian by
automatic differentiation, whose other eigenvalues may be as large as |r| times that constant and rounding; and a walk
along the null space of J, each step corrected by Newton's method, on which the weights move by a tenth of the walk's
length at least while the loss stays rounding.  With ReLU, k directions of the null space are rescalings (w_r, -v_r): J
must vanish on them.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.networks import Layer
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, newton_fit, relu_parts, tanh_outputs, tanh_parts
from overparam.widths import NetworkGram, prove_near

STRIDE = 0.05  # of one step of the walk
SMALL = 1e-11  # times |y|: the largest residual on the walk
FAR = 0.1  # least distance from the start, relative to the length walked
RADIUS = 1e-3  # of the balls on which J has the Lipschitz constant that is used
RESCALED = 1e-13  # largest |J (w_r, -v_r)|, relative; sums of p products are off by less than p u


class Sizes(NamedTuple):
    """n points of R^d, k neurons, steps of the walk, starts."""

    n: int
    d: int
    k: int
    walk: int
    starts: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(8, 4, 12, 60, 1),
    "laptop": Sizes(20, 9, 20, 400, 5),
    "paper": Sizes(60, 19, 40, 4000, 20),
}


def measure(setting: Setting, *, corrections: int = 2, residual: float = 0.0) -> Finding:
    """Rank, Hessian and walk; `corrections` are Newton steps after each step, `residual` moves the labels off F."""
    require_dtype("float64", what="solution-manifold")
    size = _SIZES[setting.size]
    n, k, p = size.n, size.k, size.k * (size.d + 1)
    counts, walks, proofs, regular, excess, lengths, rescaled = [], [], 0, True, [], [], 0.0
    for seed in range(size.starts):
        rng = np.random.default_rng([setting.root, seed])
        points, labels = rng.normal(size=(n, size.d)), rng.normal(size=n)
        at = np.concatenate([rng.normal(size=k * size.d), rng.choice([-1.0, 1.0], size=k) * k**-0.5])
        at, _ = newton_fit(tanh_parts, at, points, labels, k)
        data = from_arrays(points, labels)
        labels = labels + residual
        values, jacobian = tanh_parts(at, points, k)
        singular = np.linalg.svd(jacobian, compute_uv=False)
        bend = _lipschitz(at, points, k)
        try:
            layers = (Layer(at[:-k].reshape(k, -1), np.zeros(k)), Layer(at[None, -k:], np.zeros(1)))
            start = NetworkGram(layers, data, [0, 1], "tanh", False, False)
            near = float(prove_near(start, setting.folder / str(seed)).numbers["distance"])
            proofs += 1
            regular &= near <= RADIUS and singular[-1] > bend * near
        except OverparamError:
            regular = False
        spectrum = _hessian_spectrum(at, points, labels, k)
        counts.append(int(np.sum(spectrum > singular[-1] ** 2 / 2)))
        allowed = 10 * p * np.finfo(float).eps * singular[0] ** 2 + bend * np.linalg.norm(values - data.labels)
        excess.append(float(np.max(np.abs(np.sort(np.abs(spectrum))[: p - n])) / allowed))
        far, loss = _walk(at, points, data.labels, size, rng.normal(size=p), corrections)
        walks.append(loss / np.linalg.norm(data.labels))
        lengths.append(far)
        rescaled = max(rescaled, _rescaling(at, points, k))
    judged = bool(set(counts) == {n} and np.max(excess) <= 1 and rescaled <= RESCALED)
    walked = np.max(walks) <= SMALL and min(lengths) >= FAR * STRIDE * size.walk
    return Finding(
        # a solution that is not shown, rank n that is not, or a walk that is lost: no hypothesis to judge by
        holds=None if not regular or (judged and not walked) else judged,
        words=f"tanh, n = {n}, p = {p}: the checker accepted {proofs} of {size.starts} networks as near an exact "
        f"solution, {'with rank n there' if regular else 'rank n there not shown'}; positive eigenvalues of the "
        f"Hessian: {sorted(set(counts))}, the other {p - n} at most {max(excess):.2g} of what rounding allows. "
        f"{size.walk} steps of {STRIDE} along the null space lead {min(lengths):.3g} to {max(lengths):.3g} away with "
        f"a residual of at most {max(walks):.1e} |y|. ReLU Jacobian along rescalings of neurons: {rescaled:.1e} "
        f"relative.",
        instances=size.starts,
        links=(
            Link("other eigenvalues of the Hessian, in units of what rounding allows", 1.0, float(np.max(excess))),
            Link("residual on the walk, relative to |y|", SMALL, float(np.max(walks))),
            Link(
                "distance of the walk's end, against its length", FAR, min(lengths) / (STRIDE * size.walk), "at least"
            ),
            Link("ReLU Jacobian along rescalings of neurons, relative", RESCALED, rescaled),
        ),
    )


def _lipschitz(at: NDArray, points: NDArray, width: int) -> float:
    """Of J on the ball of radius RADIUS around a tanh network (docs/theory/training.md)."""
    size, longest = np.linalg.norm(points, 2), np.linalg.norm(points, axis=1).max()
    bent = 4 / (3 * math.sqrt(3)) * (np.abs(at[-width:]).max() + RADIUS) * longest * size
    return float(bent + math.hypot(bent, 2 * size)) / 2


def _hessian_spectrum(at: NDArray, points: NDArray, labels: NDArray, width: int) -> NDArray:
    """Eigenvalues of the Hessian of 1/2 |r|^2, by automatic differentiation."""
    return np.asarray(_spectrum(jnp.asarray(at), jnp.asarray(points), jnp.asarray(labels), width))


@jax.jit(static_argnames="width")
def _spectrum(at: jax.Array, points: jax.Array, labels: jax.Array, width: int) -> jax.Array:
    def loss(at: jax.Array) -> jax.Array:
        weights = Weights(at[:-width].reshape(width, -1), at[-width:])
        return jnp.sum((tanh_outputs(weights, points) - labels) ** 2) / 2

    hessian = jax.jacfwd(jax.grad(loss))(at)
    return jnp.linalg.eigvalsh((hessian + hessian.T) / 2)


def _walk(
    at: NDArray, points: NDArray, labels: NDArray, size: Sizes, direction: NDArray, corrections: int
) -> tuple[float, float]:
    """How far the walk leads, and the largest residual on it."""
    start, worst = at, 0.0
    for _ in range(size.walk):
        jacobian = tanh_parts(at, points, size.k)[1]
        tangent = direction - np.linalg.lstsq(jacobian, jacobian @ direction, rcond=None)[0]
        at = at + STRIDE * tangent / np.linalg.norm(tangent)
        for _ in range(corrections):
            values, jacobian = tanh_parts(at, points, size.k)
            at = at - np.linalg.lstsq(jacobian, values - labels, rcond=None)[0]
        worst = max(worst, float(np.linalg.norm(tanh_parts(at, points, size.k)[0] - labels)))
    return float(np.linalg.norm(at - start)), worst


def _rescaling(at: NDArray, points: NDArray, width: int) -> float:
    """Largest |J (w_r, -v_r)| over ReLU neurons, relative to |J| |(w_r, v_r)|."""
    jacobian, dim = relu_parts(at, points, width)[1], points.shape[1]
    directions = np.zeros((width, len(at)))
    for r in range(width):
        directions[r, r * dim : (r + 1) * dim] = at[r * dim : (r + 1) * dim]
        directions[r, len(at) - width + r] = -at[len(at) - width + r]
    sizes = np.linalg.norm(directions, axis=1)
    return float(np.max(np.linalg.norm(jacobian @ directions.T, axis=0) / sizes) / np.linalg.norm(jacobian, 2))


STUDY = Experiment(
    id="solution-manifold",
    claim="At the solutions of this study, tanh networks with p > n weights and a Jacobian of rank n, the Hessian has "
    "exactly n positive eigenvalues, and near them the zero-loss set is a manifold of dimension p - n, along which one "
    "can walk.",
    refuted_by="another number of positive eigenvalues at a solution with a Jacobian of rank n, or a ReLU Jacobian "
    "that does not vanish along rescalings",
    cites=("cooper2021",),
    locator="the theorem on the dimension of the set of global minima",
    measure=measure,
    proved=True,
)
