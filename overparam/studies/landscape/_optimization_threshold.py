"""Beyond some number of noisy samples small starts stop at the noise, although the network has weights to spare.

Labels <b, x> + noise on Gaussian points: from a small balanced start neurons align with a few directions, and gradient
descent ends near least squares instead of interpolating once n is beyond a threshold that the width does not move,
while few samples are interpolated at the same width and scale (Boursier and Flammarion).

Measured: losses at the end of equally many steps, for few and for many samples, k d at least 3 n in both, relative to
the least squares loss of the many and to the labels of the few.  The claim is about the runs: later steps may go on.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import relu_outputs
from overparam.studies.landscape._early_alignment import balanced
from overparam.studies.landscape._instances import noisy_line
from overparam.training import follow

NOISE = 0.5
STEP = 0.2  # of the mean loss
STOPPED = 0.75  # least loss of the many, relative to least squares
FITTED = 1e-3  # largest loss of the few, relative to their labels


class Sizes(NamedTuple):
    """Few samples, many samples, dimension, neurons, seeds, steps."""

    few: int
    many: int
    d: int
    k: int
    seeds: int
    steps: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(8, 150, 5, 80, 1, 2500),
    "laptop": Sizes(10, 300, 5, 180, 3, 8000),
    "paper": Sizes(20, 4000, 10, 1200, 10, 10**5),
}


def measure(setting: Setting, *, scale: float = 1e-3, noise: float = NOISE) -> Finding:
    """Losses relative to their yardsticks; a large `scale` goes on towards interpolation."""
    require_dtype("float64", what="optimization-threshold")
    size = _SIZES[setting.size]
    few, many = (
        noisy_line(setting.root, size.few, size.d, noise=noise),
        noisy_line(setting.root, size.many, size.d, noise=noise),
    )
    padded = np.zeros((2, size.many, size.d)), np.zeros((2, size.many))
    for i, data in enumerate((few, many)):  # a zero point adds nothing to outputs and gradients
        padded[0][i, : len(data.labels)], padded[1][i, : len(data.labels)] = data.points, data.labels
    ends = _residuals(
        setting.root, jnp.arange(size.seeds), *map(jnp.asarray, padded), jnp.asarray([size.few, size.many], "float64"),
        jnp.asarray(scale), size.k, size.steps,
    )  # fmt: skip
    squares = np.sum(np.asarray(ends) ** 2, axis=-1)
    rest = many.labels - many.points @ np.linalg.lstsq(many.points, many.labels, rcond=None)[0]
    fitted, stopped = squares[0] / np.sum(few.labels**2), squares[1] / np.sum(rest**2)
    return Finding(
        holds=bool(fitted.max() <= FITTED and stopped.min() >= STOPPED and stopped.max() <= 1.05),
        words=f"d = {size.d}, k = {size.k}, scale {scale:g}, {size.steps} steps, {size.seeds} starts: n = {size.many} "
        f"samples (k d = {size.k * size.d / size.many:.1f} n) end at {stopped.min():.3f} to {stopped.max():.3f} of "
        f"the least squares loss; n = {size.few} at {fitted.max():.1e} of |y|^2.",
        instances=2 * size.seeds,
        links=(
            Link("loss of the many, relative to least squares", STOPPED, float(stopped.min()), "at least"),
            Link("loss of the few, relative to their labels", FITTED, float(fitted.max())),
        ),
    )


@jax.jit(static_argnames=("root", "width", "steps"))
def _residuals(
    root: int, seeds: Array, points: Array, labels: Array, counts: Array, scale: Array, width: int, steps: int
) -> Array:
    def one(points: Array, labels: Array, count: Array, seed: Array) -> Array:
        start = balanced(root, seed, width, points.shape[1], scale)
        run = follow(relu_outputs, start, labels, points, step_size=STEP / count, steps=steps, every=steps)
        return run.seen[-1] - labels

    return jax.vmap(jax.vmap(one, (None, None, None, 0)), (0, 0, 0, None))(points, labels, counts, seeds)


STUDY = Experiment(
    id="optimization-threshold",
    claim="In the runs of this study on noisy linear labels, gradient descent from a small balanced start "
    "interpolates few samples, and on many of them stops near the least squares loss, at the same width and with at "
    "least 2.5 times as many hidden weights as samples.",
    refuted_by="a run on many samples below three quarters of the least squares loss, or one on few that does not fit",
    cites=("boursier2025threshold",),
    locator="the optimization threshold; its experiments",
    measure=measure,
    proved=False,
)
