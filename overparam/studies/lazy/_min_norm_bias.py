"""Gradient descent on a model that is linear in its parameters ends in the interpolator closest to its start.

F(theta) = F_0 + J (theta - theta_0) with rank J = n, 0 < step < 2 / |J|^2.  Every gradient of a loss of the outputs is
J^T something, so theta_t - theta_0 stays in the row space of J, and the only interpolator there is

    theta_0 + J^+ (y - F_0),

the closest one to theta_0.  Momentum and minibatches span the same space and have the same limit wherever they
converge. Adam divides coordinate by coordinate and need not stay in the space; weight decay shrinks towards 0.
Classical; J here is the Jacobian of a two-layer tanh network at a random start, theta_0 its parameters.

Measured: distance from the interpolator that a singular value decomposition gives, relative to the distance travelled,
and the part of the path outside the row space at the recorded steps.  To first order in the unit roundoff u, a step
rounds the parameters by u |theta|, which adds up over T steps, divided by 1 - beta with momentum.  Gradients are
rounded by n u of their size, and add up to the path.  Residuals are rounded by p u sqrt(n) |J| |path|, which moves the
interpolator by cond(J) p u sqrt(n) |path|.  Twice the sum of these three, and the slowest mode's rest, is allowed.
Adam is the control: if it does not end far from there, the test has no power and nothing is said.
"""

import functools
import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.lazy._networks import Weights, draw_weights, outputs_of, unit_points
from overparam.training import apply_update, follow, optimizer


class _Sizes(NamedTuple):
    n: int
    dim: int
    neurons: int


_SIZES: dict[Size, _Sizes] = {
    "ci": _Sizes(12, 20, 20),
    "laptop": _Sizes(50, 50, 30),
    "paper": _Sizes(500, 200, 100),
}
_RECORDS = 20
_LEFT = 1e-14  # of the slowest mode
_BETA = 0.8
_ADAM_STEP = 0.01
_FAR = 1e-2  # relative distance from the interpolator at which the control counts as elsewhere
_UNIT = 2.0**-53
_MODEL = outputs_of("tanh")


def measure(setting: Setting, *, decay: float = 0.0, batches: int = 4) -> Finding:
    """Train by three methods and the control; `decay` is a weight decay that the theorem does not have."""
    require_dtype("float64", what="this study")
    size = _SIZES[setting.size]
    jacobian, start, offset = _linear_model(setting, size)
    labels = np.random.default_rng([setting.root, 2]).normal(size=size.n)
    _, singular, rows = np.linalg.svd(jacobian, full_matrices=False)
    shift = np.linalg.pinv(jacobian) @ (labels - offset)
    condition = float(singular[0] / singular[-1])
    step = float(1 / singular[0] ** 2)
    steps = _RECORDS * math.ceil(-math.log(_LEFT) * condition**2 / _RECORDS)
    given, travelled = tuple(map(jnp.asarray, (jacobian, offset, start))), float(np.linalg.norm(shift))
    target, first = jnp.asarray(labels), jnp.asarray(start)
    paths = {}
    for name, beta in (("gradient descent", 0.0), ("momentum", _BETA)):
        run = follow(
            _decaying, first, jnp.concatenate([target, 0 * first]), *given, jnp.asarray(math.sqrt(decay)),
            step_size=step, steps=steps, every=steps // _RECORDS, momentum=beta, watch=_params,
        )  # fmt: skip
        paths[name] = np.asarray(run.seen) - start
    paths["minibatches"] = (
        np.asarray(_in_batches(*given, target, step, passes=2 * steps, batches=batches))[None] - start
    )
    adam = np.asarray(_adam(*given, target, steps=steps)) - start
    # additions to the parameters, each counted as often as it is carried on
    rounded = {"gradient descent": steps, "momentum": steps / (1 - _BETA), "minibatches": 2 * steps * batches}
    fixed = size.n + len(start) * math.sqrt(size.n) * condition
    allowed = {
        name: _LEFT + 2 * _UNIT * (count * (1 + float(np.linalg.norm(start)) / travelled) + fixed)
        for name, count in rounded.items()
    }
    off = {name: float(np.linalg.norm(path[-1] - shift)) / travelled for name, path in paths.items()}
    aside = {name: _outside(path, rows) for name, path in paths.items()}
    control = float(np.linalg.norm(adam - shift)) / travelled
    exact = all(off[name] <= allowed[name] and aside[name] <= allowed[name] for name in allowed)
    return Finding(
        holds=exact if control > _FAR else None,
        words=f"{size.n} samples, {len(start)} parameters, condition number of J {condition:.3g}, {steps} steps.  "
        "Distance from the closest interpolator over the distance travelled: "
        + ", ".join(f"{name} {value:.2g}" for name, value in off.items())
        + "; part of the path outside the row space: "
        + ", ".join(f"{name} {value:.2g}" for name, value in aside.items())
        + f" (rounding explains {min(allowed.values()):.2g} to {max(allowed.values()):.2g}).  The "
        f"control, Adam, ends at a relative distance of {control:.2g}, "
        f"fitting with |r| = {np.linalg.norm(jacobian @ adam + offset - labels):.2g}, "
        f"{np.linalg.norm(adam) / travelled:.3g} times as far from the start.",
        instances=4,
        links=tuple(Link(f"distance from the closest interpolator, {name}", allowed[name], off[name]) for name in off),
    )


def _linear_model(setting: Setting, size: _Sizes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Jacobian, parameters and outputs of a tanh network at a random start; its share is no parameter."""
    drawn = draw_weights(setting.root, [size.neurons], 1, size.dim)
    weights = jax.tree.map(lambda part: part[0], drawn)
    points = jnp.asarray(unit_points(setting.root, size.n, size.dim))
    offset, parts = _tangent(weights, points)
    jacobian = np.concatenate([np.asarray(part).reshape(size.n, -1) for part in (parts.inner, parts.outer)], axis=1)
    start = np.concatenate([np.ravel(weights.inner), np.ravel(weights.outer)])
    return jacobian, start, np.asarray(offset)


@jax.jit
def _tangent(weights: Weights, points: Float[Array, "n_samples dim"]) -> tuple[Array, Weights]:
    return _MODEL(weights, points), jax.jacrev(_MODEL)(weights, points)


def _outside(path: np.ndarray, rows: np.ndarray) -> float:
    """Largest part outside the span of the orthonormal rows, relative to the longest distance."""
    rest = path - (path @ rows.T) @ rows
    return float(np.linalg.norm(rest, axis=1).max() / np.linalg.norm(path, axis=1).max())


def _decaying(
    params: Array, jacobian: Array, offset: Array, start: Array, root: Float[Array, ""]
) -> Float[Array, " n_outputs"]:
    """Outputs, and the root of the weight decay times the parameters, whose labels are 0."""
    outputs = offset + jnp.matmul(jacobian, params - start, precision=HIGHEST)
    return jnp.concatenate([outputs, root * params])


def _params(params: Array, *given: Any) -> Array:
    return params


@functools.partial(jax.jit, static_argnames=("passes", "batches"))
def _in_batches(
    jacobian: Float[Array, "n_samples n_params"], offset: Array, start: Array, labels: Array, step_size: float | Array,
    *, passes: int, batches: int,
) -> Float[Array, " n_params"]:  # fmt: skip
    """Gradient descent on one batch of every batches-th sample after the other."""

    def batch(i: Array, params: Array) -> Array:
        here = (jnp.arange(len(labels)) % batches == i % batches).astype(labels.dtype)
        residual = here * (offset + jnp.matmul(jacobian, params - start, precision=HIGHEST) - labels)
        return params - step_size * jnp.matmul(residual, jacobian, precision=HIGHEST)

    return jax.lax.fori_loop(0, passes * batches, batch, start)


@functools.partial(jax.jit, static_argnames="steps")
def _adam(
    jacobian: Float[Array, "n_samples n_params"], offset: Array, start: Array, labels: Array, *, steps: int
) -> Float[Array, " n_params"]:
    """Adam with steps that fall from _ADAM_STEP to 0 linearly, so that it comes to rest."""

    def step(i: Array, at: tuple[Array, Any]) -> tuple[Array, Any]:
        params, state = at
        residual = offset + jnp.matmul(jacobian, params - start, precision=HIGHEST) - labels
        gradient = jnp.matmul(residual, jacobian, precision=HIGHEST)
        adam = optimizer("adam", _ADAM_STEP * (1 - i.astype(params.dtype) / steps))
        return apply_update(adam, gradient, state, params)

    return jax.lax.fori_loop(0, steps, step, (start, optimizer("adam", _ADAM_STEP).init(start)))[0]


STUDY = Experiment(
    id="min-norm-bias",
    claim="On a model that is linear in its parameters with a Jacobian of full row rank, gradient descent with a step "
    "below 2 / |J|^2, momentum and minibatches keep theta_t - theta_0 in the row space of J, and where they converge "
    "the limit is theta_0 + J^+ (y - F_0), the interpolator closest to theta_0.",
    refuted_by="a distance from that interpolator, or a part of the path outside the row space, beyond rounding",
    cites=("gunasekar2018",),
    locator="classical; see Gunasekar et al. for other methods and geometries",
    measure=measure,
    proved=True,
)
