"""In a linear model all global minima have the same curvature, and it is degenerate.

Let the loss of sample i be loss(<w, x_i>, y_i) with its least value where the prediction is the label.  At every
interpolant the Hessian of the mean is (1/n) X^T diag(beta) X with beta_i the second derivative of the loss at the
label: it does not depend on which interpolant, and has rank n at most, so d - n directions are flat.  Curvature cannot
tell these minima apart.  For logistic losses the argument does not apply: no finite w is a minimum of separable data,
and the Hessians of separating w differ.

Measured: Hessians by automatic differentiation at interpolants that differ in the null space of X, for the squared
loss, for log cosh with weights that depend on the label, and for a loss of degree 4; their largest difference and their
nullity.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from overparam.precision import HIGHEST, require_dtype
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size

EQUAL = 1e-10  # largest difference of two Hessians, relative to the largest entry
CUT = 1e-10  # eigenvalues below this share of the largest are rounding

Loss = Literal["squared", "log-cosh", "quartic", "logistic"]


class Sizes(NamedTuple):
    """Samples, dimension, interpolants."""

    n: int
    d: int
    interpolants: int


_SIZES: dict[Size, Sizes] = {"ci": Sizes(12, 30, 20), "laptop": Sizes(100, 300, 50), "paper": Sizes(100, 300, 50)}
_LOSSES: dict[Loss, Callable[[Array, Array], Array]] = {
    "squared": lambda f, y: (f - y) ** 2 / 2,
    "log-cosh": lambda f, y: (1 + y**2) * jnp.log(jnp.cosh(f - y)),
    "quartic": lambda f, y: (f - y) ** 2 / 2 + (2 + jnp.sin(y)) * (f - y) ** 4,
    "logistic": lambda f, y: jnp.log1p(jnp.exp(-jnp.sign(y) * f)),
}


def measure(
    setting: Setting, *, losses: tuple[Loss, ...] = ("squared", "log-cosh", "quartic"), missed: float = 0.0
) -> Finding:
    """Hessians; `missed` is by how much the predictions leave the labels."""
    require_dtype("float64", what="z-curvature")
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 29])
    points, labels = rng.normal(size=(size.n, size.d)), rng.normal(size=size.n)
    least = np.linalg.pinv(points) @ labels
    moved = rng.normal(size=(size.interpolants, size.d)) * 3
    weights = least + moved - moved @ np.linalg.pinv(points) @ points
    weights += missed * rng.normal(size=(size.interpolants, size.n)) @ np.linalg.pinv(points).T
    apart, nullities, told = 0.0, set(), []
    for loss in losses:
        hessians = np.asarray(_hessians(jnp.asarray(weights), jnp.asarray(points), jnp.asarray(labels), loss))
        share = float(np.max(np.ptp(hessians, axis=0)) / np.max(np.abs(hessians)))
        spectra = np.linalg.eigvalsh(hessians)
        flat = {int(count) for count in np.sum(np.abs(spectra) <= CUT * spectra[:, -1:], axis=1)}
        apart, nullities = max(apart, share), nullities | flat
        told.append(f"{loss}: entries within {share:.1e}, nullity {', '.join(map(str, sorted(flat)))}")
    return Finding(
        holds=apart <= EQUAL and nullities == {size.d - size.n},
        words=f"n = {size.n}, d = {size.d}, {size.interpolants} interpolants, at most "
        f"{np.max(np.linalg.norm(weights - least, axis=1)) / np.linalg.norm(least):.3g} lengths of the least one away "
        f"from it: Hessians of the mean loss agree and have d - n = {size.d - size.n} flat directions "
        f"({'; '.join(told)}).",
        instances=size.interpolants * len(losses),
        links=(Link("largest difference of two Hessians, relative", EQUAL, apart),),
    )


@jax.jit(static_argnames="loss")
def _hessians(weights: Array, points: Array, labels: Array, loss: Loss) -> Array:
    """Of the mean loss at each w, (interpolants, d, d)."""

    def mean(w: Array) -> Array:
        return jnp.mean(_LOSSES[loss](jnp.matmul(points, w, precision=HIGHEST), labels))

    return jax.vmap(jax.hessian(mean))(weights)


STUDY = Experiment(
    id="z-curvature",
    claim="The mean loss of a linear model with d > n, each sample's loss being least where the prediction is the "
    "label, has one and the same Hessian at all interpolants, of rank n with d - n flat directions.",
    refuted_by="two interpolants with different Hessians, or a nullity other than d - n",
    cites=("zhang2017",),
    locator="Section 5",
    measure=measure,
    proved=True,
)
