"""Networks fit sign patterns at such a rate that their empirical Rademacher complexity is too large to be of use.

For functions with values -1 and +1, R = E_s max_h (1/n) sum_i s_i h(x_i), at most 1.  Where a pattern is fitted the
maximum is 1; where it is not, it is still no less than 0, since with h the class has -h (the last layer negated).  So
with q the probability that training fits a random pattern

    R >= 1 q + 0 (1 - q) = q,

and what was fitted of the patterns drawn bounds q from below (Clopper-Pearson, 95 %): 20 of 20 show 0.861, 10 of 10
show 0.741.  A pattern that is not fitted shows nothing, since the optimizer may be to blame: no run fails.

Claimed: R > 1/2.  The share of errors is (1 - y h) / 2, whose complexity is R / 2, so the bound on its gap is at least
2 R / 2 = R: above 1/2 it promises no more than guessing does, even without a training error.

Controls where the value is known.  Of n points in general position in R^d, exactly 2 sum_{i<d} C(n - 1, i) of the 2^n
patterns are separable by a plane through 0 (Cover), half of them at n = 2d: counted here for every pattern by linear
programming, for a data set that is drawn, so without sampling error.  And for {x -> <w, x>: ||w|| <= b} the value
(b/n) E ||X' s|| lies between b ||X||_F / (sqrt 2 n) and b ||X||_F / n (Khintchine, Jensen): computed over all patterns.
"""

import itertools
import math
from typing import NamedTuple

import jax
import numpy as np
import scipy.optimize

from overparam.networks import MlpClassifier
from overparam.records import Link, Table
from overparam.studies._experiment import Experiment, Finding, Setting
from overparam.studies._images import image_splits
from overparam.studies._instances import Size
from overparam.studies._rules import events
from overparam.training import ClassTrainSpec, train_classifiers

BLOCK = 10


class Sizes(NamedTuple):
    """Points, their dimension (None: images), neurons, epochs, sign patterns; (n, d) of the counts."""

    n: int
    d: int | None
    width: int
    epochs: int
    draws: int
    counts: tuple[tuple[int, int], ...]


_SIZES: dict[Size, Sizes] = {
    "ci": Sizes(60, 10, 256, 300, 20, ((9, 4), (8, 4))),
    "laptop": Sizes(2000, None, 1024, 300, 10, ((9, 4), (8, 4), (12, 5), (14, 6))),
    "paper": Sizes(2000, None, 1024, 300, 10, ((9, 4), (8, 4), (12, 5), (14, 6))),
}


def measure(setting: Setting, *, width: int | None = None, shift: int = 0) -> Finding:
    """Fits of sign patterns, and the controls; the count sums to i < d + `shift`."""
    size = _SIZES[setting.size]
    rng = np.random.default_rng([setting.root, 70])
    if size.d is None:
        splits = image_splits(setting.root, 1, size.n)
        points, told = splits.points[0], splits.name
    else:
        points, told = rng.normal(size=(size.n, size.d)), f"Gaussian points in {size.d} dimensions"
    signs = rng.integers(0, 2, (size.draws, size.n))
    found = train_classifiers(
        points, signs, jax.random.key(setting.root), size.draws, model=MlpClassifier((width or size.width,), 2),
        how=ClassTrainSpec(epochs=size.epochs, record_every=size.epochs, batch_size=20 if size.n < 500 else 50),
        keep_correct=False, chunk=BLOCK,
    )  # fmt: skip
    correlations = 2 * found.accuracy[:, -1].astype(float) - 1
    fits = events(correlations == 1, "sign patterns fitted, a lower bound of the complexity")
    links, rows = [], []
    for n, d in size.counts:
        seen = separable_patterns(rng.normal(size=(n, d)))
        known = 2 * sum(math.comb(n - 1, i) for i in range(d + shift))
        links.append(Link(f"separable patterns of {n} points in R^{d} off the count", 0.0, float(abs(seen - known))))
        rows.append((f"P(separable), n = {n}, d = {d}", seen / 2**n, known / 2**n))
    low, value, high = ball(rng.normal(size=(12, 5)))
    links += [
        Link("norm ball, b = 1: lower bound", low, value, "at least"),
        Link("norm ball, b = 1: upper bound", high, value),
    ]
    exact = all(link.holds for link in links)
    rows.append(("norm ball, n = 12, d = 5, between", value, low))
    rows.append(("and", value, high))
    return Finding(
        holds=True if exact and fits.holds else None,
        words=f"{size.draws} sign patterns on {size.n} {told}, {width or size.width} neurons: {fits.words}; the mean "
        f"of the largest correlation found is {correlations.mean():.4g}. "
        f"Linear separability, all patterns: {'; '.join(f'{name} {a:.5f} against {b:.5f}' for name, a, b in rows)}. "
        "A bound on the share of errors through a complexity above 1/2 is no better than guessing.",
        instances=size.draws + sum(2**n for n, _ in size.counts),
        links=(*fits.links, *links),
        tables=(Table("Controls", ("quantity", "computed", "formula or bound"), tuple(rows)),),
    )


def separable_patterns(points: np.ndarray) -> int:
    """How many of the 2^n sign patterns a plane through 0 separates, by linear programming; (n, d) points.

    A pattern and its negative are alike, so half of them are tried: is there w with s_i <w, x_i> >= 1 for all i?
    """
    n, d = points.shape
    yes = 0
    for rest in itertools.product((-1.0, 1.0), repeat=n - 1):
        signs = np.array((1.0, *rest))
        done = scipy.optimize.linprog(
            np.zeros(d), A_ub=-signs[:, None] * points, b_ub=-np.ones(n), bounds=(None, None), method="highs"
        )
        yes += done.status == 0
    return 2 * yes


def ball(points: np.ndarray) -> tuple[float, float, float]:
    """Of the unit ball of linear functions: lower bound, value over all patterns, upper bound."""
    n = len(points)
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    value = np.linalg.norm(signs @ points, axis=1).mean() / n
    size = np.linalg.norm(points) / n
    return float(size / 2**0.5), float(value), float(size)


STUDY = Experiment(
    id="z-rademacher",
    claim="Networks fit random sign patterns at a rate that is, with confidence 95 %, above 1/2; the rate is a lower "
    "bound of their empirical Rademacher complexity, which is at most 1, so a bound on the share of errors through it "
    "is no better than guessing.",
    refuted_by="a proof that the maximum over the class is 1/2 or less in the mean; training cannot give one, so "
    "patterns that are not fitted, or controls off their known values, leave the claim open",
    cites=("zhang2017", "cover1965"),
    locator="section 2.2, equation (1); cover1965, Theorem 1",
    measure=measure,
    proved=False,
)
