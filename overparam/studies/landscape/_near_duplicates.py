"""In the lazy regime two nearly parallel points with different labels take a time inverse to their angle to fit.

Two unit vectors at angle t have the limit kernel of a ReLU layer with eigenvalues 1/2 +- cos(t) (pi - t) / (2 pi), and
by Cauchy interlacing every data set that contains them has

    lambda_0  <=  1/2 - cos(t) (pi - t) / (2 pi)  =  sin^2(t / 2) + t cos(t) / (2 pi)  =  t / (2 pi) + O(t^2);

the form on the right does not cancel.  For the pair alone equality holds if t <= pi / 2; beyond, cos(t) < 0, and its
smaller eigenvalue is 1/2 - |cos(t)| (pi - t) / (2 pi).  Linearized gradient descent then needs of the order of 1 / t
steps to tell labels 1 and -1 apart.  At t = 0 no function fits, and loading the data must say so.

That linearization is a matter of scale: the k t / pi neurons between the two points move by about |y| pi / (t sqrt(k))
each, and stay between them only if that is far below t; with labels +-1 it would take k >> t^-4.  The labels trained on
are +-1e-3, which is the same as outputs times 1000.

Measured: least eigenvalues down to t = 1e-8, of the pair and of data sets around it; the number of steps after which
trained networks, much wider than 1 / t, have a hundredth of their loss, and its exponent in the eigenvalue of the pair,
which must be within 0.15 of -1; and the refusal of an exact duplicate.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.ntk import first_layer_gram
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.convergence._two_layer import outputs, start
from overparam.studies.landscape._instances import close_pair
from overparam.training import follow

EXPONENT = 0.15  # largest distance of the exponent of the time in the eigenvalue from -1
STEP = 0.5
LABEL = 1e-3  # labels are +-LABEL
_ANGLES = (1e-8, 1e-6, 1e-4, 1e-2, 0.3, 1.5)


class Sizes(NamedTuple):
    """Points around the pair, their dimension, neurons of the trained networks, angles at which they train."""

    n: int
    d: int
    k: int
    angles: tuple[float, ...]


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(20, 5, 4096, (0.4, 0.2, 0.1)),
    "laptop": Sizes(100, 10, 32_768, (0.4, 0.2, 0.1, 0.05, 0.025)),
    "paper": Sizes(1000, 30, 2**20, (0.4, 0.2, 0.1, 0.05, 0.025, 0.0125, 0.00625)),
}


def pair_eigenvalue(angle: float) -> float:
    """The smaller eigenvalue of the limit kernel of two unit vectors."""
    if angle > math.pi / 2:
        return 0.5 + math.cos(angle) * (math.pi - angle) / (2 * math.pi)
    return math.sin(angle / 2) ** 2 + angle * math.cos(angle) / (2 * math.pi)


def measure(setting: Setting, *, bound: Callable[[float], float] = pair_eigenvalue, step: float = STEP) -> Finding:
    """Eigenvalues against the bound, times to fit against 1 / angle, and what loading says to duplicates."""
    require_dtype("float64", what="near-duplicates")
    size = _SIZES[setting.size]
    exact, below, told = 0.0, True, []
    for angle in _ANGLES:
        pair, _ = close_pair(setting.root, 2, 3, angle)
        many, _ = close_pair(setting.root, size.n, size.d, angle)
        alone, among = (float(np.linalg.eigvalsh(first_layer_gram(points))[0]) for points in (pair, many))
        # entries and eigenvalues of matrices of norm at most n are off by a few n u; norms by a few u
        rounding = 32 * 2.0**-53
        exact = max(exact, abs(alone - bound(angle)) / rounding)
        below &= among <= bound(angle) + size.n * rounding
        told.append(f"{angle:g}: {alone:.3g} of at most {bound(angle):.3g}, {among:.3g} among {size.n}")
    times = _times_to_fit(setting.root, size.angles, size.k, step)
    found = [time for time in times if time is not None]
    rates = [pair_eigenvalue(angle) for angle in size.angles]
    slope = float(np.polyfit(np.log(rates), np.log(found), 1)[0]) if len(found) == len(times) else math.nan
    predicted = [math.log(0.01) / (2 * math.log1p(-STEP * rate)) for rate in rates]
    refused = _refuses_duplicates()
    return Finding(
        # formula and bound are theorems: a violation throws doubt on floats
        holds=bool(abs(slope + 1) <= EXPONENT and refused) if exact <= 1 and below else None,
        words=f"Least eigenvalues at angle {'; '.join(told)}. Steps to a hundredth of the loss for the pair, k = "
        f"{size.k}: {times} at angles {list(size.angles)}, by the limit kernel {[round(t) for t in predicted]}; "
        f"exponent {slope:.3f} in the eigenvalue. An exact duplicate with another label is "
        f"{'refused' if refused else 'accepted'}.",
        instances=2 * len(_ANGLES) + len(times) + 1,
        links=(
            Link("distance of the pair's eigenvalue from the formula, in units of rounding", 1.0, exact),
            Link("distance of the exponent of the time to fit from -1", EXPONENT, abs(slope + 1)),
        ),
    )


def _times_to_fit(root: int, angles: tuple[float, ...], width: int, step: float) -> list[int | None]:
    """First steps at which the loss is a hundredth of ||y||^2 / 2, the output at the start subtracted."""
    pairs = jnp.asarray(np.stack([close_pair(root, 2, 3, angle)[0] for angle in angles]))
    steps = 64 * math.ceil(math.log(100) * 2 * math.pi / (64 * STEP * min(angles)))  # twice the limit kernel's number
    losses = np.asarray(_losses(*start(root, 0, width, 3), pairs, jnp.asarray(step), steps))
    fitted = losses <= 0.01
    return [int(np.argmax(row)) if row.any() else None for row in fitted]


@jax.jit(static_argnames="steps")
def _losses(weights: Array, signs: Array, pairs: Array, step: Array, steps: int) -> Array:
    """(n_pairs, steps + 1), relative to ||y||^2 / 2."""
    labels = LABEL * jnp.asarray([1.0, -1.0], pairs.dtype)

    def one(points: Array) -> Array:
        first = outputs(weights, points, signs)
        run = follow(outputs, weights, labels + first, points, signs, step_size=step, steps=steps)
        return jnp.sum((run.seen - (first + labels)[None, :]) ** 2, axis=1) / jnp.sum(labels**2)

    return jax.vmap(one)(pairs)


def _refuses_duplicates() -> bool:
    try:
        from_arrays([[0.6, 0.8], [1.0, 0.0], [0.6, 0.8]], [1.0, 0.0, -1.0])
    except InputError:
        return True
    return False


STUDY = Experiment(
    id="near-duplicates",
    claim="Unit points two of which are at angle t have lambda_0 <= 1/2 - cos(t) (pi - t) / (2 pi), with equality for "
    "the pair alone if t <= pi / 2; in the lazy runs of this study the number of steps that tells the pair's labels "
    "apart is inverse to that eigenvalue, so to t when t is small.",
    refuted_by="an exponent that is not within 0.15 of -1, or an exact duplicate with another label that is accepted",
    cites=(),
    locator="own, docs/theory/training.md",
    measure=measure,
    proved=False,
)
