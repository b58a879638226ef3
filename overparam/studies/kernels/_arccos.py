"""Dual kernels of ReLU and leaky ReLU: closed forms in the angle against the integrals that define them.

Cho and Saul (2009): for unit Gaussians g, g' with E[g g'] = cos(angle),

    E[relu(g) relu(g')] = (sin(angle) + (pi - angle) cos(angle)) / (2 pi),
    E[relu'(g) relu'(g')] = (pi - angle) / (2 pi).

The first-layer tangent kernel of unit rows is then sum_q h_q <x, x'>^q with h_1 = 1/4, h_(2j+2) = C(2j, j) / (2 pi 4^j
(2j + 1)) and no other terms: all coefficients are >= 0 and sum to 1/2, from which positive definiteness follows for
points of which no two are parallel.
"""

import math

import jax.numpy as jnp
import numpy as np

from overparam.ntk import LeakyRelu, first_layer_gram
from overparam.ntk.analytic._duals import Dual
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies.kernels._integrals import of_leaky

TOLERANCE = 1e-13  # some hundred roundings: 1,224 nodes a half line, terms below 1
_ANGLES: dict[Size, int] = {"ci": 24, "laptop": 200, "paper": 2000}
_SLOPES = (0.0, 0.25, -1.0)


def measure(setting: Setting, *, dual: type[LeakyRelu] = LeakyRelu) -> Finding:
    """Compare on angles drawn near 0, near pi and between.

    Args:
        setting: see `Setting`.
        dual: the closed forms.
    """
    require_dtype("float64", what="the study of arc-cosine kernels")
    rng = np.random.default_rng([setting.root, 1])
    count = _ANGLES[setting.size]
    near = 10.0 ** rng.uniform(-6, 0, count // 3)
    angles = np.concatenate([near, math.pi - near, rng.uniform(0.1, math.pi - 0.1, count - 2 * len(near))])
    errors = [_error(dual(negative_slope), negative_slope, angle) for negative_slope in _SLOPES for angle in angles]
    cosines = rng.uniform(-0.95, 0.95, count)
    links = (
        Link("closed forms of value and slope against integrals", TOLERANCE, float(np.max(errors))),
        Link("power series of the first-layer kernel against its closed form", TOLERANCE, _series_error(cosines)),
    )
    words = f"{len(angles)} angles from 1e-6 to pi - 1e-6, negative slopes 0, 1/4 and -1; {count} cosines up to 0.95."
    return Finding(all(link.holds for link in links), words, len(errors) + count, links=links)


def _error(dual: Dual, negative_slope: float, angle: float) -> float:
    """q12 is a float, so the integral is taken at the angle whose cosine it is."""
    cosine = np.cos(angle)
    gap = 2 * np.sin(angle / 2) ** 2  # 1 - cos(angle), which the float cosine may have lost
    one = jnp.ones(())
    options = {"gap": jnp.asarray(gap)} if isinstance(dual, LeakyRelu) else {}
    got = dual.duals(jnp.asarray(cosine), one, one, **options)
    if cosine < 0:  # the gap is of no use there: what is left of pi - angle in the float cosine counts
        angle = math.pi - 2 * math.asin(math.sqrt((1 + float(cosine)) / 2))
    value, slope = of_leaky(negative_slope, angle)
    return float(np.max([abs(float(got.value) - value), abs(float(got.slope) - slope)]))  # NaN stays NaN


def series_coefficients(terms: int) -> np.ndarray:
    """h_0, h_1, ... of the first-layer kernel."""
    h = np.zeros(2 * terms + 2)
    h[1] = 0.25
    ratio = 1 / (2 * math.pi)
    for j in range(terms):
        h[2 * j + 2] = ratio / (2 * j + 1)
        ratio *= (2 * j + 1) / (2 * j + 2)
    return h


def _series_error(cosines: np.ndarray) -> float:
    closed = [
        float(first_layer_gram(np.array([[1.0, 0.0], [c, math.sqrt((1 - c) * (1 + c))]]))[0, 1])
        for c in cosines.tolist()
    ]
    return float(np.max(np.abs(np.polynomial.polynomial.polyval(cosines, series_coefficients(400)) - closed)))


STUDY = Experiment(
    id="arccos-kernels",
    claim="The closed forms of the dual kernels of ReLU and leaky ReLU agree with the Gaussian integrals that define "
    "them, and the first-layer tangent kernel with its power series, to 1e-13 at the angles drawn.",
    refuted_by="a difference that quadrature and rounding do not explain",
    cites=("chosaul2009",),
    locator="arc-cosine kernels of degrees 0 and 1",
    measure=measure,
    proved=True,
)
