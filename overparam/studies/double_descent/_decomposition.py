"""Averaging models with other random features lowers the error most where the peak is, at N = n.

k random-features models share one training set and differ in their features.  Measured: the excess risk of the average
of k of them, by the number N of features, with a ridge of 1e-4, small enough to leave the peak.  Judged is the absolute
gain of the largest k over 1, data set by data set, which must be largest at N = n; ratios are not, since they are about
as large elsewhere.

Without any ridge the sentence fails at N = n itself: the least singular value of a square matrix has a positive density
at 0, so that predictions have tails like Cauchy's, whose averages are distributed as each of them.  Those numbers are
printed beside the others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.generalization import random_features_risk
from overparam.records import Link, Plot, Table, Verdict
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import events
from overparam.studies._series import formula, medians
from overparam.studies.double_descent._features import features, sphere
from overparam.studies.double_descent._least_squares import fitted

NOISE = 0.45**2
SAME = 1e-9  # gains that differ by rounding, of errors of order 1
RIDGE = 1e-4  # beside Phi'Phi/n, whose entries are of order 1


class Sizes(NamedTuple):
    """d, n, numbers N of features, sizes k of the ensembles, data sets, new inputs."""

    dim: int
    n: int
    widths: tuple[int, ...]
    ensembles: tuple[int, ...]
    sets: int
    n_test: int


_LARGE = Sizes(100, 400, (50, 100, 200, 300, 400, 533, 800, 2_000), (1, 5, 25, 100), 20, 500)
_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(30, 120, (30, 60, 90, 120, 160, 240, 600), (1, 5, 25), 10, 300),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def measure(setting: Setting, *, ridge: float = RIDGE, same_features: bool = False) -> Finding:
    """Excess by N and k; another `ridge` on the fits, or the `same_features` in all models."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root])
    trials = np.array([_errors(rng, size, size.widths, ridge, same_features) for _ in range(size.sets)])
    bare = np.median([_errors(rng, size, (size.n,), 0.0, same_features)[:, 0] for _ in range(size.sets)], axis=0)
    middle = np.median(trials, axis=0)
    gains = middle[0] - middle[-1]
    peak = size.widths.index(size.n)
    others = np.delete(gains, peak)
    # set by set too, since a median of 20 has no error of its own
    largest = events(
        [gain[peak] > np.delete(gain, peak).max() + SAME for gain in trials[:, 0] - trials[:, -1]],
        f"data sets whose gain is largest at N = {size.n}",
    )
    gain = Link(
        "median gain at N = n, against the largest elsewhere", float(others.max()), float(gains[peak]), "at least"
    )
    every = np.unique(np.geomspace(size.widths[0] / 2, 2 * size.widths[-1], 400))
    limit = random_features_risk(every / size.dim, size.n / size.dim, "relu", ridge=ridge, noise=NOISE).excess
    kernel = float(random_features_risk(1e6, size.n / size.dim, "relu", noise=NOISE).excess)
    return Finding(
        holds=None if gain.holds and largest.holds is None else gain.holds and largest.holds is True,
        words=f"ReLU features on the sphere, d = {size.dim}, n = {size.n}, noise {NOISE**0.5:.2g}, ridge {ridge:g}, "
        f"{size.sets} data sets: median excess of 1 / {' / '.join(map(str, size.ensembles[1:]))} models "
        + "; ".join(
            f"N = {width}: {' / '.join(f'{value:.3g}' for value in middle[:, i])}"
            for i, width in enumerate(size.widths)
        )
        + f". The gain of {size.ensembles[-1]} over 1 is {gains[peak]:.3g} at N = n and at most {others.max():.3g} "
        f"elsewhere; {largest.words}. The limit of infinitely many features is {kernel:.3g}. "
        f"Without ridge, at N = n: {' / '.join(f'{value:.3g}' for value in bare)}, not judged: predictions then "
        "have tails like Cauchy's, which averages do not thin.",
        instances=trials.size,
        links=(gain, *largest.links),
        plots=(
            Plot(
                f"Averaging over random features, d = {size.dim}, n = {size.n}",
                "features N",
                "excess risk",
                (
                    formula("limit, one model", every, limit),
                    *(medians(f"{k} models", size.widths, trials[:, i]) for i, k in enumerate(size.ensembles)),
                    formula("limit, N = infinity", every, np.full(len(every), kernel)),
                ),
                log_x=True,
                log_y=True,
                marks=((float(size.n), "N = n"),),
            ),
        ),
        tables=(
            Table(
                "Median excess risk",
                ("N", *(f"{k} models" for k in size.ensembles), "gain"),
                tuple(
                    (width, *(float(v) for v in middle[:, i]), float(gains[i])) for i, width in enumerate(size.widths)
                ),
            ),
        ),
    )


def _errors(
    rng: np.random.Generator, size: Sizes, widths: tuple[int, ...], ridge: float, same_features: bool
) -> NDArray[np.float64]:
    """(ensembles, widths) of one data set."""
    train, test = sphere(rng, size.n, size.dim), sphere(rng, size.n_test, size.dim)
    beta = rng.normal(size=size.dim)
    beta /= np.linalg.norm(beta)
    labels = (train @ beta + NOISE**0.5 * rng.normal(size=size.n))[:, None]
    most, out = size.ensembles[-1], np.empty((len(size.ensembles), len(widths)))
    for i, width in enumerate(widths):
        predictions = np.empty((most, size.n_test))
        weights = sphere(rng, width, size.dim)
        for k in range(most):
            if k and not same_features:
                weights = sphere(rng, width, size.dim)
            found = fitted(features(train, weights), labels, ridge=ridge)
            predictions[k] = (features(test, weights) @ found)[:, 0]
        for j, k in enumerate(size.ensembles):
            out[j, i] = ((predictions[:k].mean(axis=0) - test @ beta) ** 2).mean()
    return out


STUDY = Experiment(
    id="d-decomposition",
    claim="With a ridge small enough to leave the peak, averaging random-features models with independent features "
    "on one training set lowers the excess risk most, in absolute terms, at N = n.",
    refuted_by="a larger gain of the largest ensemble over one model at another number of features",
    cites=("dascoli2020double", "nakkiran2020deep"),
    locator="the experiments on ensembling",
    measure=measure,
    proved=False,
    word=Verdict.SCOPED,
)
