"""Random features cannot learn one neuron of large weights, which gradient descent finds.

Take targets g_w(x) = sqrt(2) cos(<w, x>), x ~ N(0, I_d), w uniform on the sphere of radius r.  Since <g_v, g_w> =
exp(-|v - w|^2 / 2) + exp(-|v + w|^2 / 2) > 0 depends on the angle only, the covariance of the family has the greatest
eigenvalue lambda = E_v <g_v, g_w> = 2 E exp(-r^2 (1 - <u, e>)), u uniform on the unit sphere, so that every feature f
has E_w <f, g_w>^2 <= lambda |f|^2, with equality for the mean of the family; and every span of N features chosen
without knowledge of w leaves E_w dist(g_w, span)^2 >= 1 - N lambda.  With r growing like sqrt(d) lambda falls
exponentially.  A periodic function is a sum of a few ReLU neurons, so that some neuron is as hard, unless its
coefficients are huge: the theorem, whose r is d^3, bounds N max |u_i|.

Measured: lambda and the mean squared correlations of random ReLU features, in closed form and by quadrature, over d;
and, for one ReLU neuron, gradient descent on the exact risk against the exact risk of random features.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from overparam.records import Link, Plot
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import Judged, all_of, effect, slope
from overparam.studies.approximation._arc_cosine import Target, feature_risks, units
from overparam.studies.approximation._curves import bound, formula, measured

STEEP = -0.2  # of log correlation over d
AHEAD = 5.0  # how many times smaller the risk of gradient descent is to be
LEARNED = 0.01
_NODES = 120


class Sizes(NamedTuple):
    """Dimensions, radius over sqrt(d), random features, random-features model of the last part, draws."""

    dims: tuple[int, ...]
    radius: float
    features: int
    d: int
    wide: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes((4, 8, 12, 16, 20), 1.0, 40, 10, 1000, 5),
    "laptop": Sizes((4, 8, 12, 16, 20, 24), 1.0, 400, 24, 5760, 10),
    "paper": Sizes((4, 8, 12, 16, 20, 24), 1.0, 400, 24, 5760, 10),
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


def descended(rng: np.random.Generator, d: int, *, steps: int = 400, step_size: float = 0.5) -> float:
    """Risk of one ReLU neuron after gradient descent on its exact risk E (relu(<w, x>) - relu(<w*, x>))^2 / 2."""
    wanted = units(rng, 1, d)[0]
    w = units(rng, 1, d)[0]
    for _ in range(steps):
        size = np.linalg.norm(w)
        c = np.clip(w @ wanted / size, -1, 1)
        w = w - step_size * (w / 2 - ((np.pi - np.arccos(c)) * wanted + np.sqrt(1 - c**2) * w / size) / (2 * np.pi))
    size = np.linalg.norm(w)
    c = np.clip(w @ wanted / size, -1, 1)
    shared = size * (np.sqrt(1 - c**2) + (np.pi - np.arccos(c)) * c) / (2 * np.pi)
    return float(max(size**2 / 2 - 2 * shared + 0.5, 0.0))


def measure(setting: Setting, *, slow: bool = False, steps: int = 400) -> Finding:
    """Correlations and risks; `slow` keeps the frequency at 1 in all dimensions, `steps` are those of the descent."""
    size = _SIZES[setting.size]
    dims = np.asarray(size.dims)
    radii = np.ones(len(dims)) if slow else size.radius * np.sqrt(dims)
    most = np.array([greatest(int(d), r) for d, r in zip(dims, radii, strict=True)])
    biases = np.random.default_rng([setting.root, 0]).normal(size=size.features)
    each = np.stack([correlations(int(d), r, biases) for d, r in zip(dims, radii, strict=True)], axis=1)
    trend, low, high = slope(dims, np.log(most))
    own, own_low, own_high = slope(dims, np.log(each.mean(axis=0)))
    share = float(np.max(each / most))
    learned, kept = [], []
    for seed in range(size.seeds):
        rng = np.random.default_rng([setting.root, 1, seed])
        learned.append(descended(rng, size.d, steps=steps))
        target = Target("neuron", 0.5, neuron=units(rng, 1, size.d)[0])
        kept.append(float(feature_risks(units(rng, size.wide, size.d), [target])[0]))
    ratio = np.log(kept) - np.log(np.maximum(learned, 1e-15))
    judged = all_of(
        _steep("greatest correlation", trend, low, high),
        _steep("ReLU features' correlation", own, own_low, own_high),
        Judged(
            share <= 1 + 1e-9 or None,  # a theorem: floats against it leave the claim open
            f"features reach at most {share:.3g} of the greatest",
            (Link("mean squared correlation of a feature, relative to lambda", 1 + 1e-9, share),),
        ),
        effect(np.asarray(learned), LEARNED, "risk of one neuron after gradient descent", kind="below"),
        effect(ratio, math.log(AHEAD), f"log of how much more N = {size.wide} random features err"),
    )
    needed = [math.ceil(0.98 / value) for value in most]
    return Finding(
        holds=judged.holds,
        words=f"Cosines of frequency {'1' if slow else f'{size.radius:g} sqrt(d)'}, d = {', '.join(map(str, dims))}, "
        f"{size.features} random ReLU features: {judged.words}. Any features whatever need N of at least "
        f"{', '.join(map(str, needed))} for a mean squared error of 1/50 on those targets. The bound on N max |u_i| "
        "for one neuron of norm d^3 is not evaluated: its constant is hidden.",
        instances=each.size + 2 * size.seeds,
        links=judged.links,
        plots=(
            Plot(
                "No fixed feature correlates with cosines of unknown direction",
                "dimension d",
                "mean squared correlation",
                (
                    measured("random ReLU features", dims, each),
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
    "at most lambda(d), which falls exponentially in d, so that N features err by 1 - N lambda on the mean; and one "
    "ReLU neuron, which gradient descent learns, is fitted at least 5 times worse by 10 d^2 random features.",
    refuted_by="a log-linear slope of the correlations above -.2, a feature above lambda, or a neuron that gradient "
    "descent does not learn or random features do",
    cites=("yehudai2019power",),
    locator="Theorem 4.1 (its mechanism; lambda is the project's own)",
    measure=measure,
    proved=False,
)
