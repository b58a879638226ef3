"""Memorizing rare examples is necessary on long-tailed data: what is seen once weighs as much as all of it together.

If the frequencies alpha of subpopulations follow a law, a learner that errs on those seen l times of n pays
tau_l = E alpha^(l+1) (1 - alpha)^(n-l) / E alpha^l (1 - alpha)^(n-l) for each.  For a fixed list of frequencies this is
the expected mass of the entries seen l times over their expected number, exactly: for l = 1, both sums run over
n alpha (1 - alpha)^(n-1).  The cost of not fitting singletons is tau_1 times their number.

Measured: the ratio of the two means over many samples, of Zipf lists, with the standard error of a ratio estimator; and
on Gaussian clusters of Zipf sizes with 1-nearest-neighbour, the memorization value mem(i) = P(right on i, i in the
sample) - P(right on i, i left out) by subsets of 70 %, for rare and frequent clusters, and what the test accuracy loses
without the points of mem > .5 and without as many random ones.  Duplicates of an example hide its memorization.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from overparam.records import Plot, Series
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._rules import TOLERANCE, against, all_of, effect
from overparam.studies._series import formula, pointwise

LISTS = ((2000, 1000, 1.0), (500, 800, 1.0), (3000, 600, 0.7))  # entries, samples, exponent of Zipf's law
MOST = 12  # multiplicities of the plot
CLUSTERS, DIM, CLASSES, SPREAD, CENTRES = 600, 30, 10, 0.5, 2.0
SHARE = 0.7
RARE, FREQUENT = 1, 20
MEMORIZED, COMMON = 0.5, 0.1
RATIO = "95 % interval of the ratio, linearized, point by point"


class Sizes(NamedTuple):
    """Samples of each list; points, subsets, test points and seeds of the clusters."""

    draws: int
    points: int
    subsets: int
    tests: int
    seeds: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(1000, 600, 300, 2000, 5),
    "laptop": Sizes(20_000, 600, 2000, 10_000, 20),
    "paper": Sizes(20_000, 600, 4000, 10_000, 20),
}


class Memory(NamedTuple):
    """Of one seed: mem and cluster size of every point; test accuracy of all, without high mem, without random ones."""

    values: NDArray
    sizes: NDArray
    accuracy: float
    without: float
    random: float
    removed: int


def zipf(entries: int, exponent: float) -> NDArray:
    """Frequencies proportional to i^-exponent."""
    weights = np.arange(1, entries + 1) ** -exponent
    return weights / weights.sum()


def tau(frequencies: NDArray, n: int, seen: int) -> float:
    """E alpha^(l+1) (1 - alpha)^(n-l) / E alpha^l (1 - alpha)^(n-l) over the list, l = `seen`."""
    logs = seen * np.log(frequencies) + (n - seen) * np.log1p(-frequencies)
    weights = np.exp(logs - logs.max())
    return float(np.sum(weights * frequencies) / weights.sum())


def ratio_trials(mass: NDArray, count: NDArray) -> NDArray:
    """Numbers whose mean is sum(mass) / sum(count) and whose standard error is that of the ratio estimator."""
    ratio = mass.sum() / count.sum()
    return ratio + (mass - ratio * count) / count.mean()


def measure(setting: Setting, *, random_labels: bool = False, shift: int = 0) -> Finding:
    """Ratios and memorization values; `random_labels` draws a class for every point, `shift` spoils tau's exponent."""
    size = _SIZES[setting.size]
    trials, values = [], []
    for entries, n, exponent in LISTS:
        frequencies = zipf(entries, exponent)
        rng = np.random.default_rng([setting.root, entries])
        seen = rng.multinomial(n, frequencies, size=size.draws)
        trials.append(ratio_trials((seen == 1) @ frequencies, np.sum(seen == 1, axis=1)))
        values.append(tau(frequencies, n, 1 + shift))
        if entries == LISTS[0][0]:
            curve = _curve(seen, frequencies, n)
    names = tuple(f"N = {entries}, n = {n}, i^-{exponent:g}" for entries, n, exponent in LISTS)
    exact = against(np.stack(trials, axis=1), values, TOLERANCE["exact"][setting.size], names=names)
    memories = [_memory(setting.root, seed, size, random_labels=random_labels) for seed in range(size.seeds)]
    rare = [one.values[one.sizes == RARE].mean() for one in memories]
    frequent = [one.values[one.sizes >= FREQUENT].mean() for one in memories]
    judged = all_of(
        exact._replace(holds=exact.holds or None),  # an identity: floats against it leave the claim open
        effect(rare, MEMORIZED, "mean mem of points alone in their cluster"),
        effect(frequent, COMMON, f"mean mem in clusters of {FREQUENT} points and more", kind="below"),
        effect([one.random - one.without for one in memories], 0.0,
               "test accuracy lost without the memorized points more than without random ones"),
    )  # fmt: skip
    accuracies = np.mean([(one.accuracy, one.without, one.random) for one in memories], axis=0)
    return Finding(
        holds=judged.holds,
        words=f"Mass of singletons over their number against tau_1: {judged.words}. {CLUSTERS} clusters in d = {DIM}, "
        f"n = {size.points}, {size.subsets} subsets, 1-NN: test accuracy {accuracies[0]:.3f} with all points, "
        f"{accuracies[1]:.3f} without the {np.mean([one.removed for one in memories]):.0f} of mem > {MEMORIZED:g}, "
        f"{accuracies[2]:.3f} without as many random ones. Nearest neighbours memorize by design; that networks do is "
        "not measured here.",
        instances=size.draws * len(LISTS) + size.seeds,
        links=judged.links,
        plots=(curve, _by_size(memories)),
    )


def _curve(seen: NDArray, frequencies: NDArray, n: int) -> Plot:
    """Ratios over the multiplicity, with 95 % intervals of the ratios."""
    multiplicities = range(MOST + 1)
    draws = [ratio_trials((seen == l) @ frequencies, np.sum(seen == l, axis=1)) for l in multiplicities]
    return Plot(
        f"Mass of an entry that was seen l times (Zipf, {len(frequencies)} entries, n = {n})",
        "times seen l",
        "mean mass of such an entry",
        (
            pointwise("measured", multiplicities, draws, spread=RATIO),
            formula("tau_l", multiplicities, [tau(frequencies, n, l) for l in multiplicities]),
            formula("l / n", multiplicities, [l / n for l in multiplicities]),
        ),
    )


def _memory(root: int, seed: int, size: Sizes, *, random_labels: bool) -> Memory:
    rng = np.random.default_rng([root, seed, CLUSTERS])
    centres, classes = CENTRES * rng.normal(size=(CLUSTERS, DIM)), rng.integers(CLASSES, size=CLUSTERS)
    frequencies = zipf(CLUSTERS, 1.0)

    def drawn(count: int) -> tuple[NDArray, NDArray, NDArray]:
        which = rng.choice(CLUSTERS, size=count, p=frequencies)
        labels = rng.integers(CLASSES, size=count) if random_labels else classes[which]
        return centres[which] + SPREAD * rng.normal(size=(count, DIM)), labels, which

    points, labels, which = drawn(size.points)
    tests, wanted, _ = drawn(size.tests)
    values = memorization(rng, points, labels, size.subsets)
    high = values > MEMORIZED
    kept = np.ones(size.points, bool)
    kept[rng.choice(size.points, size=int(high.sum()), replace=False)] = False
    near = _squares(tests, points)
    every, without, random = (
        float(np.mean(labels[part][near[:, part].argmin(axis=1)] == wanted))
        for part in (np.ones(size.points, bool), ~high, kept)
    )
    return Memory(values, np.bincount(which, minlength=CLUSTERS)[which], every, without, random, int(high.sum()))


def memorization(rng: np.random.Generator, points: NDArray, labels: NDArray, subsets: int) -> NDArray:
    """Memorization value of every point for 1-NN: mean correctness on subsets with it less that on subsets without it.

    Args:
        rng: draws the subsets.
        points: (n, dim).
        labels: (n,) integers.
        subsets: of SHARE of the points each.
    """
    n = len(points)
    order = np.argsort(_squares(points, points), axis=1, kind="stable")
    right = labels[order] == labels[:, None]
    taken = np.zeros((subsets, n), bool)
    for row in taken:
        row[rng.choice(n, size=round(SHARE * n), replace=False)] = True
    correct = np.stack([right[np.arange(n), row[order].argmax(axis=1)] for row in taken])
    with_it = np.sum(correct & taken, axis=0) / taken.sum(axis=0)
    return with_it - np.sum(correct & ~taken, axis=0) / (~taken).sum(axis=0)


def _by_size(memories: list[Memory]) -> Plot:
    bins = [(1, 1), (2, 2), (3, 4), (5, 8), (9, 19), (20, 10**6)]
    x = [float(np.mean([low, min(high, 60)])) for low, high in bins]
    rows = []
    for low, high in bins:
        means = [one.values[(one.sizes >= low) & (one.sizes <= high)] for one in memories]
        rows.append([float(values.mean()) for values in means if len(values)])
    kept = [(at, row) for at, row in zip(x, rows, strict=True) if row]
    series: Series = pointwise("mean over points and seeds", [at for at, _ in kept], [row for _, row in kept])
    return Plot(
        "Rare examples are memorized, frequent ones are learned from others",
        "points of the cluster in the sample",
        "memorization value",
        (series,),
        log_x=True,
    )


def _squares(one: NDArray, other: NDArray) -> NDArray:
    """Squared distances, up to rounding."""
    squares = np.sum(one**2, axis=1)[:, None] + np.sum(other**2, axis=1)[None] - 2 * one @ other.T
    if one is other:
        np.fill_diagonal(squares, -1.0)  # itself first, whatever rounding does
    return squares


STUDY = Experiment(
    id="m-feldman",
    claim="The mass of an entry of a Zipf list that was seen once is tau_1 on the mean, so that not fitting singletons "
    "costs tau_1 times their number; and on the long-tailed clusters of this study nearest neighbours memorize the "
    "points alone in their cluster, not those of frequent ones, and lose more without them than without random ones.",
    refuted_by="a ratio off tau_1, rare points that are not memorized or frequent ones that are, or random removal "
    "that hurts as much",
    cites=("feldman2020does", "feldman2020what"),
    locator="Theorem 2.3 and the estimator of memorization",
    measure=measure,
    proved=False,
)
