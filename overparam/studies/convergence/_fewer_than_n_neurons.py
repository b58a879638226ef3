"""Fewer neurons than points: k = 2 ceil(n / d) smooth ones, a start without spurious stationary points, and no more.

f(x) = sum_r v_r tanh(<w_r, x>), unit inputs, mirrored start: neurons r and r + k/2 have equal w_r and opposite v_r, so
f = 0 and the two share the columns of the Jacobian J in the w_r; that is where the factor 2 in k >= 2 n / d comes from.
By its abstract (proofs not read) the source shows that then (i) parameters of zero loss exist, and (ii) near the start
no stationary point is spurious.

Certified here, for the data at hand: lambda_min(J J^T) > 0 at the mirrored start, and an exact interpolator of this
width near the trained network.  Since ||grad|| = ||J^T r|| >= sigma_min(J) ||r||, (ii) holds wherever J has rank n, and
as |tanh''| <= 4 / (3 sqrt 3) = B and |v_r| = a / sqrt(k),

    sigma_min(J(W)) >= sigma_min(J(W_0)) / 2   for |W - W_0|_F <= rho = sigma_min(J(W_0)) sqrt(k) / (2 a B |X|):

the distance of J is at most a B / sqrt(k) |X| |W - W_0|_F for unit rows.  Both sides scale with the outputs' scale a,
so rho does not depend on it, while the way to an interpolator is of order 1 / a.  Gradient descent on the hidden layer
with steps eta of at most 1 / (2 |J(W_0)|^2) goes no further than 4 ||r_0|| / sigma_min(J(W_0)), so it stays within rho
once a >= 8 ||y|| B |X| sqrt(k) / (k s^2), sigma_min(J(W_0)) = a s, provided that sigma_min(J(W_0)) <= 0.7 |J(W_0)|:
with b = |J(W_0)| + sigma_min(J(W_0)) / 2 and L = a B |X| / sqrt(k), Lipschitz constant of J, then eta (b^2 +
L ||r_0||) <= 0.91 + 0.03 < 1, which gives ||r|| decrements of eta ||grad|| sigma_min(J(W_0)) / 4 a step.  Measured: the
way at a = 1 and at that a; and what projection onto the ball of radius rho costs at a = 1.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.certificates import WitnessError, polish_layers
from overparam.data import from_arrays
from overparam.errors import InputError
from overparam.networks import Layer
from overparam.precision import HIGHEST
from overparam.studies._experiment import Experiment, Finding, Link, Setting, Width
from overparam.studies._instances import Size
from overparam.studies.convergence._deep import generator, kernel_parts, on_grid
from overparam.training import follow
from overparam.widths import NetworkGram, NotAccepted, prove_least_eigenvalue, prove_near

_SIZES: dict[Size, tuple[int, int, int]] = {  # n, d, steps
    "ci": (12, 6, 20000),
    "laptop": (30, 10, 200000),
    "paper": (100, 25, 5000000),
}
_BEND = 4 / (3 * math.sqrt(3))
_FLAT = 0.7  # least over largest singular value at the start, above which the steps might be too long
_LOOKS = 200
_SHORT = 0.1  # of 1 / lambda_max at the start with both layers free, whose kernel grows on the way


def outputs(params: tuple[Array, Array], points: Array) -> Array:
    """Both layers, without biases; in the order of arguments that `overparam.training.follow` wants."""
    weights, outer = params
    return jnp.matmul(jnp.tanh(jnp.matmul(points, weights.T, precision=HIGHEST)), outer, precision=HIGHEST)


def hidden_outputs(weights: Array, points: Array, outer: Array, start: Array) -> Array:
    """The hidden layer alone."""
    del start
    return outputs((weights, outer), points)


def watched(weights: Array, points: Array, outer: Array, start: Array) -> tuple[Array, Array]:
    """Outputs, and the distance from the start."""
    return outputs((weights, outer), points), jnp.linalg.norm(weights - start)


@jax.jit(static_argnames=("steps",))
def projected(
    weights: Array, points: Array, outer: Array, labels: Array, eta: Array, radius: Array, steps: int
) -> Array:
    """The residual's norm after gradient descent on the hidden layer, projected onto the ball at each step."""

    def step(_: Any, at: Array) -> Array:
        residual, back = jax.vjp(lambda w: outputs((w, outer), points) - labels, at)
        moved = at - eta * back(residual)[0] - weights
        return weights + moved * jnp.minimum(1, radius / jnp.maximum(jnp.linalg.norm(moved), 1e-300))

    return jnp.linalg.norm(outputs((jax.lax.fori_loop(0, steps, step, weights), outer), points) - labels)


def measure(setting: Setting, *, mirrored: bool = True, neurons: int | None = None) -> Finding:
    """`neurons` is k, by default 2 ceil(n / d); without `mirrored` the second half is drawn anew."""
    n, dim, steps = _SIZES[setting.size]
    k = 2 * -(-n // dim) if neurons is None else neurons
    rng = generator(setting.root, n, dim)
    points, labels = rng.normal(size=(n, dim)), rng.choice([-1.0, 1.0], size=n)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    half = on_grid(2 * rng.normal(size=(k // 2, dim)))
    weights = np.concatenate([half, half if mirrored else on_grid(2 * rng.normal(size=half.shape))])
    signs = np.repeat([1.0, -1.0], k // 2)
    outer = signs / math.sqrt(k)
    hidden = np.tanh(points @ weights.T)
    kernels = kernel_parts([weights, outer[None]], [points, hidden], [1 - hidden**2])
    values, largest = np.linalg.eigvalsh(kernels[0]), float(np.linalg.norm(kernels[0] + kernels[1], 2))
    if not values[0] > n * 2.0**-45 * values[-1]:
        return Finding(False, f"At k = {k} the first-layer Jacobian is singular: least eigenvalue {values[0]:.1e}.", 1)
    s, size = math.sqrt(float(values[0])), float(np.linalg.norm(points, 2))
    radius = s * math.sqrt(k) / (2 * _BEND * size)
    scale = 8 * float(np.linalg.norm(labels)) * _BEND * size / (math.sqrt(k) * s**2)
    near, far = (_run(weights, a * outer, points, labels, float(values[-1]) * a * a, steps) for a in (1.0, scale))
    eta = 0.5 / float(values[-1])
    held = float(projected(*map(jnp.asarray, (weights, points, outer, labels, eta, radius)), steps))
    both = follow(outputs, (jnp.asarray(weights), jnp.asarray(outer)), jnp.asarray(labels), jnp.asarray(points),
                  step_size=_SHORT / largest, steps=steps, every=steps)  # fmt: skip
    accepted, told = _accepted(setting, points, labels, weights, outer, both.params)
    norm = float(np.linalg.norm(labels))
    kept = far[1] <= radius and far[0] < norm and far[2] and values[0] <= _FLAT**2 * values[-1]
    return Finding(
        holds=None if accepted is None else bool(accepted and k < n) and (bool(kept) or None),
        words=f"n = {n} points on the sphere in dimension {dim}, signs as labels, k = {k} tanh neurons: {told}. "
        f"By the argument of this study, not by the checker: J keeps half of its least singular value {s:.3g} within "
        f"rho = {radius:.3g} of the start, where therefore no stationary point is spurious. Gradient descent "
        f"on the hidden layer, {steps} steps: at output scale 1 it moves {near[1]:.3g} and leaves {near[0] / norm:.1e} "
        f"of the labels; at scale {scale:.3g} it moves {far[1]:.3g} and leaves {far[0] / norm:.1e}; projected onto the "
        f"ball at scale 1 it leaves {held / norm:.2f}; both layers free, "
        f"{_residual(both.params, points, labels) / norm:.1e}.",
        instances=5,
        links=(Link(f"way of gradient descent at output scale {scale:.3g} against rho", radius, far[1]),),
        width=Width(2 * n / dim, k),
        certified=bool(accepted),
    )


def _layers(weights: np.ndarray, outer: np.ndarray) -> tuple[Layer, Layer]:
    return Layer(weights, np.zeros(len(weights))), Layer(outer[None, :], np.zeros(1))


def _residual(params: tuple[Array, Array], points: np.ndarray, labels: np.ndarray) -> float:
    return float(np.linalg.norm(np.asarray(outputs(params, jnp.asarray(points))) - labels))


def _run(
    weights: np.ndarray, outer: np.ndarray, points: np.ndarray, labels: np.ndarray, largest: float, steps: int
) -> tuple[float, float, bool]:
    """The last residual, the longest way from the start, and whether the residual never grew between looks."""
    given = tuple(map(jnp.asarray, (points, outer, weights)))
    run = follow(hidden_outputs, given[2], jnp.asarray(labels), *given, step_size=0.5 / largest, steps=steps,
                 every=steps // _LOOKS, watch=watched)  # fmt: skip
    values, ways = (np.asarray(seen) for seen in run.seen)
    sizes = np.linalg.norm(values - labels, axis=1)
    return float(sizes[-1]), float(np.max(ways)), bool(np.all(np.diff(sizes) <= 1e-9 * sizes[0]))


def _accepted(
    setting: Setting, points: np.ndarray, labels: np.ndarray, weights: np.ndarray, outer: np.ndarray,
    trained: tuple[Array, Array],
) -> tuple[bool | None, str]:  # fmt: skip
    """Whether the checker accepts both statements, None if no interpolator was found, and what they say."""
    data, options = from_arrays(points, labels), {"hidden_bias": False, "output_bias": False}
    try:
        start = NetworkGram(_layers(weights, outer), data, [0], "tanh", **options)
        proved = prove_least_eigenvalue(start, setting.folder / "start", upper=False)
        end = polish_layers(
            _layers(*map(np.asarray, trained)), points, labels, activation="tanh", free=[0, 1], **options
        )
        near = prove_near(NetworkGram(end, data, [0, 1], "tanh", **options), setting.folder / "interpolator")
    except NotAccepted as refusal:
        return False, f"no certificate, {refusal}"
    except (InputError, WitnessError) as missed:
        return None, f"no certificate, {missed}"
    least, distance = float(proved.numbers["at_least"]), float(near.numbers["distance"])
    return least > 0, (
        f"certified are lambda_min(J J^T) >= {least:.3g} at the mirrored start and an exact interpolator within "
        f"{distance:.1e} of the trained network"
    )


STUDY = Experiment(
    id="fewer-than-n-neurons",
    claim="For the points and labels in claims/fewer-than-n-neurons and k = 2 ceil(n / d) < n tanh neurons: at the "
    "mirrored start the first-layer Jacobian J has rank n, since the least eigenvalue of J J^T is positive, and some "
    "network of this width interpolates exactly.",
    refuted_by="a singular Jacobian at the start, or a certificate that the checker refuses",
    cites=("zhang2021",),
    locator="abstract: existence and the region around the start; proofs not read",
    measure=measure,
    proved=False,
)
