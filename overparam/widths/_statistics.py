"""Exact binomial intervals and always-valid evidence about one success probability."""

from collections.abc import Iterable

import numpy as np
from scipy.special import xlog1py
from scipy.stats import beta

_ALTERNATIVES = 10  # equally weighted success probabilities between the null and 1


def clopper_pearson(successes: int, trials: int, *, censored: int = 0, level: float = 0.95) -> tuple[float, float]:
    """Interval that holds the success probability with at least `level`, whatever the censored trials would have done.

    Args:
        successes: trials that succeeded.
        trials: all trials, censored ones among them.
        censored: trials whose budget ended before they could be judged; they count as failures for the lower end and
            as successes for the upper end.
    Source:
        Clopper and Pearson (1934), through quantiles of the beta distribution.

    >>> [round(end, 4) for end in clopper_pearson(12, 12)]
    [0.7354, 1.0]
    """
    tail, best = (1 - level) / 2, successes + censored
    lower = float(beta.ppf(tail, successes, trials - successes + 1)) if successes > 0 else 0.0
    upper = float(beta.ppf(1 - tail, best + 1, trials - best)) if best < trials else 1.0
    return lower, upper


def evidence(outcomes: Iterable[bool], null: float) -> np.ndarray:
    """Evidence against "the success probability is at most `null`", after each trial.

    E_t = mean over h of (h/null)^S_t ((1-h)/(1-null))^(t-S_t), for h on a grid in (null, 1].  Under the null E_t is a
    nonnegative supermartingale that starts at 1, so it ever reaches 1/alpha with probability at most alpha (Ville):
    looking after every trial, and stopping early, costs nothing.

    Returns:
        (n_trials,) float64.

    >>> float(evidence([True] * 12, 0.5)[-1]) > 80
    True
    """
    won = np.asarray(list(outcomes), dtype=bool)
    successes = np.cumsum(won)[:, None]
    failures = np.arange(1, len(won) + 1)[:, None] - successes
    h = null + (1 - null) * np.arange(1, _ALTERNATIVES + 1) / _ALTERNATIVES
    # h = 1 is excluded by one failure: xlog1py(1, -1) is -inf, and xlog1py(0, -1) is 0
    log_e = successes * np.log(h / null) + xlog1py(failures, -h) - failures * np.log1p(-null)
    return np.exp(log_e).mean(axis=1)
