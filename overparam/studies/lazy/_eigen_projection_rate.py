"""The training curve of a wide two-layer ReLU network follows from the labels' parts along the kernel's eigenvectors.

Arora, Du, Hu, Li and Wang (2019), their Theorem 4.1 as recalled: unit points, bounded labels, first layer trained from
w_r ~ N(0, kappa^2 I) with frozen output weights +-1/sqrt(k), kappa = O(eps delta / sqrt(n)), step O(l_0 / n^2), and

    k = Omega(n^7 / (l_0^4 kappa^2 delta^4 eps^2)).

Then with probability at least 1 - delta, for all t, with eigenpairs (l_i, v_i) of the infinite-width kernel, least l_0,

    | |y - F_t| - sqrt(sum_i (1 - eta l_i)^(2 t) <v_i, y>^2) | <= eps.

The width is out of reach, and at widths one has, so small a kappa is no longer lazy: the weights move by far more than
kappa.  What is measured is the mechanism at kappa = 1, where F_0 is not small: y becomes y - F_0, and the step is 1 /
(largest eigenvalue).  The gap, the largest difference at the steps recorded, which are every tenth, must fall at least
like width^(-1/4) for the limit kernel, -1/2 being expected; it is also given for the kernel at the start and the kernel
at the end.  The lemmas of the proof are compared one by one at the largest width: concentration, |F_0| (which is
proportional to kappa), movement, drift.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.ntk import first_layer_gram
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.lazy._networks import (
    LEVEL,
    Weights,
    draw_weights,
    follow_each,
    linear_path,
    outputs_of,
    slope_of,
    steps_to,
    tangent_kernel,
    unit_points,
)


class _Sizes(NamedTuple):
    n: int
    dim: int
    widths: tuple[int, ...]
    seeds: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(10, 10, (32, 1024), 30),
    "laptop": _Sizes(40, 20, (256, 512, 1024, 2048, 4096), 48),
    "paper": _Sizes(100, 20, tuple(2**j for j in range(10, 17)), 32),
}
_EVERY = 10  # steps between records
_LEFT = 1e-3  # of the slowest mode at the last step
_FALLS = -0.25  # slowest exponent that counts as falling; -1/2 is expected
_DELTA, _EPSILON = 0.1, 0.1
_OUTPUTS = outputs_of("relu", frozen=True)


def measure(setting: Setting, *, limit: Callable[..., Array] = first_layer_gram) -> Finding:
    """Train first layers at each width, and compare with the curve that `limit` promises."""
    require_dtype("float64", what="this study")
    size = _SIZES[setting.size]
    points = unit_points(setting.root, size.n, size.dim)
    labels = points @ unit_points(setting.root, 1, size.dim, draw=2)[0]
    kernel = np.asarray(limit(points))
    values, vectors = np.linalg.eigh(kernel)
    least = float(values[0])
    step = float(1 / values[-1])
    steps = steps_to(float(values[-1] / least), _LEFT, _EVERY)
    starts = draw_weights(setting.root, size.widths, size.seeds, size.dim, signs=True)
    runs = len(size.widths) * size.seeds
    run = follow_each(
        _OUTPUTS, starts, jnp.asarray(np.tile(labels, (runs, 1))), jnp.asarray(points),
        step_size=step, steps=steps, every=_EVERY, watch=_watch,
    )  # fmt: skip
    outputs, kernels, moved = (np.asarray(part) for part in run.seen)
    residuals, times = outputs - labels, np.asarray(run.steps[0])
    curves = np.linalg.norm(residuals, axis=2)
    gaps = {}
    for name, used in {"limit": kernel[None], "start": kernels[:, 0], "end": kernels[:, -1]}.items():
        promised = np.linalg.norm(linear_path(used, residuals[:, 0], step, times)[0], axis=2)
        gaps[name] = np.abs(curves - promised).max(axis=1).reshape(len(size.widths), -1)
    slopes = {name: slope_of(size.widths, gap) for name, gap in gaps.items()}
    told, widest = slopes["limit"], slice(-size.seeds, None)
    holds = None
    if told.low > _FALLS:
        holds = False
    elif told.high <= _FALLS:
        holds = True
    kappa = _EPSILON * _DELTA / math.sqrt(size.n)
    asked = float(size.n**7 / (least**4 * kappa**2 * _DELTA**4 * _EPSILON**2))
    true, signs = (float(np.sum((vectors.T @ y) ** 2 / values)) for y in (labels, _signs(setting, labels)))
    left = np.linalg.norm(labels - outputs[:, 0], axis=1)[widest]
    promised = np.max(4 * math.sqrt(size.n) * left / (math.sqrt(size.widths[-1]) * least))
    return Finding(
        holds=holds,
        words=f"{size.n} points on the sphere in dimension {size.dim}, linear labels, widths {size.widths[0]} to "
        f"{size.widths[-1]}, {size.seeds} starts each with kappa = 1, {steps} steps of 1 / (largest eigenvalue), "
        f"every {_EVERY}th recorded.  The largest gap recorded goes like width^s, s = {told.words} "
        f"(coverage {LEVEL}; to be below {_FALLS}, expected is -0.5) against "
        f"the limit kernel, {slopes['start'].words} against the kernel at the start, "
        f"{slopes['end'].words} against that at the end; at width {size.widths[-1]} its median is "
        + ", ".join(f"{np.median(gap[-1]):.2g} ({name})" for name, gap in gaps.items())
        + f" where |y - F_0| is {np.median(left):.2g}.  Labels' complexity y^T H^-1 y: {true:.3g} for the linear "
        f"labels, {signs:.3g} for random ones of the same sizes.",
        instances=runs,
        width=Width(asked, size.widths[-1], f"hidden constants set to 1; delta = {_DELTA}, epsilon = {_EPSILON}"),
        links=(
            Link("|H(0) - H| in the spectral norm, against l_0 / 4", least / 4,
                 float(np.max(np.linalg.norm(kernels[widest, 0] - kernel, 2, axis=(1, 2))))),
            Link("|H(t) - H(0)| in the spectral norm, against l_0 / 4", least / 4,
                 float(np.max(np.linalg.norm(kernels[widest] - kernels[widest, :1], 2, axis=(2, 3))))),
            Link("movement of a neuron against 4 sqrt(n) |y - F_0| / (sqrt(k) l_0)", float(promised),
                 float(moved[widest].max())),
            Link(f"|F_0| at kappa = {kappa:.2g}, against epsilon", _EPSILON,
                 float(kappa * np.linalg.norm(outputs[widest, 0], axis=1).max())),
            Link("movement of a neuron against that kappa, for a kernel that stays", kappa, float(moved[widest].max())),
        ),
    )  # fmt: skip


def _watch(weights: Weights, points: Float[Array, "n_samples dim"], start: Weights) -> tuple[Array, Array, Array]:
    """Outputs, kernel, and the largest distance of a neuron from its start."""
    moved = jnp.sqrt(jnp.max(jnp.sum((weights.inner - start.inner) ** 2, axis=1)))
    return _OUTPUTS(weights, points), tangent_kernel(weights, points, "relu", frozen=True), moved


def _signs(setting: Setting, labels: np.ndarray) -> np.ndarray:
    return labels * np.random.default_rng([setting.root, 3]).choice([-1.0, 1.0], size=len(labels))


STUDY = Experiment(
    id="eigen-projection-rate",
    claim="For unit points, bounded labels, first-layer weights from N(0, kappa^2 I) with kappa = O(epsilon delta / "
    "sqrt(n)), frozen output weights +-1/sqrt(k), step eta = O(l_0 / n^2) and width k = Omega(n^7 / (l_0^4 kappa^2 "
    "delta^4 epsilon^2)), all hidden constants unknown, with probability at least 1 - delta the norm of the residual "
    "at every step t is within epsilon of sqrt(sum_i (1 - eta l_i)^(2t) <v_i, y>^2), eigenpairs (l_i, v_i) of the "
    "infinite-width kernel, l_0 the least.",
    refuted_by=f"a gap to that curve whose exponent in the width is above {_FALLS} with its whole interval",
    cites=("arora2019fine",),
    locator="Theorem 4.1 (number and powers from memory)",
    measure=measure,
    proved=True,
)
