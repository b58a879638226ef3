"""When numbers from many trials or seeds count as agreeing with a claim, fixed before anything is measured.

One rule for each kind of claim.  Each answers holds (True), fails (False) or cannot tell (None), which a study hands on
as `Finding.holds`; what fails is measured again from a second root seed before it is called REFUTED.  Error rates, for
means that are nearly normal: a true formula fails on one root with probability at most 1 %; a true effect exactly at
its threshold is called consistent with 5 %.  Means of 20 batches, or medians, serve where tails are heavy.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from overparam.records import Link

LEVEL = 0.01  # of all grid points together, for a formula
TOLERANCE = {"exact": {"ci": 0.05, "laptop": 0.02, "paper": 0.02}, "limit": {"ci": 0.1, "laptop": 0.05, "paper": 0.05}}


class Judged(NamedTuple):
    """What a rule answers.

    Attributes:
        holds: True, False, or None where the numbers cannot tell.
        words: the figures, for the evidence: no final stop.
        links: one inequality a grid point or effect.
    """

    holds: bool | None
    words: str
    links: tuple[Link, ...]


class Means(NamedTuple):
    """Means over trials, their standard errors, and half-widths that hold for all grid points at once."""

    mean: NDArray
    error: NDArray
    half: NDArray


def means(trials: ArrayLike) -> Means:
    """Of (n_trials, n_grid) numbers: half-widths are Student's, at level 1 % shared by the grid points (Bonferroni).

    >>> means(np.arange(24.0).reshape(12, 2)).mean.tolist()
    [11.0, 12.0]
    """
    values = np.asarray(trials, float)
    count, grid = values.shape
    error = values.std(axis=0, ddof=1) / count**0.5
    return Means(values.mean(axis=0), error, stats.t.ppf(1 - LEVEL / (2 * grid), count - 1) * error)


def against(
    trials: ArrayLike, values: ArrayLike, tolerance: float, *, limit: bool = False, names: tuple[str, ...] = ()
) -> Judged:
    """Monte Carlo against a formula, at every point of a grid.

    Exact expectations: holds if |mean - value| <= h and h <= tolerance |value| everywhere, fails if |mean - value| > h
    somewhere.  Limits (`limit`): |mean - value| <= tolerance |value| + h instead, since no number of trials removes
    what a finite size adds.

    Args:
        trials: (n_trials, n_grid), independent trials.
        values: (n_grid,), what the formula says.
        tolerance: relative, see `TOLERANCE`.
        limit: whether the formula is a limit.
        names: of the grid points, for the links.
    """
    found, wanted = means(trials), np.asarray(values, float)
    off, scale = np.abs(found.mean - wanted), np.abs(wanted)
    allowed = found.half + (tolerance * scale if limit else 0)
    names = names or tuple(f"point {i + 1}" for i in range(len(wanted)))
    # the share of the allowed distance that was used up: at most 1 everywhere
    used = np.divide(off, allowed, out=np.where(off > 0, np.inf, 0.0), where=allowed > 0)
    links = tuple(
        Link(f"distance from the formula, in units of what is allowed, {name}", 1.0, float(share))
        for name, share in zip(names, used, strict=True)
    )
    finite = bool(np.isfinite(found.mean).all() and np.isfinite(wanted).all())
    fails, sharp = bool((off > allowed).any()), bool((found.half <= tolerance * scale).all())
    pairs = "; ".join(
        f"{name} {mean:.4g} +- {half:.2g} against {value:.4g}"
        for name, mean, half, value in zip(names, found.mean, found.half, wanted, strict=True)
    )
    words = f"{len(np.asarray(trials))} trials: {pairs}"
    return Judged(None if not finite else False if fails else True if sharp else None, words, links)


def effect(effects: ArrayLike, threshold: float, name: str, *, kind: Literal["above", "below"] = "above") -> Judged:
    """An effect, one number a seed: holds if the one-sided 95 % t bound of the mean is beyond the threshold.

    Fails if the bound on the other side is not.  Take logarithms of ratios, epochs and losses first.

    Args:
        effects: (n_seeds,), at least 5.
        threshold: fixed beforehand.
        name: of the effect.
        kind: which side of the threshold the claim is on.
    """
    values = np.asarray(effects, float)
    if len(values) < 5:
        raise ValueError(f"an effect needs 5 seeds or more, not {len(values)}")
    if not np.isfinite(values).all():
        return Judged(None, f"{name}: {int((~np.isfinite(values)).sum())} of {len(values)} seeds without a number", ())
    half = stats.t.ppf(0.95, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    mean, sign = values.mean(), 1 if kind == "above" else -1
    sure, unsure = sign * (mean - threshold) - half, sign * (mean - threshold) + half
    link = Link(f"{name}, 95 % bound", threshold, float(mean - sign * half), "at least" if sign > 0 else "at most")
    words = f"{name}: {mean:.3g} +- {half:.2g} over {len(values)} seeds ({values.min():.3g} to {values.max():.3g})"
    return Judged(True if sure > 0 else False if unsure < 0 else None, words, (link,))


def events(happened: ArrayLike, name: str, *, rate: float = 0.5) -> Judged:
    """Yes or no, one a seed: is the rate above `rate`?  One-sided 95 % Clopper-Pearson bounds.

    >>> events([True] * 5, "fitted").holds, events([True, False] * 3, "fitted").holds
    (True, None)
    """
    seen = np.asarray(happened, bool)
    yes, total = int(seen.sum()), len(seen)
    low = float(stats.beta.ppf(0.05, yes, total - yes + 1)) if yes else 0.0
    high = float(stats.beta.ppf(0.95, yes + 1, total - yes)) if yes < total else 1.0
    link = Link(f"rate of: {name}, 95 % bound", rate, low, "at least")
    words = f"{name}: {yes} of {total} (rate at least {low:.3g}, at most {high:.3g})"
    return Judged(True if low > rate else False if high < rate else None, words, (link,))


def chance(accuracies: ArrayLike, n_classes: int, *, band: float = 0.05) -> Judged:
    """Test accuracies of networks that learned nothing: is the two-sided 95 % interval of the mean within 1/K +- band?

    Over seeds, not binomial: a network answers each cluster of test points with one accidental label.
    """
    values = np.asarray(accuracies, float)
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    off = abs(values.mean() - 1 / n_classes)
    link = Link("distance of the test accuracy from chance, with its interval", band, float(off + half))
    words = f"test accuracy {values.mean():.3f} +- {half:.3f} over {len(values)} seeds, chance {1 / n_classes:.3g}"
    return Judged(True if off + half <= band else False if off - half > band else None, words, (link,))


def between(holds_by: Judged, fails_by: Judged) -> Judged:
    """A claim that holds by one level and fails only by a weaker one: what lies between cannot tell.

    >>> between(Judged(False, "below 4", ()), Judged(True, "above 2", ())).holds is None
    True
    """
    holds = True if holds_by.holds else False if fails_by.holds is False else None
    return Judged(holds, holds_by.words, holds_by.links)


def slope(x: ArrayLike, y: ArrayLike) -> tuple[float, float, float]:
    """Least-squares slope and its two-sided 95 % t interval; 5 abscissae or more."""
    at, values = np.asarray(x, float), np.asarray(y, float)
    away = at - at.mean()
    found = float(away @ values / (away @ away))
    left = values - values.mean() - found * away
    error = (left @ left / (len(at) - 2) / (away @ away)) ** 0.5
    half = float(stats.t.ppf(0.975, len(at) - 2) * error)
    return found, found - half, found + half


def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's, for 20 points or more."""
    first, second = (stats.rankdata(np.asarray(values, float)) for values in (x, y))
    return float(np.corrcoef(first, second)[0, 1])


def all_of(*judged: Judged) -> Judged:
    """Several rules that must all hold: one that fails decides, else one that cannot tell.

    Each rule keeps its own error rate: several `against` spend 1 % each, so that true formulas fail together with at
    most the sum.
    """
    answers = [one.holds for one in judged]
    holds = False if False in answers else None if None in answers else True
    return Judged(holds, "; ".join(one.words for one in judged), tuple(link for one in judged for link in one.links))
