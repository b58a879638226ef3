"""Random features cannot learn periodic functions of unknown direction, of which some neuron of large weights is made.

Take targets g_w(x) = sqrt(2) cos(<w, x>), x ~ N(0, I_d), w uniform on the sphere of radius r.  Since <g_v, g_w> =
exp(-|v - w|^2 / 2) + exp(-|v + w|^2 / 2) > 0 depends on the angle only, the covariance of the family has the greatest
eigenvalue lambda = E_v <g_v, g_w> = 2 E exp(-r^2 (1 - <u, e>)), u uniform on the unit sphere, so that every feature f
has E_w <f, g_w>^2 <= lambda |f|^2, with equality for the mean of the family; and every span of N features chosen
without knowledge of w leaves E_w dist(g_w, span)^2 >= 1 - N lambda.  With r growing like sqrt(d) lambda falls
exponentially.  A periodic function is a sum of a few ReLU neurons, so that some neuron is as hard, unless its
coefficients are huge: the theorem, about a neuron with |w| = d^3 and a bias, bounds N max |u_i|.

Measured: lambda and the mean squared correlations of random ReLU features, in closed form and by quadrature, over d;
and exact risks of random ReLU features on those targets, against a fixed level, half of the targets' power, and against
1 - N lambda where that is positive.  No neuron is fitted: one of unit norm without bias is no instance of the theorem,
and 10 d^2 random features of the same kind learn it.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special

from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect, slope
from overparam.studies._series import bound, formula, pointwise
from overparam.studies.approximation._arc_cosine import kappa, units

STEEP = -0.2  # of log correlation over d
MISSED = 0.5  # of a risk whose value without any feature is 1 or a little more
JITTER = 1e-12  # on the features' kernel, whose diagonal is 1/2: the risk is that of slightly fewer features
_NODES = 120


class Sizes(NamedTuple):
    """Dimensions, radius over sqrt(d), random features; (d, N) of the models fitted, targets of each, draws."""

    dims: tuple[int, ...]
    radius: float
    features: int
    fitted: tuple[tuple[int, int], ...]
    targets: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((4, 8, 12, 16, 20), 1.0, 40, ((10, 1000), (20, 1000)), 50, 5),
    "laptop": Sizes((4, 8, 12, 16, 20, 24), 1.0, 400, ((10, 1000), (24, 5760)), 200, 10),
    "paper": Sizes((4, 8, 12, 16, 20, 24), 1.0, 400, ((10, 1000), (24, 5760)), 200, 10),
}


def greatest(d: int, r: float) -> float:
    """The eigenvalue 2 E exp(-r^2 (1 - t)), t a coordinate of a uniform unit vector of R^d."""
    order = d / 2 - 1
    scaled = special.ive(order, r**2)  # e^-z I(z)
    return float(2 * math.exp(math.lgamma(d / 2) + order * math.log(2 / r**2)) * scaled)


def correlations(d: int, r: float, biases: NDArray) -> NDArray:
    """E_w <f, g_w>^2 / |f|^2 of f = relu(<u, x> + b), |u| = 1, for each bias.

    With rho = <w, u> and z = <u, x>: <f, g_w> = sqrt(2) exp(-(r^2 - rho^2) / 2) E relu(z + b) cos(rho z).
    """
    t, weights = special.roots_gegenbauer(_NODES, d / 2 - 1)  # a coordinate has the density (1 - t^2)^((d - 3) / 2)
    rho = r * t
    nodes, steps = special.roots_legendre(_NODES)
    found = []
    for b in biases:
        z = (12 - b + nodes * (12 + b)) / 2  # from the kink at -b to 12
        density = (12 + b) / 2 * steps * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        values = z + b
        inner = math.sqrt(2) * np.exp(-(r**2 - rho**2) / 2) * (np.cos(rho[:, None] * z) @ (density * values))
        found.append(np.sum(weights * inner**2) / np.sum(weights) / np.sum(density * values**2))
    return np.asarray(found)


def risks(rng: np.random.Generator, d: int, r: float, n_features: int, n_targets: int) -> NDArray:
    """E (g_w - best combination)^2 of random features relu(<u_i, x>), |u_i| = 1, for each of (n_targets,) random w.

    With rho = <w, u>: E relu(<u, x>) g_w(x) = exp(-(r^2 - rho^2) / 2) (1 - sqrt(2) rho D(rho / sqrt(2))) / sqrt(pi), D
    Dawson's integral; the power of g_w is 1 + exp(-2 r^2).
    """
    u, w = units(rng, n_features, d), r * units(rng, n_targets, d)
    kernel = kappa(u @ u.T) + JITTER * np.eye(n_features)
    rho = u @ w.T
    part = 1 - math.sqrt(2) * rho * special.dawsn(rho / math.sqrt(2))
    products = np.exp(-(r**2 - rho**2) / 2) * part / math.sqrt(math.pi)
    half = linalg.solve_triangular(linalg.cholesky(kernel, lower=True), products, lower=True)
    return 1 + math.exp(-2 * r**2) - np.sum(half**2, axis=0)


def measure(setting: Setting, *, slow: bool = False) -> Finding:
    """Correlations and risks; `slow` keeps the frequency at 1 in all dimensions."""
    size = _SIZES[setting.size]
    dims = np.asarray(size.dims)
    radii = np.ones(len(dims)) if slow else size.radius * np.sqrt(dims)
    most = np.array([greatest(int(d), r) for d, r in zip(dims, radii, strict=True)])
    biases = np.random.default_rng([setting.root, 0]).normal(size=size.features)
    each = np.stack([correlations(int(d), r, biases) for d, r in zip(dims, radii, strict=True)], axis=1)
    trend, low, high = slope(dims, np.log(most))
    own, own_low, own_high = slope(dims, np.log(each.mean(axis=0)))
    share = float(np.max(each / most))
    missed, floors = [], []
    for d, count in size.fitted:
        r = 1.0 if slow else size.radius * math.sqrt(d)
        means = []
        for seed in range(size.seeds):
            rng = np.random.default_rng([setting.root, 1, seed, d])
            means.append(float(risks(rng, d, r, count, size.targets).mean()))
        missed.append(effect(means, MISSED, f"risk of N = {count} random features, d = {d}"))
        floor = 1 - count * greatest(d, r)
        if floor > 0:
            least = min(means)
            floors.append(
                Judged(
                    least >= floor or None,  # a theorem again
                    f"least risk {least:.6g} at d = {d}, N = {count}, where 1 - N lambda is {floor:.6g}",
                    (Link(f"risk of random features, d = {d}, N = {count}", floor, least, "at least"),),
                )
            )
    judged = all_of(
        _steep("greatest correlation", trend, low, high),
        _steep("ReLU features' correlation", own, own_low, own_high),
        Judged(
            share <= 1 + 1e-9 or None,  # a theorem: floats against it leave the claim open
            f"features reach at most {share:.3g} of the greatest",
            (Link("mean squared correlation of a feature, relative to lambda", 1 + 1e-9, share),),
        ),
        *missed,
        *floors,
    )
    needed = [math.ceil(0.98 / value) for value in most]
    return Finding(
        holds=judged.holds,
        words=f"Cosines of frequency {'1' if slow else f'{size.radius:g} sqrt(d)'}, d = {', '.join(map(str, dims))}, "
        f"{size.features} random ReLU features: {judged.words}. Any features whatever need N of at least "
        f"{', '.join(map(str, needed))} for a mean squared error of 1/50 on those targets. The theorem's bound on "
        "N max |u_i| for one neuron of norm d^3 is not evaluated: its constant is hidden. Nothing was trained here.",
        instances=each.size + len(size.fitted) * size.seeds,
        links=judged.links,
        plots=(
            Plot(
                "No fixed feature correlates with cosines of unknown direction",
                "dimension d",
                "mean squared correlation",
                (
                    pointwise("random ReLU features", dims, np.transpose(each)),
                    bound("greatest over all features", dims, most),
                    formula("exp(-.2 d)", dims, np.exp(STEEP * dims)),
                ),
                log_y=True,
            ),
        ),
    )


def _steep(name: str, trend: float, low: float, high: float) -> Judged:
    holds = True if high < STEEP else False if low > STEEP else None
    link = Link(f"slope of log {name} over d, upper end", STEEP, high)
    return Judged(holds, f"slope of log {name} over d {trend:.3g} ({low:.3g} to {high:.3g})", (link,))


STUDY = Experiment(
    id="l-ys",
    claim="For cosines of frequency sqrt(d) and random direction the mean squared correlation of any fixed feature is "
    "at most lambda(d), which falls exponentially in d over the dimensions of this study, so that any N features err "
    "by 1 - N lambda or more on the mean; and 10 d^2 or fewer random ReLU features, at two d of this study, leave more "
    "than half of such a cosine.",
    refuted_by="a log-linear slope of the correlations above -.2, a feature above lambda, or random features whose "
    "mean risk on the cosines is below one half",
    cites=("yehudai2019power",),
    locator="Theorem 4.1 (its mechanism; lambda is the project's own)",
    measure=measure,
    proved=False,
)
