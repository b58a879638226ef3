"""The infinite-width tangent kernel of ReLU is positive definite without parallel points; that of t^2 can be singular.

Du et al. (2019): for two-layer ReLU networks without biases, first layer trained, if no two points are
parallel then the least eigenvalue of H_ij = <x_i, x_j> (pi - angle_ij) / (2 pi) is positive.  With biases it is enough
that the points are distinct: (x, 1) and (x', 1) are then not parallel.  Jacot et al. (2018) and Carvalho et al. (2025)
have deeper networks and activations that are not polynomials.

Here the exact checker decides on each listed data set: a lower bound, a positive rational number, on the least
eigenvalue, in ball arithmetic.  Among them are nearly parallel points, and points on a line, which are parallel without
biases.  The controls are decided exactly as well:

* parallel points x, 3x, of which (3, -1) is a null vector: an upper bound that is 0 up to rounding;
* the activation t^2: its kernels have entries <x, x'>^2 and |x|^2 |x'|^2, polynomials of degree 2 in each point, so
  that with more than (d + 1)(d + 2)/2 points there is a vector z != 0 with sum_i z_i x_i^a = 0 for all |a| <= 2, and K
  z = 0. The certificate that no polynomial of degree 2 takes the labels is such a vector; K z = 0 is computed in
  integers.
"""

import dataclasses
from fractions import Fraction

import numpy as np

from overparam.data import Dataset, DataSpec, from_arrays, load
from overparam.errors import OverparamError
from overparam.memorizers import polynomial_obstruction
from overparam.ntk import dense_kernel
from overparam.precision import require_dtype
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.widths import LimitGram, prove_least_eigenvalue, prove_not_polynomial

_SIZES: dict[Size, tuple[int, ...]] = {"ci": (12,), "laptop": (12, 40, 100), "paper": (12, 100, 400)}
_DATA = (  # and whether the layer has biases
    (DataSpec(data="gaussian", d=5), False),
    (DataSpec(data="sphere", d=3), False),
    (DataSpec(data="clusters", d=6, angle=1e-6), False),
    (DataSpec(data="line", d=2, spread=1e-4), False),
    (DataSpec(data="moment", d=1), True),
)
_PARALLEL = from_arrays([[1.0, 2.0], [3.0, 6.0]], [1.0, -1.0])
_NOTHING = Fraction(1, 2**30)  # an upper bound on the least eigenvalue of parallel points; the largest is 25
_PLANE = 3  # dimension of the control's points, which have small integer coordinates


def measure(setting: Setting, *, parallel: bool = False) -> Finding:
    """Certify each data set; with `parallel`, a multiple of the first point is added to the first of them."""
    require_dtype("float64", what="this study")
    bounds: dict[str, Fraction] = {}
    failures = []
    for n in _SIZES[setting.size]:
        for i, (spec, biased) in enumerate(_DATA):
            data = load(dataclasses.replace(spec, n=n, seed=setting.root))
            if parallel and i == 0:
                data = from_arrays(np.vstack([data.points, 4 * data.points[:1]]), np.append(data.labels, 0.0))
            name = f"{spec.data}-n{n}-d{spec.d}" + ("-biases" if biased else "")
            try:
                proof = prove_least_eigenvalue(LimitGram(data, biased), setting.folder / name, upper=False, share=0.5)
                bounds[name] = proof.numbers["at_least"]
            except OverparamError as error:
                failures.append(f"{name}: {error}")
    positive = all(bound > 0 for bound in bounds.values()) and not failures
    control = _control(setting)
    null = _null(control)
    try:
        prove_not_polynomial(control, 2, setting.folder / "square-activation")
    except OverparamError as error:
        failures.append(f"control: {error}")
    try:
        aside = prove_least_eigenvalue(LimitGram(_PARALLEL), setting.folder / "parallel", lower=False).numbers[
            "at_most"
        ]
    except OverparamError as error:
        failures.append(f"control: {error}")
        aside = Fraction(1)
    null &= aside <= _NOTHING
    least = min(bounds, key=lambda name: bounds[name], default="none")
    proved = sum(bound > 0 for bound in bounds.values())
    missing = "".join(f"  Not certified: {one}." for one in failures[:3])
    return Finding(
        holds=True if positive and null and not failures else None,
        words=f"The checker accepted a positive lower bound on the least eigenvalue for {proved} of "
        f"{len(bounds) + sum(not f.startswith('control') for f in failures)} data sets: "
        + ", ".join(f"{float(bound):.2g} ({name})" for name, bound in bounds.items())
        + f"; smallest: {least}.  A kernel of parallel points or, with biases, of equal ones is singular, so there are "
        f"none.  Controls: for the activation t^2 on {len(control.points)} points in dimension {_PLANE} an integer "
        "vector was accepted that annihilates all polynomials of degree at most 2; computed by the program in "
        f"integers, not by the checker: it {'is' if null else 'is not'} a null vector of both kernels.  For points x "
        f"and 3x an upper bound of {float(aside):.2g}.{missing}  In floats, least eigenvalue of deeper kernels with "
        f"biases on the first data set: {_deep(setting)}.",
        instances=len(bounds) + 2,  # and both controls
        certified=positive and null and not failures,
    )


def _control(setting: Setting) -> Dataset:
    """More points with integer coordinates than there are monomials of degree <= 2 in them."""
    rng, count = np.random.default_rng([setting.root, 4]), (_PLANE + 1) * (_PLANE + 2) // 2 + 2
    points = np.unique(rng.integers(-9, 10, size=(2 * count, _PLANE)), axis=0)
    chosen = rng.permutation(len(points))[:count]
    return from_arrays(points[chosen].astype(float), rng.choice([-1.0, 1.0], size=count))


def _null(control: Dataset) -> bool:
    """Whether the vector of the certificate is a null vector of E[phi phi'] and of the tangent kernel, in integers."""
    z = polynomial_obstruction(control.points, control.labels, 2)
    if z is None:
        return False
    rows = [[int(x) for x in row] for row in control.points]
    inner = [[sum(a * b for a, b in zip(u, v, strict=True)) for v in rows] for u in rows]
    for i, line in enumerate(inner):
        # t^2: E[phi phi'] = 2 c^2 + |x|^2 |x'|^2, and the first layer's kernel is c E[4 <w, x> <w, x'>] = 4 c^2
        covariance = sum(
            w * (2 * c**2 + inner[i][i] * inner[j][j]) for j, (w, c) in enumerate(zip(z, line, strict=True))
        )
        tangent = sum(w * 4 * c**2 for w, c in zip(z, line, strict=True))
        if covariance != 0 or tangent != 0:
            return False
    return any(z)


def _deep(setting: Setting) -> str:
    points = load(dataclasses.replace(_DATA[0][0], n=_SIZES["ci"][0], seed=setting.root)).points
    found = {}
    for depth, activation in ((2, "erf"),):
        kernel = dense_kernel(depth, activation, weight_variance=2.0, bias_variance=0.1)
        found[f"{activation}, {depth} hidden layers"] = np.linalg.eigvalsh(np.asarray(kernel.only("ntk", points)))[0]
    return ", ".join(f"{value:.2g} ({name})" for name, value in found.items())


STUDY = Experiment(
    id="ntk-positive-definite",
    claim="On each data set in claims/ntk-positive-definite the first-layer tangent kernel of infinitely wide "
    "two-layer ReLU networks is positive definite, its least eigenvalue at least the number certified there.  For the "
    "points in claims/ntk-positive-definite/square-activation there is a vector z != 0 with sum_i z_i p(x_i) = 0 for "
    "all polynomials p of degree at most 2.",
    refuted_by="an upper bound of 0 on the least eigenvalue for points of which no two are parallel",
    cites=("du2019", "jacot2018", "carvalho2025"),
    locator="Theorem 3.1 of Du et al., Proposition 2 of Jacot et al. (numbers from memory)",
    measure=measure,
    proved=True,
)
