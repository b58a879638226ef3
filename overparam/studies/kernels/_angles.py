"""Angles of nearly parallel points: what an arccosine loses, and what differences of unit vectors keep.

The first-layer kernel is <x, x'> (pi - a) / (2 pi) at angle a.  Taken from a rounded cosine, an error e there moves the
angle by e / sin(a): at a = 1e-8 all of it is lost, and with it the least eigenvalue of two such points, a / (2 pi) to
first order.  Kahan's formula 2 atan2(|u - v|, |u + v|) loses nothing but the rounding of the unit vectors u and v.
True angles of float vectors of the plane come from their exact cross products.
"""

import math
from collections.abc import Callable
from fractions import Fraction

import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.ntk import first_layer_gram
from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

Gram = Callable[[np.ndarray], Array]
_PAIRS: dict[Size, int] = {"ci": 40, "laptop": 400, "paper": 4000}
_UNIT = 2.0**-53
# unit vectors are off by 3 roundings, their sum or difference too; products and quotients add a few of the entry
ABSOLUTE = 8 * _UNIT
LEAST = 1e-8


def measure(setting: Setting, *, gram: Gram = first_layer_gram) -> Finding:
    """Planar pairs at angles from 1e-8 to 0.1, and each pair with one point turned to its opposite.

    Args:
        setting: see `Setting`.
        gram: the first-layer kernel.
    """
    require_dtype("float64", what="the study of stable angles")
    rng = np.random.default_rng([setting.root, 5])
    angles = LEAST * 10.0 ** np.concatenate([[0.0], rng.uniform(0, 7, _PAIRS[setting.size] - 1)])
    near, far, lost = [], [], []
    for angle, turn in zip(angles.tolist(), rng.uniform(0, 2 * math.pi, len(angles)).tolist(), strict=True):
        rows = np.array([[math.cos(turn), math.sin(turn)], [math.cos(turn + angle), math.sin(turn + angle)]])
        true, inner = exact_angle(rows)
        entry = inner / 2 - inner * true / (2 * math.pi)
        near.append(abs(float(gram(rows)[0, 1]) - entry))
        lost.append(abs(float(textbook_gram(rows)[0, 1]) - entry))
        opposite = float(gram(rows * [[1.0], [-1.0]])[0, 1])
        far.append(abs(opposite / (-inner * true / (2 * math.pi)) - 1) * angle)
    links = (
        Link("error of an entry next to angle 0", ABSOLUTE, float(np.max(near))),
        Link("relative error of an entry next to angle pi, times the angle left", 2 * ABSOLUTE, float(np.max(far))),
    )
    words = (
        f"{len(angles)} pairs at angles from 1e-8 to 0.1 and their opposites. The arccosine of a rounded cosine errs "
        f"by up to {max(lost):.1e} in an entry, {max(lost) * 2 * math.pi / LEAST:.2g} of the least eigenvalue at 1e-8."
    )
    return Finding(all(link.holds for link in links), words, 2 * len(angles), links=links)


def exact_angle(rows: np.ndarray) -> tuple[float, float]:
    """Angle, below pi / 2, and inner product of two float vectors of the plane, each rounded a few times."""
    (a, b), (c, d) = ([Fraction(float(x)) for x in row] for row in rows)
    cross, inner = a * d - b * c, a * c + b * d
    return math.atan2(abs(float(cross)), float(inner)), float(inner)


def textbook_gram(rows: np.ndarray) -> Array:
    """The kernel by the arccosine of a clipped cosine."""
    points = jnp.asarray(rows)
    lengths = jnp.sqrt(jnp.sum(points**2, axis=1))
    inner = jnp.matmul(points, points.T, precision=HIGHEST)
    angle = jnp.arccos(jnp.clip(inner / (lengths[:, None] * lengths[None, :]), -1, 1))
    return inner * (math.pi - angle) / (2 * math.pi)


STUDY = Experiment(
    id="stable-angles",
    claim="The first-layer kernel of nearly parallel and nearly opposite points has entries with an absolute error "
    "of at most 8 * 2^-53 next to angle 0, and a relative one of 16 * 2^-53 over the angle left next to pi, at the "
    "angles drawn, down to 1e-8.",
    refuted_by="an entry that is further from its exact value",
    cites=(),
    locator="own, docs/theory/kernels.md",
    measure=measure,
    proved=False,
)
