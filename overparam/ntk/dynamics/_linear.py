"""The linear model's whole training from one eigendecomposition of the tangent kernel, at any time.

With F(params) = F_0 + J (params - params_0), K = J J^T = U diag(l) U^T and r_0 = F_0 - y, every rule keeps to

    r_t = U diag(decay_t(l)) U^T r_0,
    params_t - params_0 = -J^T U diag(weight_t(l)) U^T r_0,
    f_t(x) = f_0(x) - K(x, X) U diag(weight_t(l)) U^T r_0,        weight_t(l) = (1 - decay_t(l)) / l,

and weight has a limit at l = 0 (`_filters`), so K is never inverted.  At t = infinity, and for Gauss-Newton at every
time, eigenvalues that rounding cannot tell from 0 count as 0 and the inverse becomes the pseudo-inverse: J^T vanishes
on that null space, hence the parameters do not move along it and the residual there stays.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from overparam.errors import InputError
from overparam.ntk.dynamics._filters import Flow, GaussNewton, GradientDescent
from overparam.ntk.dynamics._momentum import Momentum
from overparam.precision import HIGHEST, require_dtype

Times = ArrayLike | Sequence[float]
Rule = Flow | GradientDescent | Momentum | GaussNewton
ROUNDINGS = 64  # of an entry of a kernel, relative to its largest; more makes K asymmetric or indefinite by mistake


class Modes(NamedTuple):
    """Eigenvalues and eigenvectors of a tangent kernel.

    Attributes:
        values: (n_samples,), increasing; what rounding made negative is 0.
        vectors: (n_samples, n_samples), orthonormal columns.
        cutoff: (), eigenvalues up to here count as 0 at t = infinity.
    """

    values: Float[Array, " n_samples"]
    vectors: Float[Array, "n_samples n_samples"]
    cutoff: Float[Array, ""]

    @property
    def horizon(self) -> float:
        """Flow time beyond which directions of eigenvalue <= cutoff, if there are any, are decided by rounding."""
        none = bool(self.values[0] > self.cutoff)
        return np.inf if none or float(self.cutoff) == 0 else 1 / float(self.cutoff)


def modes_of(gram: ArrayLike, *, rank_tolerance: float | None = None, dtype: DTypeLike = "float64") -> Modes:
    """Eigendecomposition of a tangent kernel, done once for all times, labels and rules; 9 n^3 operations or so.

    Args:
        gram: (n_samples, n_samples), J J^T or an infinite-width kernel; of o outputs, the (n o, n o) matrix whose rows
            go with residuals flattened likewise, or the (n, n) factor of kernel times identity.
        rank_tolerance: eigenvalues up to this fraction of the largest count as 0 where rank matters; None for
            n_samples times the rounding of `dtype`, the error of the decomposition.
        dtype: of the computation.
    Raises:
        InputError: not a square matrix of numbers, not symmetric, or indefinite, by more than 64 roundings an entry: a
            negative eigenvalue of a kernel is an error of the kernel, not data.
        PrecisionError: JAX is running without the dtype asked for.
    """
    wanted = require_dtype(dtype, what="modes_of")
    matrix = jnp.asarray(gram, wanted)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise InputError(f"gram must be a square matrix with at least one row, not of shape {matrix.shape}")
    if rank_tolerance is not None and not 0 <= rank_tolerance < 1:
        raise InputError(f"rank_tolerance must be at least 0 and below 1, not {rank_tolerance}")
    found, asymmetry, size = _decompose(matrix)
    n, eps = len(matrix), float(jnp.finfo(wanted).eps)
    if not np.isfinite(size):
        raise InputError("gram must hold finite numbers only")
    if asymmetry > ROUNDINGS * eps * size:
        raise InputError(f"gram must be symmetric; entries and their mirror images differ by up to {asymmetry:.3g}")
    least, largest = float(found.values[0]), float(found.values[-1])
    if least < -ROUNDINGS * n * eps * max(largest, 0.0):
        raise InputError(
            f"gram has the eigenvalue {least:.6g} (largest {largest:.6g}), which rounding cannot explain: a tangent "
            "kernel is positive semidefinite, so recompute it in float64"
        )
    relative = n * eps if rank_tolerance is None else rank_tolerance
    cutoff = jnp.asarray(relative * max(largest, 0.0), wanted)
    return found._replace(values=jnp.maximum(found.values, 0), cutoff=cutoff)


def residuals_at(modes: Modes, residuals: ArrayLike, times: Times, rule: Rule) -> Float[Array, "..."]:
    """r_t = outputs of the linear model minus labels, on the training points.

    Args:
        residuals: (n_samples,) or (n_samples, outputs), r_0 = F_0 - y.
        times: numbers >= 0, also infinity, of shape () or (n_times,); whole numbers of steps unless the rule is a flow.
        rule: `Flow()`, `GradientDescent(step_size)`, `Momentum(step_size, momentum)` or `GaussNewton(damping)`.
    Returns:
        The shape of `times`, then that of `residuals`.
    Raises:
        InputError: shapes or times do not fit, or t = infinity with a step at which training does not converge.
    """
    parts, shape, moments = _prepared(modes, residuals, times, rule)
    decays, _, _ = coefficients(modes, moments, rule)
    return _mix(modes.vectors, _scaled(decays, parts)).reshape(*np.shape(times), *shape)


def losses_at(modes: Modes, residuals: ArrayLike, times: Times, rule: Rule) -> Float[Array, "*times"]:
    """1/2 ||r_t||^2, summed over samples and outputs in the eigenbasis, so that small losses keep their digits."""
    parts, _, moments = _prepared(modes, residuals, times, rule)
    decays, _, _ = coefficients(modes, moments, rule)
    return (_squares(decays, parts) / 2).reshape(np.shape(times))


def predictions_at(
    modes: Modes,
    residuals: ArrayLike,
    times: Times,
    rule: Rule,
    *,
    cross: ArrayLike,
    initial: ArrayLike | None = None,
) -> Float[Array, "..."]:
    """f_t at other points: f_0 - K(new, X) U diag(weight_t) U^T r_0.

    Args:
        residuals, times, rule: as in `residuals_at`.
        cross: (n_new, n_samples), tangent kernel of the new points with the training points.
        initial: (n_new,) or (n_new, outputs), f_0 at the new points; None for 0.
    Returns:
        The shape of `times`, then that of `initial`.
    """
    parts, shape, moments = _prepared(modes, residuals, times, rule)
    rows = checked_cross(modes, cross)
    start = jnp.zeros((len(rows), *shape[1:]), rows.dtype) if initial is None else jnp.asarray(initial, rows.dtype)
    if start.shape != (len(rows), *shape[1:]):
        raise InputError(f"initial must have the shape {(len(rows), *shape[1:])}, not {start.shape}")
    _, weights, _ = coefficients(modes, moments, rule)
    along = jnp.matmul(rows, modes.vectors, precision=HIGHEST)
    moved = _mix(along, _scaled(weights, parts)).reshape(*np.shape(times), *start.shape)
    return jnp.broadcast_to(start, moved.shape) - moved


def shifts_at(
    modes: Modes, residuals: ArrayLike, times: Times, rule: Rule, *, jacobian: ArrayLike
) -> Float[Array, "*times n_params"]:
    """params_t - params_0 = -J^T U diag(weight_t) U^T r_0; at t = infinity -J^+ r_0, the shortest shift that fits.

    Args:
        residuals: (n_samples,), one output.
        jacobian: (n_samples, n_params), the J of J J^T = gram.
    """
    parts, shape, moments = _prepared(modes, residuals, times, rule)
    rows = jnp.asarray(jacobian, modes.values.dtype)
    if rows.ndim != 2 or len(rows) != len(modes.values) or len(shape) != 1:
        raise InputError(
            f"jacobian must be ({len(modes.values)}, n_params) and residuals ({len(modes.values)},), "
            f"not {rows.shape} and {shape}"
        )
    _, weights, _ = coefficients(modes, moments, rule)
    combined = _mix(modes.vectors, _scaled(weights, parts))[:, :, 0]
    return -jnp.matmul(combined, rows, precision=HIGHEST).reshape(*np.shape(times), rows.shape[1])


def distances_at(modes: Modes, residuals: ArrayLike, times: Times, rule: Rule) -> Float[Array, "*times"]:
    """||params_t - params_0||, whose square is the sum of l weight_t(l)^2 (U^T r_0)^2; needs no Jacobian."""
    parts, _, moments = _prepared(modes, residuals, times, rule)
    _, weights, values = coefficients(modes, moments, rule)
    return jnp.sqrt(_squares(jnp.sqrt(values) * weights, parts)).reshape(np.shape(times))


def moments_of(times: Times, rule: Rule, dtype: np.dtype) -> Float[Array, " n_times"]:
    """Times as a vector, checked."""
    moments = np.asarray(times, np.float64)
    if moments.ndim > 1 or moments.size == 0 or not np.all(moments >= 0):
        raise InputError(f"times must be one or several numbers >= 0, not {times}")
    finite = moments[np.isfinite(moments)]
    if rule.discrete and (np.any(finite != np.floor(finite)) or np.any(finite * jnp.finfo(dtype).eps > 1)):
        raise InputError(f"times of {rule} are numbers of steps, whole and countable in {dtype}, not {times}")
    return jnp.asarray(moments.reshape(-1), dtype)


def coefficients(modes: Modes, moments: Float[Array, " n_times"], rule: Rule) -> tuple[Array, Array, Array]:
    """Decay, weight and the eigenvalue that they used, (n_times, n_samples) each.

    Raises:
        InputError: an infinite time, and the rule does not converge at the largest eigenvalue.
    """
    largest = float(modes.values[-1])
    if np.isinf(np.asarray(moments)).any() and largest > 0 and largest >= rule.critical():
        raise InputError(
            f"training by {rule} does not converge: the largest eigenvalue is {largest:.6g}, "
            f"and it must be below {rule.critical():.6g}"
        )
    return _coefficients(modes, moments, rule, by_rank=rule.by_rank)


@jax.jit(static_argnames="by_rank")
def _coefficients(modes: Modes, moments: Array, rule: Rule, *, by_rank: bool) -> tuple[Array, Array, Array]:
    ended = jnp.isinf(moments)[:, None]
    solid = jnp.where(modes.values > modes.cutoff, modes.values, 0)[None, :]
    values = jnp.where(ended | by_rank, solid, modes.values[None, :])
    finite = jnp.where(ended, 0, moments[:, None])
    some = values > 0
    inverse = jnp.where(some, 1 / jnp.where(some, values, 1), 0)
    decays = jnp.where(ended, jnp.where(some, 0, 1), rule.decay(values, finite))
    return decays, jnp.where(ended, inverse, rule.weight(values, finite)), values


def checked_cross(modes: Modes, cross: ArrayLike) -> Float[Array, "n_new n_samples"]:
    """A cross kernel in the dtype of the modes."""
    rows = jnp.asarray(cross, modes.values.dtype)
    if rows.ndim != 2 or rows.shape[1] != len(modes.values):
        raise InputError(f"cross must be (n_new, {len(modes.values)}), not {rows.shape}")
    return rows


@jax.jit
def _decompose(matrix: Float[Array, "n_samples n_samples"]) -> tuple[Modes, Array, Array]:
    """Modes with a cutoff of 0, the largest asymmetry, the largest entry."""
    values, vectors = jnp.linalg.eigh((matrix + matrix.T) / 2)
    modes = Modes(values, vectors, jnp.zeros((), matrix.dtype))
    return modes, jnp.max(jnp.abs(matrix - matrix.T)), jnp.max(jnp.abs(matrix))


def _prepared(
    modes: Modes, residuals: ArrayLike, times: Times, rule: Rule
) -> tuple[Float[Array, "n_samples outputs"], tuple[int, ...], Float[Array, " n_times"]]:
    """U^T r_0 with a column an output, the shape of r_0, the times."""
    rows = jnp.asarray(residuals, modes.values.dtype)
    if rows.ndim not in (1, 2) or len(rows) != len(modes.values):
        raise InputError(f"residuals must have one row for each of {len(modes.values)} samples, not {rows.shape}")
    parts = jnp.matmul(modes.vectors.T, rows.reshape(len(rows), -1), precision=HIGHEST)
    return parts, rows.shape, moments_of(times, rule, modes.values.dtype)


@jax.jit
def _scaled(factors: Float[Array, "n_times n"], parts: Float[Array, "n outputs"]) -> Float[Array, "n_times n outputs"]:
    """Products, 0 where there was nothing to scale, even if the factor has overflowed."""
    return jnp.where(parts[None] == 0, 0, factors[:, :, None] * parts[None])


@jax.jit
def _squares(factors: Float[Array, "n_times n"], parts: Float[Array, "n outputs"]) -> Float[Array, " n_times"]:
    return jnp.sum(_scaled(factors, parts) ** 2, axis=(1, 2))


@jax.jit
def _mix(columns: Float[Array, "m n"], parts: Float[Array, "n_times n outputs"]) -> Float[Array, "n_times m outputs"]:
    return jnp.einsum("mn,tno->tmo", columns, parts, precision=HIGHEST)
