"""At least n parameters for n arbitrary real labels; far fewer for classes.

If theta -> f_theta(X) in R^n is locally Lipschitz and p < n, its image has measure 0: almost no real labels are taken.
A linear model misses y, uniform in direction, by E |y - P y|^2 / |y|^2 = 1 - p/n.  Two-class labels are another matter:
they are digits, which a few long weights hold.  A deep ReLU network with fewer weights than samples takes any of them,
so the sentence is false for classes: of the order of sqrt(n log n) parameters are enough (Vardi, Yehudai and Shamir),
and by their VC dimension, at most of the order of p^2 log p for p weights, about sqrt(n) are needed.

Measured: the linear identity over random directions; a network on n random points with n random two-class labels and
fewer weights and biases than n, accepted by the exact checker; and for random real labels the least residual that
damped Gauss-Newton finds among many starts, for tanh networks of several widths.  That the last does not fit with p < n
shows nothing by itself (it may be a local minimum), and a fit there would only be a candidate for one of the
exceptional labels.
"""

from typing import NamedTuple

import numpy as np

from overparam.data import from_arrays
from overparam.errors import OverparamError
from overparam.records import Plot, Series, Verdict
from overparam.studies._experiment import Experiment, Finding, Link, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against
from overparam.studies.documents._bit_network import bit_network, weights_of
from overparam.studies.landscape._both_layers import newton_fit, tanh_parts
from overparam.widths import certify

FITTED = 1e-9  # of |y|: rounding, far below what a local minimum leaves
N_LINEAR, P_LINEAR = 50, (5, 25, 45)


class Sizes(NamedTuple):
    """Directions y; samples and group of the network of digits; n, d, widths and starts of Gauss-Newton."""

    directions: int
    n_classes: int
    group: int
    n: int
    d: int
    widths: tuple[int, ...]
    starts: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(6000, 2500, 20, 24, 3, (1, 2, 3, 4, 6, 10, 14), 20),
    "laptop": Sizes(40_000, 10_000, 40, 50, 4, (1, 2, 4, 6, 8, 9, 10, 11, 12, 14, 16, 20, 30), 200),
    "paper": Sizes(40_000, 10_000, 40, 50, 4, (1, 2, 4, 6, 8, 9, 10, 11, 12, 14, 16, 20, 30), 200),
}


def measure(setting: Setting, *, real_labels: bool = False, shift: int = 0) -> Finding:
    """The three measurements; `real_labels` for the network of digits, `shift` adds to p in the linear formula."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 12])
    judged = against(
        _linear(rng, size.directions),
        [1 - (p + shift) / N_LINEAR for p in P_LINEAR],
        TOLERANCE["exact"][setting.size],
        names=tuple(f"p = {p}" for p in P_LINEAR),
    )
    signs = rng.choice([-1, 1], size=size.n_classes)
    network = bit_network(signs.tolist(), size.group)
    weights, points = weights_of(network), np.arange(size.n_classes, dtype=float)[:, None]
    labels = rng.normal(size=size.n_classes) if real_labels else signs.astype(float)
    try:
        certify(network, from_arrays(points, labels), setting.folder / "fewer-weights-than-samples")
        accepted, told = True, "accepted by the exact checker"
    except OverparamError as error:
        accepted, told = False, f"not accepted: {error}"
    shares, residuals = _nonlinear(np.random.default_rng([setting.root, 13]), size)
    below = [r for share, r in zip(shares, residuals, strict=True) if share < 1]
    above = [r for share, r in zip(shares, residuals, strict=True) if share >= 2]
    candidate = min(below) <= FITTED
    counted = accepted and weights < size.n_classes
    holds = None if judged.holds is None or candidate else bool(judged.holds and counted and max(above) <= FITTED)
    return Finding(
        holds=False if judged.holds is False or not counted else holds,
        words=f"Share of |y|^2 that a linear model leaves, n = {N_LINEAR}: {judged.words}. A ReLU network of {weights} "
        f"weights and biases takes {size.n_classes} random two-class labels ({weights / size.n_classes:.2f} a label): "
        f"{told}. For random real labels, n = {size.n}, tanh networks with p < n leave at least {min(below):.2g} |y| "
        f"in {size.starts} starts of Gauss-Newton, those with p >= 2 n at most {max(above):.1e} |y|.",
        instances=size.directions + 1 + size.starts * len(size.widths),
        certified=counted,
        links=(
            *judged.links,
            Link("weights of a network for two-class labels, fewer than samples", size.n_classes - 1, weights),
            Link("least residual with p < n, relative", FITTED, min(below), "at least"),
            Link("largest residual with p >= 2 n, relative", FITTED, max(above)),
        ),
        plots=(
            Plot(
                "Least residual for random real labels",
                "parameters over samples, p / n",
                "residual over the labels' length",
                (Series(f"best of {size.starts} starts", tuple(shares), tuple(max(r, 1e-17) for r in residuals)),),
                log_y=True,
                marks=((1.0, "p = n"),),
            ),
        ),
    )


def _linear(rng: np.random.Generator, directions: int) -> np.ndarray:
    """|y - P y|^2 / |y|^2 for y uniform in direction and a fixed design of each rank, (directions, ranks)."""
    y = rng.normal(size=(directions, N_LINEAR))
    found = []
    for p in P_LINEAR:
        basis = np.linalg.qr(rng.normal(size=(N_LINEAR, p)))[0]
        found.append(1 - np.sum((y @ basis) ** 2, axis=1) / np.sum(y**2, axis=1))
    return np.stack(found, axis=1)


def _nonlinear(rng: np.random.Generator, size: Sizes) -> tuple[list[float], list[float]]:
    """Parameters over n, and the least residual among the starts; a bias is a coordinate equal to 1."""
    points = np.concatenate([rng.normal(size=(size.n, size.d)), np.ones((size.n, 1))], axis=1)
    labels = rng.normal(size=size.n)
    shares, residuals = [], []
    for width in size.widths:
        best = np.inf
        for _ in range(size.starts):
            start = rng.normal(size=width * (size.d + 2)) / np.sqrt(size.d + 1)
            best = min(best, newton_fit(tanh_parts, start, points, labels, width, steps=40)[1])
            if best <= FITTED * np.linalg.norm(labels):
                break
        shares.append(width * (size.d + 2) / size.n)
        residuals.append(float(best / np.linalg.norm(labels)))
    return shares, residuals


STUDY = Experiment(
    id="s-params-ge-n",
    claim="A model whose outputs on n points are locally Lipschitz in p < n parameters takes almost no real labels, "
    "and a linear one leaves the share 1 - p/n of their squared length on average over directions. For two-class "
    "labels the sentence is false: on the data in claims/s-params-ge-n a deep ReLU network with fewer "
    "weights and biases than samples takes n random ones.",
    refuted_by="a mean residual of a linear model beyond its interval, or a network for classes with as many weights "
    "as samples or more",
    cites=("vardi2022", "yun2019"),
    locator="the bound of order sqrt(n log n) of vardi2022; the network is the project's own",
    measure=measure,
    proved=True,
    word=Verdict.SCOPED,
)
