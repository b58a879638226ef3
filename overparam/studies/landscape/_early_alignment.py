"""From a small start gradient descent aligns all neurons early and ends in a straight line that misses three points.

Three points of the line, pairwise positively correlated as (x, 1), with positive labels, the middle one below the
affine fit: while outputs are near zero, each neuron that adds and is active somewhere turns to the direction sum
y_i (x_i, 1), which is active on all three points, and a network that is affine on the data ends in the least squares
line, whatever its width (Boursier and Flammarion, Theorem 2, for inputs near -1, 0, 1).  A large start leaves kinks
between the points and interpolates.  So width alone does not decide memorization.

Measured: gradient descent with step 0.05 on the mean of 1/2 r^2 from balanced starts w_r = s N(0, I) / sqrt(k), v_r =
+-|w_r|, at s = 1e-3 and s = 1 on the source's experimental points; the exact least squares loss is computed over the
rationals.  For inputs -1, 0, 1 the outer points are orthogonal as (x, 1), and alignment is slower: there starts with
s = 1e-3 escape, and the trap is tried at s = 1e-10, from which it takes longer to leave the origin.
"""

from fractions import Fraction
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.landscape._both_layers import Weights, drawn, relu_outputs, stacked
from overparam.studies.landscape._instances import Line, three_points
from overparam.training import follow

STEP = 0.05  # of the mean loss
TRAPPED = 1e-6  # largest relative distance of a trapped loss from the least squares loss
FITTED = 1e-20  # largest loss of an interpolating run


class Sizes(NamedTuple):
    """Neurons, seeds, and steps on either kind of points; none on the second kind at size ci."""

    k: int
    seeds: int
    steps: int
    steps_symmetric: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(100, 4, 15_000, 0),
    "laptop": Sizes(100, 16, 20_000, 40_000),
    "paper": Sizes(1000, 100, 100_000, 200_000),
}


def measure(setting: Setting, *, small: float = 1e-3, large: float = 1.0) -> Finding:
    """Losses at the end, from small and from large starts."""
    require_dtype("float64", what="early-alignment")
    size = _SIZES[setting.size]
    kinds = [(three_points(), size.steps, small)]
    if size.steps_symmetric:
        kinds.append((three_points(symmetric=True), size.steps_symmetric, 1e-7 * small))
    holds, told, runs, gaps = True, [], 0, []
    for line, steps, scale in kinds:
        exact = affine_loss(line)
        losses = _losses(setting.root, line, size.k, size.seeds, (scale, large), steps)
        gaps.append(float(np.max(np.abs(losses[0] / float(exact) - 1))))
        holds &= bool(gaps[-1] <= TRAPPED) and bool(np.max(losses[1]) <= FITTED)
        runs += losses.size
        told.append(
            f"x = {line.points[:, 0].tolist()}, y = {line.labels.tolist()}: least squares loss {float(exact):.10f}; "
            f"{size.seeds} starts of scale {scale:g} end between {losses[0].min():.10f} and {losses[0].max():.10f}, "
            f"those of scale {large:g} at most at {losses[1].max():.1e}"
        )
    return Finding(
        holds=bool(holds),
        words=f"k = {size.k}, mean of 1/2 r^2. " + "; ".join(told) + ".",
        instances=runs,
        links=(Link("relative distance of the trapped losses from the least squares loss", TRAPPED, max(gaps)),),
    )


def affine_loss(line: Line) -> Fraction:
    """Least mean of 1/2 r^2 of an affine function, exactly, for the decimal numbers as printed."""
    x = [Fraction(repr(float(t))) for t in line.points[:, 0]]
    y = [Fraction(repr(float(t))) for t in line.labels]
    n = len(x)
    mean_x, mean_y = sum(x, Fraction(0)) / n, sum(y, Fraction(0)) / n
    square_x = sum(((t - mean_x) ** 2 for t in x), Fraction(0))
    product = sum(((s - mean_x) * (t - mean_y) for s, t in zip(x, y, strict=True)), Fraction(0))
    square_y = sum(((t - mean_y) ** 2 for t in y), Fraction(0))
    return (square_y - product**2 / square_x) / (2 * n)


def _losses(root: int, line: Line, width: int, seeds: int, scales: tuple[float, float], steps: int) -> np.ndarray:
    """(2, seeds): the mean of 1/2 r^2 at the end."""
    points, labels = jnp.asarray(line.points), jnp.asarray(line.labels)
    starts = stacked(balanced(root, seed, width, 2, scale) for scale in scales for seed in range(seeds))
    ends = np.asarray(_ends(starts, points, labels, steps)).reshape(len(scales), seeds, -1)
    return np.mean((ends - line.labels) ** 2, axis=-1) / 2


@jax.jit(static_argnames="steps")
def _ends(starts: Weights, points: Array, labels: Array, steps: int) -> Array:
    def one(start: Weights) -> Array:
        run = follow(relu_outputs, start, labels, points, step_size=STEP / len(labels), steps=steps, every=steps)
        return run.seen[-1]

    return jax.vmap(one)(starts)


def balanced(root: int, seed: int, width: int, dim: int, scale: float) -> Weights:
    """w_r = scale N(0, I) / sqrt(width) and v_r = +-|w_r|."""
    w, signs = drawn(root, seed, width, dim)
    w = scale * width**-0.5 * np.asarray(w)
    return Weights(w, signs * np.linalg.norm(w, axis=1))


STUDY = Experiment(
    id="early-alignment",
    claim="In the runs of this study on three points of the line, gradient descent from balanced starts of scale 1e-3 "
    "(1e-10 for inputs -1, 0, 1) ends at the loss of the least squares line, far above zero, and from scale 1 it "
    "interpolates, at the same width.",
    refuted_by="a run from the small scale that leaves the least squares loss by more than 1e-6 of it, or one from the "
    "large scale that does not interpolate",
    cites=("boursier2025align",),
    locator="the experiment on three points; Theorem 2 for inputs near -1, 0, 1, at the larger sizes",
    measure=measure,
    proved=False,
)
