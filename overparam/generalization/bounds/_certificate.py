"""A PAC-Bayes bound on a stochastic network, optimized until it says something.

Around a trained network w a posterior Q = N(w, diag s) is sought, against the prior P = N(w_0, lam I) about its start,
lam = c exp(-j / b) for a natural number j.  With probability 1 - delta over the n samples, for all Q and j at once,

    kl(training error of Q || error of Q) <= (KL(Q || P) + 2 ln j + ln(pi^2 n / (6 delta))) / (n - 1),

since the j-th prior gets the share 6 delta / (pi^2 j^2).  The right-hand side R, without rounding of lam, enters what
is minimized over (w, s, lam): the mean of log2(1 + exp(-y f)) of a random network, which bounds its error, plus
sqrt(R / 2), by Pinsker.  Afterwards lam is rounded to the grid, KL is computed in float64 with the trained mean, the
training error of Q is bounded from M draws of networks with probability 1 - delta', by the inverse of kl at
ln(2 / delta') / M, and the inverse of kl at R gives the bound.  It holds with probability 1 - delta - delta', and for
the stochastic network, which draws new weights for every prediction.

Here is what certifies: no optimization, no JAX.
"""

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from jax.typing import DTypeLike
from numpy.typing import NDArray

from overparam.generalization.bounds._kl import Form, gaussian_divergence, inverse_kl, pac_bayes_rate
from overparam.networks import Layer
from overparam.networks._layers import LayeredActivation

Weights = tuple[Layer, ...]


@dataclasses.dataclass(frozen=True)
class PacBayesSpec:
    """How a posterior is optimized and certified.

    Attributes:
        steps: of RMSprop; a tenth of `step_size` after three quarters of them.
        batch_size: samples a step, drawn with replacement.
        step_size: of RMSprop, on weights, logarithms of deviations and of ln(c / lam).
        draws: M, networks drawn for the certificate.
        delta: probability, over the samples, that the PAC-Bayes inequality fails.
        delta_draws: probability, over the draws, that the bound on the training error of Q fails.
        largest_variance: c.
        per_unit: b, grid points of lam to a factor e.
        first_variance: lam at the start, and a lower bound on s at the start, which is |w| where that is more.
        form: of the inequality; dziugaite2017computing use "langford".
        activation: of the hidden layers.
        dtype: of the optimization and of the networks drawn.
    """

    steps: int = 2000
    batch_size: int = 100
    step_size: float = 1e-3
    draws: int = 2000
    delta: float = 0.025
    delta_draws: float = 0.01
    largest_variance: float = 0.1
    per_unit: float = 100.0
    first_variance: float = math.exp(-6.0)
    form: Form = "langford"
    activation: LayeredActivation = "relu"
    dtype: DTypeLike = "float32"


DEFAULT = PacBayesSpec()


class PacBayes(NamedTuple):
    """A certified stochastic network.

    Attributes:
        bound: on its error, with probability `confidence`.
        divergence: KL(Q || P), in nats.
        stochastic_error: share of errors on the training points, over all draws of weights.
        error_bound: on the training error of Q, from the draws.
        rate: bound on kl(training error || error).
        prior_variance: lam, on the grid.
        grid_index: j.
        confidence: 1 - delta - delta'.
        mean: w, layers in float64.
        deviation: sqrt(s), of the same shapes.
    """

    bound: float
    divergence: float
    stochastic_error: float
    error_bound: float
    rate: float
    prior_variance: float
    grid_index: int
    confidence: float
    mean: Weights
    deviation: Weights


def certified(
    mean: Weights,
    deviation: Weights,
    centre: Weights,
    stochastic_error: float,
    n_samples: int,
    *,
    near: float,
    how: PacBayesSpec = DEFAULT,
) -> PacBayes:
    """The bound of a posterior whose mean training error over `how.draws` networks is known; nothing is optimized.

    Args:
        mean: w, layers.
        deviation: sqrt(s), layers, positive.
        centre: w_0, layers.
        stochastic_error: over the draws, in [0, 1].
        n_samples: n.
        near: b ln(c / lam) before rounding; of the two natural numbers beside it the better one is taken.
        how: options.
    """
    w, s, w0 = (_flat(one) for one in (mean, deviation, centre))

    def at(j: int) -> tuple[float, float, float, int]:
        variance = how.largest_variance * math.exp(-j / how.per_unit)
        divergence = gaussian_divergence(w, s**2, w0, variance)
        return pac_bayes_rate(divergence, n_samples, grid_share(how.delta, j), form=how.form), divergence, variance, j

    rate, divergence, variance, index = min(at(max(1, j)) for j in (math.floor(near), math.ceil(near)))
    error_bound = float(inverse_kl(stochastic_error, math.log(2 / how.delta_draws) / how.draws))
    confidence = 1 - how.delta - how.delta_draws
    bound = float(inverse_kl(error_bound, rate))
    return PacBayes(
        bound, divergence, stochastic_error, error_bound, rate, variance, index, confidence, mean, deviation
    )


def grid_share(delta: float, j: int) -> float:
    """What the j-th prior gets of delta: 6 delta / (pi j)^2, which add up to delta.

    >>> round(sum(grid_share(0.5, j) for j in range(1, 100_000)), 4)
    0.5
    """
    return 6 * delta / (math.pi * j) ** 2


def _flat(layers: Weights) -> NDArray:
    return np.concatenate([np.asarray(leaf, np.float64).ravel() for layer in layers for leaf in layer])
