"""Dual kernels by Hermite expansion: Parseval, the error bound of a truncation, and coefficients that are squares.

Daniely, Frostig and Singer (2016): with phi = sum a_k h_k in orthonormal Hermite polynomials and unit variances,
E[phi(g) phi(g')] = sum a_k^2 c^k, so all coefficients are >= 0.  Cut off at degree N the error is at
most |c|^(N+1) (E[phi^2] - sum_(k <= N) a_k^2).

Kernels of deep networks on a sphere are functions of the angle.  Interpolated at Chebyshev nodes in the angle (not in
its cosine, where they have a branch point) by a polynomial of degree 64 they are right to 1e-12 of their largest value
at depths up to 30.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.special import ndtr

from overparam.ntk import Gelu, dense_kernel, hermite
from overparam.ntk.analytic._hermite import Hermite
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.kernels._integrals import over_pairs

_DEGREES: dict[Size, tuple[int, ...]] = {"ci": (4, 12), "laptop": (2, 4, 8, 12, 20, 30), "paper": (*range(2, 41, 2),)}
_DEPTHS: dict[Size, tuple[int, ...]] = {"ci": (3,), "laptop": (1, 3, 10, 30), "paper": (1, 2, 3, 5, 10, 20, 30)}
ROUNDING = 1e-13  # of sums of 100 nodes
CHEBYSHEV = 1e-12


def exact_gelu(t: Array) -> Array:
    """The exact GELU, t Phi(t)."""
    return t * jax.scipy.special.ndtr(t)


def measure(setting: Setting, *, expand: Callable[..., Hermite] = hermite, tail: float = 1.0) -> Finding:
    """Truncations of GELU at unit variance, and deep ReLU kernels as functions of the angle.

    Args:
        setting: see `Setting`.
        expand: makes the expansion.
        tail: times the bound on the tail.
    """
    require_dtype("float64", what="the study of Hermite expansions")
    rng = np.random.default_rng([setting.root, 3])
    cosines = np.concatenate([[-1.0, 1.0], rng.uniform(-1, 1, 30)])
    one = jnp.ones(())
    exact = np.asarray(Gelu().duals(jnp.asarray(cosines), one, one).value)
    ratios, parseval = [], []
    square = over_pairs(lambda t: t * ndtr(t), 1.0, 1.0, 1.0)
    for degree in _DEGREES[setting.size]:
        series = expand(exact_gelu, degree=degree, nodes=100)
        value = np.asarray(series.duals(jnp.asarray(cosines), one, one).value)
        bound = tail * float(series.tails(one).value) * np.abs(cosines) ** (degree + 1) + ROUNDING
        ratios.append(float(np.max(np.abs(value - exact) / bound)))
        squares = np.asarray(series.coefficients(one)[0]) ** 2
        parseval.append(abs(float(squares.sum() + series.tails(one).value) - square))
    interpolated = float(np.max([_chebyshev_error(depth) for depth in _DEPTHS[setting.size]]))
    links = (
        Link("error of truncated expansions over their bound", 1.0, float(np.max(ratios))),
        Link("squares of the coefficients and the tail against E[phi^2]", ROUNDING, float(np.max(parseval))),
        Link("deep ReLU kernels against Chebyshev interpolation in the angle, degree 64", CHEBYSHEV, interpolated),
    )
    words = (
        f"GELU cut off at degrees {', '.join(map(str, _DEGREES[setting.size]))} at {len(cosines)} cosines; tangent "
        f"kernels of ReLU networks with {', '.join(map(str, _DEPTHS[setting.size]))} hidden layers."
    )
    return Finding(all(link.holds for link in links), words, len(ratios) * len(cosines), links=links)


def _chebyshev_error(depth: int) -> float:
    """Relative to the kernel at angle 0."""
    nodes = np.pi * (1 + np.cos(np.pi * (np.arange(65) + 0.5) / 65)) / 2
    points = np.linspace(0, np.pi, 129)
    values = _kernel(depth, np.concatenate([nodes, points]))
    fit = np.polynomial.chebyshev.Chebyshev.fit(nodes, values[:65], 64, domain=[0, np.pi])
    return float(np.max(np.abs(fit(points) - values[65:]))) / (2 * (depth + 1))


def _kernel(depth: int, angles: np.ndarray) -> np.ndarray:
    """Tangent kernel of unit vectors at these angles, NTK parameterization, inputs not divided by the dimension."""
    first = np.array([[np.sqrt(2.0), 0.0]])
    others = np.sqrt(2.0) * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.asarray(dense_kernel(depth, "relu")(first, others).ntk[0])


STUDY = Experiment(
    id="hermite-dual-activation",
    claim="Truncated Hermite expansions of the dual of GELU err by at most what is cut off, and tangent kernels of "
    "ReLU networks on a sphere are polynomials of degree 64 in the angle to 1e-12 of their largest value, at the "
    "depths tried.",
    refuted_by="an error above the bound, or a kernel that the polynomial misses",
    cites=("daniely2016",),
    locator="dual activations and their expansions",
    measure=measure,
    proved=False,
)
