"""Depth makes pieces: k composed tents have 2^k of them, and a network of few pieces errs on many of 2^k points.

The tent t(x) = relu(2 relu(x) - 4 relu(x - 1/2)) takes two hidden layers; composed k times it has 2^k affine pieces on
[0, 1] with 3 k neurons, while L hidden layers of width w have at most (2 w)^L pieces on a line.  Label the 2^k points i
/ 2^k alternately.  A function of t affine pieces, cut at 1/2, is constant on at most 2 t stretches, and on t + 1 if it
is continuous, as networks are; a stretch of l points errs on (l - 1) / 2 of them at least.  So the share of errors is
at least 1/2 - t / 2^k, and 1/2 - (t + 1) / 2^(k + 1) for continuous functions; the published 1/3 - (4/3) t / 2^k is
less.

Everything is counted in rational arithmetic: pieces of the compositions and of random networks on a line, and the best
classifier of a given number of stretches by dynamic programming.  What is not tested is the theorem about every depth
and dimension, whose networks are far too large.
"""

import itertools
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from overparam.exact import ExactLayer
from overparam.records import Link, Plot, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._instances import Size
from overparam.studies._series import bound, pointwise
from overparam.studies.approximation._lines import along

FAR = Fraction(8)  # random networks are counted on [-FAR, FAR]
DENOMINATOR = 8  # of their weights


class Sizes(NamedTuple):
    """Compositions, log2 of the points that are classified, pieces t, random networks."""

    deepest: int
    points: int
    pieces: tuple[int, ...]
    networks: int


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(12, 8, (1, 2, 4, 8, 16), 200),
    "laptop": Sizes(16, 11, (1, 2, 4, 8, 16, 32, 64), 2000),
    "paper": Sizes(16, 11, (1, 2, 4, 8, 16, 32, 64), 2000),
}


def tents(count: int, *, peak: Fraction = Fraction(1)) -> list[ExactLayer]:
    """`count` compositions of peak * t: 2 count hidden layers of 2 and 1 neurons in turn, and an output."""
    one, zero = Fraction(1), Fraction(0)
    hidden = []
    for _ in range(count):
        hidden.append(ExactLayer(((one,), (one,)), (zero, Fraction(-1, 2))))
        hidden.append(ExactLayer(((2 * peak, -4 * peak),), (zero,)))
    return [*hidden, ExactLayer(((one,),), (zero,))]


def fewest_errors(n_points: int, stretches: int) -> list[int]:
    """For 1, .., stretches: errors of the best classifier that is constant on at most so many, on alternating labels.

    Dynamic programming over the points, the number of stretches and the class of the last one.
    """
    beyond = n_points + 1
    # best[s][c]: errors so far with s + 1 stretches, the last of class c
    best = [[beyond, beyond] for _ in range(stretches)]
    best[0] = [0, 0]
    for i in range(n_points):
        label, wrong = i % 2, []
        for s in range(stretches):
            row = []
            for c in (0, 1):
                before = best[s][c] if s == 0 or i == 0 else min(best[s][c], best[s - 1][1 - c])
                row.append(before + (c != label))
            wrong.append(row)
        best = wrong
    fewest = [min(row) for row in best]
    return [min(fewest[: s + 1]) for s in range(stretches)]


def measure(setting: Setting, *, peak: Fraction = Fraction(1), stretches: int = 2) -> Finding:
    """Counts; a `peak` below 1 spoils the tent, `stretches` are those granted to each piece."""
    size = _SIZES[setting.size]
    depths = range(1, size.deepest + 1)
    counted = [along(tents(k, peak=peak), Fraction(0), Fraction(1)).pieces for k in depths]
    doubled = all(found == 2**k for k, found in zip(depths, counted, strict=True))
    n_points = 2**size.points
    fewest = fewest_errors(n_points, stretches * max(size.pieces))
    anyhow = {t: Fraction(fewest[stretches * t - 1], n_points) for t in size.pieces}
    continuous = {t: Fraction(fewest[t], n_points) for t in size.pieces}
    sharp = {t: Fraction(1, 2) - Fraction(t, n_points) for t in size.pieces}
    sharper = {t: Fraction(1, 2) - Fraction(t + 1, 2 * n_points) for t in size.pieces}
    published = {t: Fraction(1, 3) - Fraction(4 * t, 3 * n_points) for t in size.pieces}
    obeyed = all(anyhow[t] >= sharp[t] > published[t] and continuous[t] >= sharper[t] for t in size.pieces)
    attained = all(anyhow[t] == sharp[t] for t in size.pieces)
    rng = np.random.default_rng(setting.root)
    most, width_depth = max((_share(rng) for _ in range(size.networks)), key=lambda found: found[0])
    links = (
        Link(f"pieces of {size.deepest} tents", float(2**size.deepest), float(counted[-1]), "at least"),
        *(
            Link(f"errors of the best classifier of {t} pieces, t / 2^k", float(sharp[t]), float(anyhow[t]), "at least")
            for t in size.pieces
        ),
        *(
            Link(f"and of the best continuous one, t = {t}", float(sharper[t]), float(continuous[t]), "at least")
            for t in size.pieces
        ),
        Link("pieces of a random network, relative to (2 w)^L, most", 1.0, float(most)),
    )
    return Finding(
        holds=doubled and obeyed and most <= 1,
        words=f"Exactly: k tents have {'2^k' if doubled else 'not 2^k'} pieces for k <= {size.deepest} "
        f"({counted[-1]} by {3 * size.deepest} neurons); on {n_points} alternating points the best classifier of t "
        f"pieces errs on a share of {'exactly' if attained else 'not exactly'} 1/2 - t / 2^k, t = "
        f"{', '.join(map(str, size.pieces))}; {size.networks} random networks have at most {float(most):.3g} of "
        f"(2 w)^L pieces on [-8, 8] (w, L = {width_depth[0]}, {width_depth[1]}). The theorem for all depths and "
        "dimensions is not tested.",
        instances=len(counted) + 2 * len(size.pieces) + size.networks,
        links=links,
        plots=(
            Plot(
                "Pieces of k composed tents",
                "k (2 k hidden layers, 3 k neurons)",
                "affine pieces",
                (
                    pointwise("counted exactly", depths, [[one] for one in counted]),
                    bound("one hidden layer of 3 k neurons, at most", depths, [3 * k + 1 for k in depths]),
                ),
                log_y=True,
            ),
            Plot(
                f"The best classifier of t pieces on {n_points} alternating points",
                "pieces t",
                "share of errors",
                (
                    pointwise("any, by dynamic programming", size.pieces, [[float(anyhow[t])] for t in size.pieces]),
                    pointwise("continuous", size.pieces, [[float(continuous[t])] for t in size.pieces]),
                    bound("1/2 - t / 2^k", size.pieces, [float(sharp[t]) for t in size.pieces]),
                    bound("published", size.pieces, [float(published[t]) for t in size.pieces]),
                ),
                log_x=True,
            ),
        ),
        tables=(
            Table(
                "Share of errors and its lower bounds",
                ("t", "any", "1/2 - t / 2^k", "continuous", "1/2 - (t + 1) / 2^(k + 1)", "published"),
                tuple(
                    (t, *(float(each[t]) for each in (anyhow, sharp, continuous, sharper, published)))
                    for t in size.pieces
                ),
            ),
        ),
    )


def _share(rng: np.random.Generator) -> tuple[Fraction, tuple[int, int]]:
    """Pieces of one random network relative to (2 w)^L; with w and L."""
    width, depth = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    sizes = [1, *[width] * depth, 1]

    def drawn(count: int) -> tuple[Fraction, ...]:
        return tuple(Fraction(int(a), DENOMINATOR) for a in rng.integers(-DENOMINATOR, DENOMINATOR + 1, size=count))

    layers = [
        ExactLayer(tuple(drawn(inputs) for _ in range(units)), drawn(units))
        for inputs, units in itertools.pairwise(sizes)
    ]
    return Fraction(along(layers, -FAR, FAR).pieces, (2 * width) ** depth), (width, depth)


STUDY = Experiment(
    id="l-telgarsky",
    claim="k composed tents, a network of 2 k hidden layers and 3 k neurons, have 2^k pieces on [0, 1]; a ReLU "
    "network of L hidden layers of width w has at most (2 w)^L on a line; and every function of t pieces, cut at 1/2, "
    "errs on a share of at least 1/2 - t / 2^k of 2^k alternating points, a continuous one of "
    "1/2 - (t + 1) / 2^(k + 1).",
    refuted_by="another number of pieces, a network with more than (2 w)^L, or a classifier that errs on fewer points",
    cites=("telgarsky2016benefits", "telgarsky2015representation"),
    locator="Theorem 1.1 and its lemmas; the sharper counts are the project's own",
    measure=measure,
    proved=True,
)
