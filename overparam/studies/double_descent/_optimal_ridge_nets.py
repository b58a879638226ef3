"""A tuned ridge flattens the peak: with the best penalty for every width, more features never hurt.

Random ReLU features with noise, N from a tenth to eight times n: the penalty is chosen for each N on a validation set,
from one grid for all.  Judged: the paired fall of the test error from each N to the next.  What a tuned decay of the
weights does to trained networks is not measured here.
"""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import random_features_risk
from overparam.records import Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import all_of, effect
from overparam.studies._series import formula, measured, medians
from overparam.studies.double_descent._features import features, sphere

NOISE = 0.5
RIDGES = np.geomspace(1e-6, 1e2, 25)  # beside Phi'Phi/n


class Sizes(NamedTuple):
    """d, n, numbers N of features, data sets, validation and test points."""

    dim: int
    n: int
    widths: tuple[int, ...]
    sets: int
    n_valid: int
    n_test: int


_LARGE = Sizes(100, 400, (40, 100, 200, 320, 400, 500, 800, 1_600, 3_200), 40, 2_000, 2_000)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 100, (10, 25, 50, 80, 100, 125, 200, 400, 800), 40, 500, 500),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, tuned: bool = True) -> Finding:
    """Excess by N at the ridge chosen on validation data; without `tuned` at the smallest, which leaves the peak."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root])
    both = np.array([_errors(rng, size) for _ in range(size.sets)])  # sets, (tuned, least), widths
    trials = both[:, 0 if tuned else 1]
    falls = [
        effect(np.log(trials[:, i]) - np.log(trials[:, j]), 0.0, f"fall of ln error from N = {a} to {b}")
        for (i, a), (j, b) in itertools.pairwise(enumerate(size.widths))
    ]
    judged = all_of(*falls)
    every = np.geomspace(size.widths[0] / 2, 2 * size.widths[-1], 120)
    grid = np.geomspace(1e-6, 1e2, 200)
    best = random_features_risk(
        every[:, None] / size.dim, size.n / size.dim, "relu", ridge=grid[None, :], noise=NOISE
    ).excess.min(axis=1)
    least = random_features_risk(
        every / size.dim, size.n / size.dim, "relu", ridge=float(RIDGES[0]), noise=NOISE
    ).excess
    return Finding(
        holds=judged.holds,
        words=f"ReLU features on the sphere, d = {size.dim}, n = {size.n}, noise variance {NOISE}, {len(RIDGES)} "
        f"penalties, {size.n_valid} validation points, {size.sets} data sets: mean excess "
        f"{', '.join(f'{v:.3g}' for v in both[:, 0].mean(axis=0))} with the tuned penalty, median "
        f"{', '.join(f'{v:.3g}' for v in np.median(both[:, 1], axis=0))} with the smallest, at N = "
        f"{', '.join(map(str, size.widths))}; {judged.words}.",
        instances=both.size,
        links=judged.links,
        plots=(
            Plot(
                f"A tuned ridge flattens the peak, d = {size.dim}, n = {size.n}",
                "features N",
                "excess risk",
                (
                    formula("limit, best ridge", every, best),
                    measured(f"tuned, {size.sets} data sets", size.widths, both[:, 0]),
                    formula(f"limit, ridge {RIDGES[0]:g}", every, least),
                    medians(f"ridge {RIDGES[0]:g}", size.widths, both[:, 1]),
                ),
                log_x=True,
                log_y=True,
                marks=((float(size.n), "N = n"),),
            ),
        ),
        tables=(
            Table(
                "Excess risk",
                ("N", "tuned (mean)", "smallest ridge (median)"),
                tuple(
                    (width, float(both[:, 0, i].mean()), float(np.median(both[:, 1, i])))
                    for i, width in enumerate(size.widths)
                ),
            ),
        ),
    )


def _errors(rng: np.random.Generator, size: Sizes) -> NDArray[np.float64]:
    """(2, widths) of one data set: excess at the chosen ridge and at the least one."""
    points = sphere(rng, size.n + size.n_valid + size.n_test, size.dim)
    weights = sphere(rng, size.widths[-1], size.dim)
    beta = rng.normal(size=size.dim)
    beta /= np.linalg.norm(beta)
    clean = points @ beta
    labels = clean + NOISE**0.5 * rng.normal(size=len(points))
    parts = features(points, weights)
    first, second = size.n, size.n + size.n_valid
    out = np.empty((2, len(size.widths)))
    for i, width in enumerate(size.widths):
        train, valid, test = np.split(parts[:, :width], [first, second])
        wide = width > size.n
        gram = (train @ train.T if wide else train.T @ train) / size.n
        values, basis = np.linalg.eigh(gram)
        # (Phi'Phi/n + r)^-1 Phi'y/n, for all r at once, in the eigenbasis of the smaller Gram matrix
        right = basis.T @ (labels[:first] if wide else train.T @ labels[:first]) / size.n
        shrunk = right[:, None] / (np.maximum(values, 0)[:, None] + RIDGES)
        found = train.T @ (basis @ shrunk) if wide else basis @ shrunk
        scores = ((valid @ found - labels[first:second, None]) ** 2).mean(axis=0)
        errors = ((test @ found - clean[second:, None]) ** 2).mean(axis=0)
        out[:, i] = errors[scores.argmin()], errors[0]
    return out


STUDY = Experiment(
    id="d-optimal-ridge-nets",
    claim="With the ridge tuned on a validation set for every number of random features, the test error falls with the "
    "number of features throughout, also across N = n, where without tuning it peaks.",
    refuted_by="a test error that grows from one number of features to the next",
    cites=("nakkiran2021optimal",),
    locator="the experiments with random features",
    measure=measure,
    proved=False,
)
