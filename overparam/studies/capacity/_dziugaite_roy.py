"""A PAC-Bayes bound on a stochastic network, optimized: below 1/2 for real, and never exceeded more often than allowed.

First the published table of networks on binary MNIST: from each training error and divergence the bound is computed
anew, n = 55,000, b = 100, c = 0.1, delta = 0.025, with and without the inversion for 150,000 draws at delta' = 0.01;
the published column should lie between the two but for 0.006.  Then networks of one hidden layer on independent
samples of two Gaussian classes: bounds below 1/2, and errors on fresh points; and classifiers that fit labels drawn by
coin, as many samples as unknowns, whose error is 1/2.  How often the error exceeds the bound is held against
1 - confidence by a one-sided exact binomial test at level 1 %, for both families.
"""

import math
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overparam.generalization import PacBayes, PacBayesSpec, certified, inverse_kl, pac_bayes_seeds, stochastic_errors
from overparam.networks import Layer
from overparam.records import Link, Plot, Series, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size

PUBLISHED = (  # network, training error, test error, bound and KL divergence as printed
    ("784-600-1", 0.028, 0.034, 0.161, 5144),
    ("784-1200-1", 0.027, 0.035, 0.179, 5977),
    ("784-300-300-1", 0.027, 0.034, 0.170, 5791),
    ("784-600-600-1", 0.028, 0.033, 0.186, 6534),
    ("784-1200-1200-1", 0.029, 0.035, 0.223, 8558),
    ("784-600-600-600-1", 0.027, 0.032, 0.201, 7861),
    ("784-600-1, random labels", 0.112, 0.503, 1.352, 201131),
)
NEAR = 0.006  # of the printed column to the formula's; three digits of the training error account for 0.0015 of it
N, DRAWS, DELTA, DELTA_DRAWS = 55_000, 150_000, 0.025, 0.01


class Sizes(NamedTuple):
    """Samples, inputs, hidden units, independent repetitions, steps, draws of weights; unknowns known by heart."""

    n: int
    d: int
    width: int
    repeats: int
    steps: int
    draws: int
    by_heart: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(1000, 10, 8, 100, 300, 300, 60),
    "laptop": Sizes(2000, 50, 50, 400, 2000, 1000, 100),
    "paper": Sizes(55_000, 784, 600, 100, 20_000, 1000, 100),
}
SEPARATION = 2.0  # of the class means from 0, first coordinate; the best error is Phi(-2) = 0.023


def measure(setting: Setting, *, wrong_mean: bool = False, planted: float = 1.0, random: bool = False) -> Finding:
    """Table, networks, repetitions.

    `wrong_mean` computes KL with the initial mean, `planted` multiplies bounds, `random` draws labels by coin.
    """
    size = _SIZES[setting.size]
    table, links = _recomputed()
    how = PacBayesSpec(steps=size.steps, step_size=1e-2, draws=size.draws)
    found, errors = _networks(setting.root, size, how, random=random)
    bounds = planted * np.array([one.bound for one in found])
    by_heart = planted * _memorized(setting.root, size, how, wrong_mean=wrong_mean)
    most = float(stats.binom.ppf(0.99, size.repeats, 1 - found[0].confidence))
    exceeded = (int((errors > bounds).sum()), int((by_heart < 0.5).sum()))
    links += (
        Link("largest bound on the error of a network, against 1/2", 0.5, float(bounds.max())),
        Link("errors of networks above their bounds", most, float(exceeded[0])),
        Link("errors of classifiers that know random labels by heart above theirs", most, float(exceeded[1])),
    )
    order, at = np.argsort(bounds), tuple(map(float, range(1, size.repeats + 1)))
    divergences, training = ([getattr(one, name) for one in found] for name in ("divergence", "stochastic_error"))
    return Finding(
        holds=all(link.holds for link in links),
        words=f"Six published bounds recomputed within {NEAR}, and that of random labels by Pinsker. On two Gaussian "
        f"classes, n = {size.n}, d = {size.d}, {size.repeats} independent samples, {size.width} hidden units, "
        f"{size.width * (size.d + 2) + 1} weights: bounds {bounds.min():.3f} to {bounds.max():.3f} with confidence "
        f"{found[0].confidence:.3f}, KL {np.mean(divergences):.1f}, stochastic training error {np.mean(training):.4f}, "
        f"error on fresh points {errors.mean():.4f} (means), above its bound {exceeded[0]} times. Of {size.repeats} "
        f"classifiers that know {size.by_heart} random labels by heart the bound is {by_heart.mean():.4f} (mean), too "
        f"low {exceeded[1]} times. Up to {most:g} times do not contradict the confidence. The bound is on the "
        "stochastic network, not on its mean.",
        instances=len(PUBLISHED) + 2 * size.repeats,
        links=links,
        tables=(table,),
        plots=(
            Plot(
                f"{size.repeats} stochastic networks on two Gaussian classes, in the order of their bounds",
                "repetition",
                "error",
                (
                    Series("error on fresh points", at, tuple(errors[order].tolist())),
                    Series("bound", at, tuple(bounds[order].tolist()), kind="bound"),
                ),
            ),
        ),
    )


def _recomputed() -> tuple[Table, tuple[Link, ...]]:
    """The published bounds from their training errors and divergences."""
    rows, links = [], []
    for name, train, test, printed, divergence in PUBLISHED:
        rate = (divergence + math.log(math.pi**2 * N / (6 * DELTA))) / (N - 1)
        drawn = float(inverse_kl(train, math.log(2 / DELTA_DRAWS) / DRAWS))
        without, with_draws = (float(inverse_kl(error, rate)) for error in (train, drawn))
        pinsker = math.sqrt(divergence / (2 * (N - 1)))
        rows.append((name, train, test, divergence, printed, without, with_draws, pinsker))
        if printed < 1:
            links.append(Link(f"published bound of {name}, not above", with_draws + NEAR, printed))
            links.append(Link(f"published bound of {name}, not below", without - NEAR, printed, "at least"))
        else:  # what is printed there is Pinsker's term alone: a bound inverted by kl cannot pass 1
            links.append(Link(f"published value of {name}, by Pinsker", 5e-4, abs(printed - pinsker)))
    columns = ("network", "training error", "test error", "KL", "published", "without draws", "with draws", "Pinsker")
    return Table("PAC-Bayes bounds on binary MNIST, published and recomputed", columns, tuple(rows)), tuple(links)


def _networks(root: int, size: Sizes, how: PacBayesSpec, *, random: bool) -> tuple[tuple[PacBayes, ...], NDArray]:
    """Certified networks of independent samples, and their errors on fresh points, (repeats,)."""
    rng = np.random.default_rng([root, size.n])
    (points, labels), (fresh, classes) = (_mixture(rng, size.repeats, size.n, size.d) for _ in range(2))
    if random:
        labels, classes = (rng.choice([-1, 1], size=each.shape) for each in (labels, classes))
    start = (_layer(rng, size.repeats, size.width, size.d, 2.0), _layer(rng, size.repeats, 1, size.width, 1.0))
    key = jax.random.key(root)
    found = pac_bayes_seeds(start, start, points, labels, key, how=how)
    return found, stochastic_errors(found, fresh, classes, jax.random.fold_in(key, 1), how=how)


def _memorized(root: int, size: Sizes, how: PacBayesSpec, *, wrong_mean: bool) -> NDArray:
    """Bounds, (repeats,), of stochastic classifiers around exact solutions of as many equations as unknowns."""
    rng = np.random.default_rng([root, size.d, 3])
    n = size.by_heart
    centre = (Layer(np.zeros((1, n)), np.zeros(1)),)
    out = []
    for _ in range(size.repeats):
        points, labels = rng.normal(size=(n, n)), rng.choice([-1.0, 1.0], size=n)
        mean = (Layer(np.linalg.solve(points, labels)[None], np.zeros(1)),)
        deviation = (Layer(np.full((1, n), 1e-2), np.full(1, 1e-2)),)
        drawn = mean[0].weights + 1e-2 * rng.normal(size=(how.draws, n))
        error = float(np.mean(labels * (drawn @ points.T + 1e-2 * rng.normal(size=(how.draws, 1))) <= 0))
        near = how.per_unit * math.log(how.largest_variance / 1e-4)
        found = certified(mean, deviation, centre, error, n, near=near, how=how)
        out.append(_with_the_initial_mean(found, n) if wrong_mean else found.bound)
    return np.array(out)


def _with_the_initial_mean(found: PacBayes, n: int) -> float:
    """A wrong bound: KL as if the mean had stayed where it began, at zero."""
    apart = sum(float(np.sum(np.square(leaf))) for layer in found.mean for leaf in layer)
    missing = apart / (2 * found.prior_variance) / (n - 1)
    return float(inverse_kl(found.error_bound, max(found.rate - missing, 0.0)))


def _mixture(rng: np.random.Generator, repeats: int, n: int, d: int) -> tuple[NDArray, NDArray]:
    labels = rng.choice([-1, 1], size=(repeats, n))
    points = rng.normal(size=(repeats, n, d))
    points[:, :, 0] += SEPARATION * labels
    return points, labels


def _layer(rng: np.random.Generator, repeats: int, units: int, inputs: int, gain: float) -> Layer:
    return Layer(rng.normal(size=(repeats, units, inputs)) * np.sqrt(gain / inputs), np.zeros((repeats, units)))


STUDY = Experiment(
    id="b-dziugaite-roy",
    claim="For a stochastic network optimized by PAC-Bayes on two Gaussian classes the bound on its error is below "
    "1/2 and above the measured error; over independent samples it is exceeded no more often than its confidence "
    "allows; and the published bounds on binary MNIST follow from their training errors and divergences.",
    refuted_by="a published bound off the formula, a bound of 1/2 or more, or errors above the bound too often",
    cites=("dziugaite2017computing", "langford2002not", "maurer2004note"),
    locator="dziugaite2017computing, Sections 3 to 5 and Table 1",
    measure=measure,
    proved=False,
)
