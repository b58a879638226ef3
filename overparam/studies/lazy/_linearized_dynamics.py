"""Training the linear model of a network has a closed form at every time, on and off the training points.

With F(theta) = F_0 + J (theta - theta_0), K = J J^T, r_0 = F_0 - y and new points with outputs f_0 and Jacobian J_*,

    r_t = D_t r_0,    theta_t - theta_0 = -J^T W_t r_0,    f_t = f_0 - J_* J^T W_t r_0,    W_t = K^+ (I - D_t),

D_t = e^(-K t) for gradient flow, (I - step K)^t for gradient descent, also for steps between 1 and 2 over the largest
eigenvalue, where residuals change sign at every step, and a second-order recurrence for momentum (Lee et al. 2019).
Over random starts of an infinitely wide network, f_0 Gaussian with the covariance N of its outputs, f_t
is Gaussian with mean and covariance that the same formulas give.  This is linear algebra; a network follows it in the
limit of large width only.

Measured: step by step training of a linear model against the closed form, relative to |r_0|.  A step adds an error of
some roundings, stable training does not amplify it but by 1 / (1 - momentum), so T steps stay within 1000 u T / (1 -
momentum).  The flow is compared with a matrix exponential, the ensemble with the linear map that takes initial outputs
to outputs at time t, formed with an explicit inverse: within 1000 u cond(K).  As information: the gap of the network
itself, and the mean and spread of networks trained from many starts.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax import Array
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from overparam.ntk import (
    Flow,
    GradientDescent,
    Momentum,
    dense_kernel,
    ensemble_at,
    modes_of,
    predictions_at,
    residuals_at,
    shifts_at,
)
from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.lazy._networks import (
    Weights,
    draw_weights,
    follow_each,
    linear_path,
    outputs_of,
    tangent_kernel,
    unit_points,
)
from overparam.training import follow


class _Sizes(NamedTuple):
    n: int
    new: int
    dim: int
    width: int
    seeds: int
    steps: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(8, 4, 8, 50, 64, 200),
    "laptop": _Sizes(20, 10, 10, 100, 200, 500),
    "paper": _Sizes(50, 20, 20, 1000, 1000, 5000),
}
_RECORDS = 20
_RULES = {  # name -> step times the largest eigenvalue, momentum
    "gradient descent, step 0.9 / l": (0.9, 0.0),
    "gradient descent, step 1.9 / l": (1.9, 0.0),
    "momentum 0.9, step 1.9 / l": (1.9, 0.9),
}
_ROUNDINGS = 1000 * 2.0**-53
_MODEL = outputs_of("erf")


def measure(setting: Setting, *, told: float = 1.0) -> Finding:
    """Train linear models; the closed form is told `told` times the true step."""
    require_dtype("float64", what="this study")
    size = _SIZES[setting.size]
    points = unit_points(setting.root, size.n + size.new, size.dim)
    labels = np.random.default_rng([setting.root, 2]).normal(size=size.n)
    starts = draw_weights(setting.root, [size.width], size.seeds, size.dim)
    jacobian, offset = (
        np.asarray(part) for part in _tangent(jax.tree.map(lambda p: p[0], starts), jnp.asarray(points))
    )
    own, gram = jacobian[: size.n], jacobian[: size.n] @ jacobian[: size.n].T
    cross, residual = jacobian[size.n :] @ own.T, offset[: size.n] - labels
    modes, scale = modes_of((gram + gram.T) / 2), float(np.linalg.norm(residual))
    largest = float(modes.values[-1])
    every, links = size.steps // _RECORDS, []
    given = tuple(map(jnp.asarray, (own, offset[: size.n], jacobian[size.n :], offset[size.n :])))
    for name, (share, momentum) in _RULES.items():
        step, start = share / largest, jnp.zeros(jacobian.shape[1], "float64")
        run = follow(
            _train_outputs, start, jnp.asarray(labels), *given,
            step_size=step, steps=size.steps, every=every, momentum=momentum, watch=_all_outputs,
        )  # fmt: skip
        outputs, params = (np.asarray(part) for part in run.seen)
        rule = Momentum(told * step, momentum) if momentum else GradientDescent(told * step)
        times = np.asarray(run.steps)
        gaps = [
            outputs[:, : size.n] - labels - np.asarray(residuals_at(modes, residual, times, rule)),
            outputs[:, size.n :]
            - np.asarray(predictions_at(modes, residual, times, rule, cross=cross, initial=offset[size.n :])),
            # parameters carry the inverse of the smallest singular value, outputs do not
            math.sqrt(float(modes.values[0]))
            * (params - np.asarray(shifts_at(modes, residual, times, rule, jacobian=own))),
        ]
        off = float(np.max([np.linalg.norm(gap, axis=1).max() for gap in gaps])) / scale  # NaN stays
        links.append(Link(f"closed form against training: {name}", _ROUNDINGS * size.steps / (1 - momentum), off))
    moments = np.linspace(0, size.steps / largest, _RECORDS + 1)
    exact = scipy.linalg.expm(-gram * moments[-1]) @ residual
    flow = np.asarray(residuals_at(modes, residual, told * moments, Flow()))[-1]
    off = float(np.linalg.norm(flow - exact)) / scale
    links.append(Link("closed form against a matrix exponential: flow", _ROUNDINGS * size.steps, off))
    formula, told_network = _ensemble(size, points, labels, starts, told)
    links.append(formula)
    fine = all(link.holds for link in links)
    return Finding(
        holds=fine,
        words=f"Linear models of an erf network of width {size.width}, both layers, {size.n} points in dimension "
        f"{size.dim} and {size.new} new ones, {size.steps} steps: residuals, predictions and parameters at "
        f"{_RECORDS + 1} times by three rules, residuals of the flow at the end.  Largest difference, "
        f"relative to |r_0|: {np.max([link.observed for link in links[:-1]]):.2g}; of the ensemble, relative: "
        f"{formula.observed:.2g} (rounding explains {links[0].bound:.2g} and {formula.bound:.2g}).  {told_network}",
        instances=len(_RULES) + 2,
        links=tuple(links),
    )


def _ensemble(size: _Sizes, points: np.ndarray, labels: np.ndarray, starts: Weights, told: float) -> tuple[Link, str]:
    """The ensemble's formulas against explicit linear algebra, and against networks trained for as many steps."""
    n = size.n
    nngp, ntk = (np.asarray(k) for k in dense_kernel(1, "erf", weight_variance=1.0)(points * math.sqrt(size.dim)))
    inner = (ntk[:n, :n] + ntk[:n, :n].T) / 2
    modes = modes_of(inner)
    step = float(1 / modes.values[-1])
    times = np.arange(_RECORDS + 1) * (size.steps // _RECORDS)
    found = ensemble_at(
        modes, labels, times, GradientDescent(told * step),
        cross=ntk[n:, :n], nngp=nngp[:n, :n], nngp_cross=nngp[n:, :n], nngp_new=nngp[n:, n:],
    )  # fmt: skip
    eye = np.eye(n)
    weights = ntk[n:, :n] @ np.linalg.inv(inner) @ (eye - np.linalg.matrix_power(eye - step * inner, size.steps))
    onto = np.hstack([-weights, np.eye(size.new)])  # from initial outputs, old points then new, to outputs at t
    mean, covariance = weights @ labels, onto @ nngp @ onto.T
    off = np.max([
        np.abs(np.asarray(found.mean)[-1] - mean).max() / np.linalg.norm(labels),
        np.abs(np.asarray(found.covariance)[-1] - covariance).max() / np.trace(nngp),
    ])  # fmt: skip
    bound = _ROUNDINGS * float(modes.values[-1] / modes.values[0])
    run = follow_each(
        _old_outputs, starts, jnp.asarray(np.tile(labels, (size.seeds, 1))),
        (jnp.asarray(points[:n]), jnp.asarray(points[n:])),
        step_size=step, steps=size.steps, every=size.steps // _RECORDS, watch=_old_and_new,
    )  # fmt: skip
    outputs, own = np.asarray(run.seen), jax.tree.map(lambda part: part[0], starts)
    kernel = np.asarray(tangent_kernel(own, jnp.asarray(points[:n]), "erf"))
    residuals = outputs[0, :, :n] - labels
    linear, _ = linear_path(kernel, residuals[0], step, times)
    gap = np.linalg.norm(residuals - linear, axis=1).max() / np.linalg.norm(residuals[0])
    ends, deviation = outputs[:, -1, n:], np.sqrt(np.diag(covariance))
    shifted = np.abs((ends.mean(axis=0) - mean) / deviation).max()
    spread = np.abs(ends.std(axis=0, ddof=1) / deviation - 1).max()
    words = (
        f"The first network itself is at most {gap:.2g} |r_0| from its linear model.  Means of {size.seeds} trained "
        f"networks are within {shifted:.2g} of the infinitely wide ensemble's, in units of its standard deviations, "
        f"and their standard deviations within {spread:.0%} (chance alone: about {2 / math.sqrt(size.seeds):.2g})."
    )
    return Link("ensemble's mean and covariance against explicit linear algebra", bound, float(off)), words


@jax.jit
def _tangent(weights: Weights, points: Float[Array, "n_samples dim"]) -> tuple[Array, Array]:
    """Jacobian of the outputs in both layers, and the outputs."""
    start, back = ravel_pytree((weights.inner, weights.outer))

    def outputs(flat: Array) -> Array:
        inner, outer = back(flat)
        return _MODEL(weights._replace(inner=inner, outer=outer), points)

    return jax.jacrev(outputs)(start), outputs(start)


def _train_outputs(params: Array, jacobian: Array, offset: Array, new_jacobian: Array, new_offset: Array) -> Array:
    return offset + jnp.matmul(jacobian, params, precision=HIGHEST)


def _all_outputs(
    params: Array, jacobian: Array, offset: Array, new_jacobian: Array, new_offset: Array
) -> tuple[Array, Array]:
    """Outputs on old points, then on new ones; and the parameters."""
    old = _train_outputs(params, jacobian, offset, new_jacobian, new_offset)
    return jnp.concatenate([old, new_offset + jnp.matmul(new_jacobian, params, precision=HIGHEST)]), params


def _old_outputs(weights: Weights, points: tuple[Array, Array], start: Weights) -> Array:
    return _MODEL(weights, points[0])


def _old_and_new(weights: Weights, points: tuple[Array, Array], start: Weights) -> Array:
    return jnp.concatenate([_MODEL(weights, points[0]), _MODEL(weights, points[1])])


STUDY = Experiment(
    id="linearized-dynamics",
    claim="The linear model of a network around its start, trained by gradient flow, by gradient descent with any "
    "stable step, also beyond 1 / (largest eigenvalue), or with momentum, has at every time the residuals, parameters "
    "and predictions that one eigendecomposition of its tangent kernel gives; so have the mean and the covariance, "
    "over Gaussian starts, of linear models with the infinite-width kernels.",
    refuted_by="a difference between step by step training and the closed form that rounding does not explain",
    cites=("lee2019",),
    locator="the closed forms of linearized networks and of their ensemble (no theorem number)",
    measure=measure,
    proved=True,
)
